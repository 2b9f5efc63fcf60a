// SPDX-License-Identifier: Apache-2.0

package import HTTPServer
package import Log
import PostgresDriver
package import RegistryCore

/// The validated configuration of a server.
package struct ServerConfiguration: Sendable {
    package private(set) var data = "./granary-data"
    package private(set) var listen = [ListenPlace.tcp(host: "127.0.0.1", port: 3000)]
    /// The proxies that are trusted to name the client.
    package private(set) var proxies = TrustedProxies()
    /// The proxies as written in the configuration.
    private(set) var proxyTexts: [String] = []
    /// The public URL of the registry; nil for the listening address.
    package private(set) var url: String?
    package private(set) var requiresSignIn = false
    package private(set) var contract = PublishContract.documented
    /// The PEM files of the certificate and the key; nil for plain HTTP.
    package private(set) var tls: (certificate: String, key: String)?
    /// The source of the session ticket keys; nil for a secret of this process only.
    package private(set) var ticketSecret: TicketSecretSource?
    package private(set) var keepsHotFiles = true
    package private(set) var blobs = BlobEngine()
    package private(set) var logLevel = Logger.Level.info
    package private(set) var limits = Limits()

    private(set) var postgres: PostgresAddress?
    private(set) var databaseConnections = DatabaseEngine.defaultConnections
    private(set) var s3 = S3Settings()

    /// The engines for metadata and content.
    package var engines: Engines { Engines(database: database, blobs: blobs) }

    private var database: DatabaseEngine {
        postgres.map { .postgres($0, connections: databaseConnections) } ?? .sqlite
    }

    /// Parses and validates the settings; all problems are thrown together.
    package init(_ given: SettingValues) throws {
        var problems = given.problems
        for setting in Setting.allCases {
            guard let value = given.values[setting] else { continue }
            if let rule = setting.isList ? apply(value.texts, to: setting) : apply(value.text, to: setting) {
                let shown = setting.mayHoldSecret ? "not valid" : value.text.debugDescription
                problems.append("\(value.origin) is \(shown): it must be \(rule)")
            }
        }
        switch (given.values[.certificate]?.text, given.values[.key]?.text) {
        case (nil, nil): break
        case (let certificate?, let key?): tls = (certificate, key)
        default: problems.append("tls.certificate and tls.key must be set together: set both or neither")
        }
        checkTickets(given, &problems)
        if let postgres, postgres.hasPassword, given.values[.databaseURL]?.origin == Setting.databaseURL.flag {
            problems.append(
                "\(Setting.databaseURL.flag) contains a password, which is visible to every user of this machine: remove it, and "
                    + "use \(Setting.databaseURL.environmentVariable), the configuration file or a password file"
            )
        }
        applyBlobs(given, &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// Applies a value; returns the violated rule if it is not valid.
    private mutating func apply(_ text: String, to setting: Setting) -> String? {
        switch setting {
        case .data:
            data = text
            return text.isEmpty ? "the path of a directory" : nil
        case .listen, .proxies: preconditionFailure("\(setting.key) is a list")
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
        case .ticketSecret:
            guard let secret = TicketSecret(Array(text.utf8)) else {
                return "at least 32 characters, such as the output of openssl rand -base64 48"
            }
            ticketSecret = .value(secret)
        case .ticketSecretFile:
            ticketSecret = .file(text)
            return text.isEmpty ? "the path of a file" : nil
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
            return apply(Int(text).flatMap { $0 > 0 ? $0 : nil }, to: \.connections, "a positive number")
        case .uploadWindow: return applyDuration(text, to: \.uploadWindow)
        case .stalledReader: return applyDuration(text, to: \.stalledReader)
        case .idle: return applyDuration(text, to: \.idleTimeout)
        case .shutdown: return applyDuration(text, to: \.shutdownTimeout)
        case .upload: return applyDuration(text, to: \.uploadLifetime)
        case .draft: return applyDuration(text, to: \.draftLifetime)
        }
        return nil
    }

    /// Determines the content store, which depends on several settings.
    private mutating func applyBlobs(_ given: SettingValues, _ problems: inout [String]) {
        let place = given.values[.blobs]?.text ?? "local"
        let earlier = given.values[.blobsFallback]?.text
        if earlier == place { problems.append("blobs-fallback is the same as blobs: remove it, or change one") }
        // Missing settings are reported only once all given values are valid.
        guard place == "s3" || earlier == "s3", problems.isEmpty else { return }
        guard let store = s3.configuration(&problems) else { return }
        blobs = BlobEngine(
            place: place == "s3" ? .s3(store) : .local,
            earlier: earlier.map { $0 == "s3" ? .s3(store) : .local }
        )
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

    /// The text for a limit that is not set.
    static let noBound = "none"

    private static func count(_ text: String) -> Int64? {
        Int64(text).flatMap { $0 >= 0 ? $0 : nil }
    }

    private mutating func applyDuration(_ text: String, to key: WritableKeyPath<Limits, Duration>) -> String? {
        apply(TimeSpan.parse(text), to: key, "a time such as 30s, 500ms, 5m or 1h")
    }

    /// Applies the values of a list; returns the violated rule if they are not valid.
    private mutating func apply(_ texts: [String], to setting: Setting) -> String? {
        guard setting == .listen else {
            guard let networks = try? TrustedProxies(texts) else {
                return "networks such as 10.0.0.0/8 or fd00::/8, addresses, or unix for local programs"
            }
            (proxies, proxyTexts) = (networks, texts)
            return nil
        }
        let places = texts.compactMap { ListenPlace($0) }
        guard !places.isEmpty, places.count == texts.count else { return ListenPlace.rule }
        let fixed = places.filter { !$0.takesFreePort }
        guard Set(fixed).count == fixed.count else { return "distinct addresses" }
        listen = places
        return nil
    }

    private func checkTickets(_ given: SettingValues, _ problems: inout [String]) {
        let secrets = [Setting.ticketSecret, .ticketSecretFile].filter { given.values[$0] != nil }
        guard let first = secrets.first else { return }
        if secrets.count == 2 {
            problems.append("tls.ticket-secret and tls.ticket-secret-file are mutually exclusive: set only one of them")
        }
        if given.values[.certificate] == nil {
            problems.append("\(first.key) is set without tls.certificate: add a certificate, or remove it")
        }
    }

    /// Returns the URL without a trailing slash; nil if no path can be appended to it.
    private static func publicURL(_ text: String) -> String? {
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
