// SPDX-License-Identifier: Apache-2.0

/// A setting: its names, its documentation, and how its text enters the configuration and is printed from it.
///
/// `Setting.all` is the table behind the flags, the environment variables, the file's keys and `docs/CONFIGURATION.md`.
package struct Setting: Sendable {
    /// The form of the values, as far as sources and completion depend on it.
    package enum Kind: Sendable {
        case text
        case file
        case directory
        /// Several values: comma-separated, as a list in the file, or as a repeated flag.
        case list
        case onOff
    }

    enum Secrecy: Sendable {
        case none
        /// The value may contain a secret, and messages must not quote it.
        case partial
        /// The value is never shown, and not accepted on a command line, which every user of the machine can see.
        case full
    }

    /// The key in the configuration file, with a dot between levels.
    package let key: String
    /// A noun phrase with the unit, in one line.
    let meaning: String
    /// The default as text or in words; nil if there is none.
    let standard: String?
    package let kind: Kind
    let secrecy: Secrecy
    /// An environment variable of other tools that supplies the value if the setting is not configured.
    let standardVariable: String?
    /// Applies the texts of a value; returns the violated rule if they are not valid.
    let apply: @Sendable (_ texts: [String], _ configuration: inout ServerConfiguration) -> String?
    /// Returns the effective value, without secrets; nil if there is none.
    let print: @Sendable (ServerConfiguration) -> [String]?

    init(
        _ key: String,
        _ meaning: String,
        default standard: String? = nil,
        kind: Kind,
        secrecy: Secrecy = .none,
        or standardVariable: String? = nil,
        apply: @escaping @Sendable (_ texts: [String], _ configuration: inout ServerConfiguration) -> String?,
        print: @escaping @Sendable (ServerConfiguration) -> [String]?
    ) {
        self.key = key
        self.meaning = meaning
        self.standard = standard
        self.kind = kind
        self.secrecy = secrecy
        self.standardVariable = standardVariable
        self.apply = apply
        self.print = print
    }

    /// The text shown instead of a secret.
    static let mask = "********"
}

extension Setting {
    /// The name of the environment variable.
    package var environmentVariable: String {
        "GRANARY_" + spelled(with: "_").uppercased()
    }

    /// The name of the flag of `granary serve`, without dashes in front.
    package var option: String { spelled(with: "-") }

    /// The flag of `granary serve`.
    package var flag: String { "--" + option }

    package var isSecret: Bool { secrecy == .full }

    /// The variables that set the value, in order of precedence.
    var variables: [String] { [environmentVariable] + (standardVariable.map { [$0] } ?? []) }

    /// The meaning with the variable of other tools and the default, in one line.
    package var summary: String {
        meaning + (standardVariable.map { " (or \($0))" } ?? "") + (standard.map { "; default \($0)" } ?? "")
    }

    /// The section of the file with the key; empty at the top level.
    var section: Substring { key.contains(".") ? key.prefix { $0 != "." } : "" }

    /// The last part of the key.
    var name: Substring { section.isEmpty ? key[...] : key.dropFirst(section.count + 1) }

    private func spelled(with separator: Character) -> String {
        String(key.map { $0 == "." || $0 == "-" ? separator : $0 })
    }
}

extension Setting: Hashable {
    package static func == (left: Setting, right: Setting) -> Bool { left.key == right.key }

    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension Setting: ExpressibleByStringLiteral, CustomStringConvertible {
    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    init?(key: String) {
        guard let setting = Self.byKey[key] else { return nil }
        self = setting
    }

    /// Finds a setting of the table by its key.
    package init(stringLiteral key: String) {
        guard let setting = Setting(key: key) else { preconditionFailure("no setting has the key \(key)") }
        self = setting
    }

    package var description: String { key }
}
