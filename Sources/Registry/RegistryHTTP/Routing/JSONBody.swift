// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

extension RouteContext {
    /// Reads a request body as JSON, whatever its media type; an empty body counts as an empty object.
    ///
    /// Invalid JSON results in 400, and a missing member or one of the wrong type in 422 with its name.
    func body<Body: JSONRequest>(_ type: Body.Type, of request: Request) async throws -> Body {
        var bytes = try await bytes(of: request)
        if bytes.isEmpty { bytes = Array("{}".utf8) }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.refusal(error, type)
        }
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        if let size = request.contentLength, size > Limits.jsonBody { throw Self.tooLarge }
        var bytes: [UInt8] = []
        for try await part in request.content {
            guard bytes.count + part.count <= Limits.jsonBody else { throw Self.tooLarge }
            bytes += part
        }
        return bytes
    }

    private static let tooLarge = RegistryError.tooLarge(
        "request body too large: the limit is 1 MiB; send a smaller one"
    )

    private static func refusal(_ error: DecodingError, _ type: any JSONRequest.Type) -> any Error {
        switch error {
        case .keyNotFound(let key, let context):
            return InvalidField(label(context.codingPath.first ?? key, type), "Required")
        case .valueNotFound(_, let context):
            return context.codingPath.first.map { InvalidField(label($0, type), "Required") } ?? notAnObject
        case .typeMismatch(let expected, let context):
            guard let key = context.codingPath.first else { return notAnObject }
            return InvalidField(label(key, type), "it must be \(word(for: expected, at: context.codingPath.count))")
        case .dataCorrupted(let context):
            if let key = context.codingPath.first { return InvalidField(label(key, type), "its value is not valid") }
            return malformed
        @unknown default: return malformed
        }
    }

    private static let notAnObject = InvalidField("Body", "it must be a JSON object")
    private static let malformed = RegistryError.invalid(
        "the request body is not valid JSON: send one object in UTF-8"
    )

    /// Returns the expected type of a member, or of the elements of a list or an object.
    private static func word(for type: Any.Type, at depth: Int) -> String {
        let isElement = depth > 1
        if type == String.self { return isElement ? "made up of strings" : "a string" }
        if type == Bool.self { return "true or false" }
        return type is any RangeReplaceableCollection.Type ? "a list" : "an object"
    }

    private static func label(_ key: any CodingKey, _ type: any JSONRequest.Type) -> String {
        let name = key.stringValue
        return type.labels[name]
            ?? name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
