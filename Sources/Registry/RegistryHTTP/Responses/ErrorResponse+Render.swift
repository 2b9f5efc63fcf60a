// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPMessages
import HTTPServer
import RegistryAPI

extension ErrorResponse {
    /// The answer: a sentence of plain text, or JSON for who asks for it.
    func response(to request: Request, requestID: String) -> Response {
        let wantsJSON = request.headers[.accept]?.lowercased().contains("application/json") ?? false
        var response = wantsJSON ? Response(json: record(requestID), status: status) : Self.text(status, message)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// The answer in Gitea's management interface, which always is JSON.
    func giteaResponse(_ publicURL: PublicURL) -> Response {
        var response = Response(
            gitea: GiteaError(message: message, url: publicURL.text + "/api/swagger").json,
            status: status
        )
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// The answer to what is not a request of HTTP, or whose head is too large.
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
