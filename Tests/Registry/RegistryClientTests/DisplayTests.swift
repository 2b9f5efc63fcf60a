// SPDX-License-Identifier: Apache-2.0

import RegistryClient
import Testing

@Suite("Text for people", .timeLimit(.minutes(15)))
struct DisplayTests {
    @Test(
        "bytes are written in units of 1024",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1.0 MiB"),
            (50_000_000, "47.7 MiB"), (Int64.max, "8.0 EiB"), (-1, "0 B"),
        ] as [(Int64, String)]
    )
    func bytes(count: Int64, expected: String) {
        #expect(byteCount(count) == expected)
    }

    private func line(_ transferred: Int64, _ total: Int64, seconds: Double, name: String = "a.bin") -> ProgressLine {
        ProgressLine(name: name, transferred: transferred, total: total, elapsed: .seconds(seconds))
    }

    @Test("progress shows share, bytes, rate and time left")
    func progress() {
        let text = line(25 << 20, 100 << 20, seconds: 5).text(columns: 100)
        #expect(text == "a.bin  [#######-----------------------]   25%  25.0 MiB of 100.0 MiB  5.0 MiB/s  15 s left")
    }

    @Test("there is no rate at the very start and no time left at the end")
    func ends() {
        #expect(line(0, 100, seconds: 0).text(columns: 30) == "a.bin    0%  0 B of 100 B")
        #expect(!line(100, 100, seconds: 2).text(columns: 80).contains("left"))
        #expect(line(0, 0, seconds: 0).text(columns: 80).contains("100%"))
        #expect(!line(0, 100, seconds: 10).text(columns: 80).contains("left"))
    }

    @Test("the largest size there is can be shown")
    func largestSize() {
        #expect(line(1 << 20, .max, seconds: 1).text(columns: 100).contains("over 99 h left"))
        #expect(line(.max - 1, .max, seconds: 1_000_000).text(columns: 100).contains("1 s left"))
    }

    @Test("progress is never wider than the terminal", arguments: 0...130)
    func width(columns: Int) {
        let name = String(repeating: "long-name-", count: 10)
        #expect(line(1 << 40, 1 << 41, seconds: 100_000, name: name).text(columns: columns).count <= columns)
    }

    @Test("text from outside cannot drive the terminal")
    func controlCharacters() {
        #expect(oneLine("a\u{1B}[2Jb\r\n\tc\u{202E}d") == "a [2Jb c d")
        #expect(oneLine("abcdef", limit: 3) == "abc…")
    }
}
