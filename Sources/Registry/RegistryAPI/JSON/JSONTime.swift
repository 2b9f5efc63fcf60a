// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A timestamp in Gitea's form: RFC 3339 in whole seconds, with two special values.
package enum JSONTime: JSONConvertible {
    case moment(Timestamp)
    /// An event that never happened.
    case never
    /// A time that the reader must not see.
    case hidden

    package static var schema: JSONSchema { .time }

    package var json: JSONValue {
        switch self {
        case .moment(let moment): moment.json
        case .never: .text("1970-01-01T00:00:00Z")
        case .hidden: .text("0001-01-01T00:00:00Z")
        }
    }
}

extension Timestamp: JSONConvertible {
    package static var schema: JSONSchema { .time }
    package var json: JSONValue { .text(iso8601) }
}
