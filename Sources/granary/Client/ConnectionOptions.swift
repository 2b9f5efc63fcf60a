// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Files
import FoundationEssentials
import RegistryClient
import RegistryCore
import RegistryServer
import Synchronization

/// The options that determine the registry and the credentials.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The registry's URL (default: GRANARY_URL, then the saved login).", valueName: "url"))
    var url: String?

    @OptionGroup
    var token: TokenOptions

    @OptionGroup
    var trust: TrustOptions

    /// Calls a closure with a client of the registry that the options, the environment or the saved login specify.
    func withClient(_ body: (RemoteRegistry) async throws -> Void) async throws {
        let environment = try Self.environment()
        let connection = try RegistryAccess(
            url: url,
            tokenFromFile: try token.read(),
            environment: environment,
            saved: try savedLogin(environment)
        )
        let authorityFile = try trust.authorityFile()
        try Interruption.beginCancelling()
        try await RemoteRegistry.withClient(
            of: connection.server,
            token: connection.token,
            authorityFile: authorityFile,
            environment: environment,
            notice: Notices().show,
            body
        )
    }

    /// Returns the environment of the process; throws if it has unknown `GRANARY_` variables.
    static func environment() throws -> [String: String] {
        let environment = ProcessInfo.processInfo.environment
        let problems = EnvironmentVariables.problems(in: environment)
        guard problems.isEmpty else { throw ClientError(.usage, problems.joined(separator: "; ")) }
        return environment
    }

    /// Returns the saved login; nil if the user has no home directory, because the other options may suffice.
    private func savedLogin(_ environment: [String: String]) throws -> SavedLogin? {
        guard let path = try? SavedLogin.path(environment: environment) else { return nil }
        return try SavedLogin.load(from: path)
    }
}

/// The option for a file with an access token.
struct TokenOptions: ParsableArguments {
    /// Far more bytes than any token has.
    private static let largestFile = 1 << 16

    @Option(
        help: ArgumentHelp(
            "A file with the access token; overrides GRANARY_TOKEN and the saved login.",
            valueName: "file"
        ),
        completion: .files
    )
    var tokenFile: String?

    /// Returns the content of the file, or of a pipe such as the shell's `<(command)`; nil if none is specified.
    func read() throws -> String? {
        guard let tokenFile else { return nil }
        guard let content = try? OpenFile.open(tokenFile, .read).readRest(limit: Self.largestFile) else {
            throw ClientError(
                .io,
                "cannot read the token file \"\(oneLine(tokenFile))\"; check the path and its permissions"
            )
        }
        return String(decoding: content, as: UTF8.self)
    }
}

/// Prints each notice to standard error once.
private final class Notices: Sendable {
    private let shown = Mutex<Set<String>>([])

    @Sendable func show(_ sentence: String) {
        if shown.withLock({ $0.insert(sentence).inserted }) { Terminal.complain(sentence) }
    }
}

/// The option for the trusted certificate authorities.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A PEM file with the only CAs to trust (default: SSL_CERT_FILE, SSL_CERT_DIR, then the system's CAs).",
            valueName: "file"
        ),
        completion: .files
    )
    var caFile: String?

    /// Returns the path of a file with a certificate; nil if none is specified.
    func authorityFile() throws -> String? {
        guard let caFile else { return nil }
        // libcurl reads the file again, which is not possible with a pipe.
        guard (try? FileStatus(of: caFile))?.kind != .other else {
            throw ClientError(
                .io,
                "cannot use \(caFile.quoted()) as the CA file: it is not a regular file; write the certificates to one"
            )
        }
        guard let content = FileManager.default.contents(atPath: caFile) else {
            throw ClientError(
                .io,
                "cannot read the CA file \(caFile.quoted()); check the path and its permissions"
            )
        }
        guard content.firstRange(of: Data("-----BEGIN ".utf8)) != nil else {
            throw ClientError(
                .io,
                "the CA file \(caFile.quoted()) has no PEM certificate; set another with --ca-file"
            )
        }
        return caFile
    }
}
