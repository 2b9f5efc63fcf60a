// SPDX-License-Identifier: Apache-2.0

/// Secrets from the operating system's random generator.
enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in generator.next() }
    }
}
