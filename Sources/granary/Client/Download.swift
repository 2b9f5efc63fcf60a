// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Files
import FoundationEssentials
import Glibc
import Loops
import RegistryAPI
import RegistryClient
import RegistryCore

/// `granary download OWNER/NAME@VERSION [FILE…]`.
struct Download: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Download files of a version and verify them.",
        discussion: """
            Without file names, all files of the version are downloaded. A file appears
            under its name only when it is complete and its SHA-256 matches the registry's
            record. Downloads resume after a lost connection.

            With --output -, a single file is streamed to standard output. It is verified at
            the end: check the exit status before you use it.

            Examples:
              granary download tools/hello@1.0.0 hello.tar.gz --output /tmp
              set -o pipefail
              granary download tools/hello@1.0.0 hello.tar.gz --output - | tar xz
            """
    )

    @Argument(help: "The version, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "The files to download (default: all files of the version).")
    var files: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The target folder or, for a single file, a new name, a pipe, or - for standard output.",
            valueName: "dir|file"
        ),
        completion: .files
    )
    var output: String?

    @Flag(help: "Overwrite existing files.")
    var force = false

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            // Resolve the path now: later, the number could belong to a file that this process has opened.
            let descriptor = try OpenDescriptor(output)
            try await connection.withClient { client in
                let record = try await client.version(version)
                let wanted = try record.selection(files, of: version)
                try await download(wanted, descriptor, client)
            }
        }
    }

    private func download(
        _ wanted: [SelectedFile],
        _ descriptor: OpenDescriptor?,
        _ client: RemoteRegistry
    ) async throws {
        let results = outputOptions.output
        let destination = try DownloadDestination(output, descriptor, fileCount: wanted.count)
        var downloaded: [DownloadedFile] = []
        do {
            for file in wanted {
                try await download(file, to: destination, client)
                // Standard output contains the file.
                if destination.isStandardOutput { continue }
                let path = destination.path(of: file.record.name)
                downloaded.append(DownloadedFile(path: path, size: file.record.size, sha256: file.record.sha256))
            }
        } catch {
            if !downloaded.isEmpty { try? confirm(downloaded, results) }
            throw error
        }
        if !destination.isStandardOutput { try confirm(downloaded, results) }
    }

    private func confirm(_ downloaded: [DownloadedFile], _ results: Output) throws {
        try results.confirm(downloaded) { downloaded.map(\.text).joined(separator: "\n") }
    }

    private func download(_ file: SelectedFile, to destination: DownloadDestination, _ client: RemoteRegistry)
        async throws
    {
        let path = destination.path(of: file.record.name)
        try await withProgress(file.record.name, outputOptions.output) { progress in
            switch destination {
            case .folder, .file:
                try await client.download(
                    file.coordinate,
                    expecting: file.record,
                    to: path,
                    overwrite: force,
                    progress: progress
                )
            case .standardOutput, .stream, .descriptor:
                try await client.download(
                    file.coordinate,
                    expecting: file.record,
                    into: try openStream(destination),
                    named: destination.isStandardOutput ? path : path.quoted(),
                    progress: progress
                )
            }
        }
    }

    /// Opens the stream for a file, and waits for the reader of a pipe.
    private func openStream(_ destination: DownloadDestination) throws -> OpenFile {
        if case .descriptor(let descriptor, let path) = destination {
            return OpenFile(borrowing: descriptor.number, path: path)
        }
        guard case .stream(let path) = destination else {
            return OpenFile(borrowing: STDOUT_FILENO, path: "standard output")
        }
        do {
            return try PeerWait.during { try OpenFile.open(path, .write) }
        } catch let error as FileError {
            throw ClientError(.io, "cannot write to \(path.quoted()): \(error.reason); check its permissions")
        }
    }
}

/// The result of one file.
private struct DownloadedFile: Encodable {
    let path: String
    let size: Int64
    let sha256: String

    var text: String { "downloaded \(oneLine(path)) (\(byteCount(size)), verified)" }
}
