// SPDX-License-Identifier: Apache-2.0

/// A random number generator that gives the same numbers for the same seed on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        // Seeds that follow each other are to have nothing in common.
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD6E8_FEB8_6659_FD93
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(below end: Int) -> Int { end <= 1 ? 0 : Int(next() % UInt64(end)) }

    mutating func isOne(in count: Int) -> Bool { number(below: count) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(below: elements.count)] }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// What happens to bytes on their way.
enum Mutation {
    /// Changes bytes in one way, with `words` that mean something to who reads them, and another conversation.
    static func change(_ bytes: inout [UInt8], _ words: [[UInt8]], _ other: [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return bytes = random.bytes(1 + random.number(below: 20)) }
        // What decides stands in front: most changes belong there.
        let reach = random.isOne(in: 2) ? bytes.count : min(bytes.count, 200)
        let place = random.number(below: reach)
        let length = min(bytes.count - place, 1 + random.number(below: 40))
        switch random.number(below: 10) {
        case 0: bytes[place] ^= 1 << UInt8(random.number(below: 8))
        case 1: bytes[place] = UInt8(random.number(below: 256))
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: random.bytes(length), at: place)
        case 6: bytes.insert(contentsOf: random.pick(words), at: place)
        case 7: bytes.replaceSubrange(place..<place + length, with: random.pick(words))
        case 8: bytes.replaceSubrange(place..., with: other[random.number(below: other.count)...])
        default: bytes += other
        }
    }
}

/// How the client goes.
enum Departure {
    case halfClose
    case close
    case reset

    static func any(_ random: inout SplitMix64) -> Departure {
        switch random.number(below: 10) {
        case 0: .close
        case 1: .reset
        default: .halfClose
        }
    }
}
