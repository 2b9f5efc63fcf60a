// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The proxy that libcurl selects from the environment for a URL; used only in messages, because libcurl decides for itself.
struct EnvironmentProxy: Equatable {
    private static let knownSchemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// The environment variable that specifies the proxy.
    let variable: String
    let scheme: String
    /// The host and port as written, without credentials.
    private let authority: Substring

    /// Returns nil when the URL needs no proxy, or when only libcurl can decide.
    init?(
        for url: String,
        variable read: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        // An empty variable counts as unset.
        func value(_ name: String) -> String? { read(name).flatMap { $0.isEmpty ? nil : $0 } }
        guard let mark = url.firstRange(of: "://") else { return nil }
        let isPlain = url[..<mark.lowerBound].lowercased() == "http"
        // libcurl ignores `HTTP_PROXY`, which any client can set in CGI scripts.
        let names = (isPlain ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]) + ["all_proxy", "ALL_PROXY"]
        guard let variable = names.first(where: { value($0) != nil }), let address = value(variable),
            !Self.isExcepted(url[mark.upperBound...], value("no_proxy") ?? value("NO_PROXY") ?? "")
        else { return nil }
        self.variable = variable
        let scheme = address.firstRange(of: "://").map { address[..<$0.lowerBound] } ?? "http"
        let hasScheme = scheme.utf8.allSatisfy { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "@") }
        self.scheme = hasScheme ? scheme.lowercased() : "http"
        // A password may contain any character and ends at the last @.
        let rest = address.lastIndex(of: "@").map { address[address.index(after: $0)...] } ?? address[...]
        authority = (rest.firstRange(of: "://").map { rest[$0.upperBound...] } ?? rest).prefix { !"/?#".contains($0) }
    }

    /// The proxy and the variable that specifies it.
    var name: String { "the proxy \(scheme)://\(authority) (from \(variable))" }

    /// An error message when the scheme is unknown; nil when the proxy is usable.
    var problem: String? {
        Self.knownSchemes.contains(scheme)
            ? nil : "\(variable) names a proxy with the unknown scheme \"\(scheme)\": use http://"
    }

    /// Returns whether a `no_proxy` list contains the host of an authority or one of its parent domains.
    private static func isExcepted(_ authority: Substring, _ list: String) -> Bool {
        let authority = authority.prefix { !"/?#".contains($0) }.lowercased()
        let port = authority.lastIndex(of: ":").flatMap { authority.hasSuffix("]") ? nil : $0 }
        let host = authority[..<(port ?? authority.endIndex)].filter { !"[]".contains($0) }
        if list == "*" { return true }
        return list.lowercased().split { ", \t".contains($0) }.contains { entry in
            // Only libcurl decides whether an address belongs to a network.
            if entry.contains("/") { return true }
            let name = entry.first == "." ? entry.dropFirst() : entry
            return !name.isEmpty && (host == name || host.hasSuffix("." + name))
        }
    }
}
