// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("byte ranges", .timeLimit(.minutes(15)))
struct ByteRangeTests {
    @Test("the examples of RFC 9110 section 14.1.2 hold for a file of 10000 bytes")
    func examples() {
        let rows: [(String, RangeRequest)] = [
            ("bytes=0-499", .ranges([0...499])),
            ("bytes=500-999", .ranges([500...999])),
            ("bytes=-500", .ranges([9500...9999])),
            ("bytes=9500-", .ranges([9500...9999])),
            ("bytes=0-0,-1", .ranges([0...0, 9999...9999])),
            ("bytes= 0-999, 4500-5499, -1000", .ranges([0...999, 4500...5499, 9000...9999])),
            ("bytes=500-600,601-999", .ranges([500...600, 601...999])),
            ("bytes=500-700,601-999", .ranges([500...700, 601...999])),
        ]
        for (header, expected) in rows {
            #expect(RangeRequest.parse(header, size: 10_000) == expected, "\(header)")
        }
    }

    @Test("a range is cut to the file")
    func cutting() {
        let rows: [(String, RangeRequest)] = [
            ("bytes=0-", .ranges([0...99])),
            ("bytes=99-", .ranges([99...99])),
            ("bytes=0-100", .ranges([0...99])),
            ("bytes=-100", .ranges([0...99])),
            ("bytes=-101", .ranges([0...99])),
            ("bytes=5-99999999999999999999999999", .ranges([5...99])),
            ("bytes=-99999999999999999999999999", .ranges([0...99])),
            ("bytes=00000000000000000000000005-6", .ranges([5...6])),
            ("bytes=50-60,100-", .ranges([50...60])),
            ("BYTES=1-2", .ranges([1...2])),
            ("bytes=,1-2 ,\t, 5-5,", .ranges([1...2, 5...5])),
            ("bytes=5-6,1-2", .ranges([5...6, 1...2])),
        ]
        for (header, expected) in rows {
            #expect(RangeRequest.parse(header, size: 100) == expected, "\(header)")
        }
    }

    @Test(
        "a set outside the file cannot be satisfied",
        arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=200-300,-0", "bytes=18446744073709551616-"]
    )
    func unsatisfiable(_ header: String) {
        #expect(RangeRequest.parse(header, size: 100) == .unsatisfiable)
    }

    @Test(
        "a malformed set is ignored",
        arguments: [
            nil, "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1", "bytes=1-2,2-1",
            "bytes=1-2,x", "bytes=1--2", "bytes=--1", "bytes=1-2-3", "bytes=+1-2", "bytes=0x1-2", "bytes=1 -2",
            "bytes=1- 2", "bytes =1-2", " bytes=1-2", "bytes:1-2", "items=0-5", "bytes=٠-٥", "bytes=1-2;3-4",
            "bytes=0-5, =", "bytes=-1.5",
        ]
    )
    func malformed(_ header: String?) {
        #expect(RangeRequest.parse(header, size: 100) == .whole)
    }

    @Test(
        "an empty file is sent whole",
        arguments: ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-"]
    )
    func emptyFile(_ header: String) {
        #expect(RangeRequest.parse(header, size: 0) == .whole)
    }

    @Test("more than 32 ranges, or more bytes than the file has, are answered by the whole file")
    func excess() {
        let most = (0..<32).map { "\($0)-\($0)" }.joined(separator: ",")
        #expect(RangeRequest.parse("bytes=\(most)", size: 100) == .ranges((0..<32).map { $0...$0 }))
        #expect(RangeRequest.parse("bytes=\(most),32-32", size: 100) == .whole)
        #expect(RangeRequest.parse("bytes=0-,0-0", size: 100) == .whole)
        #expect(RangeRequest.parse("bytes=0-49,50-99", size: 100) == .ranges([0...49, 50...99]))
        #expect(RangeRequest.parse("bytes=0-49,49-99", size: 100) == .whole)
        #expect(RangeRequest.parse("bytes=0-,0-", size: .max) == .whole)
        #expect(RangeRequest.parse("bytes=0-", size: .max) == .ranges([0...(.max - 1)]))
    }

    @Test("ranges are within the file and select the bytes that were named", arguments: SplitMix64.seeds)
    func selection(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<800 {
            let size = Int64.random(in: 1...12, using: &random)
            let first = Int64.random(in: 0...14, using: &random)
            let last = first + Int64.random(in: 0...14, using: &random)
            let all = Set(0..<size)
            let rows: [(String, Set<Int64>)] = [
                ("\(first)-\(last)", all.filter { $0 >= first && $0 <= last }),
                ("\(first)-", all.filter { $0 >= first }),
                ("-\(first)", all.filter { $0 >= size - first }),
            ]
            for (spec, expected) in rows {
                switch RangeRequest.parse("bytes=\(spec)", size: size) {
                case .whole: Issue.record("seed \(seed): \(spec) of \(size) was ignored")
                case .unsatisfiable: #expect(expected.isEmpty, "seed \(seed): \(spec) of \(size)")
                case .ranges(let ranges):
                    #expect(ranges.count == 1 && Set(ranges.joined()) == expected, "seed \(seed): \(spec) of \(size)")
                }
            }
        }
    }

    @Test("no text makes more ranges or bytes than the limits", arguments: SplitMix64.seeds)
    func limits(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<800 {
            let header = "bytes=" + random.text(of: "0019-,- ", upTo: 40)
            guard case .ranges(let ranges) = RangeRequest.parse(header, size: 20) else { continue }
            #expect((1...32).contains(ranges.count), "seed \(seed): \(header)")
            #expect(
                ranges.allSatisfy { (0..<20).contains($0.lowerBound) && $0.upperBound < 20 },
                "seed \(seed): \(header)"
            )
            #expect(ranges.map(\.count).reduce(0, +) <= 20, "seed \(seed): \(header)")
        }
    }
}
