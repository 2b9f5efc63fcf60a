// SPDX-License-Identifier: Apache-2.0

/// A value that one word of a command line can stand for.
package protocol ExpressibleByArgument: Sendable {
    /// The value of a word; nil when there is none.
    init?(argument: String)

    /// All words there are, when the help is to list them.
    static var allValueStrings: [String] { get }

    /// How the help shows it as a default.
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

/// A value that is chosen by one of several flags, which have the names of its cases.
package protocol EnumerableFlag: CaseIterable, Sendable, RawRepresentable where RawValue == String {}
