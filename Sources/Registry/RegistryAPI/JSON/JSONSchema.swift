// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The schema of a JSON value in the API description.
package indirect enum JSONSchema: Hashable, Sendable {
    /// Always null.
    case nothing
    case flag
    case number
    case text
    /// One of a few words.
    case word([String])
    case name(NamePattern)
    /// A text of limited length in characters.
    case shortText(Int)
    /// A digest with the given number of hexadecimal digits.
    case hexadecimal(Int)
    /// A timestamp in RFC 3339 form.
    case time
    case optional(JSONSchema)
    case array(of: JSONSchema)
    /// An object with arbitrary member names.
    case map(of: JSONSchema)
    case object(name: String, [Property])

    /// One member of an object.
    package struct Property: Hashable, Sendable {
        package let name: String
        package let schema: JSONSchema
        /// Whether the member is always present.
        package let isRequired: Bool

        /// Creates the description of a member.
        package init(_ name: String, _ schema: JSONSchema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }
}
