// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Glibc
import Loops
import Testing

@Suite("files", .timeLimit(.minutes(15)))
struct FilesTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/files-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func expect(_ code: Int32, _ work: () throws -> Void) {
        let error = #expect(throws: FileError.self) { try work() }
        #expect(error?.code == code)
    }

    @Test("what was written is read again, at any offset and in pieces")
    func bytes() throws {
        try withFolder { folder in
            let file = try OpenFile.open(folder + "/file", .create(permissions: 0o600))
            try file.append([1, 2, 3])
            try file.append([])
            try file.write([9, 8], at: 4)
            #expect(try file.read(at: 0, count: 100) == [1, 2, 3, 0, 9, 8])
            #expect(try file.read(at: 4, count: 1) == [9])
            #expect(try file.read(at: 6, count: 1) == [])
            try file.synchronize()
            let again = try OpenFile.open(folder + "/file", .read)
            #expect(try again.status().sizeInBytes == 6)
            #expect(try again.readNext(4) == [1, 2, 3, 0])
            #expect(try again.readRest(limit: 2) == [9, 8])
            #expect(try again.readNext(4) == [])
            #expect(try OpenFile.open(folder + "/file", .read).readRest(limit: 5) == nil)
        }
    }

    @Test("a file is created once, and a symbolic link is refused where it must be")
    func opening() throws {
        try withFolder { folder in
            let (path, link) = (folder + "/file", folder + "/link")
            _ = try OpenFile.open(path, .create(permissions: 0o600))
            expect(EEXIST) { _ = try OpenFile.open(path, .create(permissions: 0o600)) }
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
            _ = try OpenFile.open(link, .read)
            expect(ELOOP) { _ = try OpenFile.open(link, .readUnlinked) }
            expect(ENOTDIR) { _ = try OpenFile.open(path, .folder) }
            #expect(try FileStatus(of: link).kind == .file)
            #expect(try FileStatus(of: link, followsLink: false).kind == .link)
            #expect(FileSystem.target(ofLink: link) == "file")
            #expect(FileSystem.target(ofLink: path) == nil)
            #expect(FileSystem.resolved(link) == FileSystem.resolved(folder).map { $0 + "/file" })
        }
    }

    @Test("names are linked, renamed, listed and removed")
    func names() throws {
        try withFolder { folder in
            #expect(try FileSystem.makeFolder(folder + "/inner"))
            #expect(try !FileSystem.makeFolder(folder + "/inner"))
            _ = try OpenFile.open(folder + "/a", .create(permissions: 0o600))
            try FileSystem.link(folder + "/a", as: folder + "/b")
            expect(EEXIST) { try FileSystem.link(folder + "/a", as: folder + "/b") }
            try FileSystem.rename(folder + "/b", to: folder + "/c")
            try FileSystem.synchronizeFolder(folder)
            #expect(try FileSystem.entries(folder).sorted() == ["a", "c", "inner"])
            for _ in 0..<2 { try FileSystem.unlink(folder + "/c") }
            #expect(!FileSystem.exists(folder + "/c") && FileSystem.exists(folder + "/a"))
            expect(ENOENT) { _ = try FileSystem.entries(folder + "/none") }
            #expect(try FileSystem.freeBytes(folder) > 0)
            try FileSystem.checkWritable(folder, listing: true)
        }
    }

    @Test("the status of a file changes when it is written or replaced")
    func status() throws {
        try withFolder { folder in
            let path = folder + "/file"
            let file = try OpenFile.open(path, .create(permissions: 0o600))
            let before = try FileStatus(of: path)
            #expect(try FileStatus(of: path) == before)
            #expect(before.userID == geteuid() && before.age < .seconds(3600))
            try file.append([1])
            #expect(try FileStatus(of: path) != before)
        }
    }

    @Test("a lock has one holder, and is released with its file")
    func lock() throws {
        try withFolder { folder in
            var first: OpenFile? = try OpenFile.open(folder + "/lock", .createIfMissing)
            let second = try OpenFile.open(folder + "/lock", .createIfMissing)
            #expect(try first?.lock() == true)
            #expect(try !second.lock())
            first = nil
            #expect(try second.lock())
        }
    }

    @Test("an error names the operation, the path and the cause")
    func errors() {
        #expect(FileError(.sync, "/a", ENOSPC).description == "could not sync /a: no space is left on the device")
        #expect(FileError(.writeTo, "/a", EACCES).description == "could not write to /a: permission denied")
        #expect(SystemError.reason(EPERM) == "operation not permitted")
        #expect(SystemError.reason(EMFILE) == "too many open files")
    }

    @Test("the folder of a path", arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
    func folder(of path: String, is folder: String) {
        #expect(FileSystem.folder(of: path) == folder)
    }
}
