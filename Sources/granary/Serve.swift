// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import Log
import Loops
import RegistryServer

/// `granary serve`.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the registry.",
        discussion: """
            In an empty data directory, the server creates the administrator admin. The password is \
            GRANARY_ADMIN_PASSWORD, or a random one that is printed once.

            Settings come, in order of precedence, from flags, environment variables and a YAML file. Secrets have no \
            flag. An empty variable counts as unset. Separate the values of a list with commas, or repeat the flag. \
            For example --limits-file-size 10GiB, GRANARY_LIMITS_FILE_SIZE=10GiB, or in the file:
              limits:
                file-size: 10GiB

            Example:
              granary serve --data /var/lib/granary --listen 127.0.0.1:3000
            """
    )

    @Option(help: ArgumentHelp("A YAML file with settings.", valueName: "file"), completion: .files)
    var config: String?

    @Flag(help: "Print the effective settings and exit.")
    var printConfig = false

    @Flag(
        name: .customLong("print-openapi"),
        help: "Print the description of the HTTP interface (OpenAPI 3.1) and exit."
    )
    var printOpenAPI = false

    @OptionGroup(title: "Settings")
    var settings: SettingOptions

    func run() async throws {
        try await reportingFailures {
            Signals.ignoreHangups()
            let environment = ProcessInfo.processInfo.environment
            let variable = { EnvironmentVariables.value($0, in: environment) }
            let file = config ?? variable(EnvironmentVariables.configurationFile)
            let configuration = try ServerConfiguration(
                SettingValues(flags: settings.given, environment: environment, file: file)
            )
            if printOpenAPI {
                return try StandardStream.standardOutput.print(
                    RegistryProcess.interfaceDescription(configuration) + "\n"
                )
            }
            if printConfig { return try StandardStream.standardOutput.print(configuration.yaml + "\n") }
            defer { Logger.flush() }
            var log = Logger(label: "granary")
            log.logLevel = configuration.logLevel
            try await RegistryProcess(configuration: configuration, log: log).run(
                administratorPassword: variable(EnvironmentVariables.administratorPassword),
                announce: Self.announce,
                handleAdminRequest: AdminService.handle
            )
        }
    }

    private static func announce(_ name: String, _ password: String) {
        StandardStream.standardOutput.write(
            """
            Created the administrator \(name).
              password: \(password)
            Store the password now. It is not shown again.

            """
        )
    }
}

/// One flag for each setting that is not secret.
struct SettingOptions: ParsableArguments {
    @OptionList(Setting.all.filter { !$0.isSecret }.map(\.declaration)) var values: [String: [String]]

    /// The values of the specified flags; those of a list are joined into one.
    var given: [Setting: String] {
        var given: [Setting: String] = [:]
        for setting in Setting.all {
            if let texts = values[setting.option] { given[setting] = texts.joined(separator: ",") }
        }
        return given
    }
}

extension Setting {
    fileprivate var declaration: OptionDeclaration {
        let completion: CompletionKind =
            switch kind {
            case .file: .files
            case .directory: .directories
            case .text, .list, .onOff: .automatic
            }
        return OptionDeclaration(
            option,
            help: ArgumentHelp("\(summary) (\(environmentVariable))", valueName: "value"),
            completion: completion,
            isRepeatable: kind == .list
        )
    }
}
