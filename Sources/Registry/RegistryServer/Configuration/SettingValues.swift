// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import YAML

/// The texts of all settings, each from the source with the highest precedence: flag, environment, file, default.
package struct SettingValues: Sendable {
    /// The text of a setting, with its origin for messages.
    struct Value: Sendable {
        let texts: [String]
        let origin: String

        /// Creates a value; the elements of a list may be separated by commas.
        init(_ texts: [String], of setting: Setting, origin: String) {
            self.texts = setting.kind == .list ? texts.flatMap(Self.elements) : texts
            self.origin = origin
        }

        /// The text of the setting, or all elements of a list.
        var text: String { texts.joined(separator: ", ") }

        private static func elements(_ text: String) -> [String] {
            let elements = text.split(separator: ",", omittingEmptySubsequences: false).map { element -> String in
                var element = element.drop { $0.isWhitespace }
                while element.last?.isWhitespace == true { element.removeLast() }
                return String(element)
            }
            return elements == [""] ? [] : elements
        }
    }

    private(set) var values: [Setting: Value] = [:]
    private(set) var problems: [String] = []

    /// - Parameters:
    ///   - flags: The values from the command line.
    ///   - environment: The process's environment; an empty variable counts as none.
    ///   - file: The path of a YAML file.
    package init(flags: [Setting: String], environment: [String: String], file: String?) {
        if let file { readFile(file) }
        for setting in Setting.all {
            let variable = setting.environmentVariable
            if let text = EnvironmentVariables.value(variable, in: environment) { set(setting, [text], variable) }
            if let text = flags[setting] { set(setting, [text], setting.flag) }
        }
        takeStandardVariables(environment)
        problems += EnvironmentVariables.problems(in: environment)
    }

    private mutating func set(_ setting: Setting, _ texts: [String], _ origin: String) {
        values[setting] = Value(texts, of: setting, origin: origin)
    }

    /// Applies the variables of other tools; Granary's own settings take precedence.
    private mutating func takeStandardVariables(_ environment: [String: String]) {
        // The parts of one identity must come from the same source.
        let identity: [Setting] = ["s3.access-key", "s3.secret-key", "s3.session-token"]
        let excluded = identity.contains { values[$0] != nil } ? identity : []
        for setting in Setting.all where values[setting] == nil && !excluded.contains(setting) {
            guard let variable = setting.standardVariable,
                let text = EnvironmentVariables.value(variable, in: environment)
            else { continue }
            set(setting, [text], variable)
        }
    }

    private mutating func readFile(_ path: String) {
        do {
            let text = try Data(contentsOf: URL(filePath: path))
            guard let root = try YAMLReader().read([UInt8](text)), !root.isNull else { return }
            read(root, key: "", path)
        } catch let error as YAMLError {
            problems.append("\(path) is not valid YAML: \(error)")
        } catch {
            problems.append("cannot read \(path): check that the file exists and is readable")
        }
    }

    private mutating func read(_ value: YAMLValue, key: String, _ path: String) {
        guard case .mapping(let section) = value.content else { return readValue(value, key: key, path) }
        for entry in section.sorted(by: { $0.key < $1.key }) {
            read(entry.value, key: key.isEmpty ? entry.key : "\(key).\(entry.key)", path)
        }
    }

    private mutating func readValue(_ value: YAMLValue, key: String, _ path: String) {
        guard let setting = Setting(key: key) else {
            // An empty section is allowed.
            if value.isNull, Setting.all.contains(where: { $0.key.hasPrefix("\(key).") }) { return }
            problems.append("\(path) has the unknown key \(key): the keys are \(Self.allKeys)")
            return
        }
        let origin = "\(key) in \(path)"
        if setting.kind == .list, case .sequence(let elements) = value.content {
            let texts = elements.compactMap { $0.isNull ? nil : $0.text }
            guard texts.count < elements.count else { return set(setting, texts, origin) }
            problems.append("\(path) has a list for \(key) with values that are not text: write each value as text")
            return
        }
        guard let text = value.text, !value.isNull else {
            problems.append("\(path) must have a single text or number for \(key)")
            return
        }
        // YAML has further words for on and off.
        let truth = setting.kind == .onOff ? value.truth : nil
        set(setting, [truth.map { $0 ? "on" : "off" } ?? text], origin)
    }

    private static var allKeys: String {
        Setting.all.map(\.key).joined(separator: ", ")
    }
}
