// SPDX-License-Identifier: Apache-2.0

/// The validators of the requested representation.
package struct Validators: Hashable, Sendable {
    package let entityTag: EntityTag
    package let lastModified: Timestamp

    /// Creates the validators of a representation.
    package init(entityTag: EntityTag, lastModified: Timestamp) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }
}

/// The conditional headers of a request (RFC 9110 section 13).
///
/// The values of a repeated header are joined by a comma.
package struct Preconditions: Hashable, Sendable {
    /// The result of evaluating the conditions.
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

    /// Creates conditions from the values of the headers that are present.
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
    /// `isRetrieval` says whether the method is GET or HEAD, the only methods with a 304 response.
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

    /// Returns whether a `Range` header applies: `If-Range` is absent or identifies the current representation.
    ///
    /// A date must be exactly the one that was sent, because it serves as a validator (section 13.1.5).
    package func allowsRange(of current: Validators) -> Bool {
        guard let ifRange else { return true }
        if let tag = EntityTag(parsing: ifRange) { return tag.stronglyMatches(current.entityTag) }
        guard let date = Timestamp(httpDate: ifRange) else { return false }
        return date.seconds == current.lastModified.seconds
    }

    /// Returns whether the representation changed after a date, or nil when either is unknown and the condition does not apply.
    private func isModified(since header: String?, _ current: Validators?) -> Bool? {
        guard let date = header.flatMap(Timestamp.init(httpDate:)), let current else { return nil }
        // The header has whole seconds, so the fraction of the stored time must be ignored.
        return current.lastModified.seconds > date.seconds
    }
}
