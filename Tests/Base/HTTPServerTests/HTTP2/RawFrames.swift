// SPDX-License-Identifier: Apache-2.0

@testable import HTTPServer

/// Frames by hand, for what the library does not say.
enum RawFrames {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let settings = frame(4)
    static let start = preface + settings
    /// `GET https://a/`, without indexing.
    static let get: [UInt8] = [0x82, 0x87, 0x84, 0x41, 0x01, 0x61]
    /// `POST https://a/`.
    static let post: [UInt8] = [0x83, 0x87, 0x84, 0x41, 0x01, 0x61]

    static func frame(_ type: UInt8, _ flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        let head = [
            UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length), type, flags,
        ]
        return head + word(stream) + payload
    }

    static func word(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    static func headers(_ stream: UInt32, _ block: [UInt8] = get, ends: Bool = true, isWhole: Bool = true) -> [UInt8] {
        frame(1, (ends ? 1 : 0) | (isWhole ? 4 : 0), stream: stream, block)
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> [UInt8] {
        frame(0, ends ? 1 : 0, stream: stream, bytes)
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, stream: stream, word(code)) }
    static func windowUpdate(_ stream: UInt32, _ size: UInt32) -> [UInt8] { frame(8, stream: stream, word(size)) }
    static let ping = frame(6, [1, 2, 3, 4, 5, 6, 7, 8])

    static func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { frame(type, 0, stream: 0, payload) }

    struct Frame: Equatable {
        let type: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]

        /// The error code of a reset or a GOAWAY.
        var code: UInt32 {
            payload[(type == 7 ? 4 : 0)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// The frames of what a server sent.
    static func parse(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var index = 0
        while index + 9 <= bytes.count {
            let length = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            let stream = bytes[index + 5..<index + 9].reduce(0) { $0 << 8 | UInt32($1) }
            let end = index + 9 + length
            guard end <= bytes.count else { return frames }
            frames.append(
                Frame(
                    type: bytes[index + 3],
                    flags: bytes[index + 4],
                    stream: stream,
                    payload: Array(bytes[index + 9..<end])
                )
            )
            index = end
        }
        return frames
    }
}

extension HTTP2Bench {
    /// The code of the server's last GOAWAY in all that it sent.
    var goAway: UInt32? { RawFrames.parse(sent).last { $0.type == 7 }?.code }
}
