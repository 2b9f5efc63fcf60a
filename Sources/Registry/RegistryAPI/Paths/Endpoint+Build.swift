// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

extension Endpoint {
    /// Returns the path for publishing, downloading and deleting one file.
    package static func path(to file: FileCoordinate) -> String {
        genericFile.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// Returns the path for deleting a version with all its files.
    package static func path(to version: VersionCoordinate) -> String {
        genericVersion.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// Returns the path of a version's record with its files, sizes and digests.
    package static func path(toRecordOf version: VersionCoordinate) -> String {
        Endpoint.version.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// Returns the path of the list of a package's versions.
    package static func path(toVersionsOf package: PackageCoordinate) -> String {
        versions.path(filling: [package.owner.text, package.package.text])
    }

    /// Returns the path of the list of an owner's packages.
    package static func path(toPackagesOf owner: OwnerName) -> String {
        packages.path(filling: [owner.text])
    }

    /// Returns the path of a version's draft, which also publishes it.
    package static func path(toReleaseOf version: VersionCoordinate) -> String {
        release.path(filling: [version.owner.text, version.package.text, version.version.text])
    }

    /// Returns the path of a file in the draft of its version.
    package static func path(toDraftOf file: FileCoordinate) -> String {
        releaseFile.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// Returns the path for starting a resumable upload of a file.
    package static func path(toNewUploadOf file: FileCoordinate) -> String {
        newUpload.path(filling: [file.owner.text, file.package.text, file.version.text, file.file.text])
    }

    /// Returns the path of a resumable upload.
    package static func path(toUpload id: String) -> String {
        upload.path(filling: [id])
    }

    /// Replaces the template's parameters from left to right by the percent-encoded values.
    private func path(filling values: [String]) -> String {
        var remaining = values[...]
        let segments = template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), let value = remaining.popFirst() else { return String(segment) }
            return percentEncoded(value)
        }
        return segments.joined(separator: "/")
    }
}
