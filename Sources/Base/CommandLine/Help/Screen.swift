// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The screen that shows the help.
enum Screen {
    /// The number of columns: the terminal's on standard output, otherwise `COLUMNS`, otherwise 80.
    static var columns: Int {
        var size = winsize()
        // The kernel fills the structure, which outlives the call.
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        guard let text = unsafe getenv("COLUMNS"), let columns = Int(unsafe String(cString: text)), columns > 0 else {
            return 80
        }
        return columns
    }

    /// Writes text directly; returns false on failure.
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}

extension String {
    /// Returns the text wrapped to a number of columns, with all lines indented except empty ones; never splits words.
    func wrapped(to columns: Int, indent: Int = 0) -> String {
        let width = max(1, columns - indent)
        let margin = String(repeating: " ", count: indent)
        return split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { Self.wrap($0, width) }
            .map { $0.isEmpty ? "" : margin + $0 }
            .joined(separator: "\n")
    }

    private static func wrap(_ line: Substring, _ width: Int) -> [Substring] {
        var lines: [Substring] = []
        var rest = line
        while rest.count > width {
            // The width includes a line's trailing space, which is cut.
            guard let space = rest.prefix(width).lastIndex(of: " ") ?? rest.firstIndex(of: " ") else { break }
            lines.append(rest[..<space])
            rest = rest[rest.index(after: space)...]
        }
        return lines + [rest]
    }
}
