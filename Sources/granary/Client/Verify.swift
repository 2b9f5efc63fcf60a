// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryAPI
import RegistryClient
import RegistryCore

/// `granary verify OWNER/NAME@VERSION [FILE…]`.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify content against the digests recorded by the registry.",
        discussion: """
            Each local file is compared with the file of the same name in the version.
            Without local files, all files of the version are downloaded and compared. All
            differences are reported, and the exit status is then 6.

            Example:
              granary verify tools/hello@1.0.0 dist/hello.tar.gz
            """
    )

    @Argument(help: "The version, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "Local files (default: the content stored in the registry).", completion: .files)
    var files: [String] = []

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            try await connection.withClient { client in
                let record = try await client.version(version)
                let results = try await verify(record, version, client)
                try outputOptions.output.confirm(results) { results.map(\.text).joined(separator: "\n") }
                let differing = results.filter { !$0.verified }.map { oneLine($0.file) }
                guard differing.isEmpty else {
                    throw ClientError(
                        .verificationFailed,
                        "\(differing.count) of \(results.count) files of \(version) differ from the registry's record: "
                            + differing.joined(separator: ", ")
                    )
                }
            }
        }
    }

    private func verify(
        _ record: VersionRecord,
        _ version: VersionCoordinate,
        _ client: RemoteRegistry
    ) async throws -> [VerifiedFile] {
        let names = files.map { String($0.split(separator: "/").last ?? "") }
        let selected = try record.selection(names, of: version)
        var results: [VerifiedFile] = []
        for (index, file) in selected.enumerated() {
            let path = files.isEmpty ? nil : files[index]
            let shown = path ?? file.coordinate.description
            do {
                try await withProgress(shown, outputOptions.output) { progress in
                    try await compare(path, file, client, progress)
                }
                results.append(VerifiedFile(file: shown, verified: true, message: nil))
            } catch let error as ClientError where error.code == .verificationFailed {
                results.append(VerifiedFile(file: shown, verified: false, message: error.message))
            }
        }
        return results
    }

    private func compare(
        _ path: String?,
        _ file: SelectedFile,
        _ client: RemoteRegistry,
        _ progress: @escaping TransferProgress
    ) async throws {
        if let path {
            try await client.verify(path, against: file.record, of: file.coordinate, progress: progress)
        } else {
            try await client.verifyContent(of: file.coordinate, expecting: file.record, progress: progress)
        }
    }
}

/// The result of one file.
private struct VerifiedFile: Encodable {
    let file: String
    let verified: Bool
    let message: String?

    var text: String { verified ? "verified \(oneLine(file))" : oneLine(message ?? file, limit: 1000) }
}
