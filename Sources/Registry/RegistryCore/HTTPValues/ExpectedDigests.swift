// SPDX-License-Identifier: Apache-2.0

/// The error of an upload's digest header that cannot be parsed.
package struct InvalidDigestField: Error, Hashable, CustomStringConvertible {
    /// The lower-case name of the header.
    package let field: String
    /// The problem and the remedy.
    package let problem: String

    /// The message with the name of the header.
    package var description: String { "header \(field): \(problem)" }
}

/// The digests that a client states for its upload.
package struct ExpectedDigests: Hashable, Sendable {
    /// The stated digests, at most one per algorithm.
    package private(set) var digests: [DigestAlgorithm: Digest] = [:]

    /// Creates a value without digests.
    package init() {}

    /// Parses all headers that state a digest, given by lower-case names, and skips other headers.
    ///
    /// Two headers may state the same digest, but not different ones of the same algorithm.
    package init(fields: [(name: String, value: String)]) throws(InvalidDigestField) {
        for (name, value) in fields {
            for digest in try DigestFields.parse(name: name, value: value) {
                if let other = digests[digest.algorithm], other != digest {
                    throw InvalidDigestField(
                        field: name,
                        problem: "it states \(digest), but the request also states \(other); send only one of them"
                    )
                }
                digests[digest.algorithm] = digest
            }
        }
    }

    /// Returns these digests with those that are stated later, or nil when they contradict each other.
    package func adding(_ later: ExpectedDigests) -> ExpectedDigests? {
        var all = self
        for (algorithm, digest) in later.digests {
            guard all.digests.updateValue(digest, forKey: algorithm).map({ $0 == digest }) ?? true else { return nil }
        }
        return all
    }

    /// Whether the client states no digest.
    package var isEmpty: Bool { digests.isEmpty }

    /// The algorithms needed to verify the content.
    package var algorithms: Set<DigestAlgorithm> { Set(digests.keys) }

    /// Returns a stated digest that differs from the content's, or nil when all match; the strongest algorithm comes first.
    ///
    /// `actual` returns the content's digest, or nil for an algorithm that was not computed. That counts as a mismatch, because a stated
    /// digest is never accepted unverified.
    package func mismatch(with actual: (DigestAlgorithm) -> Digest?) -> Digest? {
        for algorithm in DigestAlgorithm.allCases.reversed() {
            if let stated = digests[algorithm], stated != actual(algorithm) { return stated }
        }
        return nil
    }
}
