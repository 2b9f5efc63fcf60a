// SPDX-License-Identifier: Apache-2.0

/// Reads the little XML that S3 stores answer with: elements and text.
///
/// Attributes, comments and instructions are passed over. Documents with a type declaration are refused, so that there
/// are no entities but the five that XML names and those of characters.
struct XMLReader {
    private static let deepestNesting = 32

    private var rest: Substring

    /// The root element of a document; nil when it is not well-formed.
    static func read(_ text: String) -> XMLElement? {
        var reader = XMLReader(rest: text[...])
        return reader.document()
    }

    private mutating func document() -> XMLElement? {
        guard skipMisc(), let root = element(depth: 0), skipMisc(), rest.isEmpty else { return nil }
        return root
    }

    /// Passes over white space, instructions and comments outside the root.
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

    /// The name in a start tag, and whether the tag is also the end of its element.
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

    /// Takes what comes before a mark, and the mark.
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
