// SPDX-License-Identifier: Apache-2.0

import HTTP1Stream

/// Reads streams in hexadecimal, one a line, and writes what a server sees in each; `scripts/compare-llhttp.sh` asks for it.
@main
struct HTTP1Verdicts {
    static func main() {
        while let line = readLine() {
            let digits = Array(line.utf8).map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x61 + 10 }
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            print(HTTP1Stream.lines(of: bytes).joined(separator: "\n"), terminator: "\n\n")
        }
    }
}
