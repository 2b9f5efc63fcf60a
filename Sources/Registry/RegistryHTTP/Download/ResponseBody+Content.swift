// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import RegistryCore
import RegistryStorage

extension LocalFile: FileContent {}

extension ResponseBody {
    /// Returns a body with a range of a file's content, sent by the kernel if possible, otherwise read in pieces.
    static func content(_ content: any OpenBlob, _ range: Range<Int64>) -> ResponseBody {
        if let file = content.localFile { return .file(file, range) }
        return .stream(length: Int64(range.count)) { writer in
            for try await piece in content.read(range) { try await writer.write(piece) }
        }
    }

    /// Returns a body with several ranges of a file's content, each with its part header.
    static func content(_ content: any OpenBlob, _ ranges: MultipartRanges) -> ResponseBody {
        .stream(length: ranges.sizeInBytes) { writer in
            for part in ranges.parts {
                try await writer.write(Array(part.heading.utf8))
                for try await piece in content.read(Range(part.range)) { try await writer.write(piece) }
            }
            try await writer.write(Array(ranges.closing.utf8))
        }
    }
}
