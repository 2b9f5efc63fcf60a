// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("reading a command line", .timeLimit(.minutes(15)))
struct ParsingTests {
    private func parse<Command: ParsableCommand>(_ type: Command.Type, _ arguments: String...) throws -> Command {
        try #require(try Depot.parseAsRoot(arguments) as? Command)
    }

    @Test("defaults hold for what is not given")
    func defaults() throws {
        let fetch = try parse(Fetch.self, "fetch", "here")
        #expect(fetch.source == "here")
        #expect(fetch.files.isEmpty && fetch.output == nil && fetch.format == .text && !fetch.force && !fetch.quiet)
        let update = try parse(UserUpdate.self, "user", "update")
        #expect(update.user == "me" && update.admin == nil && update.login == nil)
    }

    @Test("options, flags and places may be mixed")
    func mixed() throws {
        let fetch = try parse(Fetch.self, "fetch", "--force", "here", "--format", "json", "a", "-o", "dir", "b")
        #expect(fetch.source == "here" && fetch.files == ["a", "b"])
        #expect(fetch.output == "dir" && fetch.format == .json && fetch.force)
    }

    @Test("values may follow an equals sign, and may hold one or be empty")
    func equals() throws {
        let fetch = try parse(Fetch.self, "fetch", "here", "--format=json", "--output=a=b")
        #expect(fetch.format == .json && fetch.output == "a=b")
        #expect(try parse(Fetch.self, "fetch", "here", "--output=").output?.isEmpty == true)
        #expect(try parse(Fetch.self, "fetch", "here", "-o=x").output == "x")
    }

    @Test("short names may be joined; the last takes the value")
    func joined() throws {
        let fetch = try parse(Fetch.self, "fetch", "-fqo", "dir", "here")
        #expect(fetch.force && fetch.quiet && fetch.output == "dir" && fetch.source == "here")
    }

    @Test("the last of several values counts, a list has all")
    func repeated() throws {
        let put = try parse(
            Put.self,
            "put",
            "x",
            "--name",
            "one",
            "--scope",
            "a",
            "--name=two",
            "--scope=b",
            "--token-file",
            "t",
            "y"
        )
        #expect(put.name == "two" && put.scopes == ["a", "b"] && put.files == ["x", "y"])
        #expect(put.lifetime == 60 && put.limit == nil && put.common.url == nil && put.common.token.tokenFile == "t")
        #expect(try parse(Put.self, "put", "x", "--name", "n", "--scope", "a", "--limit", "7").limit == 7)
    }

    @Test("after two dashes everything is a value")
    func terminator() throws {
        let fetch = try parse(Fetch.self, "fetch", "--force", "--", "-x", "--help", "--")
        #expect(fetch.source == "-x" && fetch.files == ["--help", "--"] && fetch.force)
        #expect(try parse(Fetch.self, "fetch", "-", "--").source == "-")
        #expect(try parse(Fetch.self, "fetch", "").source.isEmpty)
    }

    @Test("flags of one property exclude each other, but may be repeated")
    func exclusive() throws {
        #expect(try parse(UserUpdate.self, "user", "update", "--no-admin", "--no-admin").admin == false)
        #expect(try parse(UserUpdate.self, "user", "update", "--admin").admin == true)
        #expect(try parse(UserUpdate.self, "user", "update", "--login-prohibited").login == .loginProhibited)
    }

    @Test("names of properties become words with dashes")
    func names() throws {
        let names = CommandDefinition(Many.self).arguments.flatMap(\.names).map(\.description)
        #expect(names.contains("--s3-endpoint") && names.contains("--print-open-api"))
        #expect(CommandDefinition(UserUpdate.self).arguments.flatMap(\.names).contains(.long("login-allowed")))
    }

    @Test("two commands do not share their values")
    func separate() throws {
        let first = try parse(Fetch.self, "fetch", "one", "--force")
        let second = try parse(Fetch.self, "fetch", "two")
        #expect(first.source == "one" && first.force && second.source == "two" && !second.force)
    }
}
