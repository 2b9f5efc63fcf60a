// SPDX-License-Identifier: Apache-2.0

/// A header of an upload that names a digest in a way that cannot be understood.
package struct InvalidDigestField: Error, Hashable, CustomStringConvertible {
    /// The name of the header, in lower case.
    package let field: String
    /// What is wrong and what to do.
    package let problem: String

    /// One sentence that names the header.
    package var description: String { "header \(field): \(problem)" }
}

/// The digests that a client says its upload has.
package struct ExpectedDigests: Hashable, Sendable {
    /// At most one digest of each algorithm.
    package private(set) var digests: [DigestAlgorithm: Digest] = [:]

    /// States no digest.
    package init() {}

    /// Reads every header that states a digest; the names are in lower case, other headers are skipped.
    ///
    /// Two headers may state the same digest, but not two different ones of the same algorithm.
    package init(fields: [(name: String, value: String)]) throws(InvalidDigestField) {
        for (name, value) in fields {
            for digest in try DigestFields.parse(name: name, value: value) {
                if let other = digests[digest.algorithm], other != digest {
                    throw InvalidDigestField(
                        field: name,
                        problem: "it states \(digest), but the request also states \(other): send only one of them"
                    )
                }
                digests[digest.algorithm] = digest
            }
        }
    }

    /// These and those that are stated later; nil when they contradict each other.
    package func adding(_ later: ExpectedDigests) -> ExpectedDigests? {
        var all = self
        for (algorithm, digest) in later.digests {
            guard all.digests.updateValue(digest, forKey: algorithm).map({ $0 == digest }) ?? true else { return nil }
        }
        return all
    }

    /// Whether the client stated none.
    package var isEmpty: Bool { digests.isEmpty }

    /// The algorithms that are needed to verify the content.
    package var algorithms: Set<DigestAlgorithm> { Set(digests.keys) }

    /// The stated digest that the content does not have, if there is one; the strongest algorithm comes first.
    ///
    /// `actual` gives the content's digest, or nil for an algorithm that was not computed, which is a mismatch too:
    /// a stated digest is never taken on trust.
    package func mismatch(with actual: (DigestAlgorithm) -> Digest?) -> Digest? {
        for algorithm in DigestAlgorithm.allCases.reversed() {
            if let stated = digests[algorithm], stated != actual(algorithm) { return stated }
        }
        return nil
    }
}
