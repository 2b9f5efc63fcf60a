// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The screen that help is printed on.
enum Screen {
    /// The columns of the terminal that standard output is, else what `COLUMNS` says, else 80.
    static var columns: Int {
        var size = winsize()
        // The kernel fills the structure, which outlives the call.
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        guard let text = unsafe getenv("COLUMNS"), let columns = Int(unsafe String(cString: text)), columns > 0 else {
            return 80
        }
        return columns
    }

    /// Writes text at once; false when that failed.
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
    /// The text in lines of at most so many columns, all but empty ones indented; words are never cut.
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
            // A line has room for one column more than its text: a space ends each.
            guard let space = rest.prefix(width).lastIndex(of: " ") ?? rest.firstIndex(of: " ") else { break }
            lines.append(rest[..<space])
            rest = rest[rest.index(after: space)...]
        }
        return lines + [rest]
    }
}
