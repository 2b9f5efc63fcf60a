// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("any command line", .timeLimit(.minutes(15)))
struct RandomTests {
    private static let words = [
        "fetch", "put", "user", "update", "many", "help", "-", "--", "---", "", "=", "-=", "--=", "--=x", "-f", "-fq",
        "-o", "-fo", "-h",
        "--help", "--version", "--force", "--output", "--output=", "--output=a=b", "--format", "text", "--format=json",
        "--name", "--scope",
        "--lifetime", "5", "-5", "--limit=9999999999999999999", "--admin", "--no-admin", "--login-allowed", "-é", "--ü",
        "\u{301}", "a b",
        "\0", "👩‍👩‍👧", "-👩‍👩‍👧", "--s3-endpoint=x", "--h", "--print-open-api",
    ]

    @Test("is understood or refused", arguments: 0..<400 as Range<UInt64>)
    func understoodOrRefused(_ seed: UInt64) {
        var random = Generator(state: seed)
        let arguments = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            var word = Self.words.randomElement(using: &random) ?? ""
            if Int.random(in: 0..<8, using: &random) == 0 { word += Self.words.randomElement(using: &random) ?? "" }
            return word
        }
        do {
            let command = try Depot.parseAsRoot(arguments)
            #expect(try type(of: command) == type(of: Depot.parseAsRoot(arguments)), "seed \(seed)")
        } catch {
            let text = Depot.fullMessage(for: error)
            switch Depot.exitCode(for: error) {
            case .success: #expect(text == "1.2.3" || text.contains("USAGE: depot"), "seed \(seed): \(arguments)")
            default:
                #expect(Depot.exitCode(for: error) == .validationFailure, "seed \(seed): \(arguments)")
                #expect(text.hasPrefix("Error: ") && text.contains("\nUsage: depot "), "seed \(seed): \(arguments)")
            }
        }
    }

    @Test("gives back the values that were written into it, in whatever way", arguments: 0..<400 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var random = Generator(state: seed)
        let values = ["a", "", "-", "-x", "--force", "--", "a=b", "=", "ä b", "help", "\n"]
        func any() -> String { values.randomElement(using: &random) ?? "" }
        let output = Bool.random(using: &random) ? any() : nil
        let format = Fetch.Format.allCases.randomElement(using: &random) ?? .text
        let force = Bool.random(using: &random)
        let places = (0...Int.random(in: 0...3, using: &random)).map { _ in any() }

        var named: [[String]] = force ? [[["--force", "-f"].randomElement(using: &random) ?? ""]] : []
        if let output {
            named.append(spelled(["--output", "-o"].randomElement(using: &random) ?? "", output, &random))
        }
        if format != .text || Bool.random(using: &random) {
            named.append(spelled("--format", format.rawValue, &random))
        }
        named.shuffle(using: &random)
        // A place before the two dashes must not look like an option.
        let free = Int.random(in: 0...places.prefix { !$0.hasPrefix("-") || $0 == "-" }.count, using: &random)
        var arguments = named.flatMap(\.self)
        if free < places.count {
            arguments += places[..<free] + ["--"] + places[free...]
        } else {
            let start = Int.random(in: 0...named.count, using: &random)
            arguments = named[..<start].flatMap(\.self) + places + named[start...].flatMap(\.self)
        }

        let fetch = try #require(try Depot.parseAsRoot(["fetch"] + arguments) as? Fetch, "seed \(seed): \(arguments)")
        #expect([fetch.source] + fetch.files == places, "seed \(seed): \(arguments)")
        #expect(fetch.output == output && fetch.format == format && fetch.force == force, "seed \(seed): \(arguments)")
    }

    private func spelled(_ name: String, _ value: String, _ random: inout Generator) -> [String] {
        let mustJoin = value.hasPrefix("-") && value != "-"
        return mustJoin || Bool.random(using: &random) ? ["\(name)=\(value)"] : [name, value]
    }
}

/// The same numbers for the same seed (SplitMix64).
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
