// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The state shared by a server's loops.
final class ServerState: Sendable {
    let limits: ConnectionLimits
    let proxies: TrustedProxies
    /// A callback for the end of each connection.
    let onClose: (@Sendable (_ client: String?, CloseReason) -> Void)?
    /// The number of open connections.
    let connections = Atomic<Int>(0)
    /// The number of running handlers.
    let handlers = Atomic<Int>(0)
    /// The number of buffered body bytes over all connections.
    let bodiesAhead = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)

    init(
        limits: ConnectionLimits,
        proxies: TrustedProxies,
        onClose: (@Sendable (String?, CloseReason) -> Void)?
    ) {
        self.limits = limits
        self.proxies = proxies
        self.onClose = onClose
    }

    /// Whether connections close after the current responses.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Whether the buffer limit for all bodies is reached, so that connections read only what a handler is waiting for.
    var isFullOfBodies: Bool { bodiesAhead.load(ordering: .relaxed) >= limits.bodiesAhead }
}
