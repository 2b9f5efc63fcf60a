// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// Conversations in HTTP/2: requests beside each other, uploads, pings, windows, resets.
struct HTTP2Conversations {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    func mutated(_ random: inout SplitMix64) -> [UInt8] {
        var frames = conversation(&random)
        // Whole frames change their places, too, and some come twice.
        if random.isOne(in: 4), frames.count > 2 {
            frames.swapAt(random.number(below: frames.count), random.number(below: frames.count))
        }
        if random.isOne(in: 4) { frames.append(random.pick(frames)) }
        if random.isOne(in: 4) { frames.insert(Self.nonsense(&random), at: random.number(below: frames.count)) }
        var bytes = Array(frames.joined())
        let ping = Self.frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])
        let words = [Self.frame(4, 1), Self.frame(4), ping, [0, 0, 0], [255, 255]]
        for _ in 0..<random.number(below: 4) {
            Mutation.change(&bytes, words, Array(conversation(&random).joined()), &random)
        }
        // The preface stays what it is most of the time: else nothing of the rest is looked at.
        return (random.isOne(in: 30) ? Array(Self.preface.dropLast(random.number(below: 24))) : Self.preface) + bytes
    }

    /// Frames that are right.
    private func conversation(_ random: inout SplitMix64) -> [[UInt8]] {
        var deflater: OpaquePointer?
        nghttp2_hd_deflate_new(&deflater, 4096)
        defer { nghttp2_hd_deflate_del(deflater) }
        var frames = [Self.settings(&random)]
        var stream: UInt32 = 1
        for _ in 0..<1 + random.number(below: 6) {
            let path = "/" + String(repeating: "a", count: random.number(below: 12))
            switch random.number(below: 8) {
            case 0, 1:
                let target = random.isOne(in: 2) ? "/hot" : path
                frames += Self.head("GET", target, stream, [], true, deflater, &random)
            case 2, 3:
                let size = random.number(below: random.isOne(in: 4) ? 40_000 : 500)
                let announced = random.isOne(in: 2) ? [("content-length", "\(size)")] : []
                frames += Self.head("PUT", path, stream, announced, size == 0, deflater, &random)
                for start in stride(from: 0, to: size, by: 16_384) {
                    let part = [UInt8](repeating: 7, count: min(16_384, size - start))
                    frames.append(Self.frame(0, start + part.count == size ? 1 : 0, stream, part))
                }
            case 4:
                frames += Self.head("PUT", path, stream, [("expect", "100-continue")], false, deflater, &random)
                frames.append(Self.frame(3, 0, stream, [0, 0, 0, 8]))
            case 5: frames.append(Self.frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]))
            case 6: frames.append(Self.frame(8, 0, random.isOne(in: 2) ? 0 : stream, [0, 0, 100, 0]))
            default: frames.append(Self.settings(&random))
            }
            stream += 2
        }
        if random.isOne(in: 5) { frames.append(Self.frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])) }
        return frames
    }

    private static func settings(_ random: inout SplitMix64) -> [UInt8] {
        var payload: [UInt8] = []
        if random.isOne(in: 2) { payload += [0, 4, 0, 1, UInt8(random.number(below: 256)), 0] }
        if random.isOne(in: 3) { payload += [0, 1, 0, 0, UInt8(random.number(below: 32)), 0] }
        if random.isOne(in: 3) { payload += [0, 5, 0, 0, 0x40, 0] }
        return frame(4, 0, 0, payload)
    }

    /// HEADERS, with a part in CONTINUATION now and then.
    private static func head(
        _ method: String,
        _ path: String,
        _ stream: UInt32,
        _ extra: [(String, String)],
        _ endsStream: Bool,
        _ deflater: OpaquePointer?,
        _ random: inout SplitMix64
    ) -> [[UInt8]] {
        let fields = [(":method", method), (":scheme", "https"), (":authority", "test"), (":path", path)] + extra
        let others = random.isOne(in: 3) ? [("accept", "*/*"), ("x-y", "z")] : []
        let block = deflated(fields + others, deflater)
        let ends: UInt8 = endsStream ? 1 : 0
        guard random.isOne(in: 4), block.count > 2 else {
            guard random.isOne(in: 4) else { return [frame(1, ends | 4, stream, block)] }
            // Padded, and with a priority.
            let padded: [UInt8] = [[3, 0, 0, 0, 0, 15], block, [0, 0, 0]].flatMap { $0 }
            return [frame(1, ends | 4 | 8 | 32, stream, padded)]
        }
        let cut = 1 + random.number(below: block.count - 1)
        return [frame(1, ends, stream, Array(block[..<cut])), frame(9, 4, stream, Array(block[cut...]))]
    }

    private static func deflated(_ fields: [(String, String)], _ deflater: OpaquePointer?) -> [UInt8] {
        var pairs = fields.map { name, value in
            nghttp2_nv(
                name: copy(name),
                value: copy(value),
                namelen: name.utf8.count,
                valuelen: value.utf8.count,
                flags: 0
            )
        }
        defer {
            for pair in pairs {
                pair.name.deallocate()
                pair.value.deallocate()
            }
        }
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = nghttp2_hd_deflate_hd(deflater, &bytes, bytes.count, &pairs, pairs.count)
        return Array(bytes[..<max(0, count)])
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<UInt8> {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
        for (index, byte) in text.utf8.enumerated() { copy[index] = byte }
        return copy
    }

    /// A frame of any type, with any content.
    private static func nonsense(_ random: inout SplitMix64) -> [UInt8] {
        let stream = UInt32(random.number(below: 14))
        let payload = random.bytes(random.number(below: 24))
        return frame(UInt8(random.number(below: 12)), UInt8(random.number(below: 256)), stream, payload)
    }

    private static func frame(
        _ type: UInt8,
        _ flags: UInt8 = 0,
        _ stream: UInt32 = 0,
        _ payload: [UInt8] = []
    ) -> [UInt8] {
        let length = [payload.count >> 16, payload.count >> 8, payload.count].map { UInt8(truncatingIfNeeded: $0) }
        let number = [stream >> 24, stream >> 16, stream >> 8, stream].map { UInt8(truncatingIfNeeded: $0) }
        return [length, [type, flags], number, payload].flatMap { $0 }
    }
}
