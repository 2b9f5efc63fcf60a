// SPDX-License-Identifier: Apache-2.0

package import HTTPServer
package import Log
import PostgresDriver
package import RegistryCore

/// The validated configuration of a server.
package struct ServerConfiguration: Sendable {
    package internal(set) var data = "./granary-data"
    package internal(set) var listen = [ListenPlace.tcp(host: "127.0.0.1", port: 3000)]
    /// The proxies that are trusted to name the client.
    package internal(set) var proxies = TrustedProxies()
    /// The proxies as written in the configuration.
    var proxyTexts: [String] = []
    /// The public URL of the registry; nil for the listening address.
    package internal(set) var url: String?
    package internal(set) var requiresSignIn = false
    package internal(set) var contract = PublishContract.documented
    /// The PEM files of the certificate and the key; nil for plain HTTP.
    package private(set) var tls: (certificate: String, key: String)?
    /// The source of the session ticket keys; nil for a secret of this process only.
    package internal(set) var ticketSecret: TicketSecretSource?
    package internal(set) var keepsHotFiles = true
    package private(set) var blobs = BlobEngine()
    package internal(set) var logLevel = Logger.Level.info
    package internal(set) var limits = Limits()

    var postgres: PostgresAddress?
    var databaseConnections = DatabaseEngine.defaultConnections
    var s3 = S3Settings()

    /// The engines for metadata and content.
    package var engines: Engines { Engines(database: database, blobs: blobs) }

    private var database: DatabaseEngine {
        postgres.map { .postgres($0, connections: databaseConnections) } ?? .sqlite
    }

    /// Parses and validates the settings; all problems are thrown together.
    package init(_ given: SettingValues) throws {
        var problems = given.problems
        for setting in Setting.all {
            guard let value = given.values[setting], let rule = setting.apply(value.texts, &self) else { continue }
            let shown = setting.secrecy == .none ? value.text.debugDescription : "not valid"
            problems.append("\(value.origin) is \(shown): it must be \(rule)")
        }
        switch (given.values["tls.certificate"]?.text, given.values["tls.key"]?.text) {
        case (nil, nil): break
        case (let certificate?, let key?): tls = (certificate, key)
        default: problems.append("tls.certificate and tls.key must be set together: set both or neither")
        }
        checkTickets(given, &problems)
        checkPassword(given, &problems)
        applyBlobs(given, &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// Determines the content store, which depends on several settings.
    private mutating func applyBlobs(_ given: SettingValues, _ problems: inout [String]) {
        let place = given.values["blobs"]?.text ?? "local"
        let earlier = given.values["blobs-fallback"]?.text
        if earlier == place { problems.append("blobs-fallback is the same as blobs: remove it, or change one") }
        // Missing settings are reported only once all given values are valid.
        guard place == "s3" || earlier == "s3", problems.isEmpty else { return }
        guard let store = s3.configuration(&problems) else { return }
        blobs = BlobEngine(
            place: place == "s3" ? .s3(store) : .local,
            earlier: earlier.map { $0 == "s3" ? .s3(store) : .local }
        )
    }

    private func checkPassword(_ given: SettingValues, _ problems: inout [String]) {
        let address: Setting = "database.url"
        guard let postgres, postgres.hasPassword, given.values[address]?.origin == address.flag else { return }
        problems.append(
            "\(address.flag) contains a password, which is visible to every user of this machine: remove it, and use "
                + "\(address.environmentVariable), the configuration file or a password file"
        )
    }

    private func checkTickets(_ given: SettingValues, _ problems: inout [String]) {
        let all: [Setting] = ["tls.ticket-secret", "tls.ticket-secret-file"]
        let secrets = all.filter { given.values[$0] != nil }
        guard let first = secrets.first else { return }
        if secrets.count == 2 {
            problems.append("tls.ticket-secret and tls.ticket-secret-file are mutually exclusive: set only one of them")
        }
        if given.values["tls.certificate"] == nil {
            problems.append("\(first.key) is set without tls.certificate: add a certificate, or remove it")
        }
    }
}
