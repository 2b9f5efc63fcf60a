// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A moment as Gitea writes it: RFC 3339 in whole seconds, with two special values.
package enum JSONTime: JSONConvertible {
    case moment(Timestamp)
    /// What never happened.
    case never
    /// What the reader may not know.
    case hidden

    package static var schema: JSONSchema { .time }

    package var json: JSONValue {
        switch self {
        case .moment(let moment): .text(moment.iso8601)
        case .never: .text("1970-01-01T00:00:00Z")
        case .hidden: .text("0001-01-01T00:00:00Z")
        }
    }
}
