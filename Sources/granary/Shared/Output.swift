// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryClient

/// The forms in which commands print results.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// Where a command's results go: text for people, or one JSON document for programs.
struct Output: Sendable {
    let format: OutputFormat
    let isQuiet: Bool
    var write: @Sendable (String) throws -> Void = { try StandardStream.standardOutput.print($0 + "\n") }

    /// Prints what the user asked to see.
    func show(_ value: some Encodable, text: () -> String) throws {
        switch format {
        case .text:
            let text = text()
            if !text.isEmpty { try write(text) }
        case .json: try write(try json(value))
        }
    }

    /// Prints that something was done; as text, only unless quiet.
    func confirm(_ value: some Encodable, text: () -> String) throws {
        if format == .text && isQuiet { return }
        try show(value, text: text)
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// The options every command has for its output.
struct OutputOptions: ParsableArguments {
    @Option(help: "Print results as text or json.")
    var format: OutputFormat = .text

    @Flag(help: "Suppress progress and confirmations.")
    var quiet = false

    /// The output these options ask for.
    var output: Output { Output(format: format, isQuiet: quiet) }
}
