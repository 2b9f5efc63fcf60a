// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Names a request in the log and in its answer: sixteen hexadecimal digits.
struct RequestID: Sendable, CustomStringConvertible {
    private static let first = UInt64.random(in: .min ... .max)
    private static let count = Atomic<UInt64>(0)

    /// The digits as bytes.
    let digits: InlineArray<16, UInt8>

    /// Takes the digits of one that was made.
    init(digits: InlineArray<16, UInt8>) {
        self.digits = digits
    }

    private init(_ value: UInt64) {
        digits = InlineArray { index in
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        }
    }

    /// One that no other request of this process has, and no request of another process is likely to have.
    ///
    /// Mixed from a count (the finalizer of SplitMix64), as asking the kernel for random numbers costs more than an answer.
    static func next() -> RequestID {
        let (_, count) = count.wrappingAdd(1, ordering: .relaxed)
        var mixed = first &+ count &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return RequestID(mixed ^ (mixed >> 31))
    }

    /// The digits as text.
    var text: String {
        let bytes = digits.span
        // Digits are UTF-8.
        return unsafe String(copying: UTF8Span(unchecked: bytes))
    }

    var description: String { text }
}
