// SPDX-License-Identifier: Apache-2.0

import Files

/// Tests at startup that the file system of a data directory is suitable, so that no publish fails later.
struct DirectoryTrial {
    private let directory: DataDirectory
    private var file: String { directory.path + "/.trial" }
    private var link: String { directory.path + "/.trial-link" }
    private var socket: String { directory.path + "/.trial-socket" }

    /// Creates a test of a directory that this process has locked.
    init(_ directory: DataDirectory) { self.directory = directory }

    /// Runs the test; throws the first unsupported operation.
    func run(linksContent: Bool) throws {
        removeAll()
        defer { removeAll() }
        let trial = try attempt("create a file") { try OpenFile.open(file, .create(permissions: 0o600)) }
        try attempt("store a file") { try trial.append(Array("trial".utf8)) }
        try attempt("sync a file to disk, which durable publishes need") { try trial.synchronize() }
        try attempt("sync a directory to disk, which durable publishes need") {
            try FileSystem.synchronizeFolder(directory.path)
        }
        try attempt("lock a file, which the database needs") { try trial.lockFirstByte() }
        if linksContent {
            try attempt("create a hard link") { try FileSystem.link(file, as: link) }
        }
        try attempt("create a socket, which administrators' commands need") { try FileSystem.makeSocket(socket) }
    }

    private func removeAll() {
        for path in [file, link, socket] { try? FileSystem.unlink(path) }
    }

    private func attempt<Value>(_ ability: String, _ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as FileError {
            throw DataDirectoryError(
                description:
                    "the file system of \(directory.path) cannot \(ability): \(error.reason); put the data directory "
                    + "onto a local file system such as ext4 or XFS"
            )
        }
    }
}
