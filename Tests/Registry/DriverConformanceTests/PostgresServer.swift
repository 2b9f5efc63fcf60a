// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Loops
import RegistryStorage
import RegistryTestSupport

/// A PostgreSQL server that a test may stop, freeze and kill.
struct PostgresServer: Sendable {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scripts/postgres.sh").path()

    let directory: String
    let postgres: TestPostgres

    /// Runs a test beside a server of its own, with settings such as `-c max_connections=20`.
    static func run(_ options: String = "", _ body: (PostgresServer) async throws -> Void) async throws {
        let directory = "/tmp/granary-postgres-\(UUID().uuidString)"
        let server = try await PostgresServer(directory, options)
        do {
            try await body(server)
        } catch {
            try await server.end()
            throw error
        }
        try await server.end()
    }

    private let options: String

    private init(_ directory: String, _ options: String) async throws {
        self.directory = directory
        self.options = options
        let lines = try await Self.perform("start", directory, options).split(separator: "\n")
        let values = lines.compactMap { $0.split(separator: "'").dropFirst().first.map(String.init) }
        guard values.count == 2 else { throw Failure(description: "the server said \(lines)") }
        postgres = TestPostgres(url: values[0], administratorURL: values[1])
    }

    /// Starts the server again, at the same address.
    func start() async throws { _ = try await Self.perform("start", directory, options) }

    /// Stops the server in an orderly way.
    func stop() async throws { _ = try await Self.perform("stop", directory, options) }

    /// Ends the server as a power cut would.
    func kill() async throws { _ = try await Self.perform("kill", directory, options) }

    /// Keeps all processes of the server from running while something is done.
    func whileFrozen(_ body: () async throws -> Void) async throws {
        let processes = try processes()
        for process in processes { Glibc.kill(process, SIGSTOP) }
        defer { for process in processes { Glibc.kill(process, SIGCONT) } }
        try await body()
    }

    private func processes() throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
            let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")
            return folder == directory + "/data"
        }
    }

    private func end() async throws {
        try await kill()
        try FileManager.default.removeItem(atPath: directory)
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
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

    private static func perform(_ verb: String, _ directory: String, _ options: String) async throws -> String {
        try await BlockingPool.maintenance.complete {
            let process = Process()
            process.executableURL = URL(filePath: script)
            process.arguments = [verb, directory]
            process.environment = ProcessInfo.processInfo.environment.merging(["POSTGRES_OPTIONS": options]) { $1 }
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: Self.readAll(output.fileHandleForReading.fileDescriptor), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw Failure(description: "postgres.sh \(verb) failed") }
            return text
        }
    }
}
