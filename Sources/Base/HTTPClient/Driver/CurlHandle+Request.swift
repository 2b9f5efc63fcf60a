// SPDX-License-Identifier: Apache-2.0

import CCurl
import HTTPMessages

extension CurlHandle {
    /// The size of libcurl's read and write buffers, in bytes.
    private static let bufferSize = 64 << 10

    /// Sets every option that stays fixed during the request; throws when the request is invalid.
    func prepare(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) throws {
        setDefaults(configuration)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.timeouts.connect.milliseconds))
        set(CURLOPT_EXPECT_100_TIMEOUT_MS, request.timeouts.consent.milliseconds)
        try setMethod(request)
        setFields(try Self.lines(of: request.headers))
        setTrust(configuration.authorities)
    }

    private func setDefaults(_ configuration: HTTPClientConfiguration) {
        // With signals, libcurl would replace handlers of the whole process.
        set(CURLOPT_NOSIGNAL, 1)
        // Abandons a name lookup when its transfer ends.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        // Signatures cover the path exactly as written.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_BUFFERSIZE, Self.bufferSize)
        set(CURLOPT_UPLOAD_BUFFERSIZE, Self.bufferSize)
        set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.idle.components.seconds)))
        switch configuration.version {
        case .http1: set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        case .http2:
            set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
            set(CURLOPT_PIPEWAIT, 1)
        }
        if let path = configuration.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        // An empty string disables proxies; an unset option makes libcurl read the environment.
        if case .none = configuration.proxy { set(CURLOPT_PROXY, "") }
    }

    private func setMethod(_ request: HTTPClientRequest) throws {
        let method = request.method
        guard !method.rawValue.isEmpty, method.rawValue.utf8.allSatisfy(\.isTokenCharacter) else {
            throw HTTPClientError(.other, "the request method is invalid")
        }
        switch request.body {
        case .none where method == .head: set(CURLOPT_NOBODY, 1)
        case .none where ![.post, .put, .patch].contains(method): set(CURLOPT_HTTPGET, 1)
        case .none: setUpload(of: 0)
        case .bytes(let bytes): setUpload(of: Int64(bytes.count))
        case .stream(_, let length): setUpload(of: length ?? -1)
        }
        set(CURLOPT_CUSTOMREQUEST, method.rawValue)
    }

    /// Prepares an upload; a length of -1 means unknown.
    private func setUpload(of length: Int64) {
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_INFILESIZE_LARGE, bytes: length)
    }

    private func setTrust(_ authorities: TrustedAuthorities) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        let system = SystemAuthorities.current
        let file = authorities.file ?? system.file
        var directory = authorities.directory ?? system.directory
        // The system's file and directory hold the same certificates. libcurl caches a file, but reads a directory for each connection.
        let isSystemAlone = authorities.file == nil && authorities.directory == nil && file != nil
        if isSystemAlone || authorities.isFileAlone { directory = nil }
        for (option, value) in [
            (CURLOPT_CAINFO, file), (CURLOPT_CAPATH, directory), (CURLOPT_PROXY_CAINFO, file),
            (CURLOPT_PROXY_CAPATH, directory),
        ] { set(option, value) }
    }

    /// Returns the header lines, including those that suppress libcurl's own.
    private static func lines(of fields: HTTPFields) throws -> [String] {
        var lines: [String] = []
        for field in fields where ![.contentLength, .transferEncoding].contains(field.name) {
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPClientError(.other, "a request header field has an invalid value")
            }
            lines.append(field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)")
        }
        for name in [HTTPField.Name.accept, .expect] where !fields.contains(name) { lines.append("\(name.rawName):") }
        return lines
    }
}

extension Duration {
    /// The duration in whole milliseconds.
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
