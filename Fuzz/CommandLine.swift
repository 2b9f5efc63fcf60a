// SPDX-License-Identifier: Apache-2.0

@testable import CommandLine

/// Words of a command line: understood or refused with a message.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    let words = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    do {
        _ = try Tool.parseAsRoot(words)
    } catch {
        precondition(!Tool.fullMessage(for: error).isEmpty, "a refusal without a message")
    }
    return 0
}

struct Tool: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A tool.", version: "1", subcommands: [Fetch.self])
}

struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetches.")

    @Argument(help: "Where from.")
    var source: String

    @Argument(help: "Which.")
    var files: [String] = []

    @Option(name: .shortAndLong, help: "Where to.")
    var output: String?

    @Option(help: "How many.")
    var limit: Int = 1

    @Flag(name: .shortAndLong, help: "Replace.")
    var force = false
}
