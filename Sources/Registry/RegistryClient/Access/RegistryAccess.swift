// SPDX-License-Identifier: Apache-2.0

/// The registry that a command uses, with its credential.
package struct RegistryAccess: Hashable, Sendable {
    /// The registry.
    package let server: ServerURL

    /// The access token, or nil for anonymous requests.
    package let token: BearerToken?

    /// Chooses the server and the token: arguments take precedence over the environment, and the environment over the saved login.
    ///
    /// A saved token is sent only to the registry it was saved for.
    package init(
        url: String?,
        tokenFromFile: String?,
        environment: [String: String],
        saved: SavedLogin?
    ) throws(ClientError) {
        if let address = url ?? set(environment["GRANARY_URL"]) {
            server = try ServerURL(address)
        } else if let saved {
            server = saved.server
        } else {
            throw ClientError(
                .usage,
                "no registry configured; give --url, set GRANARY_URL, or sign in with granary login"
            )
        }
        if let text = tokenFromFile ?? set(environment["GRANARY_TOKEN"]) {
            token = try BearerToken(text)
        } else {
            token = saved?.server == server ? saved?.token : nil
        }
    }
}

/// Returns the variable's value; an empty variable counts as unset.
private func set(_ variable: String?) -> String? {
    variable?.isEmpty == false ? variable : nil
}
