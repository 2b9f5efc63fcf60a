// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryClient
import RegistryCore

/// `granary publish OWNER/NAME@VERSION FILE…`.
struct Publish: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish files as a version of a package.",
        discussion: """
            Each file is published under its own name. The registry verifies its SHA-256
            before it accepts it. After a lost connection, the upload of a large file
            resumes, and the command checks whether a small file arrived.

            Multi-file releases are atomic: all files become visible, or none. Rerun an
            interrupted command to resume; complete files are not sent again. To discard
            the draft, use granary delete --draft.

            The file - is standard input. It is stored in TMPDIR (default /var/tmp) until it
            is published under the name given with --name.

            Examples:
              granary publish tools/hello@1.0.0 dist/hello.tar.gz
              granary publish tools/hello@1.1.0 dist/hello.tar.gz dist/hello.zip
              tar cz dist | granary publish tools/hello@1.2.0 - --name hello.tar.gz
            """
    )

    @Argument(help: "The version to publish, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "The files to publish.", completion: .files)
    var files: [String]

    @Option(help: "Publish a single file under this name.")
    var name: String?

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func validate() throws {
        guard name == nil || files.count == 1 else { throw ValidationError("--name needs exactly one file.") }
        guard name != nil || !files.contains("-") else {
            throw ValidationError("Standard input has no name; set one with --name.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            let files = try filesToPublish(as: version)
            let output = outputOptions.output
            try await connection.withClient { client in
                let contract = try await client.contract(of: version.owner)
                let subject = files.count == 1 ? files.map(\.coordinate.file.text).joined() : version.description
                let outcomes = try await withProgress(subject, output) { progress in
                    try await client.publish(files, as: version, contract: contract, progress: progress)
                }
                let published = zip(files, outcomes).map { PublishedFile($0.coordinate, $1) }
                try output.confirm(published) { text(published, version) }
            }
        }
    }

    private func filesToPublish(as version: VersionCoordinate) throws -> [FileToPublish] {
        var names: Set<String> = []
        return try files.map { path in
            let name = name ?? String(path.split(separator: "/").last ?? "")
            let file = try PackageReference.file(name, of: version)
            guard names.insert(file.file.folded).inserted else {
                throw ClientError(.usage, "two of the files are named \(name.quoted()); rename one of them")
            }
            if path == "-" { return FileToPublish(path: try StandardInput.keep(), coordinate: file) }
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw ClientError(.io, "cannot read \(path.quoted()); check the path and its permissions")
            }
            return FileToPublish(path: path, coordinate: file)
        }
    }

    private func text(_ published: [PublishedFile], _ version: VersionCoordinate) -> String {
        var lines = published.map(\.text)
        let created = published.count(where: { $0.outcome == .created })
        if created > 1 { lines.append("published \(version) with \(created) files") }
        return lines.joined(separator: "\n")
    }
}

/// The result of one file.
private struct PublishedFile: Encodable {
    let file: String
    let outcome: PublishOutcome

    init(_ file: FileCoordinate, _ outcome: PublishOutcome) {
        self.file = file.description
        self.outcome = outcome
    }

    var text: String {
        switch outcome {
        case .created: "published \(file)"
        case .unchanged: "\(file) is already published with the same content"
        }
    }
}
