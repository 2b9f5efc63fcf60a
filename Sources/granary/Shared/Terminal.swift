// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// Standard input and standard error as far as commands use them.
enum Terminal {
    /// Whether somebody watches standard error.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether text for standard error would not wait, as it does on a terminal that is stopped.
    static var takesText: Bool {
        var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        // The kernel fills the structure, which outlives the call.
        return unsafe poll(&room, 1, 0) == 1
    }

    /// Whether somebody types on standard input.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    /// The columns of the terminal, or 80.
    static var columns: Int {
        var size = winsize()
        // The kernel fills the structure, which outlives the call.
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes text to standard error as it is.
    static func writeError(_ text: String) {
        StandardStream.standardError.write(text)
    }

    /// Reports a failure or warning as `granary: <sentence>`.
    static func complain(_ sentence: String) {
        writeError("granary: \(sentence)\n")
    }

    /// Reads one line, not echoed when it is typed; nil at the end of input.
    static func readSecret(prompt: String) -> String? {
        guard isInteractive else { return readLine() }
        writeError(prompt)
        guard let echo = SilencedEcho() else { return readLine() }
        defer {
            echo.restore()
            writeError("\n")
        }
        return readLine()
    }
}
