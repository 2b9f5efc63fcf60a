// SPDX-License-Identifier: Apache-2.0

/// The protocol negotiated over TLS (ALPN, RFC 7301).
enum ApplicationProtocol: Equatable {
    case http2
    case http1
    /// The client did not use ALPN, which implies HTTP/1.1.
    case none

    /// The protocol names in order of the server's preference.
    ///
    /// Some clients offer HTTP/1.0, which the server supports.
    private static let names: [StaticString] = ["h2", "http/1.1", "http/1.0"]

    /// Creates the protocol for a name; an empty name means that none was negotiated.
    init(_ name: UnsafeBufferPointer<UInt8>) {
        if name.isEmpty {
            self = .none
        } else {
            self = name.elementsEqual("h2".utf8) ? .http2 : .http1
        }
    }

    /// Returns the preferred name in a client's list of length-prefixed names.
    ///
    /// Returns nil when the server supports none of them. The handshake must then fail (RFC 7301, 3.2), because an alert tells such a
    /// client more than an HTTP response.
    static func best(of offer: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>>? {
        for name in names {
            var start = 0
            while start < offer.count {
                let end = start + 1 + Int(offer[start])
                guard end <= offer.count else { return nil }
                let offered = offer[(start + 1)..<end]
                let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
                if offered.elementsEqual(wanted) { return offered }
                start = end
            }
        }
        return nil
    }
}
