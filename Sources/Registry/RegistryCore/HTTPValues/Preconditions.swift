// SPDX-License-Identifier: Apache-2.0

/// The validators of the representation that a request is about.
package struct Validators: Hashable, Sendable {
    package let entityTag: EntityTag
    package let lastModified: Timestamp

    /// Describes a representation.
    package init(entityTag: EntityTag, lastModified: Timestamp) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }
}

/// The conditional headers of a request (RFC 9110 section 13).
///
/// Values of a header that came on several lines are joined by a comma.
package struct Preconditions: Hashable, Sendable {
    /// What the conditions say about performing the request.
    package enum Outcome: Hashable, Sendable {
        case proceed
        case notModified
        case preconditionFailed
    }

    package var ifMatch: String?
    package var ifUnmodifiedSince: String?
    package var ifNoneMatch: String?
    package var ifModifiedSince: String?
    package var ifRange: String?

    /// Takes the values of the headers that are there.
    package init(
        ifMatch: String? = nil,
        ifUnmodifiedSince: String? = nil,
        ifNoneMatch: String? = nil,
        ifModifiedSince: String? = nil,
        ifRange: String? = nil
    ) {
        self.ifMatch = ifMatch
        self.ifUnmodifiedSince = ifUnmodifiedSince
        self.ifNoneMatch = ifNoneMatch
        self.ifModifiedSince = ifModifiedSince
        self.ifRange = ifRange
    }

    /// Evaluates the conditions in the order of section 13.2.2; `current` is nil when there is no representation.
    ///
    /// `isRetrieval` says whether the method is GET or HEAD, which alone can be answered by 304.
    package func evaluate(current: Validators?, isRetrieval: Bool) -> Outcome {
        if let ifMatch {
            let list = EntityTagList(parsing: ifMatch)
            guard list.matches(current?.entityTag, by: EntityTag.stronglyMatches) else { return .preconditionFailed }
        } else if isModified(since: ifUnmodifiedSince, current) == true {
            return .preconditionFailed
        }
        if let ifNoneMatch {
            let list = EntityTagList(parsing: ifNoneMatch)
            if list.matches(current?.entityTag, by: EntityTag.weaklyMatches) {
                return isRetrieval ? .notModified : .preconditionFailed
            }
        } else if isRetrieval, isModified(since: ifModifiedSince, current) == false {
            return .notModified
        }
        return .proceed
    }

    /// Whether a `Range` header may be used: `If-Range` is absent or names exactly the current representation.
    ///
    /// A date must be the very one that was sent, because it is used as a validator (section 13.1.5).
    package func allowsRange(of current: Validators) -> Bool {
        guard let ifRange else { return true }
        if let tag = EntityTag(parsing: ifRange) { return tag.stronglyMatches(current.entityTag) }
        guard let date = Timestamp(httpDate: ifRange) else { return false }
        return date.seconds == current.lastModified.seconds
    }

    /// Whether the representation changed after a date; nil, so that it does not count, when either is unknown.
    private func isModified(since header: String?, _ current: Validators?) -> Bool? {
        guard let date = header.flatMap(Timestamp.init(httpDate:)), let current else { return nil }
        // The header has whole seconds only, so the fraction of the stored time must not count.
        return current.lastModified.seconds > date.seconds
    }
}
