// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import CommandLine

@Suite("completion scripts", .timeLimit(.minutes(15)))
struct ScriptTests {
    /// What is offered for the last word of a command line, in a folder with the file `some file` and the folder `sub`.
    static let offers: [(String, [String])] = [
        ("depot ", ["fetch", "many", "put", "user"]),
        ("depot f", ["fetch"]),
        ("depot user ", ["update"]),
        ("depot user update --a", ["--admin"]),
        ("depot user update --login-", ["--login-allowed", "--login-prohibited"]),
        ("depot fetch --format ", ["json", "text"]),
        ("depot fetch here --format=j", ["json"]),
        ("depot fetch --output ", ["sub"]),
        ("depot fetch --force --ver", ["--version"]),
        ("depot put so", ["some file"]),
        ("depot put --token-file so", ["some file"]),
        ("depot put --url so", []),
    ]

    @Test("bash offers what can be written", .enabled(if: Shell("bash") != nil), arguments: offers)
    func bash(_ line: String, _ expected: [String]) async throws {
        let shell = try #require(Shell("bash"))
        // bash splits words at equals signs before it calls the function.
        let words = line.replacing("=", with: " = ").split(separator: " ", omittingEmptySubsequences: false)
        let output = try await shell.run(
            """
            source ./script
            COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " ")))
            COMP_CWORD=\(words.count - 1)
            _depot
            for word in "${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done
            """,
            script: Depot.completionScript(for: .bash)
        )
        #expect(output.sorted() == expected)
    }

    @Test("fish offers what can be written", arguments: offers)
    func fish(_ line: String, _ expected: [String]) async throws {
        let shell = try #require(Shell("fish"))
        let output = try await shell.run(
            "source ./script; complete -C'\(line)'",
            script: Depot.completionScript(for: .fish)
        )
        var offered: [String] = []
        for line in output {
            var word = line.prefix { $0 != "\t" }
            if word.hasPrefix("--format=") { word = word.dropFirst("--format=".count) }
            if word.hasSuffix("/") { word = word.dropLast() }
            offered.append(String(word.replacing("\\ ", with: " ")))
        }
        #expect(offered.sorted() == expected)
    }

    @Test("zsh offers what can be written", arguments: offers)
    func zsh(_ line: String, _ expected: [String]) async throws {
        let shell = try #require(Shell("zsh"))
        let output = try await shell.run(Self.zshProbe(line), script: Depot.completionScript(for: .zsh))
        // Files are told as they are and as they are written.
        #expect(Set(output.map { $0.replacing("\\ ", with: " ") }).sorted() == expected)
    }

    /// Types a line and a tab into a shell on a terminal of its own, where `compadd` tells what it is given instead of showing it.
    private static func zshProbe(_ line: String) -> String {
        """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'PS1=""; autoload -U compinit; compinit -u -D; source ./script; stty -echo'
        zpty -w shell 'compadd() {
            local -a found; builtin compadd -O found "$@"
            for one in $found; do print -r -- "offer:$one"; done >> ./offers
            builtin compadd "$@"
        }'
        zpty -w shell 'finish() { print > ./finished }; zle -N finish; bindkey "^G" finish; bindkey "^I" complete-word; print -n > ./ready'
        while [[ ! -e ./ready ]]; do zpty -r -t shell _ 2>/dev/null; sleep 0.02; done
        zpty -w -n shell $'\(line)\\t\\C-g'
        while [[ ! -e ./finished ]]; do zpty -r -t shell _ 2>/dev/null; sleep 0.02; done
        zpty -d shell
        [[ -e ./offers ]] && sed -n 's/^offer://p' ./offers
        true
        """
    }

    @Test("scripts are free of mistakes of syntax", arguments: CompletionShell.allCases)
    func syntax(_ name: CompletionShell) async throws {
        let shell = try #require(Shell(name.rawValue))
        let output = try await shell.run(
            "\(name.rawValue) -n ./script && echo fine",
            script: Depot.completionScript(for: name)
        )
        #expect(output == ["fine"])
    }
}

/// A shell of this machine.
private struct Shell {
    let path: String

    init?(_ name: String) {
        let paths = ["/bin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + name }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else { return nil }
        self.path = path
    }

    /// The lines that a text prints, run in a folder of its own, in which the script lies.
    ///
    /// A thread of its own waits for it: tasks have few of them.
    func run(_ text: String, script: String) async throws -> [String] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runAndWait(text, script: script) })
            }
        }
    }

    /// All that comes; Foundation's own way ends the process when a signal interrupts it, as those of ended children do.
    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            if count > 0 { content += piece[..<count] } else if count == 0 || errno != EINTR { return content }
        }
    }

    private func runAndWait(_ text: String, script: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "completion-\(UUID())")
        try FileManager.default.createDirectory(at: folder.appending(path: "sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(script.utf8).write(to: folder.appending(path: "script"))
        try Data().write(to: folder.appending(path: "some file"))
        let process = Process()
        // A shell that waits for ever is a failure, not an end of all tests.
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments =
            ["-k", "5", "120", path]
            + (path.hasSuffix("fish")
                ? ["--no-config", "-c", text] : path.hasSuffix("zsh") ? ["-f", "-c", text] : ["--norc", "-c", text])
        process.currentDirectoryURL = folder
        process.environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = Self.readAll(output.fileHandleForReading.fileDescriptor)
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
