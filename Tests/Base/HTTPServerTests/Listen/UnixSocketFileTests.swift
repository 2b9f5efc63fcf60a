// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import HTTPServer

@Suite("the files of Unix sockets", .timeLimit(.minutes(15)))
struct UnixSocketFileTests {
    private func code(of body: () throws(ListenError) -> UnixSocketFile) -> Int32? {
        do throws(ListenError) {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func connects(_ path: String) -> Bool {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        return SocketAddress(path: path)?.withPointer { connect(socket, $0, $1) } == 0
    }

    @Test("a file has its permissions, is connected to, and goes with its owner")
    func life() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let file = try UnixSocketFile(path: path, permissions: 0o640)
        var status = stat()
        lstat(path, &status)
        #expect(status.st_mode == S_IFSOCK | 0o640)
        #expect(connects(path))
        #expect(SocketAddress(boundTo: file.descriptor).listenAddress == .unix(path: path))
        close(file.descriptor)
        file.remove()
        #expect(!exists(path))
        file.remove()
    }

    @Test("one that nobody listens at is replaced, and its first owner removes it no more")
    func stale() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let first = try UnixSocketFile(path: path, permissions: 0o600)
        close(first.descriptor)
        #expect(!connects(path))
        let second = try UnixSocketFile(path: path, permissions: 0o600)
        #expect(connects(path))
        first.remove()
        #expect(connects(path))
        close(second.descriptor)
        second.remove()
        #expect(!exists(path))
    }

    @Test("one that is listened at is not taken, also when its queue is full")
    func living() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        let address = try #require(SocketAddress(path: path))
        try #require(address.withPointer { bind(socket, $0, $1) } == 0 && listen(socket, 0) == 0)
        for _ in 0..<3 {
            #expect(code { () throws(ListenError) in try UnixSocketFile(path: path, permissions: 0o600) } == EADDRINUSE)
        }
        #expect(exists(path))
    }

    @Test("what is no socket, and what is nowhere, is left alone")
    func obstacles() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([1, 2, 3], to: "file")
        symlink(file, folder.file("link"))
        for (path, expected) in [
            (file, ENOTSOCK), (folder.file("link"), ENOTSOCK), (folder.file("none/socket"), ENOENT),
            (file + "/socket", ENOTDIR), ("/tmp/" + String(repeating: "x", count: 110), ENAMETOOLONG),
        ] {
            let found = code { () throws(ListenError) in try UnixSocketFile(path: path, permissions: 0o600) }
            #expect(found == expected, "\(path)")
        }
        #expect(exists(file) && exists(folder.file("link")))
    }

    @Test("of servers that find a dead one's socket at the same time, one gets its place")
    func race() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let dead = try UnixSocketFile(path: path, permissions: 0o600)
        close(dead.descriptor)
        let files: [UnixSocketFile] = await withTaskGroup(of: UnixSocketFile?.self) { group in
            for _ in 0..<8 { group.addTask { try? UnixSocketFile(path: path, permissions: 0o600) } }
            return await group.reduce(into: []) { if let file = $1 { $0.append(file) } }
        }
        #expect(files.count == 1)
        #expect(connects(path))
        for file in files { close(file.descriptor) }
    }

    @Test("sockets are handed over to the process that is named, and to no other")
    func handedOver() throws {
        #expect(try HandedOverSockets.find(in: [:]) == [])
        #expect(try HandedOverSockets.find(in: ["LISTEN_FDS": "1", "LISTEN_PID": "1"]) == [])
        for count in ["", "0", "-1", "x", "999999"] {
            #expect(try HandedOverSockets.find(in: ["LISTEN_FDS": count, "LISTEN_PID": "\(getpid())"]) == [])
        }
        // Of a thousand descriptors, some are no listening sockets.
        #expect(throws: ListenError.self) {
            try HandedOverSockets.find(in: ["LISTEN_FDS": "1024", "LISTEN_PID": "\(getpid())"])
        }
    }
}
