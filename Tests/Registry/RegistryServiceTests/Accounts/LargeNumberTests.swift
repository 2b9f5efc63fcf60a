// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryService
import Testing

@Suite("Numbers of accounts", .timeLimit(.minutes(15)))
struct LargeNumberTests {
    /// A placeholder that is first compared with a literal has 32 bits on PostgreSQL.
    @Test("a number that no account has finds nobody, however large it is", arguments: [4_000_000_000, Int64.max])
    func large(number: Int64) async throws {
        try await AccountsFixture.run { fixture in
            let account = try await fixture.makeUser("alice").account
            let page = ListPage(offset: 0, limit: 10)
            let users = try await fixture.metadata.accounts.users(.users(seenBy: .anonymous), only: number, page: page)
            #expect(users.total == 0)
            let organizations = try await fixture.metadata.organizations.organizations(
                .organizations(seenBy: .anonymous),
                withMember: number,
                page: page
            )
            #expect(organizations.total == 0)
            let teams = try await fixture.metadata.organizations.teams(of: account.id, withMember: number, page: page)
            #expect(teams.total == 0)
        }
    }
}
