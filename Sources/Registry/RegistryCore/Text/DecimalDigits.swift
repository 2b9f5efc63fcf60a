// SPDX-License-Identifier: Apache-2.0

extension Int64 {
    /// Parses a number in HTTP's form: digits only, without a sign.
    package init?(digits text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        self.init(text)
    }
}
