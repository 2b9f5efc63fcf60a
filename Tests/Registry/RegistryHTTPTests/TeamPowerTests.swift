// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@testable import RegistryHTTP

/// The permission on packages that the members of a team's request give.
@Suite("Permissions of teams", .timeLimit(.minutes(15)))
struct TeamPowerTests {
    @Test("a map of units gives packages only what it states for them")
    func map() throws {
        for (map, packages) in [
            (["repo.packages": "write", "repo.code": "none"], Permission.write), (["repo.packages": "read"], .read),
            (["repo.packages": "none", "repo.code": "write"], .none), (["repo.code": "write"], .none),
        ] {
            let power = try TeamPower(permission: "write", units: ["repo.packages"], unitsMap: map)
            #expect(power.packages == packages && !power.isAdministrators, "\(map)")
        }
    }

    @Test("a list of units gives the permission to packages only if it names them")
    func list() throws {
        for (permission, units, packages) in [
            ("read", ["repo.packages"], Permission.read), ("write", ["repo.code", "repo.packages"], .write),
            ("write", ["repo.code"], .none), (nil, ["repo.packages"], .read), ("none", ["repo.packages"], .none),
        ] {
            #expect(try TeamPower(permission: permission, units: units, unitsMap: nil).packages == packages)
        }
        #expect(try TeamPower(permission: nil, units: nil, unitsMap: [:]).packages == nil)
    }

    @Test("administrators may write packages, whatever the units are", arguments: ["admin", "owner"])
    func administrators(_ permission: String) throws {
        let power = try TeamPower(permission: permission, units: [], unitsMap: ["repo.packages": "none"])
        #expect(power.isAdministrators && power.packages == .write)
    }
}
