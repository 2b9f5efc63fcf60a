// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import Testing

@testable import RegistryHTTP

/// The tables reach every route, so that a new one needs a row.
@Suite("The rows of the tables", .timeLimit(.minutes(15)))
struct RouteCoverageTests {
    @Test("every route has a row")
    func coverage() throws {
        let table = RouteTable(Routes.all)
        var reached: Set<String> = []
        for (method, path) in try Self.requests() {
            guard case .found(let route, _) = table.match(HTTPRequest.Method(method), path) else { continue }
            reached.insert(Self.name(of: route))
        }
        #expect(Routes.all.map(Self.name).filter { !reached.contains($0) } == [])
    }

    @Test("no table has lost its rows", arguments: zip(Table.allCases, [130, 170, 25, 90, 130]))
    func sizes(_ table: Table, _ least: Int) throws {
        #expect(try table.rows().count >= least)
    }

    private static func requests() throws -> [(String, String)] {
        let cases = try Table.apiCases.rows().map { $0.cells[1].words }.map { ($0[0], "/api/v1\($0[1])") }
        let access = try Table.apiAccess.rows().map(\.words).map { ($0[0], "/api/v1\($0[1])") }
        let contract = try Table.contractCases.rows().map { try TableRequest($0.cells[1]) }.map { ($0.method, $0.path) }
        // The placeholders of teams have a slash.
        return (cases + access).map { ($0.0, $0.1.replacing(#/\{team:[^}]*\}/#, with: "1")) } + contract
    }

    private static func name(of route: Route) -> String { "\(route.method) \(route.endpoint.template)" }
}
