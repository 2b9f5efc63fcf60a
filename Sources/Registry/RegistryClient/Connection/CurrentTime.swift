// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import RegistryCore

/// Returns the time of the system's clock.
@Sendable package func currentTime() -> Timestamp {
    Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
}
