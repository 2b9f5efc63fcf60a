// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryCore
import RegistryMetadata
import RegistryStorage

/// The lines of an export: a header, one line per row, and an end line that proves completeness and integrity.
///
/// Each line is a JSON object; `docs/OPERATIONS.md` describes them.
enum ExportLine {
    /// The version of the format.
    static let version = 1

    struct Header: Codable {
        let granaryExport: Int
        let schema: Int64

        private enum CodingKeys: String, CodingKey {
            case granaryExport = "granary_export"
            case schema
        }
    }

    struct Record: Codable {
        let table: String
        let values: [String: Value]
    }

    struct End: Codable {
        /// The number of rows.
        let rows: Int
        /// The digest of all preceding lines, including their line ends.
        let sha256: String
    }

    /// A column value; bytes are written in hex.
    enum Value: Codable, Hashable {
        case null
        case integer(Int64)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let number = try? container.decode(Int64.self) {
                self = .integer(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .integer(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    /// Encodes a line without its line end.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Decodes a line; returns nil if it is of another kind.
    static func decode<Line: Decodable>(_ type: Line.Type, from bytes: [UInt8]) -> Line? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}

extension ExportLine.Record {
    init(_ row: SQLRow, of table: ExportedTable) {
        self.table = table.name
        var values: [String: ExportLine.Value] = [:]
        for (column, value) in zip(table.columns, row.columns) {
            values[column.name] =
                switch value {
                case .null: .null
                case .integer(let number): .integer(number)
                case .text(let text): .text(text)
                case .bytes(let bytes): .text(Hexadecimal.encoded(bytes))
                }
        }
        self.values = values
    }

    /// The row's table and its values in column order; nil if they do not match the schema.
    var row: (table: ExportedTable, values: [SQLValue])? {
        guard let found = ExportedTable.named(table), values.count == found.columns.count else { return nil }
        var row: [SQLValue] = []
        for column in found.columns {
            guard let value = values[column.name], let fitting = value.value(of: column.kind) else { return nil }
            row.append(fitting)
        }
        return (found, row)
    }
}

extension ExportLine.Value {
    fileprivate func value(of kind: ExportedTable.Column.Kind) -> SQLValue? {
        switch (self, kind) {
        case (.null, _): .null
        case (.integer(let number), .integer): .integer(number)
        case (.text(let text), .text): .text(text)
        case (.text(let text), .bytes): Hexadecimal.decoded(text).map { .bytes($0) }
        default: nil
        }
    }
}
