// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// A program that has one of everything.
struct Depot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A program for tests.",
        discussion: """
            Fetch a file:
              depot fetch one.txt
            """,
        version: "1.2.3",
        subcommands: [Fetch.self, Put.self, UserGroup.self, Many.self, Hidden.self]
    )
}

struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetch files.")

    @Argument(help: "Where from.")
    var source: String

    @Argument(help: "Which files; all if none is named.")
    var files: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder.", valueName: "dir"), completion: .directories)
    var output: String?

    @Option(help: "Print results as text or json.")
    var format: Format = .text

    @Flag(name: .shortAndLong, help: "Replace files.")
    var force = false

    @Flag(name: .shortAndLong)
    var quiet = false

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }
}

struct Put: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put files, of which there must be one at least, under a name that is not used yet by anyone."
    )

    @Argument(help: "The files to put.", completion: .files)
    var files: [String]

    @Option(help: "The name.", transform: Self.shortName)
    var name: String

    @Option(name: .customLong("scope"), help: ArgumentHelp("What it is for; may be repeated.", valueName: "scope"))
    var scopes: [String]

    @Option(help: ArgumentHelp("How long it is kept.", valueName: "seconds"), transform: Self.number)
    var lifetime: Int = 60

    @Option(help: "The most there may be of it.", transform: Self.number)
    var limit: Int?

    @OptionGroup
    var common: Common

    struct Rule: Error, CustomStringConvertible {
        let description: String
    }

    @Sendable static func shortName(_ text: String) throws -> String {
        guard text.count <= 5 else { throw Rule(description: "it must have 5 letters at most") }
        return text
    }

    @Sendable static func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw ValidationError("\(text) is no number") }
        return number
    }

    func validate() throws {
        if lifetime > 1000 { throw ValidationError("it is kept too long") }
    }
}

struct Common: ParsableArguments {
    @Option(help: ArgumentHelp("The address.", valueName: "url"))
    var url: String?

    @OptionGroup
    var token: Token
}

struct Token: ParsableArguments {
    @Option(help: "A file with the token.", completion: .files)
    var tokenFile: String?
}

struct UserGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Users.",
        subcommands: [UserUpdate.self]
    )
}

struct UserUpdate: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "update", abstract: "Change a user.")

    @Argument(help: "The user.") var user = "me"
    @Flag(inversion: .prefixedNo, help: "Make it an administrator, or end that.") var admin: Bool?
    @Flag(help: "Let it sign in, or end that.") var login: Login?

    enum Login: String, EnumerableFlag {
        case loginAllowed, loginProhibited
    }
}

/// More options than a usage line has room for.
struct Many: ParsableCommand {
    static let configuration = CommandConfiguration()

    @Option() var s3Endpoint: String?
    @Option() var b: String?
    @Option() var c: String?
    @Option() var d: String?
    @Option() var e: String?
    @Option() var f: String?
    @Option() var g: String?
    @OptionGroup(title: "Settings") var settings: Settings

    struct Settings: ParsableArguments {
        @Option() var h: String?
        @Option() var i: String?
        @Option() var j: String?
        @Option() var k: String?
        @Option() var l: String?
        @Option() var printOpenAPI: String?
    }
}

struct Hidden: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Not shown.", shouldDisplay: false)
}
