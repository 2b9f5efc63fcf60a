// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A failed system call.
package struct SystemError: Error, CustomStringConvertible {
    /// The error number.
    package let code: Int32
    private let action: String

    package init(_ code: Int32, _ action: String) {
        self.code = code
        self.action = action
    }

    package var description: String { "could not \(action): \(Self.reason(code))" }

    /// Explains an error number in words that messages can contain after a colon.
    package static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "no such file or folder"
        case EACCES: "permission denied"
        case EEXIST: "it already exists"
        case EISDIR: "it is a folder"
        case ENOTDIR: "a part of the path is not a folder"
        case ENAMETOOLONG: "the name is too long"
        case ENOSPC, EDQUOT: "no space is left on the device"
        case EFBIG: "the file system does not support files of this size"
        case EROFS: "the file system is read-only"
        case EIO: "disk I/O error"
        case EBADF: "it is closed"
        case EPIPE: "the other side has closed it"
        default: systemText(code)
        }
    }

    /// Returns the C library's text, which starts with a capital letter there.
    private static func systemText(_ code: Int32) -> String {
        guard let text = strerror(code).map({ String(cString: $0) }), let first = text.first else {
            return "error \(code)"
        }
        return first.lowercased() + text.dropFirst()
    }
}
