// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore

/// The error when the owner in a request's first parameter was renamed and the actor may know the new name.
struct OwnerMoved: Error {
    let name: OwnerName

    /// Returns a redirect to the same resource under the current name (RFC 9110, section 15.4.8).
    ///
    /// It contains only the path, which proxies preserve.
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
