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

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for place in stride(from: 0, to: count, by: 8) {
                bytes.storeBytes(of: next(), toByteOffset: place, as: UInt64.self)
            }
            initialized = count
        }
    }
}
