// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore

extension Route {
    /// The curl example of the route, composed of the examples of its path parameters and its JSON request.
    var example: String {
        var words = ["curl"]
        if signsIn { words.append("-u admin:correct-horse") }
        switch document.body {
        case .file: words.append("-T \(Self.file)")
        case .piece:
            words.append("-X \(method.rawValue) -H 'Content-Type: \(TusHeaders.pieceType)' --data-binary @\(Self.file)")
        case .json(let type):
            words += [
                "-X \(method.rawValue)", "-H 'Content-Type: application/json'", "-d '\(type.example.line)'",
            ]
        case nil:
            if method != .get { words.append("-X \(method.rawValue)") }
        }
        words += document.headers.compactMap { header in header.example.map { "-H '\(header.name): \($0)'" } }
        words.append(Self.quoted(Self.server + examplePath + exampleQuery))
        return words.joined(separator: " ")
    }

    private static let file = PathParameter.named("file_name").example

    /// The default listening address of `granary serve`.
    private static let server = "http://127.0.0.1:3000"

    private var examplePath: String {
        endpoint.pathParameters.reduce(endpoint.template) { path, parameter in
            path.replacing("{\(parameter.name)}", with: percentEncoded(parameter.example))
        }
    }

    private var exampleQuery: String {
        let members = document.query.compactMap { member in
            member.example.map { "\(member.name)=\(percentEncoded($0))" }
        }
        return members.isEmpty ? "" : "?" + members.joined(separator: "&")
    }

    /// Returns the URL, in quotes if a shell would split or expand it.
    private static func quoted(_ url: String) -> String {
        url.contains { "?&;".contains($0) } ? "'\(url)'" : url
    }
}

extension JSONValue {
    /// The value on one line, without a line feed.
    fileprivate var line: String { String(decoding: document.dropLast(), as: UTF8.self) }
}
