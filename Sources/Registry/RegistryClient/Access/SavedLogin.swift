// SPDX-License-Identifier: Apache-2.0

import Files
import FoundationEssentials
import RegistryCore

/// The registry and access token that `granary login` saves for later commands.
package struct SavedLogin: Hashable, Sendable {
    /// The registry.
    package let server: ServerURL

    /// The access token, which is sent only to this registry.
    package let token: BearerToken

    /// Creates a login from its parts.
    package init(server: ServerURL, token: BearerToken) {
        self.server = server
        self.token = token
    }

    /// Returns the path of the saved login: below `XDG_CONFIG_HOME` if that is an absolute path, else below `~/.config`.
    package static func path(environment: [String: String]) throws(ClientError) -> String {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
            return folder + "/granary/login.json"
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw ClientError(
                .io,
                "no folder for the saved login: neither HOME nor XDG_CONFIG_HOME is set; set one of them"
            )
        }
        return home + "/.config/granary/login.json"
    }

    /// Reads the saved login, or returns nil when there is none.
    package static func load(from path: String) throws(ClientError) -> SavedLogin? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ClientError(.io, "cannot read the saved login \(path.quoted()); check its permissions")
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: data) else {
            throw ClientError(.io, "the saved login \(path.quoted()) is damaged; sign in again with granary login")
        }
        return SavedLogin(server: try ServerURL(content.url), token: try BearerToken(content.token))
    }

    /// Writes the login atomically, with permissions that never let another user read it.
    package func save(to path: String) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Content(url: server.text, token: token.secret))
        try makeFolder(FileSystem.folder(of: path))
        let part = path + ".part-" + String(UInt64.random(in: .min ... .max), radix: 36)
        do {
            let file = try await TransferFile.open(part, .create(permissions: 0o600))
            try await file.write(Array(data), at: 0)
            try await file.synchronize()
            try await TransferFile.rename(part, to: path)
            try await TransferFile.synchronizeFolder(of: path)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    private func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ClientError(.io, "cannot create the folder \(folder.quoted()); check the permissions above it")
        }
    }

    private struct Content: Codable {
        let url: String
        let token: String
    }
}
