// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("scopes and permissions")
struct ScopeTests {
    @Test(
        "scopes are kept as the fewest names, in a fixed order",
        arguments: [
            (["read:package"], ["read:package"]),
            (["write:package", "read:package"], ["write:package"]),
            (["read:package", "all", "write:package"], ["all"]),
            (["all"], ["all"]),
            (["read:package", "read:package"], ["read:package"]),
        ]
    )
    func names(_ given: [String], _ kept: [String]) throws {
        #expect(try ScopeSet(parsing: given).names == kept)
    }

    @Test("sets that grant the same are equal")
    func equality() {
        #expect(ScopeSet([.writePackage]) == ScopeSet([.readPackage, .writePackage]))
        #expect(ScopeSet([.readPackage]) != ScopeSet([.writePackage]))
    }

    @Test("a scope permits what it names and what it includes")
    func permissions() {
        let rows: [([Scope], Set<Permission>)] = [
            ([], [.none]),
            ([.readPackage], [.none, .read]),
            ([.writePackage], [.none, .read, .write]),
            ([.all], [.none, .read, .write]),
        ]
        for (scopes, permitted) in rows {
            for permission in Permission.allCases {
                #expect(
                    ScopeSet(scopes).permits(permission) == permitted.contains(permission),
                    "\(scopes) \(permission)"
                )
            }
        }
    }

    @Test(
        "an empty list and unknown names are refused, and the known ones listed",
        arguments: [[], ["root"], ["all", "ALL"]]
    )
    func refusals(_ names: [String]) {
        let error = #expect(throws: InvalidScope.self) { try ScopeSet(parsing: names) }
        #expect(error?.description.hasSuffix("choose one or more of read:package, write:package, all") == true)
        #expect(error?.name == names.last)
    }

    @Test("permissions are ordered from none to write")
    func order() {
        #expect(Permission.allCases.sorted() == [.none, .read, .write])
        #expect(Permission.none < .read && Permission.read < .write && !(Permission.write < .read))
    }
}
