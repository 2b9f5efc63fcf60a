// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryTestSupport
import Testing

/// Publishing, downloading, deleting and finding by tables: each contract on each pair of engines.
@Suite("The contracts", .timeLimit(.minutes(15)))
struct ContractTableTests {
    private static let contracts: [PublishContract] = [.documented, .current]

    @Test("every caller and request gets the response of the tables", arguments: EnginePair.available, contracts)
    func tables(_ engines: EnginePair, _ contract: PublishContract) async throws {
        try await TestRegistry.run(on: engines, contract: contract) { registry in
            let world = try await TableWorld(registry)
            let column = try #require(Self.contracts.firstIndex(of: contract))
            try await checkAccess(world, column)
            try await checkCases(world, column)
        }
    }

    private func checkAccess(_ world: TableWorld, _ column: Int) async throws {
        var number = 0
        for row in try Table.contractAccess.rows() {
            let words = row.words
            try #require(words.count == 2 + TableWorld.callers.count, "\(row)")
            for (caller, cell) in zip(TableWorld.callers, words.dropFirst(2)) {
                let statuses = cell.split(separator: "/")
                number += 1
                let path = words[1].replacing("{new}", with: "new-\(number)")
                let body = words[0] == "PUT" ? "x" : nil
                let answer = try await world.send(caller, words[0], path, body: body)
                let status = try #require(Int(statuses.count == 2 ? statuses[column] : statuses[0]))
                var problems = try differences(answer, status)
                if words[0] == "GET" {
                    problems += TableDifferences.head(try await world.send(caller, "HEAD", path), of: answer)
                }
                #expect(problems == [], "\(caller): \(words[0]) \(path)")
            }
        }
    }

    private func checkCases(_ world: TableWorld, _ column: Int) async throws {
        var upload = ""
        for row in try Table.contractCases.rows() {
            let cells = row.cells
            let request = try TableRequest(cells[1].replacing("{upload}", with: upload))
            let parts = cells[3 + column].words
            var headers = request.headers
            if parts.count > 1 { headers[.accept] = "application/json" }
            let body = ["PUT", "POST", "PATCH"].contains(request.method) ? cells[2] : nil
            let answer = try await world.send(cells[0], request.method, request.path, headers, body: body)
            if let location = answer.headers[.location], location.contains("/uploads/") {
                upload = String(location.split(separator: "/").last ?? "")
            }
            let problems = try differences(
                answer,
                try #require(Int(parts[0])),
                word: parts.dropFirst().first,
                shape: cells[5],
                headers: cells[6]
            )
            #expect(problems == [], "\(row)")
        }
    }

    /// Compares a response with the status, the word of an error in JSON, the body of a success, and the headers.
    private func differences(
        _ answer: TestAnswer,
        _ status: Int,
        word: String? = nil,
        shape: String = "",
        headers: String = ""
    ) throws -> [String] {
        let shown = answer.text.prefix(200)
        guard answer.status == status else { return ["is \(answer.status), not \(status): \(shown)"] }
        var problems: [String] = []
        let id = answer.headers[.init(token: "X-Request-Id")]
        if id == nil { problems.append("has no X-Request-Id") }
        if status == 401, answer.headers[.wwwAuthenticate]?.hasPrefix("Basic ") != true {
            problems.append("a 401 without a challenge")
        }
        let type = answer.headers[.contentType] ?? ""
        if let word {
            guard type.hasPrefix("application/json") else { return problems + ["the error is \(shown)"] }
            let error = try JSONValue(parsing: answer.text)
            let isExpected =
                error.names.sorted() == ["error", "message", "request_id"]
                && error["error"] == .text(word) && error["request_id"]?.scalar == id
            return problems + (isExpected ? [] : ["the error is \(shown)"])
        }
        problems += TableDifferences.headers(answer, headers)
        if status >= 400 {
            let isLine = answer.text.split(separator: "\n").count == 1
            if !type.hasPrefix("text/plain") || !isLine { problems.append("the error is \(shown)") }
        } else if shape == "-" {
            if !answer.body.isEmpty { problems.append("the body is \(shown)") }
        } else if shape.hasPrefix("={") {
            let isSame = try JSONValue(parsing: answer.text) == JSONValue(parsing: String(shape.dropFirst()))
            if !type.hasPrefix("application/json") || !isSame { problems.append("the body is \(shown)") }
        } else if shape.hasPrefix("=") {
            let text = answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
            if text != shape.dropFirst() { problems.append("the body is \(shown)") }
        } else if shape.hasPrefix("{") {
            let names = try JSONValue(parsing: answer.text).names
            let expected = shape.trimmingCharacters(in: ["{", "}"]).split(separator: ",").map(String.init)
            if !type.hasPrefix("application/json") || Set(names) != Set(expected) {
                problems.append("its members are \(names)")
            }
        }
        return problems
    }
}

/// A request of a row: `METHOD PATH [Name: value] …`.
struct TableRequest {
    let method: String
    let path: String
    let headers: HTTPFields

    init(_ text: String) throws {
        let parts = text.split(separator: " [")
        let words = parts[0].split(separator: " ")
        method = String(words[0])
        path = String(words[1])
        var headers: HTTPFields = [:]
        for part in parts.dropFirst() {
            let field = part.drop { $0 == "[" }.prefix { $0 != "]" }
            let halves = field.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try #require(HTTPField.Name(String(halves[0])))
            headers.append(HTTPField(name: name, value: halves.count == 2 ? String(halves[1]) : ""))
        }
        self.headers = headers
    }
}
