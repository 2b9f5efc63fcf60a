// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresDriver
import RegistryStorage
import RegistryTestSupport
import Testing

/// What is refused at the start, and how it is told.
@Suite("PostgreSQL: opening", .enabled(if: TestPostgres.given != nil), .timeLimit(.minutes(15)))
struct PostgresOpeningTests {
    private let postgres: TestPostgres

    init() throws {
        postgres = try #require(TestPostgres.given)
    }

    private func refusal(of address: PostgresAddress) async -> SQLError? {
        await #expect(throws: SQLError.self) {
            try await PostgresDatabase.open(address, connections: 2).close()
        }
    }

    private func changed(_ change: (inout URLComponents) -> Void) throws -> PostgresAddress {
        var parts = try #require(URLComponents(string: postgres.url))
        change(&parts)
        return try TestPostgres.address(try #require(parts.string))
    }

    @Test("a server that is not there")
    func noServer() async throws {
        // Nothing listens on the port for "discard".
        let refusal = await refusal(of: try changed { $0.port = 9 })
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("127.0.0.1:9") == true)
        #expect(refusal?.message.contains("check that it runs") == true)
    }

    @Test("a host that has no address")
    func noHost() async throws {
        let refusal = await refusal(of: try changed { $0.host = "db.invalid" })
        #expect(refusal?.message.contains("could not connect to PostgreSQL at db.invalid") == true)
    }

    @Test("a wrong password is not shown")
    func wrongPassword() async throws {
        let refusal = await refusal(of: try changed { $0.password = "unmistakable" })
        #expect(refusal?.message.contains("rejected the password of user granary") == true)
        #expect(refusal?.message.contains("unmistakable") == false)
    }

    @Test("an address that libpq does not take is not quoted")
    func badAddress() async throws {
        let texts = [
            "postgres://granary:unmis/takable@127.0.0.1/g", "postgres://granary:unmistak%zzable@127.0.0.1/g",
            "postgres://granary:unmistakable@127.0.0.1/g?colour=red", "password=unmistakable host",
            "pasword=unmistakable",
            "postgres://granary:unmis@takable@127.0.0.1:1/g",
        ]
        for text in texts {
            let refusal = await refusal(of: try TestPostgres.address(text))
            #expect(refusal?.message.contains("database.url") == true, "\(text)")
            #expect(refusal?.message.contains("takable") == false, "\(refusal?.message ?? "")")
            #expect(refusal?.message.contains("unmis") == false, "\(refusal?.message ?? "")")
        }
    }

    @Test("a database that does not exist")
    func noDatabase() async throws {
        let refusal = await refusal(of: try changed { $0.path = "/nothing" })
        #expect(refusal?.message.contains("has no database nothing; create it") == true)
    }

    @Test("a database of another encoding")
    func encoding() async throws {
        let name = "latin" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await postgres.execute(
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'"
        )
        let refusal = await refusal(of: try postgres.address(database: name))
        #expect(refusal?.message.contains("encoding LATIN1; create one with the encoding UTF8") == true)
        try await postgres.execute("DROP DATABASE \(name)")
    }

    @Test("a user who may not create tables")
    func noPermission() async throws {
        let refusal = await refusal(of: try changed { $0.path = "/postgres" })
        #expect(refusal?.message.contains("user granary may not create tables in the schema public") == true)
        #expect(refusal?.message.contains("grant it CREATE") == true)
    }

    @Test("a server that does not sync what it acknowledges")
    func noSync() async throws {
        try await PostgresServer.run("-c fsync=off") { server in
            let refusal = await refusal(of: try server.postgres.address())
            #expect(refusal?.message.contains("set fsync to on") == true)
        }
    }
}
