// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard input and standard error as far as commands use them.
enum Terminal {
    /// Whether somebody watches standard error.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

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
        var settings = termios()
        // The kernel copies the structure in and out, which outlives the calls.
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine() }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            writeError("\n")
        }
        return readLine()
    }
}

/// Writes to a standard stream at once, also when it is a pipe.
struct StandardStream {
    static let standardOutput = StandardStream(descriptor: STDOUT_FILENO)
    static let standardError = StandardStream(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// Opens the standard streams that the process was started without, so that no other file takes their place.
    static func openMissing() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken, which is this one.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Writes text without buffering; false when that failed.
    @discardableResult
    func write(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            // The buffer is read only during the call.
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return false }
            bytes = bytes.dropFirst(written)
        }
        return true
    }
}
