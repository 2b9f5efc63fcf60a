// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials

/// The options every administrator's command has.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The data directory (else GRANARY_DATA, else ./granary-data).", valueName: "dir")
    )
    var data: String?

    @Option(help: ArgumentHelp("The server's configuration file.", valueName: "file"))
    var config: String?

    @Option(help: "Print results as text or json.")
    var format: OutputFormat = .text

    /// The path of the data directory that the options or the environment name.
    func dataDirectory() throws -> String {
        if let data { return data }
        if let path = ProcessInfo.processInfo.environment["GRANARY_DATA"], !path.isEmpty { return path }
        return "./granary-data"
    }
}
