// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A directory of one test, which goes with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/granary-test-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw SystemError(number: errno) }
        self.path = String(cString: path)
    }

    deinit {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if remove("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        }
        closedir(directory)
        rmdir(path)
    }

    /// The path of a file in it.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file beside its place and moves it there, as certificate tools do; returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let new = file(name + ".new")
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, rename(new, file(name)) == 0 else {
            throw SystemError(number: errno)
        }
        return file(name)
    }
}
