// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryServer

/// The options of all administrators' commands.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The data directory (default: GRANARY_DATA, then ./granary-data).", valueName: "dir"),
        completion: .directories
    )
    var data: String?

    @Option(help: ArgumentHelp("The server's configuration file.", valueName: "file"), completion: .files)
    var config: String?

    @Option(help: "Print results as text or json.")
    var format: OutputFormat = .text

    /// Returns the path of the data directory from the options, the environment or the configuration file.
    func dataDirectory() throws -> String { try configuration().data }

    /// Returns the server's configuration, as far as these options determine it.
    func configuration() throws -> ServerConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let given = SettingValues(
            flags: data.map { ["data": $0] } ?? [:],
            environment: environment,
            file: config ?? EnvironmentVariables.value(EnvironmentVariables.configurationFile, in: environment)
        )
        return try ServerConfiguration(given)
    }
}
