// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// Parses a `Retry-After` header, a number of seconds or a date (RFC 9110 section 10.2.3); returns nil when it is neither.
func retryAfter(_ header: String?, now: Timestamp) -> Duration? {
    guard let header else { return nil }
    if let seconds = Int64(header), seconds >= 0 {
        return .seconds(min(seconds, 86_400))
    }
    guard let date = Timestamp(httpDate: header) else { return nil }
    return .microseconds(max(0, date.microseconds - now.microseconds))
}
