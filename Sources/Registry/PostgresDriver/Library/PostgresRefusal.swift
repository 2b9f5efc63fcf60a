// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// An error that the server reported.
struct PostgresRefusal {
    /// The five characters of PostgreSQL's appendix A.
    let state: String
    /// `ERROR` ends the transaction, `FATAL` the connection, `PANIC` the server.
    let severity: String
    let message: String

    /// Whether the connection ends with it.
    var endsSession: Bool { severity != "ERROR" }

    var error: SQLError {
        // Class 22 is about data: its messages quote the value.
        let reason = state.hasPrefix("22") ? "a value does not fit its column" : message
        return SQLError(code, "the database failed: \(reason) (PostgreSQL \(state))")
    }

    private var code: SQLError.Code {
        switch state {
        // Also of the catalog: the table, or its type, that two nodes make at the same moment is there twice.
        case "23505", "42P07", "42710": return .uniqueViolation
        case "23503": return .foreignKeyViolation
        // Serialization failure and deadlock.
        case "40001", "40P01": return .conflict
        case "53100": return .full
        case "25006": return .readOnly
        // The statement or the wait for a lock took too long, or was cancelled by hand.
        case "57014", "55P03": return .unavailable
        case "XX001", "XX002": return .corrupt
        default: break
        }
        switch state.prefix(2) {
        // Connection, resources, intervention by an operator, error of the system.
        case "", "08", "53", "57", "58": return .unavailable
        default: return endsSession ? .unavailable : .other
        }
    }
}
