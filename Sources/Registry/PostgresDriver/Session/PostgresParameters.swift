// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// The arguments of a statement in libpq's form: bytes in binary, everything else as text that the server parses by the column's type.
struct PostgresParameters {
    /// All values, each followed by a zero byte.
    private var storage: [UInt8] = []
    /// The start of each value; nil for null.
    private var offsets: [Int?] = []
    private var lengths: [CInt] = []
    private var formats: [CInt] = []

    init(_ arguments: [SQLValue]) throws {
        for argument in arguments {
            // libpq would truncate the text at a zero byte.
            try argument.check()
            switch argument {
            case .null: append(nil as EmptyCollection<UInt8>?, isBinary: false)
            case .integer(let number): append(String(number).utf8, isBinary: false)
            case .text(let text): append(text.utf8, isBinary: false)
            case .bytes(let bytes): append(bytes, isBinary: true)
            }
        }
    }

    private mutating func append(_ bytes: (some Collection<UInt8>)?, isBinary: Bool) {
        offsets.append(bytes == nil ? nil : storage.count)
        lengths.append(CInt(clamping: bytes?.count ?? 0))
        formats.append(isBinary ? 1 : 0)
        if let bytes { storage += bytes }
        storage.append(0)
    }

    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?) -> Result
    ) -> Result {
        storage.withUnsafeBytes { bytes in
            let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let values = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
