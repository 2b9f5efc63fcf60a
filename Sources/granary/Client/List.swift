// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryAPI
import RegistryClient
import RegistryCore

/// `granary list OWNER[/NAME]`.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List an owner's packages, or a package's versions.",
        discussion: """
            Examples:
              granary list tools
              granary list tools/hello --sort semver
              granary list tools/hello --format json
            """
    )

    @Argument(help: "OWNER for its packages, OWNER/NAME for a package's versions.")
    var subject: String

    @Option(help: "Sort versions by publication, newest first, or by SemVer, highest first.")
    var sort: VersionSort = .published

    @OptionGroup
    var connection: ConnectionOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let reference = try PackageReference(subject)
            let output = outputOptions.output
            try await connection.withClient { client in
                switch reference {
                case .owner(let owner):
                    let page = try await client.allPackages(of: owner)
                    try output.show(page) { table(of: page.packages).text }
                case .package(let package):
                    let page = try await client.allVersions(of: package, in: sort)
                    try output.show(page) { table(of: page.versions).text }
                case .version(let version):
                    throw ClientError(.usage, "\(version) is one version; see it with granary show \(version)")
                }
            }
        }
    }

    private func table(of packages: [PackageRecord]) -> TextTable {
        let rows = packages.map { package in
            [package.name, "\(package.versionCount)", package.latestVersion ?? "-", package.createdAt]
        }
        return TextTable(heading: ["PACKAGE", "VERSIONS", "LATEST", "CREATED"], rows: rows)
    }

    private func table(of versions: [VersionSummary]) -> TextTable {
        let rows = versions.map { version in
            let size = byteCount(version.size)
            return [version.version, "\(version.fileCount)", size, version.createdAt, version.creator ?? "-"]
        }
        return TextTable(heading: ["VERSION", "FILES", "SIZE", "PUBLISHED", "BY"], rows: rows)
    }
}

extension VersionSort: ExpressibleByArgument {}
