// SPDX-License-Identifier: Apache-2.0

/// Everything that can be configured: the one list behind the file's keys, the environment, the flags and the documents.
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

    /// The key in the configuration file, with a dot for each level.
    package var key: String { rawValue }

    /// The name of the environment variable.
    package var environmentVariable: String {
        "GRANARY_" + spelled(with: "_").uppercased()
    }

    /// The name of the flag of `granary serve`.
    package var flag: String { "--" + spelled(with: "-") }

    /// Whether its value is never shown, and not taken from a command line, which every user of the machine can see.
    package var isSecret: Bool {
        switch self {
        case .ticketSecret, .s3SecretKey, .s3SessionToken: true
        default: false
        }
    }

    /// Whether it has any number of values: with commas between them, as a list in the file, or as a flag that is repeated.
    var isList: Bool { self == .listen || self == .proxies }

    /// Whether it is either on or off.
    var isSwitch: Bool {
        switch self {
        case .requireSignIn, .hotFiles, .s3Redirect: true
        default: false
        }
    }

    /// Whether its value must not be quoted as it was given.
    var mayHoldSecret: Bool { isSecret || self == .databaseURL }

    /// What is shown in the place of a secret.
    static let mask = "********"

    /// What it decides, in one line.
    package var summary: String {
        switch self {
        case .data: "the directory that holds everything"
        case .listen: "the addresses to listen on: HOST:PORT, *:PORT, unix:/PATH or systemd; port 0 takes a free one"
        case .proxies: "the proxies that may name the client: networks such as 10.0.0.0/8, addresses, or unix"
        case .url: "the URL under which people reach the registry; by default the address it listens on"
        case .contract: "the publish contract of owners without one of their own: documented or current"
        case .certificate: "the PEM file with the TLS certificate and its chain; with it, HTTPS is served"
        case .key: "the PEM file with the private key of that certificate"
        case .ticketSecret: "the secret that lets nodes resume each other's TLS sessions, of 32 characters or more"
        case .ticketSecretFile: "the file with the secret that lets nodes resume each other's TLS sessions"
        case .requireSignIn: "whether nothing is shown to those who have not signed in: on or off"
        case .hotFiles: "whether recent downloads are answered without the router: on or off"
        case .databaseURL: "where metadata is kept: sqlite (the data directory) or the URL of a PostgreSQL database"
        case .databaseConnections: "how many connections this node has to PostgreSQL"
        case .blobs: "where content lies: local (the data directory) or s3"
        case .blobsFallback: "where content lay before, while it is moved: local or s3"
        case .s3Endpoint: "the URL of the S3 store, such as https://s3.example.org"
        case .s3Region: "the region that requests to the S3 store are signed for"
        case .s3Bucket: "the bucket that holds the content"
        case .s3Prefix: "what all keys in the bucket begin with"
        case .s3AccessKey: "the access key of the S3 store (or AWS_ACCESS_KEY_ID)"
        case .s3SecretKey: "the secret key of the S3 store (or AWS_SECRET_ACCESS_KEY)"
        case .s3SessionToken: "the session token of temporary keys of the S3 store (or AWS_SESSION_TOKEN)"
        case .s3Addressing: "where the bucket is named: path (store/bucket) or virtual (bucket.store)"
        case .s3Redirect: "whether clients are sent to the S3 store for content: on or off"
        case .logLevel: "the least important lines to log: trace, debug, info, notice, warning, error or critical"
        case .fileSize: "the largest file, for example 50GiB"
        case .ownerSize: "how much content an owner may have that has no limit of its own, for example 100GiB, or none"
        case .ownerVersions: "how many versions an owner may have that has no limit of its own, or none"
        case .totalSize: "how much content all owners may have together, for example 2TiB, or none"
        case .totalVersions: "how many versions all owners may have together, or none"
        case .openUploads: "how many uploads that can be resumed an owner may have that are not complete, or none"
        case .openDrafts: "how many drafts an owner may have, or none"
        case .connections: "how many connections are served at the same time"
        case .uploadRate: "the least bytes per second of an upload, for example 1KiB"
        case .uploadWindow: "over how much waiting for the client that rate is judged, for example 30s"
        case .stalledReader: "how long a client may take nothing of a waiting answer, for example 5m"
        case .idle: "how long a connection may be silent, for example 60s"
        case .upload: "how long an upload that can be resumed is kept after its last byte, for example 24h"
        case .draft: "how long a draft is kept after its last file, for example 720h"
        case .shutdown: "how long running requests may take when the server is told to stop, for example 30s"
        }
    }

    private func spelled(with separator: Character) -> String {
        String(key.map { $0 == "." || $0 == "-" ? separator : $0 })
    }
}
