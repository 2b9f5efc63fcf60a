// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// What a server may say to a client that talks nonsense.
enum Answers {
    /// Statuses of the kind that blames the server: those that RFC 9112 asks for, and those of a server that is full.
    private static let allowed: Set<String> = ["501", "503", "505", "507"]

    /// The first thing in the bytes of HTTP/1.1 that should not be there; nil when all is well.
    static func complaint(aboutHTTP1 bytes: [UInt8]) -> String? {
        let start = Array("HTTP/1.1 ".utf8)
        guard bytes.prefix(start.count).elementsEqual(start.prefix(bytes.count)) else {
            return "the server says \(text(bytes.prefix(80)))"
        }
        guard bytes.count >= 12 else { return nil }
        // Contents have no capital letters.
        for place in 0...bytes.count - 12 where bytes[place] == start[0] {
            guard bytes[place..<place + start.count].elementsEqual(start) else { continue }
            let status = text(bytes[place + 9..<place + 12])
            if status.hasPrefix("5"), !allowed.contains(status) { return "a status of \(status)" }
        }
        return nil
    }

    /// The same in frames of HTTP/2.
    static func complaint(aboutHTTP2 bytes: [UInt8]) -> String? {
        var inflater: OpaquePointer?
        nghttp2_hd_inflate_new(&inflater)
        defer { nghttp2_hd_inflate_del(inflater) }
        var place = 0
        while place + 9 <= bytes.count {
            let length = Int(bytes[place]) << 16 | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
            guard bytes[place + 3] < 10 else { return "a frame of type \(bytes[place + 3])" }
            let end = place + 9 + length
            guard end <= bytes.count else { return nil }
            if bytes[place + 3] == 1 {
                switch status(in: Array(bytes[place + 9..<end]), inflater) {
                case nil: return "fields that cannot be read"
                case let status? where status.hasPrefix("5") && !allowed.contains(status):
                    return "a status of \(status)"
                default: break
                }
            }
            place = end
        }
        return nil
    }

    /// The status in a block of fields, empty for trailers; nil when the block is broken.
    private static func status(in block: [UInt8], _ inflater: OpaquePointer?) -> String? {
        var status = ""
        let isFine = block.withUnsafeBufferPointer { block in
            var place = 0
            while true {
                var pair = nghttp2_nv()
                var flags: Int32 = 0
                let start = block.baseAddress.map { $0 + place }
                let count = nghttp2_hd_inflate_hd2(inflater, &pair, &flags, start, block.count - place, 1)
                guard count >= 0 else { return false }
                place += count
                if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                    let name = text(UnsafeBufferPointer(start: pair.name, count: pair.namelen))
                    if name == ":status" { status = text(UnsafeBufferPointer(start: pair.value, count: pair.valuelen)) }
                }
                if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                    nghttp2_hd_inflate_end_headers(inflater)
                    return true
                }
                guard flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 || place < block.count else { return false }
            }
        }
        return isFine ? status : nil
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
