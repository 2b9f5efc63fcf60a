// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("conditional requests", .timeLimit(.minutes(15)))
struct PreconditionsTests {
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    /// A representation that changed within the second of `same`.
    private static func current() throws -> Validators {
        Validators(
            entityTag: try #require(EntityTag("now")),
            lastModified: Timestamp(microseconds: 784_111_777_500_000)
        )
    }

    @Test("each condition alone has its meaning in RFC 9110 section 13.1")
    func single() throws {
        let rows: [(Preconditions, retrieval: Preconditions.Outcome, change: Preconditions.Outcome)] = [
            (Preconditions(), .proceed, .proceed),
            (Preconditions(ifMatch: "\"now\""), .proceed, .proceed),
            (Preconditions(ifMatch: "\"old\", \"now\""), .proceed, .proceed),
            (Preconditions(ifMatch: "*"), .proceed, .proceed),
            (Preconditions(ifMatch: "\"old\""), .preconditionFailed, .preconditionFailed),
            (Preconditions(ifMatch: "W/\"now\""), .preconditionFailed, .preconditionFailed),
            (Preconditions(ifMatch: "now"), .preconditionFailed, .preconditionFailed),
            (Preconditions(ifUnmodifiedSince: Self.before), .preconditionFailed, .preconditionFailed),
            (Preconditions(ifUnmodifiedSince: Self.same), .proceed, .proceed),
            (Preconditions(ifUnmodifiedSince: Self.after), .proceed, .proceed),
            (Preconditions(ifUnmodifiedSince: "yesterday"), .proceed, .proceed),
            (Preconditions(ifNoneMatch: "\"now\""), .notModified, .preconditionFailed),
            (Preconditions(ifNoneMatch: "W/\"now\""), .notModified, .preconditionFailed),
            (Preconditions(ifNoneMatch: "\"old\", \"now\""), .notModified, .preconditionFailed),
            (Preconditions(ifNoneMatch: "*"), .notModified, .preconditionFailed),
            (Preconditions(ifNoneMatch: "\"old\""), .proceed, .proceed),
            (Preconditions(ifNoneMatch: "now"), .proceed, .proceed),
            (Preconditions(ifModifiedSince: Self.before), .proceed, .proceed),
            (Preconditions(ifModifiedSince: Self.same), .notModified, .proceed),
            (Preconditions(ifModifiedSince: Self.after), .notModified, .proceed),
            (Preconditions(ifModifiedSince: "yesterday"), .proceed, .proceed),
        ]
        for (preconditions, retrieval, change) in rows {
            #expect(
                preconditions.evaluate(current: try Self.current(), isRetrieval: true) == retrieval,
                "\(preconditions)"
            )
            #expect(
                preconditions.evaluate(current: try Self.current(), isRetrieval: false) == change,
                "\(preconditions)"
            )
        }
    }

    @Test("conditions together are decided in the order of section 13.2.2")
    func order() throws {
        let rows: [(Preconditions, Preconditions.Outcome)] = [
            // A tag makes the date of the same kind not count.
            (Preconditions(ifMatch: "\"now\"", ifUnmodifiedSince: Self.before), .proceed),
            (Preconditions(ifMatch: "\"old\"", ifUnmodifiedSince: Self.after), .preconditionFailed),
            (Preconditions(ifNoneMatch: "\"old\"", ifModifiedSince: Self.after), .proceed),
            (Preconditions(ifNoneMatch: "\"now\"", ifModifiedSince: Self.before), .notModified),
            // What must hold comes before what must not.
            (Preconditions(ifMatch: "\"old\"", ifNoneMatch: "\"now\""), .preconditionFailed),
            (Preconditions(ifMatch: "\"now\"", ifNoneMatch: "\"now\""), .notModified),
            (Preconditions(ifUnmodifiedSince: Self.before, ifNoneMatch: "\"now\""), .preconditionFailed),
            (Preconditions(ifUnmodifiedSince: Self.after, ifModifiedSince: Self.after), .notModified),
        ]
        for (preconditions, expected) in rows {
            #expect(
                preconditions.evaluate(current: try Self.current(), isRetrieval: true) == expected,
                "\(preconditions)"
            )
        }
    }

    @Test("what does not exist matches nothing, and has no date")
    func absent() {
        let rows: [(Preconditions, Preconditions.Outcome)] = [
            (Preconditions(ifMatch: "*"), .preconditionFailed),
            (Preconditions(ifMatch: "\"now\""), .preconditionFailed),
            (Preconditions(ifNoneMatch: "*"), .proceed),
            (Preconditions(ifNoneMatch: "\"now\""), .proceed),
            (Preconditions(ifUnmodifiedSince: Self.before), .proceed),
            (Preconditions(ifModifiedSince: Self.after), .proceed),
        ]
        for (preconditions, expected) in rows {
            #expect(preconditions.evaluate(current: nil, isRetrieval: false) == expected, "\(preconditions)")
            #expect(preconditions.evaluate(current: nil, isRetrieval: true) == expected, "\(preconditions)")
        }
    }

    @Test("a range is sent only of the representation that If-Range names")
    func ifRange() throws {
        let rows: [(String?, Bool)] = [
            (nil, true), ("\"now\"", true), ("\"old\"", false), ("W/\"now\"", false), (Self.same, true),
            (Self.before, false), (Self.after, false), ("", false), ("now", false), ("\"now\", \"old\"", false),
            ("*", false),
        ]
        for (header, expected) in rows {
            #expect(
                Preconditions(ifRange: header).allowsRange(of: try Self.current()) == expected,
                "\(header ?? "absent")"
            )
        }
    }
}
