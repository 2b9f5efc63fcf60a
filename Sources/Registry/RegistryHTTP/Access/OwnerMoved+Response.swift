// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryService

extension OwnerMoved {
    /// Redirects to the same resource under the present name (RFC 9110, section 15.4.8), by the path alone, as proxies keep it.
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
