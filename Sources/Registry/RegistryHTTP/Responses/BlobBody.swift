// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore
import RegistryCore
import RegistryStorage

/// The content of a file on its way to a client.
struct BlobBody: Sendable {
    let content: any OpenBlob
    let channel: any Channel
    /// Called before anything is written.
    let onBegin: @Sendable () -> Void
    /// Called when everything that was asked for has been written.
    let onEnd: @Sendable () -> Void

    /// A range of the content: sent by the kernel where it can, else read while it is sent.
    func stream(_ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            onBegin()
            if let file = content.localFile, let sent = await FileSender.begin(file, range, on: channel) {
                // The empty part is the file's place among the parts of the answer.
                try await writer.write(ByteBuffer())
                try await sent.get()
            } else {
                for try await chunk in content.read(range) { try await writer.write(chunk) }
            }
            try await writer.finish(nil)
            onEnd()
        }
    }

    /// Several ranges of the content, each with its heading.
    func stream(_ ranges: MultipartRanges) -> ResponseBody {
        ResponseBody(contentLength: Int(ranges.sizeInBytes)) { writer in
            onBegin()
            for part in ranges.parts {
                try await writer.write(ByteBuffer(string: part.heading))
                for try await chunk in content.read(Range(part.range)) { try await writer.write(chunk) }
            }
            try await writer.write(ByteBuffer(string: ranges.closing))
            try await writer.finish(nil)
            onEnd()
        }
    }
}
