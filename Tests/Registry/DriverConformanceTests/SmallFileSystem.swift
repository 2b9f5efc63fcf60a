// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryStorage
import RegistryTestSupport

/// A file system in memory with room for a few hundred files; only root can mount one.
struct SmallFileSystem {
    let path: String

    /// Runs a test on a new one; without effect where none can be mounted, as in most containers.
    static func run(_ body: (SmallFileSystem) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let mounted = SmallFileSystem(path: directory)
            guard try system("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=300", "tmpfs", directory) == 0 else {
                return
            }
            do {
                try await body(mounted)
            } catch {
                _ = try system("umount", "--lazy", directory)
                throw error
            }
            _ = try system("umount", "--lazy", directory)
        }
    }

    /// Creates files until no more can be created.
    func fill() throws {
        for number in 0..<1000 {
            do {
                _ = try LocalFile.create("\(path)/filler-\(number)")
            } catch let error as BlobStoreError where error.code == .full {
                return
            }
        }
    }

    /// Lets nothing be written any more.
    func makeReadOnly() throws {
        _ = try Self.system("mount", "-o", "remount,ro", path)
    }

    private static func system(_ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
