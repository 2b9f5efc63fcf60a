// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// The terminal on standard input and standard error.
enum Terminal {
    /// Whether standard error is a terminal.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether standard error accepts text without blocking, unlike a stopped terminal.
    static var takesText: Bool {
        var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        // The kernel fills the structure, which outlives the call.
        return unsafe poll(&room, 1, 0) == 1
    }

    /// Whether standard input is a terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    /// The columns of the terminal, or 80 if unknown.
    static var columns: Int {
        var size = winsize()
        // The kernel fills the structure, which outlives the call.
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes text to standard error unchanged.
    static func writeError(_ text: String) {
        StandardStream.standardError.write(text)
    }

    /// Reports a failure or warning as `granary: <sentence>`.
    static func complain(_ sentence: String) {
        writeError("granary: \(sentence)\n")
    }

    /// Reads one line, without echo on a terminal; returns nil at the end of input.
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
