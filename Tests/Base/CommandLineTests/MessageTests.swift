// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("what a command line is answered with", .timeLimit(.minutes(15)))
struct MessageTests {
    private func message(_ line: String) -> (text: String, code: Int32) {
        do {
            let arguments = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            return ("\(try Depot.parseAsRoot(arguments))", -1)
        } catch {
            return (Depot.fullMessage(for: error), Depot.exitCode(for: error).rawValue)
        }
    }

    static let putUsage =
        "Usage: depot put <files> ... --name <name> --scope <scope> ... [--lifetime <seconds>] [--limit <limit>] "
        + "[--url <url>] [--token-file <token-file>]\n  See 'depot put --help' for more information."
    static let fetchUsage =
        "Usage: depot fetch <source> [<files> ...] [--output <dir>] [--format <format>] [--force] [--quiet]\n"
        + "  See 'depot fetch --help' for more information."
    static let rootUsage = "Usage: depot <subcommand>\n  See 'depot --help' for more information."
    static let userUsage = "Usage: depot user <subcommand>\n  See 'depot user --help' for more information."
    static let updateUsage =
        "Usage: depot user update [<user>] [--admin] [--no-admin] [--login-allowed] [--login-prohibited]\n"
        + "  See 'depot user update --help' for more information."

    static let wrong: [(String, String)] = [
        ("frobnicate", "Unexpected argument 'frobnicate'\n\(rootUsage)"),
        ("ftech x", "Unexpected argument 'ftech'. Did you mean 'fetch'?\n\(rootUsage)"),
        ("hiddn", "Unexpected argument 'hiddn'\n\(rootUsage)"),
        ("user updat", "Unexpected argument 'updat'. Did you mean 'update'?\n\(userUsage)"),
        ("--frob", "Unknown option '--frob'\n\(rootUsage)"),
        ("--format json fetch x", "Unknown option '--format'\n\(rootUsage)"),
        ("--verison", "Unknown option '--verison'. Did you mean '--version'?\n\(rootUsage)"),
        (
            "fetch",
            "Missing expected argument '<source>'\nHelp:  <source>  Where from.\n\(fetchUsage)"
        ),
        ("fetch x --fromat json", "Unknown option '--fromat'. Did you mean '--format'?\n\(fetchUsage)"),
        ("fetch --fromat json", "Unknown option '--fromat'. Did you mean '--format'?\n\(fetchUsage)"),
        ("put x -name n", "Unknown option '-name'. Did you mean '--name'?\n\(putUsage)"),
        ("fetch x -z", "Unknown option '-z'\n\(fetchUsage)"),
        ("fetch x -fz", "Unknown option '-z'\n\(fetchUsage)"),
        ("fetch x -5", "Unknown option '-5'\n\(fetchUsage)"),
        ("fetch x ---y", "Invalid option: ---y\n\(rootUsage)"),
        ("fetch x ---", "Invalid option: ---\n\(rootUsage)"),
        ("fetch x --=y", "Invalid option: --=y\n\(rootUsage)"),
        (
            "fetch x --force=yes",
            "The option '--force' does not take any value, but 'yes' was specified.\n\(fetchUsage)"
        ),
        ("fetch x --output", "Missing value for '--output <dir>'\nHelp:  --output <dir>  The folder.\n\(fetchUsage)"),
        ("fetch x -o", "Missing value for '-o <dir>'\nHelp:  -o <dir>  The folder.\n\(fetchUsage)"),
        ("fetch x -of", "Missing value for '-o <dir>'\nHelp:  -o <dir>  The folder.\n\(fetchUsage)"),
        (
            "fetch x --output -5",
            "Missing value for '--output <dir>'\nHelp:  --output <dir>  The folder.\n\(fetchUsage)"
        ),
        (
            "fetch x --output -- y",
            "Missing value for '--output <dir>'\nHelp:  --output <dir>  The folder.\n\(fetchUsage)"
        ),
        (
            "fetch x --format xml --help",
            "The value 'xml' is invalid for '--format <format>'. Please provide one of 'text' and 'json'.\n"
                + "Help:  --format <format>  Print results as text or json.\n\(fetchUsage)"
        ),
        (
            "fetch x --format=",
            "The value '' is invalid for '--format <format>'. Please provide one of 'text' and 'json'.\n"
                + "Help:  --format <format>  Print results as text or json.\n\(fetchUsage)"
        ),
        ("put x --scope a", "Missing expected argument '--name <name>'\nHelp:  --name <name>  The name.\n\(putUsage)"),
        ("put", "Missing expected argument '<files> ...'\nHelp:  <files>  The files to put.\n\(putUsage)"),
        (
            "put x --name n",
            "Missing expected argument '--scope <scope> ...'\n"
                + "Help:  --scope <scope>  What it is for; may be repeated.\n\(putUsage)"
        ),
        (
            "put x --name longest --scope a",
            "The value 'longest' is invalid for '--name <name>': it must have 5 letters at most\n"
                + "Help:  --name <name>  The name.\n\(putUsage)"
        ),
        (
            "put x --name n --scope a --limit x",
            "The value 'x' is invalid for '--limit <limit>': x is no number\n"
                + "Help:  --limit <limit>  The most there may be of it.\n\(putUsage)"
        ),
        ("put x --name n --scope a --lifetime 1001", "it is kept too long\n\(putUsage)"),
        ("user update a b", "Unexpected argument 'b'\n\(updateUsage)"),
        ("user update a b c", "2 unexpected arguments: 'b', 'c'\n\(updateUsage)"),
        (
            "user update --admin --no-admin",
            "The flag '--no-admin' conflicts with the flag '--admin', which was given before\n\(updateUsage)"
        ),
        ("help --frob", "Unknown option '--frob'\n\(rootUsage)"),
        ("fetch x --experimental-dump-help", "Unknown option '--experimental-dump-help'\n\(fetchUsage)"),
        ("fetch x --generate-completion-script", "Unknown option '--generate-completion-script'\n\(fetchUsage)"),
    ]

    @Test("wrong usage is explained, with status 64", arguments: wrong)
    func wrongUsage(_ line: String, _ message: String) {
        let (text, code) = self.message(line)
        #expect(text == "Error: " + message)
        #expect(code == 64)
    }

    @Test(
        "the version and the help are given wherever they are asked for",
        arguments: [
            ("--version", "1.2.3"), ("fetch --version", "1.2.3"), ("user update x y --version", "1.2.3"),
            ("--help", "root"), ("-h", "root"), ("", "root"), ("help", "root"), ("help frob", "root"),
            ("help --help", "root"), ("--version -h", "root"),
            ("fetch --help", "fetch"), ("fetch --frob -h", "fetch"), ("fetch -fh", "fetch"), ("help fetch", "fetch"),
            ("fetch -help", "fetch"), ("put --lifetime 5000 --help", "put"),
            ("user", "user"), ("user -h", "user"), ("help user", "user"), ("user --frob --help", "user"),
            ("user update --help", "update"), ("help user update", "update"), ("--help user update", "root"),
        ]
    )
    func requests(_ line: String, _ expected: String) {
        let paths: [String: [CommandDefinition]] = [
            "root": [CommandDefinition(Depot.self)],
            "fetch": [CommandDefinition(Depot.self), CommandDefinition(Fetch.self)],
            "put": [CommandDefinition(Depot.self), CommandDefinition(Put.self)],
            "user": [CommandDefinition(Depot.self), CommandDefinition(UserGroup.self)],
            "update": [
                CommandDefinition(Depot.self), CommandDefinition(UserGroup.self), CommandDefinition(UserUpdate.self),
            ],
        ]
        let (text, code) = message(line)
        #expect(text == paths[expected].map { HelpText(path: $0).text(columns: Screen.columns) } ?? expected)
        #expect(code == 0)
    }

    @Test("other errors are printed, exit codes are silent")
    func errors() {
        struct Broken: Error, CustomStringConvertible { var description: String { "it broke" } }
        #expect(Depot.fullMessage(for: Broken()) == "Error: it broke")
        #expect(Depot.exitCode(for: Broken()) == .failure)
        #expect(Depot.fullMessage(for: ExitCode(6)).isEmpty)
        #expect(Depot.exitCode(for: ExitCode(6)).rawValue == 6)
        #expect(Depot.fullMessage(for: ValidationError("no")) == "Error: no\n" + Self.rootUsage)
        #expect(Depot.exitCode(for: ValidationError("no")) == .validationFailure)
    }

    @Test("words are as far apart as the fewest slips between them")
    func distances() {
        let words = [
            ("", "abc", 3), ("fetch", "fetch", 0), ("ftech", "fetch", 1), ("fech", "fetch", 1), ("put", "fetch", 4),
        ]
        for (left, right, distance) in words {
            #expect(left.distance(to: right) == distance && right.distance(to: left) == distance)
        }
    }
}
