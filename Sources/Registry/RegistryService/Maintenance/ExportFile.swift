// SPDX-License-Identifier: Apache-2.0

import Digests
import FoundationEssentials
import Loops
import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// A complete export in a local file, verified by its checksum.
package struct ExportFile: Sendable {
    package let file: LocalFile
    package let sizeInBytes: Int64
    /// The number of rows.
    package let rows: Int
    let schema: Int64

    /// Writes an export of all rows, as one consistent snapshot, to a file that must not exist.
    package static func write(_ metadata: Metadata, to path: String) async throws -> ExportFile {
        let writer = try await metadata.transfer.export {
            // A transaction that loses its connection is retried from the start.
            try LocalDirectory.unlink(path)
            return try ExportWriter(path)
        }
        return try await BlockingPool.maintenance.complete {
            var writer = writer
            return try writer.finish()
        }
    }

    /// Reads an export to its end; throws if it is incomplete or modified.
    package init(_ file: LocalFile) throws {
        var reader = try ExportReader(file)
        while let line = try reader.nextLine() { _ = try ExportReader.row(line) }
        self.init(file: file, sizeInBytes: try file.sizeInBytes(), rows: reader.rows, schema: reader.schema)
    }

    fileprivate init(file: LocalFile, sizeInBytes: Int64, rows: Int, schema: Int64) {
        self.file = file
        self.sizeInBytes = sizeInBytes
        self.rows = rows
        self.schema = schema
    }

    /// Returns a reader that starts at the first row.
    package func reader() throws -> some ImportSource { try ExportReader(file) }

    /// Returns the content of the export's blobs, ordered by key.
    package func contents() throws -> ExportedContents { ExportedContents(reader: try ExportReader(file)) }
}

/// Writes the lines of an export.
private struct ExportWriter: ExportSink {
    private let file: LocalFile
    private var hasher = SHA256()
    private var buffer: [UInt8] = []
    private var schema: Int64 = 0
    private var rows = 0
    private var sizeInBytes: Int64 = 0

    init(_ path: String) throws {
        file = try LocalFile.create(path)
    }

    mutating func begin(schema: Int64) throws {
        self.schema = schema
        try append(line: ExportLine.encode(ExportLine.Header(granaryExport: ExportLine.version, schema: schema)))
    }

    mutating func append(_ row: SQLRow, of table: ExportedTable) throws {
        rows += 1
        try append(line: ExportLine.encode(ExportLine.Record(row, of: table)))
    }

    private mutating func append(line: [UInt8]) throws {
        buffer += line
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 256 * 1024 { try flush() }
    }

    private mutating func flush() throws {
        hasher.update(data: buffer)
        try file.append(buffer)
        sizeInBytes += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the last line, and waits until the file is durable.
    mutating func finish() throws -> ExportFile {
        try flush()
        let sha256 = Hexadecimal.encoded(hasher.finalize())
        try append(line: ExportLine.encode(ExportLine.End(rows: rows, sha256: sha256)))
        try flush()
        try file.synchronize()
        return ExportFile(file: file, sizeInBytes: sizeInBytes, rows: rows, schema: schema)
    }
}

/// Reads the lines of an export, and throws at the end if it is incomplete or modified.
struct ExportReader: ImportSource {
    let schema: Int64
    private(set) var rows = 0
    private var isAtEnd = false
    private var lines: FileLines
    private var hasher = SHA256()

    init(_ file: LocalFile) throws {
        lines = FileLines(file)
        guard let first = try lines.next(), let header = ExportLine.decode(ExportLine.Header.self, from: first) else {
            throw ImportRefused("not an export of a registry: give a file that granary admin export wrote")
        }
        guard header.granaryExport == ExportLine.version else {
            throw ImportRefused(
                "the export has format \(header.granaryExport), but this version of granary reads "
                    + "\(ExportLine.version): use the version that wrote it"
            )
        }
        schema = header.schema
        note(first)
    }

    mutating func next() throws -> (table: ExportedTable, values: [SQLValue])? {
        try nextLine().map(Self.row)
    }

    /// Returns the next row's line; nil after the last one, once the end line has verified the export.
    mutating func nextLine() throws -> [UInt8]? {
        if isAtEnd { return nil }
        guard let line = try lines.next() else {
            throw ImportRefused("truncated export: it ends after \(rows) rows; nothing was imported, copy it again")
        }
        if line.starts(with: Array(#"{"rows":"#.utf8)) {
            try checkEnd(line)
            isAtEnd = true
            return nil
        }
        note(line)
        rows += 1
        return line
    }

    static func row(_ line: [UInt8]) throws -> (table: ExportedTable, values: [SQLValue]) {
        guard let record = ExportLine.decode(ExportLine.Record.self, from: line), let row = record.row else {
            throw ImportRefused("damaged export: a line is not a row; nothing was imported, copy it again")
        }
        return row
    }

    private mutating func note(_ line: [UInt8]) {
        hasher.update(data: line)
        hasher.update(data: [UInt8(ascii: "\n")])
    }

    private mutating func checkEnd(_ line: [UInt8]) throws {
        let found = Hexadecimal.encoded(hasher.finalize())
        let isLast = try lines.next() == nil
        guard let end = ExportLine.decode(ExportLine.End.self, from: line), end.rows == rows, end.sha256 == found,
            isLast
        else {
            throw ImportRefused(
                "digest mismatch: the export was modified or damaged after it was written; nothing was imported"
            )
        }
    }
}

/// The content of an export's blobs; every iteration reads the file again.
package struct ExportedContents: Sendable {
    fileprivate var reader: ExportReader

    /// Returns the next item; nil after the last one.
    package mutating func next() throws -> CopyContent.Item? {
        while let line = try reader.nextLine() {
            // A line starts with the table's name, and only a few tables precede the blobs.
            guard line.starts(with: Self.prefix) else { continue }
            let values = try ExportReader.row(line).values
            guard case .text(let text) = values[0], let key = BlobKey(text), case .bytes(let digest) = values[2],
                case .integer(let size) = values[3]
            else { throw ImportRefused("damaged export: invalid blob; nothing was imported, copy it again") }
            return CopyContent.Item(
                key: key,
                sha256: try Digest(.sha256, bytes: digest),
                sizeInBytes: size
            )
        }
        return nil
    }

    private static let prefix = Array(#"{"table":"blob","#.utf8)
}
