// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

extension Route {
    /// The name under which generated clients call the route.
    var operationID: String {
        let name = "\(endpoint)"
        return method.rawValue.lowercased() + name.prefix(1).uppercased() + name.dropFirst()
    }

    /// The route as an Operation Object of OpenAPI 3.1.
    var operation: JSONValue {
        let details = [document.details, accessSentence].filter { !$0.isEmpty }.joined(separator: "\n\n")
        var members: [JSONMember] = [
            JSONMember("operationId", .text(operationID)),
            JSONMember("tags", [.text(endpoint.area.rawValue)]),
            JSONMember("summary", .text(document.summary)),
            JSONMember("description", .text(details)),
            JSONMember("security", security),
        ]
        if !parameters.isEmpty { members.append(JSONMember("parameters", .array(parameters))) }
        if let body = document.body { members.append(JSONMember("requestBody", body.document)) }
        members.append(JSONMember("responses", responses))
        members.append(JSONMember("x-codeSamples", [["lang": "Shell", "label": "curl", "source": .text(example)]]))
        return .object(members)
    }

    private var parameters: [JSONValue] {
        let ofPath = endpoint.pathParameters.map { parameter -> JSONValue in
            [
                "name": .text(parameter.name), "in": "path", "required": true,
                "description": .text(parameter.summary), "schema": parameter.schema.document,
                "example": parameter.schema == .number
                    ? .number(Int64(parameter.example) ?? 0) : .text(parameter.example),
            ]
        }
        let ofQuery = document.query.map { Self.parameter($0.name, in: "query", $0.schema, $0.summary) }
        let ofHead = document.headers.map {
            Self.parameter($0.name, in: "header", $0.schema, $0.summary, isRequired: $0.isRequired)
        }
        return ofPath + ofQuery + ofHead
    }

    private static func parameter(
        _ name: String,
        in place: JSONValue,
        _ schema: JSONSchema,
        _ summary: String,
        isRequired: Bool = false
    ) -> JSONValue {
        var members: [JSONMember] = [JSONMember("name", .text(name)), JSONMember("in", place)]
        if isRequired { members.append(JSONMember("required", true)) }
        members += [JSONMember("description", .text(summary)), JSONMember("schema", schema.document)]
        return .object(members)
    }

    private var responses: JSONValue {
        .object(
            allAnswers.map { answer in
                let headers = [.requestID] + answer.headers
                var members: [JSONMember] = [
                    JSONMember("description", .text(answer.meaning)),
                    JSONMember("headers", .object(headers.map { JSONMember($0.name.rawName, $0.document) })),
                ]
                let media = media(of: answer)
                if !media.isEmpty {
                    members.append(JSONMember("content", .object(media.map { JSONMember($0.type, $0.document) })))
                }
                return JSONMember(String(answer.status.code), .object(members))
            }
        )
    }

    /// Returns the media types of a response; errors have their own format in Gitea's management interface.
    func media(of answer: RouteAnswer) -> [RouteAnswer.Media] {
        switch answer.content {
        case .some(let media): media
        case .refusal: endpoint.isGitea ? [.json(GiteaError.schema)] : [.text, .json(ErrorRecord.schema)]
        }
    }
}

extension RouteAnswer.Media {
    fileprivate var type: String {
        switch self {
        case .bytes: "application/octet-stream"
        case .byteRanges: "multipart/byteranges"
        case .text: "text/plain"
        case .json, .document: "application/json"
        }
    }

    fileprivate var document: JSONValue {
        switch self {
        case .bytes, .byteRanges: RouteBody.content
        case .text: ["schema": ["type": "string"]]
        case .json(let schema): ["schema": schema.document]
        case .document: ["schema": ["type": "object"]]
        }
    }
}

extension RouteBody {
    fileprivate static let content: JSONValue = ["schema": ["type": "string", "format": "binary"]]

    fileprivate var document: JSONValue {
        switch self {
        case .file: ["required": true, "content": ["application/octet-stream": Self.content]]
        case .piece: ["required": true, "content": [TusHeaders.pieceType: Self.content]]
        case .json(let type):
            [
                // An empty body counts as an empty object.
                "required": .flag(type.schema.objects.values.contains { $0.contains(where: \.isRequired) }),
                "content": ["application/json": ["schema": type.schema.document, "example": type.example]],
            ]
        }
    }
}
