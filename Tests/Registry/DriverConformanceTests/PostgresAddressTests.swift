// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import Testing

@Suite("Addresses of PostgreSQL", .timeLimit(.minutes(15)))
struct PostgresAddressTests {
    static let masked: [(String, String)] = [
        ("postgres://granary@db/granary", "postgres://granary@db/granary"),
        ("postgres://granary:secret@db:5432/granary", "postgres://granary:********@db:5432/granary"),
        ("postgresql://granary:sec:ret@db/g?sslmode=require", "postgresql://granary:********@db/g?sslmode=require"),
        ("postgres://db/g?user=granary&password=secret", "postgres://db/g?user=granary&password=********"),
        ("postgres://db/g?sslpassword=secret&sslmode=require", "postgres://db/g?sslpassword=********&sslmode=require"),
        (
            "postgres://db:5432,other:5433/g?application_name=a@b",
            "postgres://db:5432,other:5433/g?application_name=a@b"
        ),
        // Not a right URL, but nobody shall read the password.
        ("postgres://granary:sec@ret@db/g", "postgres://granary:********@db/g"),
        ("postgres://granary:sec/ret@db/g", "postgres://granary:********@db/g"),
        ("postgres://granary:sec?ret@db/g", "postgres://granary:********@db/g"),
        ("host=db user=granary dbname=g", "host=db user=granary dbname=g"),
        ("host=db password=secret dbname=g", "host=db password=******** dbname=g"),
        ("host=db password = secret", "host=db password =********"),
        ("password='sec ret' host=db", "password=******** host=db"),
        (#"password='sec\' ret' host=db"#, "password=******** host=db"),
        (#"password=sec\ ret host=db"#, "password=******** host=db"),
        ("sslpassword=secret host=/run/postgresql", "sslpassword=******** host=/run/postgresql"),
    ]

    @Test("a password is not shown", arguments: masked)
    func mask(_ text: String, _ shown: String) throws {
        let address = try #require(PostgresAddress(text))
        #expect("\(address)" == shown)
        #expect(address.hasPassword == (text != shown))
    }

    @Test("what is no address is none", arguments: ["", "sqlite", "granary", "mysql://db/granary", "/run/postgresql"])
    func refused(_ text: String) {
        #expect(PostgresAddress(text) == nil)
    }
}
