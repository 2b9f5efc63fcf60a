// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService
import RegistryStorage

/// The parameters of a path, from left to right, each percent-decoded exactly once and converted to a domain value.
package struct PathParameters: Sendable {
    private let segments: [Substring]
    private let positions: [Int]

    /// Creates the parameters from a path's segments and their positions.
    init(_ segments: [Substring], at positions: [Int]) {
        self.segments = segments
        self.positions = positions
    }

    /// Creates the parameters from segments that are all parameters.
    init(_ parameters: [Substring]) {
        self.init(parameters, at: Array(parameters.indices))
    }

    func owner() throws -> OwnerName {
        try OwnerName(decoded(0))
    }

    func package() throws -> PackageCoordinate {
        PackageCoordinate(owner: try owner(), package: try PackageName(decoded(1)))
    }

    func version() throws -> VersionCoordinate {
        VersionCoordinate(
            owner: try owner(),
            package: try PackageName(decoded(1)),
            version: try PackageVersion(decoded(2))
        )
    }

    func file() throws -> FileCoordinate {
        try file(named: FileName(decoded(3)))
    }

    /// Returns the requested file, which may be a checksum file.
    func requestedFile() throws -> FileCoordinate {
        try file(named: FileName(requested: decoded(3)))
    }

    private func file(named name: @autoclosure () throws -> FileName) throws -> FileCoordinate {
        FileCoordinate(
            owner: try owner(),
            package: try PackageName(decoded(1)),
            version: try PackageVersion(decoded(2)),
            file: try name()
        )
    }

    /// Returns the upload identifier; an invalid one counts as unknown.
    func upload() throws -> UploadID {
        guard let id = UploadID(try decoded(0)) else {
            throw RegistryError.notFound(
                "unknown upload: use the URL in the Location header of the response to its POST"
            )
        }
        return id
    }

    /// Returns the path with another owner's name as its first parameter.
    func path(withOwner name: OwnerName) -> String {
        var segments = segments
        if let first = positions.first { segments[first] = Substring(percentEncoded(name.text)) }
        return "/" + segments.joined(separator: "/")
    }

    /// Returns the decoded text of a parameter.
    func decoded(_ index: Int) throws -> String {
        guard positions.indices.contains(index) else {
            preconditionFailure("the route's path has no parameter \(index)")
        }
        return try percentDecoded(segments[positions[index]])
    }
}
