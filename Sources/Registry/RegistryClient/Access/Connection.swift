// SPDX-License-Identifier: Apache-2.0

/// Which registry a command talks to, and on whose behalf.
package struct Connection: Hashable, Sendable {
    /// The registry.
    package let server: ServerURL

    /// The token to use there, or nil to be nobody.
    package let token: AccessToken?

    /// Decides between what the user said, the environment and the saved login, in this order.
    ///
    /// A saved token goes to the registry it was saved for and to no other.
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
            token = try AccessToken(text)
        } else {
            token = saved?.server == server ? saved?.token : nil
        }
    }
}

/// An empty variable counts as none.
private func set(_ variable: String?) -> String? {
    variable?.isEmpty == false ? variable : nil
}
