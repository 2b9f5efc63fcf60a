// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("the help", .timeLimit(.minutes(15)))
struct HelpTests {
    private func help(_ types: any ParsableCommand.Type..., columns: Int = 80) -> String {
        HelpText(path: types.map { CommandDefinition($0) }).text(columns: columns)
    }

    @Test("of the root lists the commands")
    func root() {
        #expect(
            help(Depot.self) == """
                OVERVIEW: A program for tests.

                Fetch a file:
                  depot fetch one.txt

                USAGE: depot <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  fetch                   Fetch files.
                  put                     Put files, of which there must be one at least, under
                                          a name that is not used yet by anyone.
                  user                    Users.
                  many

                  See 'depot help <subcommand>' for detailed help.
                """
        )
    }

    @Test("of a command lists its arguments, with values and defaults")
    func command() {
        #expect(
            help(Depot.self, Fetch.self) == """
                OVERVIEW: Fetch files.

                USAGE: depot fetch <source> [<files> ...] [--output <dir>] [--format <format>] [--force] [--quiet]

                ARGUMENTS:
                  <source>                Where from.
                  <files>                 Which files; all if none is named.

                OPTIONS:
                  -o, --output <dir>      The folder.
                  --format <format>       Print results as text or json. (values: text, json;
                                          default: text)
                  -f, --force             Replace files.
                  -q, --quiet
                  --version               Show the version.
                  -h, --help              Show help information.

                """
        )
    }

    @Test("flags of one property share a line; long labels have a line of their own")
    func flags() {
        #expect(
            help(Depot.self, UserGroup.self, UserUpdate.self) == """
                OVERVIEW: Change a user.

                USAGE: depot user update [<user>] [--admin] [--no-admin] [--login-allowed] [--login-prohibited]

                ARGUMENTS:
                  <user>                  The user. (default: me)

                OPTIONS:
                  --admin/--no-admin      Make it an administrator, or end that.
                  --login-allowed/--login-prohibited
                                          Let it sign in, or end that.
                  --version               Show the version.
                  -h, --help              Show help information.

                """
        )
    }

    @Test("of a group names the whole path, and how to learn more")
    func group() {
        let text = help(Depot.self, UserGroup.self)
        #expect(text.hasPrefix("OVERVIEW: Users.\n\nUSAGE: depot user <subcommand>\n\nOPTIONS:\n"))
        #expect(text.hasSuffix("\n\n  See 'depot help user <subcommand>' for detailed help."))
    }

    @Test("of many options has a short usage line; groups with a title stand under it")
    func many() {
        let text = help(Many.self)
        #expect(text.hasPrefix("USAGE: many <options>\n\nSETTINGS:\n  --h <h>\n"))
        #expect(text.contains("\n\nOPTIONS:\n  --s3-endpoint <s3-endpoint>\n"))
        #expect(HelpText(path: [CommandDefinition(ManyWithName.self)]).usage == "many-with-name [<options>] <name>")
    }

    private struct ManyWithName: ParsableCommand {
        static let configuration = CommandConfiguration()
        @Argument() var name: String
        @OptionGroup var first: Many.Settings
        @Option() var a: String?
        @Option() var b: String?
        @Option() var c: String?
        @Option() var d: String?
        @Option() var e: String?
        @Option() var f: String?
    }

    @Test(
        "text is wrapped at spaces, never within a word",
        arguments: [
            ("one two three", 8, 0, "one two\nthree"), ("one two three", 7, 0, "one\ntwo\nthree"),
            ("one two", 7, 0, "one two"), ("one", 2, 0, "one"),
            ("one two three", 10, 2, "  one two\n  three"), ("a\n\n  b c", 4, 0, "a\n\n  b\nc"), ("", 5, 3, ""),
            ("unbreakable yes", 4, 0, "unbreakable\nyes"), ("one two three", 0, 0, "one\ntwo\nthree"),
        ]
    )
    func wrapping(_ text: String, _ columns: Int, _ indent: Int, _ wrapped: String) {
        #expect(text.wrapped(to: columns, indent: indent) == wrapped)
    }
}
