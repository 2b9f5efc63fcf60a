// SPDX-License-Identifier: Apache-2.0

import Files
import Loops
import RegistryCore

/// An open local file; its calls run on dedicated threads and throw `ClientError`.
struct TransferFile: Sendable {
    private static let pool = BlockingPool(name: "files", threads: 2)

    private let file: OpenFile
    /// The name of the file in messages.
    private let name: String

    /// Uses a file that the caller has opened.
    init(_ file: OpenFile, name: String) {
        self.file = file
        self.name = name
    }

    /// Opens a file.
    static func open(_ path: String, _ mode: OpenFile.Mode) async throws -> TransferFile {
        let file = try await run("open \(path.quoted())") { try OpenFile.open(path, mode) }
        return TransferFile(file, name: path.quoted())
    }

    /// Returns the size in bytes.
    func sizeInBytes() async throws -> Int64 {
        try await Self.run("read \(name)") { [file] in try file.status().sizeInBytes }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        try await Self.run("read \(name)") { [file] in try file.read(at: offset, count: count) }
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: [UInt8], at offset: Int64) async throws {
        try await Self.run("write \(name)") { [file] in try file.write(bytes, at: offset) }
    }

    /// Writes all bytes after the previous ones; another program may keep the call waiting.
    func append(_ bytes: [UInt8]) async throws {
        try await Self.run("write \(name)") { [file] in try file.append(bytes, toPeer: true) }
    }

    /// Syncs the written bytes to disk.
    func synchronize() async throws {
        try await Self.run("write \(name) to disk") { [file] in try file.synchronize() }
    }

    /// Renames a file atomically, replacing an existing one.
    static func rename(_ path: String, to newPath: String) async throws {
        try await run("rename \(path.quoted()) to \(newPath.quoted())") { try FileSystem.rename(path, to: newPath) }
    }

    /// Syncs the folder of a path, which makes a rename durable.
    static func synchronizeFolder(of path: String) async throws {
        try await open(FileSystem.folder(of: path), .folder).synchronize()
    }

    private static func run<Value: Sendable>(
        _ task: String,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await pool.complete {
            do {
                return try work()
            } catch let error as FileError {
                throw ClientError(.io, "cannot \(task): \(error.reason)")
            }
        }
    }
}
