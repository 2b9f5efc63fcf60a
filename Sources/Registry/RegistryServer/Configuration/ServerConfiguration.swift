// SPDX-License-Identifier: Apache-2.0

package import Log
import PostgresDriver
package import RegistryCore

/// How a server is to run, checked and typed.
package struct ServerConfiguration: Sendable {
    package private(set) var data = "./granary-data"
    package private(set) var host = "127.0.0.1"
    package private(set) var port = 3000
    /// Where people reach the registry; nil for the address it listens on.
    package private(set) var url: String?
    package private(set) var requiresSignIn = false
    package private(set) var contract = PublishContract.documented
    /// The PEM files of certificate and key; nil for plain HTTP.
    package private(set) var tls: (certificate: String, key: String)?
    package private(set) var keepsHotFiles = true
    package private(set) var blobs = BlobEngine()
    package private(set) var logLevel = Logger.Level.info
    package private(set) var limits = Limits()

    private var postgres: PostgresAddress?
    private var databaseConnections = DatabaseEngine.defaultConnections
    private var s3 = S3Settings()

    /// What the registry keeps its data in.
    package var engines: Engines { Engines(database: database, blobs: blobs) }

    private var database: DatabaseEngine {
        postgres.map { .postgres($0, connections: databaseConnections) } ?? .sqlite
    }

    /// Reads the settings; all that is wrong with them is thrown together.
    package init(_ given: SettingValues) throws {
        var problems = given.problems
        for setting in Setting.allCases {
            guard let value = given.values[setting] else { continue }
            if let rule = apply(value.text, to: setting) {
                let shown = setting.mayHoldSecret ? "not valid" : value.text.debugDescription
                problems.append("\(value.origin) is \(shown): it must be \(rule)")
            }
        }
        switch (given.values[.certificate]?.text, given.values[.key]?.text) {
        case (nil, nil): break
        case (let certificate?, let key?): tls = (certificate, key)
        default: problems.append("tls.certificate and tls.key must be given together: give both or none")
        }
        if let postgres, postgres.hasPassword, given.values[.databaseURL]?.origin == Setting.databaseURL.flag {
            problems.append(
                "\(Setting.databaseURL.flag) has a password, which every user of this machine can see: leave it out, and "
                    + "give it by \(Setting.databaseURL.environmentVariable), the configuration file or a password file"
            )
        }
        applyBlobs(given, &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// Takes a value over, or says which rule it breaks.
    private mutating func apply(_ text: String, to setting: Setting) -> String? {
        switch setting {
        case .data:
            data = text
            return text.isEmpty ? "the path of a directory" : nil
        case .listen: return applyAddress(text)
        case .url:
            guard let checked = Self.publicURL(text) else { return "a URL such as https://packages.example.org" }
            url = checked
        case .requireSignIn:
            guard text == "on" || text == "off" else { return "on or off" }
            requiresSignIn = text == "on"
        case .contract:
            guard let name = PublishContract.Name(rawValue: text) else { return "documented or current" }
            contract = PublishContract(name)
        case .certificate, .key: return text.isEmpty ? "the path of a file" : nil
        case .hotFiles:
            guard text == "on" || text == "off" else { return "on or off" }
            keepsHotFiles = text == "on"
        case .databaseURL:
            postgres = PostgresAddress(text)
            let rule = "sqlite, or a PostgreSQL address such as postgres://granary@db.example.org/granary"
            return postgres == nil && text != "sqlite" ? rule : nil
        case .databaseConnections:
            guard let count = Int(text), (1...1000).contains(count) else { return "a number from 1 to 1000" }
            databaseConnections = count
        case .blobs, .blobsFallback: return text == "local" || text == "s3" ? nil : "local or s3"
        case .s3Endpoint, .s3Region, .s3Bucket, .s3Prefix, .s3AccessKey, .s3SecretKey, .s3SessionToken, .s3Addressing,
            .s3Redirect:
            return s3.apply(text, to: setting)
        case .logLevel:
            guard let level = Logger.Level(rawValue: text) else { return "a level such as info" }
            logLevel = level
        case .fileSize: return apply(ByteCount.parse(text), to: \.fileSize, "a size such as 50GiB")
        case .ownerSize: return applyBound(text, to: \.quotas.owner.size, ByteCount.parse, "a size such as 100GiB")
        case .ownerVersions: return applyBound(text, to: \.quotas.owner.versionCount, Self.count, "a number")
        case .totalSize: return applyBound(text, to: \.quotas.total.size, ByteCount.parse, "a size such as 2TiB")
        case .totalVersions: return applyBound(text, to: \.quotas.total.versionCount, Self.count, "a number")
        case .openUploads: return applyBound(text, to: \.uploads, Self.count, "a number")
        case .openDrafts: return applyBound(text, to: \.drafts, Self.count, "a number")
        case .uploadRate: return apply(ByteCount.parse(text), to: \.uploadRate, "a size such as 1KiB")
        case .connections:
            return apply(Int(text).flatMap { $0 > 0 ? $0 : nil }, to: \.connections, "a number above 0")
        case .uploadWindow: return applyDuration(text, to: \.uploadWindow)
        case .stalledReader: return applyDuration(text, to: \.stalledReader)
        case .idle: return applyDuration(text, to: \.idleTimeout)
        case .shutdown: return applyDuration(text, to: \.shutdownTimeout)
        case .upload: return applyDuration(text, to: \.uploadLifetime)
        case .draft: return applyDuration(text, to: \.draftLifetime)
        }
        return nil
    }

    /// Decides where content lies, which several settings say together.
    private mutating func applyBlobs(_ given: SettingValues, _ problems: inout [String]) {
        let place = given.values[.blobs]?.text ?? "local"
        let earlier = given.values[.blobsFallback]?.text
        if earlier == place { problems.append("blobs-fallback is the same as blobs: leave it out, or change one") }
        // What is missing is told once all values that are there are right.
        guard place == "s3" || earlier == "s3", problems.isEmpty else { return }
        guard let store = s3.configuration(&problems) else { return }
        blobs = BlobEngine(
            place: place == "s3" ? .s3(store) : .local,
            earlier: earlier.map { $0 == "s3" ? .s3(store) : .local }
        )
    }

    /// Where content lies, in the form of a configuration file.
    private var blobsYAML: String {
        var lines = ["blobs: \(blobs.place.name)"]
        if let earlier = blobs.earlier { lines.append("blobs-fallback: \(earlier.name)") }
        if lines.contains(where: { $0.hasSuffix("s3") }) {
            lines.append("s3:")
            for (setting, value) in s3.printed { lines.append("  \(setting.key.dropFirst(3)): \(Self.yaml(value))") }
        }
        return lines.joined(separator: "\n")
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

    private mutating func applyBound(
        _ text: String,
        to key: WritableKeyPath<Limits, Int64?>,
        _ parse: (String) -> Int64?,
        _ rule: String
    ) -> String? {
        if text == Self.noBound { return apply(.some(nil), to: key, rule) }
        return apply(parse(text).map { .some($0) }, to: key, rule + ", or \(Self.noBound)")
    }

    /// What stands for a bound that is not there.
    private static let noBound = "none"

    private static func count(_ text: String) -> Int64? {
        Int64(text).flatMap { $0 >= 0 ? $0 : nil }
    }

    private static func bound(_ value: Int64?) -> String { value.map { "\($0)" } ?? noBound }

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

    /// A URL without a slash at its end; nil when it is none that a path can be appended to.
    private static func publicURL(_ text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return nil }
        var rest = text.dropFirst(scheme.count)
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let isPossible = rest.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && !"?#\"<>\\^`{|}@".utf8.contains($0)
        }
        guard isPossible, let first = rest.first, first != "/", first != ":" else { return nil }
        return scheme + rest
    }

    /// The result in the form of a configuration file.
    package var yaml: String {
        let tls = tls.map { "\ntls:\n  certificate: \(Self.yaml($0.certificate))\n  key: \(Self.yaml($0.key))" } ?? ""
        return """
            data: \(Self.yaml(data))
            listen: \(Self.yaml((host.contains(":") ? "[\(host)]" : host) + ":\(port)"))
            contract: \(contract.name.rawValue)\(url.map { "\nurl: \(Self.yaml($0))" } ?? "")\(tls)
            access:
              require-sign-in: \(requiresSignIn ? "on" : "off")
            cache:
              hot-files: \(keepsHotFiles ? "on" : "off")
            database:
              url: \(Self.yaml(postgres?.description ?? "sqlite"))
              connections: \(databaseConnections)
            \(blobsYAML)
            log:
              level: \(logLevel.rawValue)
            limits:
              file-size: \(limits.fileSize)
              owner-size: \(Self.bound(limits.quotas.owner.size))
              owner-versions: \(Self.bound(limits.quotas.owner.versionCount))
              total-size: \(Self.bound(limits.quotas.total.size))
              total-versions: \(Self.bound(limits.quotas.total.versionCount))
              uploads: \(Self.bound(limits.uploads))
              drafts: \(Self.bound(limits.drafts))
              connections: \(limits.connections)
              upload-rate: \(limits.uploadRate)
            timeouts:
              upload-window: \(TimeSpan.format(limits.uploadWindow))
              stalled-reader: \(TimeSpan.format(limits.stalledReader))
              idle: \(TimeSpan.format(limits.idleTimeout))
              shutdown: \(TimeSpan.format(limits.shutdownTimeout))
              upload: \(TimeSpan.format(limits.uploadLifetime))
              draft: \(TimeSpan.format(limits.draftLifetime))
            """
    }

    /// A text as a YAML reader gives it back: in quotes unless it holds plain characters only.
    private static func yaml(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-:".contains($0)) }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
