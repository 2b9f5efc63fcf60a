// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RegistryCore

@Suite("scopes and permissions", .timeLimit(.minutes(15)))
struct ScopeTests {
    @Test(
        "scopes are kept as the fewest names, in a fixed order",
        arguments: [
            (["read:package"], ["read:package"]),
            (["write:package", "read:package"], ["write:package"]),
            (["read:package", "all", "write:package"], ["all"]),
            (["all"], ["all"]),
            (["read:package", "read:package"], ["read:package"]),
            (
                ["read:user", "write:package", "public-only", "read:admin"],
                ["public-only", "read:admin", "write:package", "read:user"]
            ),
            (Scope.Category.allCases.map { "write:\($0.rawValue)" }, ["all"]),
            (["all", "public-only"], ["public-only", "all"]),
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
                let isPermitted = permission.requiredScope.map { ScopeSet(scopes).contains($0) } ?? true
                #expect(isPermitted == permitted.contains(permission), "\(scopes) \(permission)")
            }
        }
    }

    @Test(
        "an empty list and unknown names are refused, and the known ones listed",
        arguments: [[], ["root"], ["all", "ALL"]]
    )
    func refusals(_ names: [String]) {
        let error = #expect(throws: InvalidScope.self) { try ScopeSet(parsing: names) }
        #expect(
            error?.description.contains("choose one or more of all, public-only, and read: or write: followed by")
                == true
        )
        #expect(error?.name == names.last)
    }

    @Test("a token makes only tokens that may do no more than itself")
    func covering() throws {
        let rows: [([String], [String], Bool)] = [
            (["read:package"], ["write:package"], true),
            (["write:package"], ["read:package"], false),
            (["write:package"], ["all"], true),
            (["all"], ["write:package", "write:user"], false),
            (["read:user", "read:package"], ["read:package"], false),
            (["all"], ["all"], true),
            (["read:package"], ["public-only", "all"], false),
            (["read:package", "public-only"], ["public-only", "all"], true),
            (["read:package", "public-only"], ["all"], true),
        ]
        for (child, parent, isCovered) in rows {
            let (child, parent) = (try ScopeSet(parsing: child), try ScopeSet(parsing: parent))
            #expect(child.isCovered(by: parent) == isCovered, "\(child.names) by \(parent.names)")
        }
    }

    @Test("permissions are ordered from none to write")
    func order() {
        #expect(Permission.allCases.sorted() == [.none, .read, .write])
        #expect(Permission.none < .read && Permission.read < .write && !(Permission.write < .read))
    }
}
