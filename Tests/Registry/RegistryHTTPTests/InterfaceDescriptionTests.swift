// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPMessages
import RegistryAPI
import RegistryCore
import Testing

@testable import RegistryHTTP

@Suite("Description of the interface", .timeLimit(.minutes(15)))
struct InterfaceDescriptionTests {
    private func described() throws -> Any {
        try JSONDecoder().decode(AnyJSON.self, from: Data(OpenAPIDocument.text())).value
    }

    private func paths() throws -> [String: [String: [String: Any]]] {
        let document = try #require(try described() as? [String: Any])
        return try #require(document["paths"] as? [String: [String: [String: Any]]])
    }

    @Test("it has exactly the routes that are served")
    func complete() throws {
        let paths = try paths()
        let described = Set(paths.flatMap { path, item in item.keys.map { "\($0.uppercased()) \(path)" } })
        #expect(described == Set(Routes.all.map { "\($0.method.rawValue) \($0.endpoint.template)" }))
    }

    @Test("every parameter of a path is described, and its example is a possible value")
    func parameters() throws {
        for endpoint in Endpoint.allCases {
            #expect(endpoint.pathParameters.map(\.name) == endpoint.parameters, "\(endpoint)")
        }
        let used = Set(Endpoint.allCases.flatMap(\.parameters))
        #expect(used == Set(PathParameter.all.map(\.name)), "a parameter that no path has")
        for parameter in PathParameter.all {
            switch parameter.schema {
            case .name(let pattern):
                #expect(try Regex(pattern.expression).wholeMatch(in: parameter.example) != nil, "\(parameter.name)")
            case .number: #expect(Int64(parameter.example) != nil, "\(parameter.name)")
            case .word(let words): #expect(words.contains(parameter.example), "\(parameter.name)")
            default: #expect(!parameter.example.isEmpty, "\(parameter.name)")
            }
        }
    }

    @Test("every operation has a name of its own, answers with meanings, one success, and an example")
    func operations() throws {
        #expect(Set(Routes.all.map(\.operationID)).count == Routes.all.count)
        for route in Routes.all {
            let answers = route.allAnswers
            #expect(answers.allSatisfy { !$0.meaning.isEmpty }, "\(route.operationID)")
            #expect(Set(answers.map(\.status.code)).count == answers.count, "\(route.operationID)")
            #expect(answers.contains { (200..<300).contains($0.status.code) }, "\(route.operationID)")
            #expect(route.example.hasPrefix("curl ") && !route.example.contains("{}"), "\(route.operationID)")
            #expect(!route.example.contains("/{"), "\(route.operationID)")
        }
    }

    @Test("who has to sign in can be refused, and nobody else")
    func refusals() {
        for route in Routes.all {
            let statuses = Set(route.allAnswers.map(\.status.code))
            #expect(statuses.contains(401) == (route.access != .open), "\(route.operationID)")
            #expect(
                statuses.contains(422) || route.document.body == nil || !route.endpoint.isGitea,
                "\(route.operationID)"
            )
            let isAboutSomething = !route.endpoint.parameters.isEmpty && route.access != .open
            #expect(statuses.contains(404) || !isAboutSomething, "\(route.operationID)")
        }
    }

    @Test("the members of requests are found with their types, and their closer shapes belong to members")
    func requests() throws {
        let requests = Routes.all.compactMap { route -> (any JSONRequest.Type)? in
            if case .json(let type) = route.document.body { type } else { nil }
        }
        #expect(requests.count > 8)
        for request in requests {
            guard case .object(_, let members) = request.schema else {
                Issue.record("\(request) is no object")
                continue
            }
            let names = Set(members.map(\.name))
            #expect(!names.isEmpty && names.isSuperset(of: request.labels.keys), "\(request)")
            // A request that is read to its end has told all of its members.
            let example = try JSONDecoder().decode(AnyJSON.self, from: Data(request.example.document)).value
            let given = try #require(example as? [String: Any])
            #expect(names.isSuperset(of: given.keys), "\(request)")
            _ = try JSONDecoder().decode(request, from: Data(request.example.document))
            for member in members where member.isRequired {
                #expect(given[member.name] != nil, "\(request) \(member.name)")
                let rest = JSONValue.object(
                    members.filter(\.isRequired).filter { $0 != member }.map {
                        JSONMember($0.name, "x")
                    }
                )
                #expect(throws: DecodingError.self) { try JSONDecoder().decode(request, from: Data(rest.document)) }
            }
        }
        let user = CreateUserRequest.schema.objects["CreateUserRequest"] ?? []
        #expect(
            user.map(\.name) == [
                "username", "email", "password", "restricted", "visibility", "full_name", "must_change_password",
            ]
        )
        #expect(user.filter(\.isRequired).map(\.name) == ["username", "email"])
        #expect(user[4].schema == .optional(.word(["public", "limited", "private", ""])))
    }

    @Test("two records of one name have one shape")
    func records() {
        var shapes: [String: [JSONSchema.Property]] = [:]
        for route in Routes.all {
            for answer in route.allAnswers {
                for case .json(let schema) in route.media(of: answer) {
                    for (name, members) in schema.objects {
                        #expect(shapes[name, default: members] == members, "\(name)")
                        shapes[name] = members
                    }
                }
            }
        }
        #expect(shapes.keys.contains("Version") && shapes.keys.contains("User") && shapes.keys.contains("Error"))
    }
}

/// Any JSON value as Swift's own types.
private struct AnyJSON: Decodable {
    let value: Any

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.singleValueContainer().decode([String: AnyJSON].self) {
            value = members.mapValues(\.value)
        } else if let elements = try? decoder.singleValueContainer().decode([AnyJSON].self) {
            value = elements.map(\.value)
        } else if let flag = try? decoder.singleValueContainer().decode(Bool.self) {
            value = flag
        } else if let number = try? decoder.singleValueContainer().decode(Int64.self) {
            value = number
        } else {
            value = try decoder.singleValueContainer().decode(String.self)
        }
    }
}
