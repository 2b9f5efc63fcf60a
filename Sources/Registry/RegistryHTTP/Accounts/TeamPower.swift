// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

/// The permissions of a team, derived from the three members that Gitea's clients send.
struct TeamPower: Hashable {
    /// The accepted permission names.
    private enum Level: String, CaseIterable {
        case none
        case read
        case write
        case admin
        case owner

        var packages: Permission {
            switch self {
            case .none: .none
            case .read: .read
            case .write, .admin, .owner: .write
            }
        }
    }

    let isAdministrators: Bool
    /// The permission on packages; nil if the request does not state one.
    let packages: Permission?

    /// Derives the permissions: `admin` and `owner` grant everything.
    ///
    /// Otherwise `units_map` applies per unit, or `permission` applies to the units in `units`.
    init(permission: String?, units: [String]?, unitsMap: [String: String]?) throws {
        let level: Level? = try InvalidField.word("Permission", permission)
        isAdministrators = level == .admin || level == .owner
        if isAdministrators {
            packages = .write
        } else if let unitsMap, !unitsMap.isEmpty {
            let unit: Level? = try InvalidField.word("UnitsMap", unitsMap[GiteaTeam.packagesUnit])
            packages = unit?.packages ?? Permission.none
        } else if let units {
            guard !units.isEmpty else { throw InvalidField("Units", "Required, unless the permission is admin") }
            packages = units.contains(GiteaTeam.packagesUnit) ? (level ?? .read).packages : Permission.none
        } else {
            packages = level?.packages
        }
    }
}
