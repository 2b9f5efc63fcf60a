// SPDX-License-Identifier: Apache-2.0

/// What a command has to say when it is done, for people and for programs.
struct AdminOutcome: Sendable {
    /// The JSON document; nil when all was said.
    let value: (any Encodable & Sendable)?
    let text: String
    let status: ExitStatus

    /// Says the same in both forms.
    init(_ value: any Encodable & Sendable, text: String, status: ExitStatus = .done) {
        self.value = value
        self.text = text
        self.status = status
    }

    /// Nothing is left to say.
    static let silent = AdminOutcome()

    private init() {
        value = nil
        text = ""
        status = .done
    }
}
