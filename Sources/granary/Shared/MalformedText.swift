// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryCore

/// What the process was given that is not UTF-8: read as text it would name other files than those that were meant.
enum MalformedText {
    /// What is wrong and what to do; nil when all arguments and all variables that Granary reads are UTF-8.
    static func complaint() -> String? {
        for index in 1..<max(1, Int(Swift.CommandLine.argc)) {
            guard let argument = unsafe Swift.CommandLine.unsafeArgv[index], unsafe !isText(argument) else { continue }
            let shown = unsafe String(cString: argument).quoted()
            return "argument \(index), \(shown), is not UTF-8: use names and paths in UTF-8"
        }
        var next = unsafe environ
        while let variable = unsafe next.pointee {
            unsafe next += 1
            let text = unsafe String(cString: variable)
            let name = text.prefix { $0 != "=" }
            guard name.hasPrefix("GRANARY_") || paths.contains(String(name)), unsafe !isText(variable) else { continue }
            return "the variable \(name) is not UTF-8: set it to text in UTF-8"
        }
        return nil
    }

    /// What others name, and Granary reads files in.
    private static let paths: Set = [
        "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PGPASSFILE", "PGSERVICEFILE",
    ]

    private static func isText(_ text: UnsafePointer<CChar>) -> Bool { unsafe String(validatingCString: text) != nil }
}
