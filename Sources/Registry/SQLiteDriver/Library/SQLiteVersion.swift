// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// The version of SQLite that is loaded, which may be another than the one that was built against.
package enum SQLiteVersion {
    /// Nil when it is one that works; else a sentence that says what is needed.
    package static var problem: String? {
        problem(of: sqlite3_libversion_number(), called: String(cString: sqlite3_libversion()))
    }

    static func problem(of number: Int32, called name: String) -> String? {
        // RETURNING.
        guard number < 3_035_000 else { return nil }
        return "SQLite \(name) is too old: version 3.35 or later is needed; install it with the system's packages"
    }
}
