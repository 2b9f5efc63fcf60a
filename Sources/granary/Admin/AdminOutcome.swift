// SPDX-License-Identifier: Apache-2.0

/// What a command has to say when it is done, for people and for programs.
struct AdminOutcome: Sendable {
    /// The JSON document.
    let value: any Encodable & Sendable
    let text: String

    /// Says the same in both forms.
    init(_ value: any Encodable & Sendable, text: String) {
        self.value = value
        self.text = text
    }
}
