// SPDX-License-Identifier: Apache-2.0

/// A parser for the small subset of XML in S3 responses: elements and text.
///
/// It skips attributes, comments and processing instructions. It rejects documents with a type declaration, so the only entities are the
/// five predefined ones and character references.
struct XMLReader {
    private static let deepestNesting = 32

    private var rest: Substring

    /// Returns the root element of a document, or nil when the document is not well-formed.
    static func read(_ text: String) -> XMLElement? {
        var reader = XMLReader(rest: text[...])
        return reader.document()
    }

    private mutating func document() -> XMLElement? {
        guard skipMisc(), let root = element(depth: 0), skipMisc(), rest.isEmpty else { return nil }
        return root
    }

    /// Skips white space, processing instructions and comments outside the root.
    private mutating func skipMisc() -> Bool {
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            if rest.hasPrefix("<?") {
                guard take(through: "?>") != nil else { return false }
            } else if rest.hasPrefix("<!--") {
                guard take(through: "-->") != nil else { return false }
            } else {
                return true
            }
        }
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth < Self.deepestNesting, rest.hasPrefix("<"), let (name, isEmpty) = startTag() else { return nil }
        var element = XMLElement(name: Self.localName(name))
        if isEmpty { return element }
        while !rest.hasPrefix("</") {
            if rest.hasPrefix("<![CDATA[") {
                guard let text = take(through: "]]>") else { return nil }
                element.text += text.dropFirst("<![CDATA[".count)
            } else if rest.hasPrefix("<!--") {
                guard take(through: "-->") != nil else { return nil }
            } else if rest.hasPrefix("<?") {
                guard take(through: "?>") != nil else { return nil }
            } else if rest.hasPrefix("<") {
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.children.append(child)
            } else {
                guard let end = rest.firstIndex(of: "<"), let text = Self.unescaped(rest[..<end]) else { return nil }
                element.text += text
                rest = rest[end...]
            }
        }
        guard let tag = take(through: ">") else { return nil }
        return tag.dropFirst(2).trimmingWhitespace() == name ? element : nil
    }

    /// Returns the name in a start tag, and whether the tag also ends its element.
    private mutating func startTag() -> (name: Substring, isEmpty: Bool)? {
        rest.removeFirst()
        let name = rest.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" && $0 != "<" }
        guard let first = name.first, first.isLetter || first == "_" else { return nil }
        rest = rest[name.endIndex...]
        while let character = rest.popFirst() {
            switch character {
            case ">": return (name, false)
            case "/": return rest.popFirst() == ">" ? (name, true) : nil
            case "\"", "'":
                guard let end = rest.firstIndex(of: character) else { return nil }
                rest = rest[rest.index(after: end)...]
            case "<": return nil
            default: continue
            }
        }
        return nil
    }

    /// Consumes the input through a mark, and returns the text before it.
    private mutating func take(through mark: String) -> Substring? {
        guard let range = rest.firstRange(of: mark) else { return nil }
        defer { rest = rest[range.upperBound...] }
        return rest[..<range.lowerBound]
    }

    private static func localName(_ name: Substring) -> String {
        String(name.split(separator: ":").last ?? name)
    }

    private static func unescaped(_ text: Substring) -> String? {
        guard text.contains("&") else { return String(text) }
        var pieces = text.split(separator: "&", omittingEmptySubsequences: false)[...]
        var result = String(pieces.removeFirst())
        for piece in pieces {
            guard let end = piece.firstIndex(of: ";"), let character = character(piece[..<end]) else { return nil }
            result.unicodeScalars.append(character)
            result += piece[piece.index(after: end)...]
        }
        return result
    }

    private static func character(_ reference: Substring) -> Unicode.Scalar? {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard reference.hasPrefix("#") else { return nil }
        let digits = reference.dropFirst()
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init)
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> Substring {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...last]
    }
}
