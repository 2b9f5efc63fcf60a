// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import RegistryClient
import RegistryCore

/// `granary publish OWNER/NAME@VERSION FILE…`.
struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish files as a version of a package.",
        discussion: """
            Each file is published under its own name. The registry verifies its
            SHA-256 before it accepts it; after a lost connection the command finds out
            whether the file arrived.

            Example:
              granary publish tools/hello@1.0.0 dist/hello.tar.gz
            """
    )

    @Argument(help: "The version to publish, as OWNER/NAME@VERSION.")
    var version: String

    @Argument(help: "The files to publish.")
    var files: [String]

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let version = try PackageReference.version(parsing: version)
            let uploads = try uploads(to: version)
            try await connection.withClient { client in
                let contract = try await client.contract(of: version.owner)
                try check(uploads, contract)
                try await publish(uploads, contract, client)
            }
        }
    }

    private func publish(
        _ uploads: [(path: String, file: FileCoordinate)],
        _ contract: PublishContract,
        _ client: RegistryClient
    ) async throws {
        let output = outputOptions.output
        var published: [PublishedFile] = []
        // What was published before a failure is reported as well: it stays published.
        defer { try? output.confirm(published) { published.map(\.text).joined(separator: "\n") } }
        for upload in uploads {
            let outcome = try await withProgress(upload.file.file.text, output) { progress in
                try await client.publish(upload.path, to: upload.file, contract: contract, progress: progress)
            }
            published.append(PublishedFile(upload.file, outcome))
        }
    }

    private func uploads(to version: VersionCoordinate) throws -> [(path: String, file: FileCoordinate)] {
        var names: Set<String> = []
        return try files.map { path in
            let name = String(path.split(separator: "/").last ?? "")
            let file = try PackageReference.file(name, of: version)
            guard names.insert(file.file.folded).inserted else {
                throw ClientError(.usage, "two of the files are named \(name.quoted()); rename one of them")
            }
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw ClientError(.io, "cannot read \(path.quoted()); check the path and who may read it")
            }
            return (path, file)
        }
    }

    private func check(_ uploads: [(path: String, file: FileCoordinate)], _ contract: PublishContract) throws {
        for upload in uploads { try contract.check(upload.file) }
        guard uploads.count == 1 || contract.acceptsFurtherFiles else {
            throw ClientError(
                .usage,
                "a version of this owner is published with one file and takes no more afterwards;"
                    + " pack the \(uploads.count) files into one archive and publish that"
            )
        }
    }
}

/// One file's result.
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
        case .unchanged: "\(file) was published before with the same content"
        }
    }
}
