// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryClient

/// The formats of results.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// The output of a command: text for human readers, or one JSON document for programs.
///
/// The document has the names of the properties in snake case, as in the API.
struct Output: Sendable {
    let format: OutputFormat
    let isQuiet: Bool
    var write: @Sendable (String) throws -> Void = { try StandardStream.standardOutput.print($0 + "\n") }

    /// Prints a requested result.
    func show(_ value: some Encodable, text: () -> String) throws {
        switch format {
        case .text:
            let text = text()
            if !text.isEmpty { try write(text) }
        case .json: try write(try json(value))
        }
    }

    /// Prints a confirmation; in text format only unless quiet.
    func confirm(_ value: some Encodable, text: () -> String) throws {
        if format == .text && isQuiet { return }
        try show(value, text: text)
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// The output options of all commands.
struct OutputOptions: ParsableArguments {
    @Option(help: "Print results as text or json.")
    var format: OutputFormat = .text

    @Flag(help: "Suppress progress and confirmations.")
    var quiet = false

    /// The output that the options specify.
    var output: Output { Output(format: format, isQuiet: quiet) }
}
