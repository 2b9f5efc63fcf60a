// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore

/// A requested page of a list in Gitea's interface; invalid values are clipped, never rejected.
struct GiteaPage {
    /// The descriptions of the query parameters.
    static let parameters = [
        QueryParameter("page", .number, "The page number, from 1"),
        QueryParameter("limit", .number, "The number of entries per page, at most \(GiteaAPISettings.largestPage)"),
    ]

    private static let largestNumber = 1_000_000_000

    let number: Int
    let size: Int

    init(_ request: Request) {
        let query = request.query
        let number = query["page"].flatMap { Int($0) } ?? 1
        let size = query["limit"].flatMap { Int($0) } ?? 0
        self.number = min(max(number, 1), Self.largestNumber)
        self.size = size <= 0 ? GiteaAPISettings.usualPage : min(size, GiteaAPISettings.largestPage)
    }

    /// The page as a range of rows.
    var rows: ListPage { ListPage(offset: (number - 1) * size, limit: size) }

    /// Returns the headers with the length of the list and the URLs of its other pages (RFC 8288).
    func headers(total: Int64, _ request: Request, _ url: PublicURL) -> HTTPFields {
        var fields: HTTPFields = [.xTotalCount: String(total)]
        let links = links(total: total, request, url)
        if !links.isEmpty { fields[.link] = links.joined(separator: ",") }
        fields[.accessControlExposeHeaders] = links.isEmpty ? "X-Total-Count" : "Link, X-Total-Count"
        return fields
    }

    private func links(total: Int64, _ request: Request, _ url: PublicURL) -> [String] {
        let last = max(1, Int((total + Int64(size) - 1) / Int64(size)))
        let current = min(number, last)
        var links: [String] = []
        func add(_ page: Int, _ relation: String) {
            links.append("<\(url.text)\(request.path)?\(query(of: request, page))>; rel=\"\(relation)\"")
        }
        if current < last {
            add(current + 1, "next")
            add(last, "last")
        }
        if current > 1 {
            add(1, "first")
            add(current - 1, "prev")
        }
        return links
    }

    /// Returns the request's query for another page, ordered by name and without credentials.
    private func query(of request: Request, _ page: Int) -> String {
        var members = request.query.members
            .filter { !["page", "limit", "token", "access_token"].contains($0.name) }
        members += [(name: "page", value: String(page)), (name: "limit", value: String(size))]
        return members.sorted { $0.name < $1.name }
            .map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
            .joined(separator: "&")
    }
}

extension RouteContext {
    /// Returns a page of a list, with the headers for the other pages.
    func response<Row, Record: JSONConvertible>(
        _ listing: Listing<Row>,
        _ page: GiteaPage,
        _ request: Request,
        _ record: ([Row]) -> Record
    ) -> Response {
        Response(
            gitea: record(listing.rows).json,
            headers: page.headers(total: listing.total, request, services.publicURL)
        )
    }
}
