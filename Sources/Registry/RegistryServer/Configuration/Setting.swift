// SPDX-License-Identifier: Apache-2.0

/// All settings: the single list behind the file's keys, the environment variables, the flags and the documentation.
package enum Setting: String, CaseIterable, Sendable {
    case data
    case listen
    case proxies
    case url
    case contract
    case certificate = "tls.certificate"
    case key = "tls.key"
    case ticketSecret = "tls.ticket-secret"
    case ticketSecretFile = "tls.ticket-secret-file"
    case requireSignIn = "access.require-sign-in"
    case hotFiles = "cache.hot-files"
    case databaseURL = "database.url"
    case databaseConnections = "database.connections"
    case blobs
    case blobsFallback = "blobs-fallback"
    case s3Endpoint = "s3.endpoint"
    case s3Region = "s3.region"
    case s3Bucket = "s3.bucket"
    case s3Prefix = "s3.prefix"
    case s3AccessKey = "s3.access-key"
    case s3SecretKey = "s3.secret-key"
    case s3SessionToken = "s3.session-token"
    case s3Addressing = "s3.addressing"
    case s3Redirect = "s3.redirect"
    case logLevel = "log.level"
    case fileSize = "limits.file-size"
    case ownerSize = "limits.owner-size"
    case ownerVersions = "limits.owner-versions"
    case totalSize = "limits.total-size"
    case totalVersions = "limits.total-versions"
    case openUploads = "limits.uploads"
    case openDrafts = "limits.drafts"
    case connections = "limits.connections"
    case uploadRate = "limits.upload-rate"
    case uploadWindow = "timeouts.upload-window"
    case stalledReader = "timeouts.stalled-reader"
    case idle = "timeouts.idle"
    case shutdown = "timeouts.shutdown"
    case upload = "timeouts.upload"
    case draft = "timeouts.draft"

    /// The key in the configuration file, with a dot between levels.
    package var key: String { rawValue }

    /// The name of the environment variable.
    package var environmentVariable: String {
        "GRANARY_" + spelled(with: "_").uppercased()
    }

    /// The name of the flag of `granary serve`.
    package var flag: String { "--" + spelled(with: "-") }

    /// Whether the value is never shown, and not accepted on a command line, which every user of the machine can see.
    package var isSecret: Bool {
        switch self {
        case .ticketSecret, .s3SecretKey, .s3SessionToken: true
        default: false
        }
    }

    /// Whether the setting accepts several values: comma-separated, as a list in the file, or as a repeated flag.
    var isList: Bool { self == .listen || self == .proxies }

    /// Whether the setting is either on or off.
    var isSwitch: Bool {
        switch self {
        case .requireSignIn, .hotFiles, .s3Redirect: true
        default: false
        }
    }

    /// Whether the value must not be quoted in messages.
    var mayHoldSecret: Bool { isSecret || self == .databaseURL }

    /// The text shown instead of a secret.
    static let mask = "********"

    /// A noun phrase with the unit and the default, in one line.
    package var summary: String {
        switch self {
        case .data: "the data directory; default ./granary-data"
        case .listen:
            "the addresses to listen on: HOST:PORT, *:PORT, unix:/PATH or systemd; port 0 selects a free port; "
                + "default 127.0.0.1:3000"
        case .proxies:
            "the proxies trusted to name the client: networks such as 10.0.0.0/8, addresses, or unix; default none"
        case .url: "the public URL of the registry; default the address it listens on, or paths where that has no host"
        case .contract: "the publish contract of owners without their own: documented or current; default documented"
        case .certificate: "the PEM file with the TLS certificate and its chain; enables HTTPS"
        case .key: "the PEM file with the private key of tls.certificate"
        case .ticketSecret: "the secret shared by nodes to resume each other's TLS sessions, 32 characters or more"
        case .ticketSecretFile: "the file with the secret shared by nodes to resume each other's TLS sessions"
        case .requireSignIn: "mandatory sign-in for all access: on or off; default off"
        case .hotFiles: "the in-memory cache of recent downloads: on or off; default on"
        case .databaseURL: "the metadata store: sqlite (in the data directory) or a PostgreSQL URL; default sqlite"
        case .databaseConnections: "the number of connections from this node to PostgreSQL; default 16"
        case .blobs: "the content store: local (the data directory) or s3; default local"
        case .blobsFallback: "the previous content store during a migration: local or s3; default none"
        case .s3Endpoint: "the URL of the S3 store, such as https://s3.example.org"
        case .s3Region: "the region for signing requests to the S3 store (or AWS_REGION); default us-east-1"
        case .s3Bucket: "the S3 bucket for content"
        case .s3Prefix: "the prefix of all keys in the bucket; default empty"
        case .s3AccessKey: "the access key of the S3 store (or AWS_ACCESS_KEY_ID)"
        case .s3SecretKey: "the secret key of the S3 store (or AWS_SECRET_ACCESS_KEY)"
        case .s3SessionToken: "the session token for temporary S3 credentials (or AWS_SESSION_TOKEN)"
        case .s3Addressing:
            "the position of the bucket in URLs: path (store/bucket) or virtual (bucket.store); default path"
        case .s3Redirect: "redirection of downloads to the S3 store: on or off; default off"
        case .logLevel: "the minimum log level: trace, debug, info, notice, warning, error or critical; default info"
        case .fileSize: "the maximum file size, such as 10GiB; default 50GiB"
        case .ownerSize: "the default storage quota per owner, such as 100GiB, or none; default none"
        case .ownerVersions: "the default version quota per owner, or none; default none"
        case .totalSize: "the storage quota of all owners together, such as 2TiB, or none; default none"
        case .totalVersions: "the version quota of all owners together, or none; default none"
        case .openUploads: "the maximum number of incomplete resumable uploads per owner, or none; default 1000"
        case .openDrafts: "the maximum number of drafts per owner, or none; default 1000"
        case .connections: "the maximum number of concurrent connections; default 4096"
        case .uploadRate: "the minimum upload rate per second, such as 64KiB; default 1KiB"
        case .uploadWindow: "the averaging window of limits.upload-rate, such as 10s; default 30s"
        case .stalledReader: "the timeout for clients that stop reading a response, such as 10m; default 5m"
        case .idle: "the idle timeout of a connection, such as 30s; default 60s"
        case .upload: "the lifetime of an incomplete resumable upload after its last byte, such as 48h; default 24h"
        case .draft: "the lifetime of a draft after its last file, such as 168h; default 720h"
        case .shutdown: "the grace period for running requests at shutdown, such as 2m; default 30s"
        }
    }

    private func spelled(with separator: Character) -> String {
        String(key.map { $0 == "." || $0 == "-" ? separator : $0 })
    }
}
