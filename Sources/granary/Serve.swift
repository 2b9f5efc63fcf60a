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
                    RegistryServer.interfaceDescription(configuration) + "\n"
                )
            }
            if printConfig { return try StandardStream.standardOutput.print(configuration.yaml + "\n") }
            defer { Logger.flush() }
            var log = Logger(label: "granary")
            log.logLevel = configuration.logLevel
            try await RegistryServer(configuration: configuration, log: log).run(
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

/// One flag for each setting that is not secret; `Setting` documents their meaning.
struct SettingOptions: ParsableArguments {
    @Option(help: help(.data), completion: .directories) var data: String?
    @Option(help: help(.listen)) var listen: [String] = []
    @Option(help: help(.proxies)) var proxies: [String] = []
    @Option(help: help(.url)) var url: String?
    @Option(help: help(.contract)) var contract: String?
    @Option(help: help(.certificate), completion: .files) var tlsCertificate: String?
    @Option(help: help(.key), completion: .files) var tlsKey: String?
    @Option(help: help(.ticketSecretFile), completion: .files) var tlsTicketSecretFile: String?
    @Option(help: help(.requireSignIn)) var accessRequireSignIn: String?
    @Option(help: help(.hotFiles)) var cacheHotFiles: String?
    @Option(help: help(.databaseURL)) var databaseUrl: String?
    @Option(help: help(.databaseConnections)) var databaseConnections: String?
    @Option(help: help(.blobs)) var blobs: String?
    @Option(help: help(.blobsFallback)) var blobsFallback: String?
    @Option(help: help(.s3Endpoint)) var s3Endpoint: String?
    @Option(help: help(.s3Region)) var s3Region: String?
    @Option(help: help(.s3Bucket)) var s3Bucket: String?
    @Option(help: help(.s3Prefix)) var s3Prefix: String?
    @Option(help: help(.s3AccessKey)) var s3AccessKey: String?
    @Option(help: help(.s3Addressing)) var s3Addressing: String?
    @Option(help: help(.s3Redirect)) var s3Redirect: String?
    @Option(help: help(.logLevel)) var logLevel: String?
    @Option(help: help(.fileSize)) var limitsFileSize: String?
    @Option(help: help(.ownerSize)) var limitsOwnerSize: String?
    @Option(help: help(.ownerVersions)) var limitsOwnerVersions: String?
    @Option(help: help(.totalSize)) var limitsTotalSize: String?
    @Option(help: help(.totalVersions)) var limitsTotalVersions: String?
    @Option(help: help(.openUploads)) var limitsUploads: String?
    @Option(help: help(.openDrafts)) var limitsDrafts: String?
    @Option(help: help(.connections)) var limitsConnections: String?
    @Option(help: help(.uploadRate)) var limitsUploadRate: String?
    @Option(help: help(.uploadWindow)) var timeoutsUploadWindow: String?
    @Option(help: help(.stalledReader)) var timeoutsStalledReader: String?
    @Option(help: help(.idle)) var timeoutsIdle: String?
    @Option(help: help(.shutdown)) var timeoutsShutdown: String?
    @Option(help: help(.upload)) var timeoutsUpload: String?
    @Option(help: help(.draft)) var timeoutsDraft: String?

    /// The values of the specified flags.
    var given: [Setting: String] {
        let all: [Setting: String?] = [
            .data: data, .listen: joined(listen), .proxies: joined(proxies), .url: url, .contract: contract,
            .requireSignIn: accessRequireSignIn, .certificate: tlsCertificate, .key: tlsKey,
            .ticketSecretFile: tlsTicketSecretFile, .hotFiles: cacheHotFiles,
            .databaseURL: databaseUrl, .databaseConnections: databaseConnections, .blobs: blobs,
            .blobsFallback: blobsFallback,
            .s3Endpoint: s3Endpoint, .s3Region: s3Region, .s3Bucket: s3Bucket, .s3Prefix: s3Prefix,
            .s3AccessKey: s3AccessKey, .s3Addressing: s3Addressing, .s3Redirect: s3Redirect,
            .logLevel: logLevel, .fileSize: limitsFileSize,
            .ownerSize: limitsOwnerSize, .ownerVersions: limitsOwnerVersions, .totalSize: limitsTotalSize,
            .totalVersions: limitsTotalVersions, .openUploads: limitsUploads, .openDrafts: limitsDrafts,
            .connections: limitsConnections, .uploadRate: limitsUploadRate, .uploadWindow: timeoutsUploadWindow,
            .stalledReader: timeoutsStalledReader, .idle: timeoutsIdle, .shutdown: timeoutsShutdown,
            .upload: timeoutsUpload, .draft: timeoutsDraft,
        ]
        return all.compactMapValues { $0 }
    }

    /// Joins the values of a list into one.
    private func joined(_ values: [String]) -> String? { values.isEmpty ? nil : values.joined(separator: ",") }

    private static func help(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp("\(setting.summary) (\(setting.environmentVariable))", valueName: "value")
    }
}
