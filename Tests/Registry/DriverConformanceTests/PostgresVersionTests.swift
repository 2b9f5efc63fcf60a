// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import Testing

@Suite("Versions of PostgreSQL", .timeLimit(.minutes(15)))
struct PostgresVersionTests {
    @Test("a server before 13 is refused with its version and what to do")
    func oldest() throws {
        #expect(PostgresDatabase.problem(of: 130_000, called: "13.0") == nil)
        let problem = try #require(PostgresDatabase.problem(of: 120_022, called: "12.22"))
        #expect(problem.contains("12.22") && problem.contains("13 or later"))
    }
}
