// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import RegistryAPI
import RegistryClient

/// `granary login URL`.
struct Login: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check an access token and save it for later commands.",
        discussion: """
            The token is read from --token-file, GRANARY_TOKEN or standard input. It is
            saved in $XDG_CONFIG_HOME/granary/login.json, or in
            ~/.config/granary/login.json, readable only by you.

            Example:
              granary login https://packages.example.com
            """
    )

    @Argument(help: "The registry's URL.")
    var url: String

    @OptionGroup
    var tokenOptions: TokenOptions

    @OptionGroup
    var trust: TrustOptions

    @OptionGroup
    var outputOptions: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let environment = try ConnectionOptions.environment()
            let path = try SavedLogin.path(environment: environment)
            let server = try ServerURL(url)
            if !server.keepsSecrets {
                Terminal.complain("warning: \(server) is not encrypted; others on the network can read the token")
            }
            let token = try readToken(environment, server: server)
            let account = try await RemoteRegistry.withClient(
                of: server,
                token: token,
                authorityFile: try trust.authorityFile(),
                environment: environment
            ) { try await $0.account() }
            try await SavedLogin(server: server, token: token).save(to: path)
            try outputOptions.output.confirm(Summary(url: server.text, login: account.login)) {
                "signed in to \(server) as \(oneLine(account.login))"
            }
        }
    }

    private func readToken(_ environment: [String: String], server: ServerURL) throws -> BearerToken {
        if let text = try tokenOptions.read() { return try BearerToken(text) }
        if let text = environment["GRANARY_TOKEN"], !text.isEmpty { return try BearerToken(text) }
        return try BearerToken(Terminal.readSecret(prompt: "Access token for \(server): ") ?? "")
    }

    private struct Summary: Encodable {
        let url: String
        let login: String
    }
}
