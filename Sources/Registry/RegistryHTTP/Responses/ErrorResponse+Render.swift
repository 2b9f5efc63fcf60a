// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPMessages
import HTTPServer
import RegistryAPI

extension ErrorResponse {
    /// Returns the response: one sentence of plain text, or JSON if the client accepts it.
    func response(to request: Request, requestID: String) -> Response {
        let wantsJSON = request.headers[.accept]?.lowercased().contains("application/json") ?? false
        var response = wantsJSON ? Response(json: record(requestID), status: status) : Self.text(status, message)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// Returns the response in Gitea's management interface, which is always JSON.
    func giteaResponse(_ publicURL: PublicURL) -> Response {
        var response = Response(
            gitea: GiteaError(message: message, url: publicURL.text + "/api/swagger").json,
            status: status
        )
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// Returns the response text for a malformed HTTP request, or one whose header section is too large.
    static func unreadableRequest(isTooLarge: Bool) -> String {
        isTooLarge
            ? "the request head is too large: send fewer or shorter headers\n"
            : "this is not a valid HTTP request: check the client\n"
    }

    private func record(_ requestID: String) -> ErrorRecord {
        ErrorRecord(code: code, message: message, requestID: requestID)
    }

    private static func text(_ status: HTTPResponse.Status, _ message: String) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/plain; charset=utf-8",
                .xContentTypeOptions: "nosniff",
                .cacheControl: "no-store",
            ],
            body: .bytes(Array("\(message)\n".utf8))
        )
    }
}
