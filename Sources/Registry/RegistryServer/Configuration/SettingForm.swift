// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The text form of a value: the rule for valid texts, and the conversion in both directions.
struct SettingForm<Value: Sendable>: Sendable {
    let kind: Setting.Kind
    /// The rule for valid texts, which completes the sentence "it must be …".
    let rule: String
    /// Returns nil if the text violates the rule.
    let parse: @Sendable (String) -> Value?
    /// Returns the text that is printed; nil for a value that is not.
    let write: @Sendable (Value) -> String?

    init(
        rule: String,
        kind: Setting.Kind = .text,
        parse: @escaping @Sendable (String) -> Value?,
        write: @escaping @Sendable (Value) -> String?
    ) {
        self.kind = kind
        self.rule = rule
        self.parse = parse
        self.write = write
    }
}

extension SettingForm where Value == String {
    static var directory: Self { text("the path of a directory", kind: .directory) { !$0.isEmpty } }

    static var file: Self { text("the path of a file", kind: .file) { !$0.isEmpty } }

    static func text(
        _ rule: String,
        kind: Setting.Kind = .text,
        where isValid: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Self(rule: rule, kind: kind, parse: { isValid($0) ? $0 : nil }, write: { $0 })
    }
}

extension SettingForm where Value == Bool {
    static var onOff: Self {
        Self(
            rule: "on or off",
            kind: .onOff,
            parse: { $0 == "on" ? true : $0 == "off" ? false : nil },
            write: { $0 ? "on" : "off" }
        )
    }
}

extension SettingForm where Value: RawRepresentable, Value.RawValue == String {
    static func choice(_ rule: String) -> Self {
        Self(rule: rule, parse: { Value(rawValue: $0) }, write: { $0.rawValue })
    }
}

extension SettingForm where Value == Int {
    static func number(_ range: ClosedRange<Int>, _ rule: String) -> Self {
        Self(rule: rule, parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, write: { "\($0)" })
    }
}

extension SettingForm where Value == Int64 {
    static func size(_ example: String) -> Self {
        Self(rule: "a size such as \(example)", parse: { ByteCount.parse($0) }, write: { "\($0)" })
    }
}

extension SettingForm where Value == Duration {
    static var duration: Self {
        Self(
            rule: "a time such as 30s, 500ms, 5m or 1h",
            parse: { TimeSpan.parse($0) },
            write: { TimeSpan.format($0) }
        )
    }
}

/// The text of a bound that is not set.
private let noBound = "none"

extension SettingForm where Value == Int64? {
    static func sizeOrNone(_ example: String) -> Self {
        bound("a size such as \(example)") { ByteCount.parse($0) }
    }

    static var countOrNone: Self {
        bound("a number") { text in Int64(text).flatMap { $0 >= 0 ? $0 : nil } }
    }

    private static func bound(_ rule: String, _ parse: @escaping @Sendable (String) -> Int64?) -> Self {
        Self(
            rule: "\(rule), or \(noBound)",
            parse: { text in text == noBound ? .some(nil) : parse(text).map { .some($0) } },
            write: { value in value.map { "\($0)" } ?? noBound }
        )
    }
}

extension Setting {
    /// Creates a setting whose value is a property of the configuration.
    init<Value: Sendable>(
        _ key: String,
        _ meaning: String,
        default standard: String? = nil,
        secrecy: Secrecy = .none,
        or standardVariable: String? = nil,
        _ form: SettingForm<Value>,
        at place: any WritableKeyPath<ServerConfiguration, Value> & Sendable
    ) {
        self.init(key, meaning, standard, secrecy, standardVariable, form) {
            $0[keyPath: place]
        } set: {
            $0[keyPath: place] = $1
        }
    }

    /// Creates a setting whose value is a property that is nil without it.
    init<Value: Sendable>(
        _ key: String,
        _ meaning: String,
        default standard: String? = nil,
        secrecy: Secrecy = .none,
        or standardVariable: String? = nil,
        _ form: SettingForm<Value>,
        atOptional place: any WritableKeyPath<ServerConfiguration, Value?> & Sendable
    ) {
        self.init(key, meaning, standard, secrecy, standardVariable, form) {
            $0[keyPath: place]
        } set: {
            $0[keyPath: place] = $1
        }
    }

    private init<Value: Sendable>(
        _ key: String,
        _ meaning: String,
        _ standard: String?,
        _ secrecy: Secrecy,
        _ standardVariable: String?,
        _ form: SettingForm<Value>,
        get: @escaping @Sendable (ServerConfiguration) -> Value?,
        set: @escaping @Sendable (inout ServerConfiguration, Value) -> Void
    ) {
        self.init(
            key,
            meaning,
            default: standard,
            kind: form.kind,
            secrecy: secrecy,
            or: standardVariable,
            apply: { texts, configuration in
                guard let value = form.parse(texts.joined()) else { return form.rule }
                set(&configuration, value)
                return nil
            },
            print: { configuration in
                guard let text = get(configuration).flatMap(form.write) else { return nil }
                return [secrecy == .full ? Setting.mask : text]
            }
        )
    }

    /// Creates a setting whose value `ServerConfiguration` combines with those of others.
    init<Value: Sendable>(
        _ key: String,
        _ meaning: String,
        default standard: String? = nil,
        _ form: SettingForm<Value>,
        print: @escaping @Sendable (ServerConfiguration) -> String?
    ) {
        self.init(
            key,
            meaning,
            default: standard,
            kind: form.kind,
            apply: { texts, _ in form.parse(texts.joined()) == nil ? form.rule : nil },
            print: { configuration in print(configuration).map { [$0] } }
        )
    }
}
