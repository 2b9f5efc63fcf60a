// SPDX-License-Identifier: Apache-2.0

/// The fields of a message, in order; a name may occur several times.
package struct HTTPFields: Hashable, Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    private var fields: [HTTPField] = []

    package init() {}

    package init(dictionaryLiteral elements: (HTTPField.Name, String)...) {
        fields = elements.map { HTTPField(name: $0, value: $1) }
    }

    /// The value of a field; repeated fields are joined into one list (RFC 9110, section 5.3), cookies with semicolons.
    ///
    /// Setting a value replaces all fields of that name with one, at the position of the first; nil removes them.
    package subscript(name: HTTPField.Name) -> String? {
        get {
            var found: String?
            for field in fields where field.name == name {
                found = found.map { $0 + (name == .cookie ? "; " : ", ") + field.value } ?? field.value
            }
            return found
        }
        set {
            guard let newValue else { return fields.removeAll { $0.name == name } }
            guard let first = fields.firstIndex(where: { $0.name == name }) else {
                return fields.append(HTTPField(name: name, value: newValue))
            }
            fields[first].value = newValue
            var index = fields.endIndex
            while index > first + 1 {
                index -= 1
                if fields[index].name == name { fields.remove(at: index) }
            }
        }
    }

    /// The values of all fields with a name, in order.
    package subscript(values name: HTTPField.Name) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    /// Returns whether a field with the name exists.
    package func contains(_ name: HTTPField.Name) -> Bool { fields.contains { $0.name == name } }

    /// Appends a field; an existing field with the same name stays.
    package mutating func append(_ field: HTTPField) { fields.append(field) }

    /// Appends fields.
    package mutating func append(contentsOf others: some Sequence<HTTPField>) { fields.append(contentsOf: others) }

    package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

    package var startIndex: Int { fields.startIndex }
    package var endIndex: Int { fields.endIndex }
    package subscript(position: Int) -> HTTPField { fields[position] }
}
