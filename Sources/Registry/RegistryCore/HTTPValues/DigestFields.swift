// SPDX-License-Identifier: Apache-2.0

/// The headers with digests, in all forms that clients use.
package enum DigestFields {
    /// The lower-case names of all headers that state a digest of an upload.
    package static let names: Set<String> = [
        "content-digest", "repr-digest", "digest", "content-md5", "x-checksum", "x-checksum-md5", "x-checksum-sha1",
        "x-checksum-sha256", "x-checksum-sha512",
    ]

    /// Returns the value of `Repr-Digest` or `Content-Digest` (RFC 9530), such as `sha-256=:…:`.
    package static func structured(_ digests: [Digest]) -> String {
        digests.map { "\($0.algorithm.httpName)=:\($0.base64):" }.joined(separator: ", ")
    }

    /// Returns the value of the older `Digest` (RFC 3230), such as `SHA-256=…`, which some clients verify.
    package static func legacy(_ digests: [Digest]) -> String {
        digests.map { "\($0.algorithm.httpName.uppercased())=\($0.base64)" }.joined(separator: ",")
    }

    /// Parses the digests of a header; returns none for other headers and for unknown algorithms only.
    ///
    /// Throws for a malformed field, because a client that states a digest relies on its verification.
    static func parse(name: String, value: String) throws(InvalidDigestField) -> [Digest] {
        let text = String(value.trimmingOptionalWhiteSpace())
        switch name {
        case "content-digest", "repr-digest": return try structuredDigests(text, name)
        case "digest": return try legacyDigests(text, name)
        case "content-md5": return [try base64Digest(.md5, text, name)]
        case "x-checksum-md5": return [try hexDigest(.md5, text, name)]
        case "x-checksum-sha1": return [try hexDigest(.sha1, text, name)]
        case "x-checksum-sha256": return [try hexDigest(.sha256, text, name)]
        case "x-checksum-sha512": return [try hexDigest(.sha512, text, name)]
        case "x-checksum": return [try digestOfAnyLength(text, name)]
        default: return []
        }
    }

    /// Parses a dictionary of byte sequences (RFC 8941 section 3.2) and skips parameters.
    private static func structuredDigests(_ text: String, _ name: String) throws(InvalidDigestField) -> [Digest] {
        var digests: [Digest] = []
        for member in text.isEmpty ? [] : members(of: text, keepingEmpty: true) {
            let (key, value) = keyAndValue(member)
            guard let algorithm = DigestAlgorithm(httpName: key) else {
                guard isStructuredKey(key), value.map(isStructuredValue) ?? false else {
                    throw InvalidDigestField(
                        field: name,
                        problem:
                            "\(String(member).quoted()) is not a digest; send sha-256=:...:, with Base64 between the colons"
                    )
                }
                continue
            }
            let item = (value ?? "").prefix { $0 != ";" }.trimmingOptionalWhiteSpace()
            guard item.count >= 2, item.first == ":", item.last == ":" else {
                throw InvalidDigestField(
                    field: name,
                    problem: "\(key) must be Base64 between colons, such as \(key)=:...:"
                )
            }
            digests.append(try base64Digest(algorithm, String(item.dropFirst().dropLast()), name))
        }
        return digests
    }

    /// Parses a list of `algorithm=value`, in Base64 or, as some clients send it, in hexadecimal digits.
    private static func legacyDigests(_ text: String, _ name: String) throws(InvalidDigestField) -> [Digest] {
        var digests: [Digest] = []
        for member in members(of: text) {
            let (key, given) = keyAndValue(member)
            let value = given ?? ""
            guard let algorithm = DigestAlgorithm(httpName: key) else {
                guard isToken(key), !value.isEmpty else {
                    throw InvalidDigestField(
                        field: name,
                        problem: "\(String(member).quoted()) is not a digest; send SHA-256=... in Base64"
                    )
                }
                continue
            }
            if let digest = try? Digest(algorithm, hex: value) {
                digests.append(digest)
            } else {
                digests.append(try base64Digest(algorithm, String(value), name))
            }
        }
        return digests
    }

    private static func digestOfAnyLength(_ text: String, _ name: String) throws(InvalidDigestField) -> Digest {
        guard let algorithm = DigestAlgorithm.allCases.first(where: { 2 * $0.byteCount == text.utf8.count }) else {
            throw InvalidDigestField(
                field: name,
                problem: "it must be an MD5, SHA-1, SHA-256 or SHA-512 digest in hexadecimal digits"
            )
        }
        return try hexDigest(algorithm, text, name)
    }

    private static func hexDigest(
        _ algorithm: DigestAlgorithm,
        _ text: String,
        _ name: String
    ) throws(InvalidDigestField) -> Digest {
        do {
            return try Digest(algorithm, hex: text)
        } catch {
            throw InvalidDigestField(field: name, problem: "\(error)")
        }
    }

    private static func base64Digest(
        _ algorithm: DigestAlgorithm,
        _ text: String,
        _ name: String
    ) throws(InvalidDigestField) -> Digest {
        do {
            return try Digest(algorithm, base64: text)
        } catch {
            throw InvalidDigestField(field: name, problem: "\(error)")
        }
    }

    /// Returns the elements of a list, whose quoted strings may contain commas.
    ///
    /// Lists may have empty elements (RFC 9110 section 5.6.1), but dictionaries may not (RFC 8941 section 4.2.2).
    private static func members(of text: String, keepingEmpty: Bool = false) -> [Substring] {
        var isQuoted = false
        var isEscaped = false
        return
            text.split(omittingEmptySubsequences: !keepingEmpty) { character in
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = isQuoted
                } else if character == "\"" {
                    isQuoted.toggle()
                }
                return character == "," && !isQuoted
            }
            .map { $0.trimmingOptionalWhiteSpace() }
    }

    /// Returns the key and the value of a member; the value is nil when there is no `=`.
    private static func keyAndValue(_ member: Substring) -> (key: String, value: Substring?) {
        let key = member.prefix { $0 != "=" && $0 != ";" }
        let rest = member[key.endIndex...]
        return (key.lowercased(), rest.hasPrefix("=") ? rest.dropFirst() : nil)
    }

    /// Returns whether a text is a token (RFC 9110 section 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && NameRules.consists(text, ofLettersDigitsAnd: "!#$%&'*+-.^_`|~")
    }

    /// Returns whether a lower-case text is a key (RFC 8941 section 3.1.2).
    private static func isStructuredKey(_ text: String) -> Bool {
        guard let first = text.first, first.isLowercase || first == "*" else { return false }
        return NameRules.consists(text, ofLettersDigitsAnd: "_-.*")
    }

    /// Returns whether a value starts like an item or an inner list (RFC 8941 section 3.1) and is terminated accordingly.
    private static func isStructuredValue(_ value: Substring) -> Bool {
        guard let first = value.first else { return false }
        let rest = value.dropFirst()
        switch first {
        case "?": return rest.hasPrefix("0") || rest.hasPrefix("1")
        case ":":
            guard let end = rest.firstIndex(of: ":") else { return false }
            return rest[..<end].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) }
        case "\"": return rest.contains(first)
        case "(": return rest.contains(")")
        case "-": return rest.first?.isNumber ?? false
        case "*": return true
        default: return first.isASCII && (first.isLetter || first.isNumber)
        }
    }
}

extension DigestAlgorithm {
    /// The key in the IANA registry of hash algorithms for HTTP digest fields (RFC 9530 section 5).
    fileprivate var httpName: String {
        switch self {
        case .md5: "md5"
        case .sha1: "sha"
        case .sha256: "sha-256"
        case .sha512: "sha-512"
        }
    }

    fileprivate init?(httpName: String) {
        guard let algorithm = Self.allCases.first(where: { $0.httpName == httpName }) else { return nil }
        self = algorithm
    }
}
