// SPDX-License-Identifier: Apache-2.0

/// A value that can be parsed from one word of the command line.
package protocol ExpressibleByArgument: Sendable {
    /// Parses a word; returns nil when it is invalid.
    init?(argument: String)

    /// The words that the help lists; empty for none.
    static var allValueStrings: [String] { get }

    /// The value as the help shows it as a default.
    var defaultValueDescription: String { get }
}

extension ExpressibleByArgument {
    package static var allValueStrings: [String] { [] }
    package var defaultValueDescription: String { "\(self)" }
}

extension ExpressibleByArgument where Self: CaseIterable {
    package static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
}

extension ExpressibleByArgument where Self: RawRepresentable, RawValue == String {
    package init?(argument: String) { self.init(rawValue: argument) }
    package var defaultValueDescription: String { rawValue }
}

extension String: ExpressibleByArgument {
    package init?(argument: String) { self = argument }
}

extension Int: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

/// A value selected by one of several flags, which are named after its cases.
package protocol EnumerableFlag: CaseIterable, Sendable, RawRepresentable where RawValue == String {}
