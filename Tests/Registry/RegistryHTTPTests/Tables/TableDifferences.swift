// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryTestSupport

/// The differences between a response and what a table expects.
enum TableDifferences {
    /// Compares header fields with `Name: start of the value; !Absent-Name`.
    static func headers(_ answer: TestAnswer, _ expected: String) -> [String] {
        expected.split(separator: "; ").compactMap { header in
            let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let isAbsent = header.hasPrefix("!")
            guard let name = HTTPField.Name(String(parts[0].drop { $0 == "!" })) else {
                return "not a field: \(header)"
            }
            let value = answer.headers[name]
            if isAbsent { return value.map { "\(name) is \($0)" } }
            let start = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
            return value?.hasPrefix(start) == true ? nil : "\(name) is \(value ?? "absent"), not \(start)"
        }
    }

    /// Compares a response to HEAD with the one to GET.
    static func head(_ head: TestAnswer, of answer: TestAnswer) -> [String] {
        guard head.status == answer.status, head.body.isEmpty else {
            return ["HEAD is \(head.status) with \(head.body.count) bytes, GET is \(answer.status)"]
        }
        let names: [HTTPField.Name] = [
            .contentType, .contentLength, .eTag, .cacheControl, .contentDisposition, .wwwAuthenticate,
            .init(token: "X-Total-Count"), .init(token: "Link"),
        ]
        return names.filter { head.headers[$0] != answer.headers[$0] }.map {
            "\($0) of HEAD is \(head.headers[$0] ?? "absent"), of GET \(answer.headers[$0] ?? "absent")"
        }
    }

    /// Compares a JSON object with `a,b: value,c`: the members in order, and the given values; `*` ends the comparison.
    static func members(_ value: JSONValue, _ shape: String) -> [String] {
        let expected = shape.split(separator: ",").map { member in
            let parts = member.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count == 2 ? String(parts[1].dropFirst()) : "")
        }
        var names = expected.map(\.name)
        var found = value.names
        if names.last == "*" {
            names.removeLast()
            found = Array(found.prefix(names.count))
        }
        guard found == names else { return ["its members are \(value.names), not \(names)"] }
        return expected.compactMap { member in
            guard !member.value.isEmpty, let scalar = value[member.name]?.scalar, scalar != member.value else {
                return nil
            }
            return "\(member.name) is \(scalar), not \(member.value)"
        }
    }
}
