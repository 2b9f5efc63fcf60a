// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

extension Endpoint {
    /// The path that publishes, downloads and deletes one file.
    package static func path(to file: FileCoordinate) -> String {
        genericFile.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// The path that deletes a version with all its files.
    package static func path(to version: VersionCoordinate) -> String {
        genericVersion.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// The path of a version's record: its files, sizes and digests.
    package static func path(toRecordOf version: VersionCoordinate) -> String {
        Endpoint.version.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// The path of the list of a package's versions.
    package static func path(toVersionsOf package: PackageCoordinate) -> String {
        versions.path(filling: [package.owner.text, package.package.text])
    }

    /// The path of the list of an owner's packages.
    package static func path(toPackagesOf owner: OwnerName) -> String {
        packages.path(filling: [owner.text])
    }

    /// The path of the draft of a version, and of the act that publishes it.
    package static func path(toReleaseOf version: VersionCoordinate) -> String {
        release.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// The path of a file in the draft of its version.
    package static func path(toDraftOf file: FileCoordinate) -> String {
        releaseFile.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// The path that begins an upload of a file which can be resumed.
    package static func path(toNewUploadOf file: FileCoordinate) -> String {
        newUpload.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// The path of an upload that was begun.
    package static func path(toUpload id: String) -> String {
        upload.path(filling: [id])
    }

    /// Puts the values, each percent-encoded, in the places of the template's parameters from left to right.
    private func path(filling values: [String]) -> String {
        var remaining = values[...]
        let segments = template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), let value = remaining.popFirst() else { return String(segment) }
            return percentEncoded(value)
        }
        return segments.joined(separator: "/")
    }
}
