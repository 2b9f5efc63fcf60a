// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService
import RegistryStorage

/// The parameters of a path, from left to right, each percent-decoded exactly once and made a domain value.
package struct PathParameters: Sendable {
    private let segments: [Substring]
    private let positions: [Int]

    /// Takes a path's segments and the positions of the parameters among them.
    init(_ segments: [Substring], at positions: [Int]) {
        self.segments = segments
        self.positions = positions
    }

    /// Takes segments that all are parameters.
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

    /// The file to be read, which may be the checksum file of one.
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

    /// The upload; what is no identifier names none.
    func upload() throws -> UploadID {
        guard let id = UploadID(try decoded(0)) else {
            throw RegistryError.notFound(
                "unknown upload: use the URL in the Location header of the response to its POST"
            )
        }
        return id
    }

    /// The path with another owner's name in the place of its first parameter.
    func path(withOwner name: OwnerName) -> String {
        var segments = segments
        if let first = positions.first { segments[first] = Substring(percentEncoded(name.text)) }
        return "/" + segments.joined(separator: "/")
    }

    /// The text of a parameter.
    func decoded(_ index: Int) throws -> String {
        guard positions.indices.contains(index) else {
            preconditionFailure("the route's path has no parameter \(index)")
        }
        return try percentDecoded(segments[positions[index]])
    }
}
