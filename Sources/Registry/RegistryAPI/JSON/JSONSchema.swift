// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The shape of a JSON value, as the interface's description gives it.
package indirect enum JSONSchema: Hashable, Sendable {
    /// What always is null.
    case nothing
    case flag
    case number
    case text
    /// One of a few words.
    case word([String])
    case name(NamePattern)
    /// A text that is bounded in its length, in characters.
    case shortText(Int)
    /// A digest in hexadecimal digits, of which there are as many.
    case hexadecimal(Int)
    /// A moment as RFC 3339 has it.
    case time
    case optional(JSONSchema)
    case array(of: JSONSchema)
    /// An object whose members have any names.
    case map(of: JSONSchema)
    case object(name: String, [Property])

    /// One member of an object.
    package struct Property: Hashable, Sendable {
        package let name: String
        package let schema: JSONSchema
        /// Whether it is always there.
        package let isRequired: Bool

        /// Describes a member.
        package init(_ name: String, _ schema: JSONSchema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }
}
