// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import RegistryAPI
import RegistryCore

extension RemoteRegistry {
    /// Requests a file's content, and follows a redirect to the content store without sending the credential.
    func open(_ file: FileCoordinate, headers: [(String, String)]) async throws -> HTTPClientResponse {
        let redirects: Set<Int> = [301, 302, 303, 307, 308]
        let path = Endpoint.path(to: file)
        let response = try await send(.get, path, headers: headers, accepting: redirects.union([200, 206]))
        guard redirects.contains(Int(response.status.code)) else { return response }
        let location = response.headers[values: .location].first ?? ""
        let isSecure = location.lowercased().hasPrefix("https://")
        let isPlain = location.lowercased().hasPrefix("http://")
        // A redirect from https to http would expose the content and the presigned URL.
        guard isSecure || (isPlain && server.text.hasPrefix("http://")) else {
            throw await refusal(response, of: HTTPClientRequest(url: server.url(path)))
        }
        let request = HTTPClientRequest(
            url: location,
            headers: HTTPFields(named: headers + [("User-Agent", "granary")])
        )
        let content = try await exchange(request)
        guard [200, 206].contains(content.status.code) else {
            var shown = request
            shown.url = String(location.prefix { $0 != "?" })
            throw await refusal(content, of: shown)
        }
        return content
    }
}
