// SPDX-License-Identifier: Apache-2.0

import Loops

/// A failed operation on a file or a directory.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operation, as the verb of a message.
    package enum Action: String, Hashable, Sendable {
        case create, open, lock, read, write, sync, stat, examine, list, link, rename, remove
        case writeTo = "write to"
    }

    package let action: Action
    package let path: String
    /// The error number of the operating system.
    package let code: Int32

    package init(_ action: Action, _ path: String, _ code: Int32) {
        self.action = action
        self.path = path
        self.code = code
    }

    /// The cause, without the operation and the path.
    package var reason: String { SystemError.reason(code) }

    package var description: String { "could not \(action.rawValue) \(path): \(reason)" }
}
