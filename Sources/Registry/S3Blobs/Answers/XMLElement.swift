// SPDX-License-Identifier: Apache-2.0

/// An element of an XML document in a store's response.
struct XMLElement: Hashable, Sendable {
    /// The name without its namespace prefix.
    let name: String
    /// The element's own text without that of its children; includes white space between children.
    var text = ""
    var children: [XMLElement] = []

    /// Returns the text of the first child with the given name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    /// Returns all children with the given name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}
