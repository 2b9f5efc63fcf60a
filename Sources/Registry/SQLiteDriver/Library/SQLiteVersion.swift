// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// The version of the loaded SQLite library, which may differ from the version at build time.
package enum SQLiteVersion {
    /// A message with the required version, or nil when the loaded version is supported.
    package static var problem: String? {
        problem(of: sqlite3_libversion_number(), called: String(cString: sqlite3_libversion()))
    }

    static func problem(of number: Int32, called name: String) -> String? {
        // RETURNING requires 3.35.
        guard number < 3_035_000 else { return nil }
        return "SQLite \(name) is too old: version 3.35 or later is needed; install it with the system's packages"
    }
}
