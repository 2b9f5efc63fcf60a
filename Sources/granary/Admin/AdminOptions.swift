// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryServer

/// The options every administrator's command has.
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

    /// The path of the data directory that the options, the environment or the file name.
    func dataDirectory() throws -> String { try configuration().data }

    /// The server's configuration, as far as these options can know it.
    func configuration() throws -> ServerConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let given = SettingValues(
            flags: data.map { [.data: $0] } ?? [:],
            environment: environment,
            file: config ?? EnvironmentVariables.value(EnvironmentVariables.configurationFile, in: environment)
        )
        return try ServerConfiguration(given)
    }
}
