// SPDX-License-Identifier: Apache-2.0

package import Logging
package import RegistryCore

/// How a server is to run, checked and typed.
package struct ServerConfiguration: Sendable {
    package private(set) var data = "./granary-data"
    package private(set) var host = "127.0.0.1"
    package private(set) var port = 3000
    package private(set) var contract = PublishContract.documented
    /// The PEM files of certificate and key; nil for plain HTTP.
    package private(set) var tls: (certificate: String, key: String)?
    package private(set) var keepsHotFiles = true
    package private(set) var logLevel = Logger.Level.info
    package private(set) var limits = Limits()

    /// Reads the settings; all that is wrong with them is thrown together.
    package init(_ given: SettingValues) throws {
        var problems = given.problems
        for setting in Setting.allCases {
            guard let value = given.values[setting] else { continue }
            if let rule = apply(value.text, to: setting) {
                problems.append("\(value.origin) is \(value.text.debugDescription): it must be \(rule)")
            }
        }
        switch (given.values[.certificate]?.text, given.values[.key]?.text) {
        case (nil, nil): break
        case (let certificate?, let key?): tls = (certificate, key)
        default: problems.append("tls.certificate and tls.key must be given together: give both or none")
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// Takes a value over, or says which rule it breaks.
    private mutating func apply(_ text: String, to setting: Setting) -> String? {
        switch setting {
        case .data:
            data = text
            return text.isEmpty ? "the path of a directory" : nil
        case .listen: return applyAddress(text)
        case .contract:
            guard let name = PublishContract.Name(rawValue: text) else { return "documented or current" }
            contract = PublishContract(name)
        case .certificate, .key: return text.isEmpty ? "the path of a file" : nil
        case .hotFiles:
            guard text == "on" || text == "off" else { return "on or off" }
            keepsHotFiles = text == "on"
        case .logLevel:
            guard let level = Logger.Level(rawValue: text) else { return "a level such as info" }
            logLevel = level
        case .fileSize: return apply(ByteCount.parse(text), to: \.fileSize, "a size such as 50GiB")
        case .uploadRate: return apply(ByteCount.parse(text), to: \.uploadRate, "a size such as 1KiB")
        case .connections:
            return apply(Int(text).flatMap { $0 > 0 ? $0 : nil }, to: \.connections, "a number above 0")
        case .uploadWindow: return applyDuration(text, to: \.uploadWindow)
        case .stalledReader: return applyDuration(text, to: \.stalledReader)
        case .idle: return applyDuration(text, to: \.idleTimeout)
        case .shutdown: return applyDuration(text, to: \.shutdownTimeout)
        }
        return nil
    }

    private mutating func apply<Value>(
        _ value: Value?,
        to key: WritableKeyPath<Limits, Value>,
        _ rule: String
    ) -> String? {
        guard let value else { return rule }
        limits[keyPath: key] = value
        return nil
    }

    private mutating func applyDuration(_ text: String, to key: WritableKeyPath<Limits, Duration>) -> String? {
        apply(TimeSpan.parse(text), to: key, "a time such as 30s, 500ms, 5m or 1h")
    }

    private mutating func applyAddress(_ text: String) -> String? {
        let rule = "HOST:PORT, for example 127.0.0.1:3000 or [::1]:3000"
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return rule
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return rule }
        self.host = String(host)
        self.port = Int(port)
        return nil
    }

    /// The result in the form of a configuration file.
    package var yaml: String {
        let tls = tls.map { "\ntls:\n  certificate: \(Self.yaml($0.certificate))\n  key: \(Self.yaml($0.key))" } ?? ""
        return """
            data: \(Self.yaml(data))
            listen: \(Self.yaml((host.contains(":") ? "[\(host)]" : host) + ":\(port)"))
            contract: \(contract.name.rawValue)\(tls)
            cache:
              hot-files: \(keepsHotFiles ? "on" : "off")
            log:
              level: \(logLevel.rawValue)
            limits:
              file-size: \(limits.fileSize)
              connections: \(limits.connections)
              upload-rate: \(limits.uploadRate)
            timeouts:
              upload-window: \(TimeSpan.format(limits.uploadWindow))
              stalled-reader: \(TimeSpan.format(limits.stalledReader))
              idle: \(TimeSpan.format(limits.idleTimeout))
              shutdown: \(TimeSpan.format(limits.shutdownTimeout))
            """
    }

    /// A text as a YAML reader gives it back: in quotes unless it holds plain characters only.
    private static func yaml(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-:".contains($0)) }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
