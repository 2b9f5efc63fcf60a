// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A reference to an owner, a package or a version on the command line: `OWNER`, `OWNER/NAME`, `OWNER/NAME@VERSION`.
package enum PackageReference: Hashable, Sendable {
    case owner(OwnerName)
    case package(PackageCoordinate)
    case version(VersionCoordinate)

    /// Parses any of the three forms; the version is everything after the first `@`.
    package init(_ text: String) throws(ClientError) {
        guard let slash = text.firstIndex(of: "/") else {
            self = .owner(try validated { () throws(InvalidName) in try OwnerName(text) })
            return
        }
        let owner = try validated { () throws(InvalidName) in try OwnerName(String(text[..<slash])) }
        let rest = text[text.index(after: slash)...]
        let at = rest.firstIndex(of: "@")
        let name = String(rest[..<(at ?? rest.endIndex)])
        let package = try validated { () throws(InvalidName) in try PackageName(name) }
        guard let at else {
            self = .package(PackageCoordinate(owner: owner, package: package))
            return
        }
        let versionText = String(rest[rest.index(after: at)...])
        let version = try validated { () throws(InvalidName) in try PackageVersion(versionText) }
        self = .version(VersionCoordinate(owner: owner, package: package, version: version))
    }

    /// Parses `OWNER/NAME@VERSION`, and rejects shorter forms.
    package static func version(parsing text: String) throws(ClientError) -> VersionCoordinate {
        guard case .version(let version) = try PackageReference(text) else {
            throw ClientError(
                .usage,
                "\(text.quoted()) has no version; write OWNER/NAME@VERSION, such as tools/hello@1.0.0"
            )
        }
        return version
    }

    /// Parses the name of a file in the registry.
    package static func file(_ name: String, of version: VersionCoordinate) throws(ClientError) -> FileCoordinate {
        let file = try validated { () throws(InvalidName) in try FileName(name) }
        return FileCoordinate(
            owner: version.owner,
            package: version.package,
            version: version.version,
            file: file
        )
    }
}

/// Returns the parsed name, and converts an invalid name to a client error of kind `usage`.
private func validated<Name>(_ parse: () throws(InvalidName) -> Name) throws(ClientError) -> Name {
    do {
        return try parse()
    } catch {
        throw ClientError(.usage, "\(error)")
    }
}
