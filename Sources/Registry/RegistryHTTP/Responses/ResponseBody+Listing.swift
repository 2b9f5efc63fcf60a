// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryService

extension ResponseBody {
    /// Creates a body that lists files between two texts.
    ///
    /// A long list is a stream of pages, so that a slow client keeps only one page in memory.
    init<File>(
        from start: [UInt8] = [],
        listing files: FilePages<File>,
        separator: [UInt8] = [],
        to end: [UInt8] = [],
        _ text: @escaping @Sendable (File) async throws -> [UInt8]
    ) async throws {
        // The first page is read now, so that its failure becomes an error response.
        let beginning = start + (try await Self.list(files.first, separator: separator, text))
        guard !files.isWhole else {
            self = .bytes(beginning + end)
            return
        }
        self = .stream(length: nil) { writer in
            try await writer.write(beginning)
            try await files.forEachFurther { page in
                try await writer.write(separator + (try await Self.list(page, separator: separator, text)))
            }
            try await writer.write(end)
        }
    }

    /// Creates a body that fills the last, empty array of a JSON document with files.
    init<File>(
        _ document: [UInt8],
        listing files: FilePages<File>,
        _ record: @escaping @Sendable (File) async throws -> any JSONConvertible
    ) async throws {
        guard let end = document.lastIndex(of: UInt8(ascii: "]")) else { preconditionFailure("there is no array") }
        try await self.init(
            from: Array(document[..<end]),
            listing: files,
            separator: [UInt8(ascii: ",")],
            to: Array(document[end...])
        ) {
            // Drop the trailing line feed.
            (try await record($0)).json.document.dropLast()
        }
    }

    private static func list<File>(
        _ files: [File],
        separator: [UInt8],
        _ text: (File) async throws -> [UInt8]
    ) async throws -> [UInt8] {
        var list: [UInt8] = []
        for (index, file) in files.enumerated() {
            if index > 0 { list += separator }
            list += try await text(file)
        }
        return list
    }
}

extension Response {
    /// Creates a response from a record whose last member, empty in `record`, lists the files.
    init<File>(
        json record: some JSONConvertible,
        status: HTTPResponse.Status = .ok,
        listing files: FilePages<File>,
        _ fileRecord: @escaping @Sendable (File) async throws -> any JSONConvertible
    ) async throws {
        self.init(json: record, status: status)
        body = try await ResponseBody(record.json.document, listing: files, fileRecord)
    }
}
