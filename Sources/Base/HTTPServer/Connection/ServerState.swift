// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the loops of one server share.
final class ServerState: Sendable {
    let limits: ConnectionLimits
    let proxies: TrustedProxies
    /// Told of the end of each connection.
    let onClose: (@Sendable (_ client: String?, CloseReason) -> Void)?
    /// Connections that are open.
    let connections = Atomic<Int>(0)
    /// Handlers that run.
    let handlers = Atomic<Int>(0)
    /// Bytes of bodies that wait for handlers, over all connections.
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

    /// Whether connections end with the answers that are due.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Whether so much of bodies waits that nothing is read ahead any more: only what a handler waits for.
    var isFullOfBodies: Bool { bodiesAhead.load(ordering: .relaxed) >= limits.bodiesAhead }
}
