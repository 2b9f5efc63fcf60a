// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// The port's view of a connection inside a transaction.
struct SQLiteTransaction: SQLConnection {
    let connection: SQLiteConnection
    let clock: @Sendable () -> Timestamp

    func now() throws -> Timestamp { clock() }

    func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
        for argument in arguments { try argument.check() }
        do throws(SQLiteFailure) {
            return try connection.query(statement.text, arguments)
        } catch {
            throw error.error
        }
    }

    func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
        for argument in arguments { try argument.check() }
        do throws(SQLiteFailure) {
            return try connection.run(statement.text, arguments)
        } catch {
            throw error.error
        }
    }

    func notify(_ message: String) throws {}

    func extendDeadline(by duration: Duration) throws {}
}
