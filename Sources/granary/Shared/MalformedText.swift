// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryCore

/// Rejects arguments and variables that are not UTF-8, because their decoded text would name other files.
enum MalformedText {
    /// Returns the problem and its remedy; nil if all arguments and all relevant variables are UTF-8.
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

    /// The variables of other programs that name files for Granary to read.
    private static let paths: Set = [
        "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PGPASSFILE", "PGSERVICEFILE",
    ]

    private static func isText(_ text: UnsafePointer<CChar>) -> Bool { unsafe String(validatingCString: text) != nil }
}
