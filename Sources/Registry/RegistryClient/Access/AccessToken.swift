// SPDX-License-Identifier: Apache-2.0

/// An access token; printing, logging or dumping it shows a placeholder.
package struct AccessToken: Hashable, Sendable {
    /// The token itself, for the `Authorization` header and the saved login only.
    package let secret: String

    /// Takes the token out of a file's or variable's text; surrounding white space does not belong to it.
    package init(_ text: String) throws(ClientError) {
        let isSpace = { (character: Character) in character.isWhitespace }
        var trimmed = text[...].drop(while: isSpace)
        while trimmed.last.map(isSpace) == true { trimmed.removeLast() }
        guard !trimmed.isEmpty else {
            throw ClientError(.usage, "the access token is empty; create one with granary admin token create")
        }
        // Visible ASCII only: anything else would break out of the header or was pasted with the token by mistake.
        guard trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ClientError(
                .usage,
                "the access token contains spaces or other invalid characters; copy it again"
            )
        }
        secret = String(trimmed)
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    package var description: String { "<access token>" }

    /// A placeholder.
    package var debugDescription: String { description }

    /// Nothing to look into.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
