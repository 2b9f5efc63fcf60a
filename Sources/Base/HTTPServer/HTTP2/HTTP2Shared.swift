// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// The state shared by a loop's HTTP/2 connections: callbacks and reusable memory.
// Confined to its loop's thread.
final class HTTP2Shared {
    private static let mostUnused = 256
    /// The maximum number of fields in a prepared response.
    static let mostPairs = 64

    let callbacks = HTTP2Connection.makeCallbacks()
    let options = HTTP2Connection.makeOptions()
    /// The fields of prepared responses.
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: mostPairs)
    /// The fields of all other responses.
    var fields = HTTP2FieldList()
    private var unused: [HTTP2Stream] = []

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
        pairs.deallocate()
    }

    func makeStream() -> HTTP2Stream { unused.popLast() ?? HTTP2Stream() }

    /// Recycles a stream without references.
    func recycle(_ stream: HTTP2Stream) {
        stream.clear()
        if unused.count < Self.mostUnused { unused.append(stream) }
    }
}
