// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryAPI
import RegistryClient
import RegistryCore

/// `granary download OWNER/NAME@VERSION [FILE…]`.
struct Download: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Download files of a version and verify them.",
        discussion: """
            Without file names all files of the version are downloaded. A file appears
            under its name only when it is complete and its SHA-256 is the one the
            registry recorded; lost connections are resumed.

            Example:
              granary download tools/hello@1.0.0 hello.tar.gz --output /tmp
            """
    )

    @Argument(help: "The version, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "The files to download; all of the version if none is named.")
    var files: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The folder to download to, or the new name of a single file.", valueName: "dir|file"),
        completion: .files
    )
    var output: String?

    @Flag(help: "Replace files that exist already.")
    var force = false

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            try await connection.withClient { client in
                let record = try await client.version(version)
                let wanted = try record.selection(files, of: version)
                try await download(wanted, client)
            }
        }
    }

    private func download(_ wanted: [SelectedFile], _ client: RegistryClient) async throws {
        let results = outputOptions.output
        let destination = try DownloadDestination(output, fileCount: wanted.count)
        var downloaded: [DownloadedFile] = []
        defer { try? results.confirm(downloaded) { downloaded.map(\.text).joined(separator: "\n") } }
        for file in wanted {
            let path = destination.path(of: file.record.name)
            try await withProgress(file.record.name, results) { progress in
                try await client.download(
                    file.coordinate,
                    expecting: file.record,
                    to: path,
                    overwrite: force,
                    progress: progress
                )
            }
            downloaded.append(DownloadedFile(path: path, size: file.record.sizeInBytes, sha256: file.record.sha256))
        }
    }
}

/// One file's result.
private struct DownloadedFile: Encodable {
    let path: String
    let size: Int64
    let sha256: String

    var text: String { "downloaded \(oneLine(path)) (\(byteCount(size)), verified)" }
}
