// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// What the HTTP/2 connections of one loop share: how the library calls back, and memory that is used again.
// Used on its loop's thread alone.
final class HTTP2Shared {
    private static let mostUnused = 256
    /// As many as a prepared answer may have.
    static let mostPairs = 64

    let callbacks = HTTP2Connection.makeCallbacks()
    let options = HTTP2Connection.makeOptions()
    /// For fields of prepared answers.
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: mostPairs)
    /// For fields of all other answers.
    var fields = HTTP2FieldList()
    private var unused: [HTTP2Stream] = []

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
        pairs.deallocate()
    }

    func makeStream() -> HTTP2Stream { unused.popLast() ?? HTTP2Stream() }

    /// Takes a stream back that nobody refers to any more.
    func recycle(_ stream: HTTP2Stream) {
        stream.clear()
        if unused.count < Self.mostUnused { unused.append(stream) }
    }
}
