// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryAPI
import RegistryClient

/// `granary show OWNER/NAME@VERSION`.
struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a version and its files.",
        discussion: """
            Example:
              granary show tools/hello@1.0.0
            """
    )

    @Argument(help: "The version, as OWNER/NAME@VERSION.")
    var version: String

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            try await connection.withClient { client in
                let record = try await client.version(version)
                try outputOptions.output.show(record) { text(of: record) }
            }
        }
    }

    private func text(of record: VersionRecord) -> String {
        let rows = record.files.map { file in
            [file.name, byteCount(file.size), "\(file.downloadCount)", file.sha256]
        }
        let creator = record.creator.map { " by \($0)" } ?? ""
        return """
            \(oneLine("\(record.owner)/\(record.name)@\(record.version)"))
            \(oneLine("published \(record.createdAt)\(creator)"))

            \(TextTable(heading: ["FILE", "SIZE", "DOWNLOADS", "SHA-256"], rows: rows).text)
            """
    }
}
