// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryCore
import Synchronization

/// The value of `Date` headers, made once a second.
enum HTTPClock {
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
