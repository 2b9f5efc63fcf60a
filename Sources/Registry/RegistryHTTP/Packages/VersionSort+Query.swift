// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

extension VersionSort {
    /// Parses `sort`; the default is most recently published first.
    init(_ request: Request) throws {
        guard let text = request.query["sort"] else {
            self = .published
            return
        }
        guard let sort = VersionSort(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: " or ")
            throw RegistryError.invalid("invalid query parameter sort \(text.quoted()): send \(known)")
        }
        self = sort
    }

    /// Returns the order and the start of the page.
    func order(_ page: PageQuery) throws -> VersionOrder {
        switch self {
        case .published: .published(before: try page.number())
        case .semver:
            .semver(
                before: try page.numberedText().map {
                    VersionOrder.Place(id: $0.number, version: try PackageVersion($0.text))
                }
            )
        }
    }

    /// Returns the key with which to request the page after a version.
    func key(_ version: StoredVersion) -> String {
        switch self {
        case .published: String(version.id)
        case .semver: PageQuery.key(version.id, version.version.text)
        }
    }
}
