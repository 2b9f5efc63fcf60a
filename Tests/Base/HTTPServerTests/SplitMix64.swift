// SPDX-License-Identifier: Apache-2.0

/// A random number generator that gives the same numbers for the same seed on every machine.
struct SplitMix64: RandomNumberGenerator {
    /// The seeds that property tests run with; a failing test prints the one it was given.
    static let seeds: [UInt64] = [1, 20_260_102, 0xDEAD_BEEF, 0x9E37_79B9_7F4A_7C15]

    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A text of up to so many characters of an alphabet.
    mutating func text(of alphabet: String, upTo length: Int) -> String {
        let characters = Array(alphabet)
        return String(
            (0..<Int.random(in: 0...length, using: &self)).compactMap { _ in characters.randomElement(using: &self) }
        )
    }

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}
