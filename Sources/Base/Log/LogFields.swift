// SPDX-License-Identifier: Apache-2.0

/// The values of a line as bytes, ready to be written: ` bytes=512 method=GET`.
///
/// Keys are given in alphabetical order. Values are escaped and cut, so that a line is one line and bounded, whatever they hold.
/// `removeAll` keeps the memory for the next line.
package struct LogFields: Sendable {
    /// A longer value is cut; in bytes.
    package static let valueLimit = 2000
    /// No line is longer; in bytes.
    package static let lineLimit = 8192
    /// All values of a line together, which leaves room for the time, the label, the module and the message.
    static let fieldsLimit = 5900

    private(set) var bytes: [UInt8] = []

    package init() {}

    init(_ metadata: Logger.Metadata) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            guard remaining > 0 else { break }
            bytes.append(UInt8(ascii: " "))
            bytes.appendEscaped(key.utf8Span.span, limit: min(64, remaining))
            bytes.append(UInt8(ascii: "="))
            bytes.appendEscaped(value.utf8Span.span, limit: min(Self.valueLimit, remaining))
        }
    }

    /// Forgets the values and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    package mutating func append(_ key: StaticString, _ value: Int) {
        append(key)
        bytes.append(decimal: value)
    }

    /// Appends a number that is given in tenths, with one decimal.
    package mutating func append(_ key: StaticString, tenths value: Int) {
        append(key)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        bytes.append(decimal: Int(magnitude / 10))
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
    }

    /// Appends a word that is known to need no escapes.
    package mutating func append(_ key: StaticString, _ value: StaticString) {
        append(key)
        bytes.append(value)
    }

    package mutating func append(_ key: StaticString, _ value: String) {
        append(key, utf8: value.utf8Span.span)
    }

    /// Appends text as it came, in UTF-8 or what should be.
    package mutating func append(_ key: StaticString, utf8 value: Span<UInt8>) {
        append(key)
        bytes.appendEscaped(value, limit: min(Self.valueLimit, remaining))
    }

    /// Appends what follows the values: the module, which the name of the file begins with, and the message.
    mutating func finish(message: String, fileID: StaticString) {
        bytes.append(" [")
        bytes.append(fileID, upTo: UInt8(ascii: "/"))
        bytes.append("] ")
        bytes.appendEscaped(message.utf8Span.span, limit: Self.valueLimit)
    }

    private var remaining: Int { max(0, Self.fieldsLimit - bytes.count) }

    private mutating func append(_ key: StaticString) {
        bytes.append(UInt8(ascii: " "))
        bytes.append(key)
        bytes.append(UInt8(ascii: "="))
    }
}
