// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryClient
import RegistryCore

/// `granary delete [--draft] OWNER/NAME@VERSION [FILE…]`.
struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a version, or some of its files.",
        discussion: """
            Without file names, the whole version is deleted. Deleting the last file of a
            version deletes the version. With --draft, published files stay, and only the
            draft of an interrupted granary publish is deleted.

            Examples:
              granary delete tools/hello@1.0.0
              granary delete --draft tools/hello@1.1.0
            """
    )

    @Argument(help: "The version, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "The files to delete (default: the whole version).")
    var files: [String] = []

    @Flag(help: "Delete the version's draft, or some of its files, instead of the published version.")
    var draft = false

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            let files = try files.map { try PackageReference.file($0, of: version) }
            try await connection.withClient { client in
                try await delete(version, files, client)
            }
        }
    }

    private func delete(_ version: VersionCoordinate, _ files: [FileCoordinate], _ client: RemoteRegistry) async throws
    {
        var deleted: [String] = []
        defer {
            try? outputOptions.output.confirm(["deleted": deleted]) {
                deleted.map { draft ? "deleted the draft of \($0)" : "deleted \($0)" }.joined(separator: "\n")
            }
        }
        if files.isEmpty {
            try await draft ? client.deleteDraft(of: version) : client.delete(version)
            deleted.append(version.description)
        }
        for file in files {
            try await draft ? client.deleteDraft(of: file) : client.delete(file)
            deleted.append(file.description)
        }
    }
}
