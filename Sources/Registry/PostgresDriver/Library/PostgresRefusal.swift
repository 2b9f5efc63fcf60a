// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// An error that the server reported.
struct PostgresRefusal {
    /// The five-character SQLSTATE of PostgreSQL's appendix A.
    let state: String
    /// `ERROR` ends the transaction, `FATAL` the connection, `PANIC` the server.
    let severity: String
    let message: String

    /// Whether the error ends the connection.
    var endsSession: Bool { severity != "ERROR" }

    var error: SQLError {
        // Class 22 is about data, and its messages quote the value.
        let reason = state.hasPrefix("22") ? "a value does not fit its column" : message
        return SQLError(code, "the database failed: \(reason) (PostgreSQL \(state))")
    }

    private var code: SQLError.Code {
        switch state {
        // The last two concern the catalog: two nodes created the same table or its type at the same moment.
        case "23505", "42P07", "42710": return .uniqueViolation
        case "23503": return .foreignKeyViolation
        // Serialization failure and deadlock.
        case "40001", "40P01": return .conflict
        case "53100": return .full
        case "25006": return .readOnly
        // The statement or its wait for a lock timed out, or an operator cancelled it.
        case "57014", "55P03": return .unavailable
        case "XX001", "XX002": return .corrupt
        default: break
        }
        switch state.prefix(2) {
        // Connection, resources, operator intervention, system error.
        case "", "08", "53", "57", "58": return .unavailable
        default: return endsSession ? .unavailable : .other
        }
    }
}
