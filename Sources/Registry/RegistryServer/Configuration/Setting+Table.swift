// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log
import PostgresDriver
import RegistryCore
import RegistryHTTP
import S3Blobs

extension Setting {
    /// All settings, in the order of the help.
    package static let all: [Setting] = Array(
        [general, tls, accessAndCache, database, blobs, s3, log, limits, timeouts].joined()
    )

    private static let general: [Setting] = [
        Setting("data", "the data directory", default: "./granary-data", .directory, at: \.data),
        Setting(
            "listen",
            "the addresses to listen on: HOST:PORT, *:PORT, unix:/PATH or systemd; port 0 selects a free port",
            default: "127.0.0.1:3000",
            kind: .list,
            apply: { texts, configuration in
                let places = texts.compactMap { ListenPlace($0) }
                guard !places.isEmpty, places.count == texts.count else { return ListenPlace.rule }
                let fixed = places.filter { !$0.takesFreePort }
                guard Set(fixed).count == fixed.count else { return "distinct addresses" }
                configuration.listen = places
                return nil
            },
            print: { $0.listen.map(\.description) }
        ),
        Setting(
            "proxies",
            "the proxies trusted to name the client: networks such as 10.0.0.0/8, addresses, or unix",
            default: "none",
            kind: .list,
            apply: { texts, configuration in
                guard let networks = try? TrustedProxies(texts) else {
                    return "networks such as 10.0.0.0/8 or fd00::/8, addresses, or unix for local programs"
                }
                (configuration.proxies, configuration.proxyTexts) = (networks, texts)
                return nil
            },
            print: { $0.proxyTexts }
        ),
        Setting(
            "url",
            "the public URL of the registry",
            default: "the address it listens on, or paths where that has no host",
            SettingForm<String>(
                rule: "a URL such as https://packages.example.org",
                parse: { PublicURL.normalized($0) },
                write: { $0 }
            ),
            atOptional: \.url
        ),
        Setting(
            "contract",
            "the publish contract of owners without their own: documented or current",
            default: "documented",
            SettingForm<PublishContract>(
                rule: "documented or current",
                parse: { PublishContract.Name(rawValue: $0).map { PublishContract($0) } },
                write: { $0.name.rawValue }
            ),
            at: \.contract
        ),
    ]

    private static let tls: [Setting] = [
        Setting(
            "tls.certificate",
            "the PEM file with the TLS certificate and its chain; enables HTTPS",
            .file,
            print: { $0.tls?.certificate }
        ),
        Setting(
            "tls.key",
            "the PEM file with the private key of tls.certificate",
            .file,
            print: { $0.tls?.key }
        ),
        Setting(
            "tls.ticket-secret",
            "the secret shared by nodes to resume each other's TLS sessions, 32 characters or more",
            secrecy: .full,
            SettingForm<TicketSecretSource>(
                rule: "at least 32 characters, such as the output of openssl rand -base64 48",
                parse: { TicketSecret(Array($0.utf8)).map { TicketSecretSource.value($0) } },
                write: { if case .value = $0 { Setting.mask } else { nil } }
            ),
            atOptional: \.ticketSecret
        ),
        Setting(
            "tls.ticket-secret-file",
            "the file with the secret shared by nodes to resume each other's TLS sessions",
            SettingForm<TicketSecretSource>(
                rule: "the path of a file",
                kind: .file,
                parse: { $0.isEmpty ? nil : .file($0) },
                write: { if case .file(let path) = $0 { path } else { nil } }
            ),
            atOptional: \.ticketSecret
        ),
    ]

    private static let accessAndCache: [Setting] = [
        Setting(
            "access.require-sign-in",
            "mandatory sign-in for all access: on or off",
            default: "off",
            .onOff,
            at: \.requiresSignIn
        ),
        Setting(
            "cache.hot-files",
            "the in-memory cache of recent downloads: on or off",
            default: "on",
            .onOff,
            at: \.keepsHotFiles
        ),
    ]

    private static let database: [Setting] = [
        Setting(
            "database.url",
            "the metadata store: sqlite (in the data directory) or a PostgreSQL URL",
            default: "sqlite",
            secrecy: .partial,
            SettingForm<PostgresAddress?>(
                rule: "sqlite, or a PostgreSQL address such as postgres://granary@db.example.org/granary",
                parse: { text in text == "sqlite" ? .some(nil) : PostgresAddress(text).map { .some($0) } },
                write: { address in address?.description ?? "sqlite" }
            ),
            at: \.postgres
        ),
        Setting(
            "database.connections",
            "the number of connections from this node to PostgreSQL",
            default: "16",
            .number(1...1000, "a number from 1 to 1000"),
            at: \.databaseConnections
        ),
    ]

    private static let blobs: [Setting] = [
        Setting(
            "blobs",
            "the content store: local (the data directory) or s3",
            default: "local",
            .text("local or s3") { $0 == "local" || $0 == "s3" },
            print: { $0.blobs.place.name }
        ),
        Setting(
            "blobs-fallback",
            "the previous content store during a migration: local or s3",
            default: "none",
            .text("local or s3") { $0 == "local" || $0 == "s3" },
            print: { $0.blobs.earlier?.name }
        ),
    ]

    private static let s3: [Setting] = [
        Setting(
            "s3.endpoint",
            "the URL of the S3 store, such as https://s3.example.org",
            .text("an http:// or https:// URL without a path, such as https://s3.example.org") {
                S3Location(endpoint: $0, bucket: "") != nil
            },
            atOptional: \.s3.endpoint
        ),
        Setting(
            "s3.region",
            "the region for signing requests to the S3 store",
            default: "us-east-1",
            or: "AWS_REGION",
            .text("a name such as eu-central-1") { S3Settings.isName($0) },
            at: \.s3.region
        ),
        Setting(
            "s3.bucket",
            "the S3 bucket for content",
            .text("a name of letters, digits, '.', '-' and '_'") { S3Settings.isName($0) },
            atOptional: \.s3.bucket
        ),
        Setting(
            "s3.prefix",
            "the prefix of all keys in the bucket",
            default: "empty",
            SettingForm<String>(
                rule: "a path of letters, digits, '.', '-', '_' and '/'",
                parse: { $0.isEmpty || S3Settings.isPath($0) ? $0 : nil },
                write: { $0.isEmpty ? nil : $0 }
            ),
            at: \.s3.prefix
        ),
        Setting(
            "s3.access-key",
            "the access key of the S3 store",
            or: "AWS_ACCESS_KEY_ID",
            .text(S3Settings.keyRule) { S3Settings.isKey($0) },
            atOptional: \.s3.accessKey
        ),
        Setting(
            "s3.secret-key",
            "the secret key of the S3 store",
            secrecy: .full,
            or: "AWS_SECRET_ACCESS_KEY",
            .text(S3Settings.keyRule) { S3Settings.isKey($0) },
            atOptional: \.s3.secretKey
        ),
        Setting(
            "s3.session-token",
            "the session token for temporary S3 credentials",
            secrecy: .full,
            or: "AWS_SESSION_TOKEN",
            .text(S3Settings.keyRule) { S3Settings.isKey($0) },
            atOptional: \.s3.sessionToken
        ),
        Setting(
            "s3.addressing",
            "the position of the bucket in URLs: path (store/bucket) or virtual (bucket.store)",
            default: "path",
            SettingForm<S3Location.Addressing>.choice("path or virtual"),
            at: \.s3.addressing
        ),
        Setting(
            "s3.redirect",
            "redirection of downloads to the S3 store: on or off",
            default: "off",
            .onOff,
            at: \.s3.redirects
        ),
    ]

    private static let log: [Setting] = [
        Setting(
            "log.level",
            "the minimum log level: trace, debug, info, notice, warning, error or critical",
            default: "info",
            SettingForm<Logger.Level>.choice("a level such as info"),
            at: \.logLevel
        )
    ]
}
