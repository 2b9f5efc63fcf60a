// SPDX-License-Identifier: Apache-2.0

/// The encoded fields of a log line: ` bytes=512 method=GET`.
///
/// Callers append keys in alphabetical order. Values are escaped and truncated, so a line is always a single line of bounded length.
/// `removeAll` keeps the memory for the next line.
package struct LogFields: Sendable {
    /// The maximum length of a value, in bytes; longer values are truncated.
    package static let valueLimit = 2000
    /// The maximum length of all values of a line; the rest of 8192 bytes is for the time, the label, the module and the message.
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

    /// Removes all values and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    package mutating func append(_ key: StaticString, _ value: Int) {
        append(key)
        bytes.append(decimal: value)
    }

    /// Appends a number given in tenths, with one decimal.
    package mutating func append(_ key: StaticString, tenths value: Int) {
        append(key)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        bytes.append(decimal: Int(magnitude / 10))
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
    }

    /// Appends a word that needs no escapes.
    package mutating func append(_ key: StaticString, _ value: StaticString) {
        append(key)
        bytes.append(value)
    }

    package mutating func append(_ key: StaticString, _ value: String) {
        append(key, utf8: value.utf8Span.span)
    }

    /// Appends text that should be UTF-8, with escapes.
    package mutating func append(_ key: StaticString, utf8 value: Span<UInt8>) {
        append(key)
        bytes.appendEscaped(value, limit: min(Self.valueLimit, remaining))
    }

    /// Appends the module, which is the first part of `fileID`, and the message.
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
