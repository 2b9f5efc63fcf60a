// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryAPI
import RegistryCore
import RegistryTestSupport
import Testing

@Suite("JSON", .timeLimit(.minutes(15)))
struct JSONValueTests {
    private func text(_ value: JSONValue) -> String { String(decoding: value.document, as: UTF8.self) }

    @Test("members keep their order, and a document ends with a line feed")
    func order() {
        let value = JSONValue.object([
            JSONMember("z", .number(1)), JSONMember("a", .array([.null, .flag(true), .text("x")])),
            JSONMember("m", .object([])),
        ])
        #expect(text(value) == "{\"z\":1,\"a\":[null,true,\"x\"],\"m\":{}}\n")
        #expect(text(.array([])) == "[]\n")
        #expect(text(.number(.min)) == "-9223372036854775808\n")
    }

    static let escapes: [(String, String)] = [
        ("a\"b\\c/d", #""a\"b\\c/d""#), ("<b>&</b>", #""\u003cb\u003e\u0026\u003c/b\u003e""#),
        ("\n\r\t\u{0}\u{1f}", #""\n\r\t\u0000\u001f""#), ("\u{2028}\u{2029}", #""\u2028\u2029""#),
        ("ü😀\u{7f}", "\"ü😀\u{7f}\""),
    ]

    @Test("what could end a text, a line or a page is escaped", arguments: escapes)
    func escaping(_ value: String, _ expected: String) {
        #expect(text(.text(value)) == expected + "\n")
    }

    @Test("any text survives another reader of JSON")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &generator))
            }
            var value = ""
            value.unicodeScalars.append(contentsOf: scalars)
            let read = try JSONDecoder().decode([String].self, from: Data(JSONValue.array([.text(value)]).document))
            #expect(read.first.map { Array($0.utf8) } == Array(value.utf8), "seed \(seed)")
        }
    }

    @Test("a record's members and its schema come from one list")
    func record() {
        let user = GiteaUser(id: 3, login: "a", email: "a@b", htmlURL: "u", created: .never, visibility: .public)
        guard case .object(let members) = user.json, case .object(let name, let properties) = GiteaUser.schema else {
            Issue.record("a user is no object")
            return
        }
        #expect(name == "User")
        #expect(members.map(\.name) == properties.map(\.name))
        #expect(members.first?.name == "id" && members.last?.name == "username")
        #expect(Set(members.map(\.name)).count == members.count)
    }
}
