// SPDX-License-Identifier: Apache-2.0

/// What client and server agreed to speak over TLS (ALPN, RFC 7301).
enum ApplicationProtocol: Equatable {
    case http2
    case http1
    /// The client asked for nothing: HTTP/1.1.
    case none

    /// The names in the order of the server's preference.
    ///
    /// Some clients name HTTP/1.0, which the server answers.
    private static let names: [StaticString] = ["h2", "http/1.1", "http/1.0"]

    /// The protocol of a name; empty for no agreement.
    init(_ name: UnsafeBufferPointer<UInt8>) {
        if name.isEmpty {
            self = .none
        } else {
            self = name.elementsEqual("h2".utf8) ? .http2 : .http1
        }
    }

    /// The best of the client's names, which stand one after another, each behind a byte with its length.
    ///
    /// Nil when there is none that the server speaks: RFC 7301, 3.2, wants the handshake to fail then, for who means to
    /// speak another protocol is better told than answered in HTTP.
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
