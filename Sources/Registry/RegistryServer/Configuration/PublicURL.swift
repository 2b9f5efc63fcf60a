// SPDX-License-Identifier: Apache-2.0

/// The format of the registry's public URL.
enum PublicURL {
    /// Returns the URL without a trailing slash; nil if no path can be appended to it.
    static func normalized(_ text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return nil }
        var rest = text.dropFirst(scheme.count)
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let isPossible = rest.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && !"?#\"<>\\^`{|}@".utf8.contains($0)
        }
        guard isPossible, let first = rest.first, first != "/", first != ":" else { return nil }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.dropFirst().contains(where: { ["", ".", ".."].contains($0) }) else { return nil }
        // The port of an IPv6 address follows the bracket.
        let host = parts[0].drop { $0 != "]" }
        let port = (host.isEmpty ? parts[0] : host).split(separator: ":", omittingEmptySubsequences: false).dropFirst()
        guard port.count < 2, port.first.map({ $0.allSatisfy(\.isNumber) && UInt16($0) ?? 0 > 0 }) ?? true else {
            return nil
        }
        return scheme + rest
    }
}
