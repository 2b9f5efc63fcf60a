// SPDX-License-Identifier: Apache-2.0

/// The `Content-Disposition` header of a download (RFC 6266).
package enum ContentDisposition {
    /// Returns a value that makes a browser save the content under the name.
    ///
    /// The name is a token or a quoted string. The value also includes `filename*` (RFC 8187) when the plain form cannot express the name.
    /// The same applies to names that some clients decode wrongly (RFC 6266 appendix D).
    package static func attachment(_ fileName: String) -> String {
        let needsExtendedForm = fileName.utf8.contains { byte in
            !(0x20...0x7E).contains(byte) || "%\"\\".utf8.contains(byte)
        }
        let plain = "attachment; filename=\(plainValue(fileName))"
        return needsExtendedForm ? "\(plain); filename*=UTF-8''\(extendedValue(fileName))" : plain
    }

    private static func plainValue(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy(\.isTokenCharacter) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default: quoted += "_"
            }
        }
        return quoted + "\""
    }

    private static func extendedValue(_ text: String) -> String {
        percentEncoded(text) { $0.isASCIILetterOrDigit || "!#$&+-.^_`|~".utf8.contains($0) }
    }
}
