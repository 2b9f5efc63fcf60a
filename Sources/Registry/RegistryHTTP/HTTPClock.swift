// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryCore
import Synchronization

/// The value of `Date` headers, made once a second.
enum HTTPClock {
    /// How many characters each value has (RFC 9110, section 5.6.7).
    static let length = 29

    private static let last = Mutex<(second: Int, text: String)>((0, ""))

    static var now: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second {
                last = (second, Timestamp(microseconds: Int64(second) * 1_000_000).httpDate)
            }
            return last.text
        }
    }
}
