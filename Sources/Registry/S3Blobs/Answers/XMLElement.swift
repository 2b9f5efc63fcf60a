// SPDX-License-Identifier: Apache-2.0

/// An element of a document that a store answers with.
struct XMLElement: Hashable, Sendable {
    /// Without the prefix of its name space.
    let name: String
    /// The text in it, apart from that of its children; white space between children is kept.
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of a name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    /// All children of a name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}
