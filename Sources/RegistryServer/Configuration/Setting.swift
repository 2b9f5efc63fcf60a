// SPDX-License-Identifier: Apache-2.0

/// Everything that can be configured: the one list behind the file's keys, the environment, the flags and the documents.
package enum Setting: String, CaseIterable, Sendable {
    case data
    case listen
    case contract
    case certificate = "tls.certificate"
    case key = "tls.key"
    case hotFiles = "cache.hot-files"
    case logLevel = "log.level"
    case fileSize = "limits.file-size"
    case connections = "limits.connections"
    case uploadRate = "limits.upload-rate"
    case uploadWindow = "timeouts.upload-window"
    case stalledReader = "timeouts.stalled-reader"
    case idle = "timeouts.idle"
    case shutdown = "timeouts.shutdown"

    /// The key in the configuration file, with a dot for each level.
    package var key: String { rawValue }

    /// The name of the environment variable.
    package var environmentVariable: String {
        "GRANARY_" + spelled(with: "_").uppercased()
    }

    /// The name of the flag of `granary serve`.
    package var flag: String { "--" + spelled(with: "-") }

    /// What it decides, in one line.
    package var summary: String {
        switch self {
        case .data: "the directory that holds everything"
        case .listen: "the address to listen on, HOST:PORT; port 0 takes a free one"
        case .contract: "the publish contract of owners without one of their own: documented or current"
        case .certificate: "the PEM file with the TLS certificate and its chain; with it, HTTPS is served"
        case .key: "the PEM file with the private key of that certificate"
        case .hotFiles: "whether recent downloads are answered without the router: on or off"
        case .logLevel: "the least important lines to log: trace, debug, info, notice, warning, error or critical"
        case .fileSize: "the largest file, for example 50GiB"
        case .connections: "how many connections are served at the same time"
        case .uploadRate: "the least bytes per second of an upload, for example 1KiB"
        case .uploadWindow: "over how much waiting for the client that rate is judged, for example 30s"
        case .stalledReader: "how long a client may take nothing of a waiting answer, for example 5m"
        case .idle: "how long a connection may be silent, for example 60s"
        case .shutdown: "how long running requests may take when the server is told to stop, for example 30s"
        }
    }

    private func spelled(with separator: Character) -> String {
        String(key.map { $0 == "." || $0 == "-" ? separator : $0 })
    }
}
