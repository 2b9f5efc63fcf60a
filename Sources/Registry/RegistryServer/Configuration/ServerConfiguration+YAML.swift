// SPDX-License-Identifier: Apache-2.0

import Log
import PostgresDriver
import RegistryCore
import YAML

extension ServerConfiguration {
    /// The effective configuration in the format of a configuration file.
    package var yaml: String {
        """
        data: \(Self.yaml(data))
        listen:\(Self.list(listen.map(\.description)))
        proxies:\(Self.list(proxyTexts))
        contract: \(contract.name.rawValue)\(url.map { "\nurl: \(Self.yaml($0))" } ?? "")\(tlsYAML)
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

    private var tlsYAML: String {
        guard let tls else { return "" }
        let secret =
            switch ticketSecret {
            case .value?: "\n  ticket-secret: '\(Setting.mask)'"
            case .file(let path)?: "\n  ticket-secret-file: \(Self.yaml(path))"
            case nil: ""
            }
        return "\ntls:\n  certificate: \(Self.yaml(tls.certificate))\n  key: \(Self.yaml(tls.key))\(secret)"
    }

    /// The settings of the content store.
    private var blobsYAML: String {
        var lines = ["blobs: \(blobs.place.name)"]
        if let earlier = blobs.earlier { lines.append("blobs-fallback: \(earlier.name)") }
        if lines.contains(where: { $0.hasSuffix("s3") }) {
            lines.append("s3:")
            for (setting, value) in s3.printed { lines.append("  \(setting.key.dropFirst(3)): \(Self.yaml(value))") }
        }
        return lines.joined(separator: "\n")
    }

    private static func bound(_ value: Int64?) -> String { value.map { "\($0)" } ?? noBound }

    /// Returns the value of a list: on the same line if there is only one, otherwise one per line.
    private static func list(_ texts: [String]) -> String {
        switch texts.count {
        case 0: " []"
        case 1: " \(yaml(texts[0]))"
        default: texts.map { "\n  - \(yaml($0))" }.joined()
        }
    }

    private static func yaml(_ text: String) -> String { YAMLValue.written(text) }
}
