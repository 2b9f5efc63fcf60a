// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The identifier of a request in the log and in its response: sixteen hexadecimal digits.
struct RequestID: Sendable, CustomStringConvertible {
    private static let first = UInt64.random(in: .min ... .max)
    private static let count = Atomic<UInt64>(0)

    /// The digits in ASCII.
    let digits: InlineArray<16, UInt8>

    /// Creates an identifier from existing digits.
    init(digits: InlineArray<16, UInt8>) {
        self.digits = digits
    }

    private init(_ value: UInt64) {
        digits = InlineArray { index in
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
        }
    }

    /// Returns an identifier that is unique in this process and most likely unique across processes.
    ///
    /// It is a mixed counter (the finalizer of SplitMix64), because random numbers from the kernel cost more than a
    /// response.
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
        // Hexadecimal digits are valid UTF-8.
        return unsafe String(copying: UTF8Span(unchecked: bytes))
    }

    var description: String { text }
}
