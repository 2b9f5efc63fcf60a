// SPDX-License-Identifier: Apache-2.0

import CommandLine
import FoundationEssentials
import Glibc
import RegistryClient
import RegistryCore
import RegistryServer
import Synchronization

/// The options that say which registry a command talks to, and on whose behalf.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The registry's URL (default: GRANARY_URL, then the saved login).", valueName: "url"))
    var url: String?

    @OptionGroup
    var token: TokenOptions

    @OptionGroup
    var trust: TrustOptions

    /// Runs the body with a client of the registry that the options, the environment or the saved login name.
    func withClient(_ body: (RegistryClient) async throws -> Void) async throws {
        let environment = try Self.environment()
        let connection = try Connection(
            url: url,
            tokenFromFile: try token.read(),
            environment: environment,
            saved: try savedLogin(environment)
        )
        let authorityFile = try trust.authorityFile()
        try Interruption.beginCancelling()
        try await RegistryClient.withClient(
            of: connection.server,
            token: connection.token,
            authorityFile: authorityFile,
            environment: environment,
            notice: Notices().show,
            body
        )
    }

    /// The process's environment, in which no variable of granary is mistyped.
    static func environment() throws -> [String: String] {
        let environment = ProcessInfo.processInfo.environment
        let problems = EnvironmentVariables.problems(in: environment)
        guard problems.isEmpty else { throw ClientError(.usage, problems.joined(separator: "; ")) }
        return environment
    }

    /// A user without a home has no saved login, which is no error where the rest is given.
    private func savedLogin(_ environment: [String: String]) throws -> SavedLogin? {
        guard let path = try? SavedLogin.path(environment: environment) else { return nil }
        return try SavedLogin.load(from: path)
    }
}

/// The option that names a file with an access token.
struct TokenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the access token; overrides GRANARY_TOKEN and the saved login.",
            valueName: "file"
        ),
        completion: .files
    )
    var tokenFile: String?

    /// The content of the file, or nil when none is named.
    func read() throws -> String? {
        guard let tokenFile else { return nil }
        guard let content = SmallFile.read(tokenFile) else {
            throw ClientError(
                .io,
                "cannot read the token file \"\(oneLine(tokenFile))\"; check the path and its permissions"
            )
        }
        return String(decoding: content, as: UTF8.self)
    }
}

/// What a command tells besides its results, each sentence once.
private final class Notices: Sendable {
    private let shown = Mutex<Set<String>>([])

    @Sendable func show(_ sentence: String) {
        if shown.withLock({ $0.insert(sentence).inserted }) { Terminal.complain(sentence) }
    }
}

/// The option that names whose certificates are believed.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A PEM file with the only CAs to trust (default: SSL_CERT_FILE, SSL_CERT_DIR, then the system's CAs).",
            valueName: "file"
        ),
        completion: .files
    )
    var caFile: String?

    /// The path of a file that has a certificate, or nil when none is named.
    func authorityFile() throws -> String? {
        guard let caFile else { return nil }
        var status = stat()
        // libcurl reads it again, which a pipe does not stand.
        guard unsafe stat(caFile, &status) != 0 || [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
            throw ClientError(
                .io,
                "cannot use \(caFile.quoted()) as the file of authorities: it is no regular file; write the certificates"
                    + " to one"
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
