// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryAPI
import RegistryClient
import RegistryCore

/// `granary search [TEXT]`.
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Search the packages visible to you, or find files by digest.",
        discussion: """
            Examples:
              granary search hello
              granary search --owner tools --name hello
              granary search --sha256 "$(sha256sum hello.tar.gz | cut -d ' ' -f 1)"
            """
    )

    @Argument(help: "A part of the package name, case-insensitive.")
    var text = ""

    @Option(help: "Show only packages of this owner.")
    var owner: String?

    @Option(help: "Show only packages with exactly this name.")
    var name: String?

    @Option(help: "Find files with this SHA-256 instead of packages.")
    var sha256: String?

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let search = try request()
            try await connection.withClient { client in
                let found = try await client.allFound(search)
                try outputOptions.output.show(found) {
                    search.sha256 == nil ? table(of: found.packages).text : table(of: found.files).text
                }
            }
        }
    }

    private func request() throws -> SearchRequest {
        do {
            return SearchRequest(
                owner: try owner.map { try OwnerName($0) },
                name: try name.map { try PackageName($0) },
                text: text,
                sha256: try sha256.map { try Digest(.sha256, hex: $0) }
            )
        } catch let error as InvalidName {
            throw ClientError(.usage, "\(error)")
        } catch let error as InvalidDigest {
            throw ClientError(.usage, "\(error)")
        }
    }

    private func table(of packages: [PackageRecord]) -> TextTable {
        let rows = packages.map { package in
            [
                "\(package.owner)/\(package.name)", "\(package.versionCount)", package.latestVersion ?? "-",
                package.createdAt,
            ]
        }
        return TextTable(heading: ["PACKAGE", "VERSIONS", "LATEST", "CREATED"], rows: rows)
    }

    private func table(of files: [FoundFileRecord]) -> TextTable {
        let rows = files.map { file in
            ["\(file.owner)/\(file.name)@\(file.version)", file.file, byteCount(file.size), file.createdAt]
        }
        return TextTable(heading: ["VERSION", "FILE", "SIZE", "PUBLISHED"], rows: rows)
    }
}
