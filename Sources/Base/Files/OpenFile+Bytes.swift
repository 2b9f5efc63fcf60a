// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

extension OpenFile {
    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            while filled < count, let base = space.baseAddress {
                let got = pread(descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
                if got == 0 { break }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    throw FileError(.read, path, errno)
                }
            }
        }
    }

    /// Reads the next bytes, at most `count`; empty at the end.
    package func readNext(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            while true {
                let got = Glibc.read(descriptor, space.baseAddress, count)
                if got >= 0 {
                    filled = got
                    return
                }
                guard errno == EINTR else { throw FileError(.read, path, errno) }
            }
        }
    }

    /// Reads the next bytes to the end; returns nil if there are more than the limit.
    package func readRest(limit: Int) throws -> [UInt8]? {
        var content: [UInt8] = []
        while content.count <= limit {
            let piece = try readNext(16 << 10)
            if piece.isEmpty { return content }
            content += piece
        }
        return nil
    }

    /// Writes all bytes at an offset.
    package func write(_ bytes: [UInt8], at offset: Int64) throws {
        try writeAll(bytes) { rest, done in
            pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
        }
    }

    /// Writes all bytes after the previous ones.
    ///
    /// With `toPeer`, another program reads them and may keep the call waiting (`PeerWait`).
    package func append(_ bytes: [UInt8], toPeer: Bool = false) throws {
        try writeAll(bytes) { rest, _ in
            let write = { Glibc.write(self.descriptor, rest.baseAddress, rest.count) }
            return toPeer ? PeerWait.during(write) : write()
        }
    }

    private func writeAll(_ bytes: [UInt8], _ write: (UnsafeRawBufferPointer, _ done: Int) -> Int) throws {
        try bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = write(UnsafeRawBufferPointer(rebasing: bytes[done...]), done)
                if count > 0 {
                    done += count
                } else if count == 0 {
                    throw FileError(.write, path, EIO)
                } else if errno != EINTR {
                    throw FileError(.write, path, errno)
                }
            }
        }
    }
}
