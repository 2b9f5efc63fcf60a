// SPDX-License-Identifier: Apache-2.0

import YAML

extension ServerConfiguration {
    /// The effective configuration in the format of a configuration file.
    package var yaml: String {
        var lines: [String] = []
        var section: Substring = ""
        for setting in Self.printed where setting.section != "s3" || usesS3 {
            guard let texts = setting.print(self) else { continue }
            if setting.section != section {
                section = setting.section
                if !section.isEmpty { lines.append("\(section):") }
            }
            let indent = section.isEmpty ? "" : "  "
            let written = texts.map { YAMLValue.written($0) }
            let isInLine = setting.kind != .list || written.count == 1
            let value = isInLine ? " " + written.joined() : Self.list(written, indent: indent)
            lines.append("\(indent)\(setting.name):\(value)")
        }
        return lines.joined(separator: "\n")
    }

    /// The settings in the order of the output, in which `url` follows `contract`.
    private static let printed: [Setting] = Setting.all.flatMap { setting -> [Setting] in
        switch setting.key {
        case "url": []
        case "contract": [setting, "url"]
        default: [setting]
        }
    }

    private var usesS3: Bool { blobs.place.name == "s3" || blobs.earlier?.name == "s3" }

    private static func list(_ written: [String], indent: String) -> String {
        written.isEmpty ? " []" : written.map { "\n\(indent)  - \($0)" }.joined()
    }
}
