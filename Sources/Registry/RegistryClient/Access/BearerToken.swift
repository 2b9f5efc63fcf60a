// SPDX-License-Identifier: Apache-2.0

/// An access token; printing, logging or dumping it shows a placeholder.
package struct BearerToken: Hashable, Sendable {
    /// The token itself, only for the `Authorization` header and the saved login.
    package let secret: String

    /// Parses the token from the text of a file or variable, without surrounding white space.
    package init(_ text: String) throws(ClientError) {
        let isSpace = { (character: Character) in character.isWhitespace }
        var trimmed = text[...].drop(while: isSpace)
        while trimmed.last.map(isSpace) == true { trimmed.removeLast() }
        guard !trimmed.isEmpty else {
            throw ClientError(.usage, "the access token is empty; create one with granary admin token create")
        }
        // Visible ASCII only: other characters would break the header or were pasted by mistake.
        guard trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ClientError(
                .usage,
                "the access token contains spaces or other invalid characters; copy it again"
            )
        }
        secret = String(trimmed)
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    package var description: String { "<access token>" }

    /// A placeholder.
    package var debugDescription: String { description }

    /// A mirror without children, so that the token stays hidden.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
