// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

/// What a team may do, out of the three members in which Gitea's clients say it.
struct TeamPower: Hashable {
    /// What may stand for a permission.
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
    /// What it may do with packages; nil when nothing is said about that.
    let packages: Permission?

    /// A team of administrators may everything; else `units_map` counts for each unit, else `permission` for those in `units`.
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
