// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import RegistryAPI

/// Which page of a list a request asks for.
struct PageQuery {
    let limit: Int
    let after: String?

    /// Reads `limit` and `after`; a limit outside the possible is clipped.
    init(_ request: Request) throws {
        let query = request.uri.queryParameters
        if let text = query["limit"] {
            guard let limit = Int(text) else {
                throw InvalidRequest(
                    description: "the query's limit is not a number: send one from 1 to \(PageRequest.largestLimit)"
                )
            }
            self.limit = min(max(limit, 1), PageRequest.largestLimit)
        } else {
            limit = 50
        }
        after = query["after"].map(String.init)
    }

    /// The `after` of a list whose keys are numbers.
    func number() throws -> Int64? {
        guard let after else { return nil }
        guard let number = Int64(after) else {
            throw InvalidRequest(
                description: "the query's after is not a key of this list: send the next of the page before"
            )
        }
        return number
    }
}
