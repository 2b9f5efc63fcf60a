// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A numeric IPv4 or IPv6 address; IPv4-mapped addresses (`::ffff:192.0.2.1`) are converted to IPv4.
struct NetworkAddress: Hashable, Sendable {
    /// The 4 or 16 bytes of the address.
    let bytes: [UInt8]

    /// Parses the usual text form without port and brackets; returns nil for anything else.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(ipv4: withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            self.init(ipv6: withUnsafeBytes(of: sixteen) { Array($0) })
        } else {
            return nil
        }
    }

    init(ipv4 bytes: [UInt8]) { self.bytes = bytes }

    init(ipv6 bytes: [UInt8]) {
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// The usual text form.
    var text: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
