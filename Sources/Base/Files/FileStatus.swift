// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The attributes of a file; two of the same path differ when the file was replaced or written.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, folder, link
        /// A device, a pipe or a socket.
        case other
    }

    package let kind: Kind
    package let sizeInBytes: Int64
    /// The user that owns the file.
    package let userID: UInt32
    private let device: UInt64
    private let inode: UInt64
    private let contentChange: Duration
    private let change: Duration

    /// Examines the file that a path names.
    package init(of path: String, followsLink: Bool = true) throws {
        var status = stat()
        guard (followsLink ? stat(path, &status) : lstat(path, &status)) == 0 else {
            throw FileError(.stat, path, errno)
        }
        self.init(status)
    }

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        sizeInBytes = Int64(status.st_size)
        userID = status.st_uid
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        contentChange = Duration(status.st_mtim)
        change = Duration(status.st_ctim)
    }

    /// The time since the last change of the names, the bytes or the attributes.
    package var age: Duration {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return max(Duration(now) - change, .zero)
    }
}

extension Duration {
    fileprivate init(_ time: timespec) {
        self = .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
