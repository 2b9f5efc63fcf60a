// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("Multipart ranges", .timeLimit(.minutes(15)))
struct MultipartRangesTests {
    @Test("each range has its heading, and the announced size is that of the body")
    func framing() {
        let content = Array("0123456789".utf8)
        let ranges = MultipartRanges([0...1, 7...9], size: 10, boundary: "B")
        var body = ""
        for part in ranges.parts {
            body += part.heading
            body += String(decoding: content[Int(part.range.lowerBound)...Int(part.range.upperBound)], as: UTF8.self)
        }
        body += ranges.closing
        #expect(
            body == "\r\n--B\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
                + "\r\n--B\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 7-9/10\r\n\r\n789"
                + "\r\n--B--\r\n"
        )
        #expect(ranges.sizeInBytes == Int64(body.utf8.count))
        #expect(ranges.contentType == "multipart/byteranges; boundary=B")
    }
}
