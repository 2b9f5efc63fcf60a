// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore

/// The owner that a request names by its first parameter has another name now, and the actor may know that.
struct OwnerMoved: Error {
    let name: OwnerName

    /// The way to the same thing under the present name (RFC 9110, section 15.4.8): the path alone, as proxies keep it.
    func response(to request: Request, _ path: PathParameters) -> Response {
        Response(
            status: .temporaryRedirect,
            headers: [
                .location: path.path(withOwner: name) + request.target[request.path.endIndex...],
                .cacheControl: "no-store",
            ]
        )
    }
}
