// SPDX-License-Identifier: Apache-2.0

/// The result of a command, for human readers and for programs.
struct AdminOutcome: Sendable {
    /// The JSON document; nil if the command has already printed everything.
    let value: (any Encodable & Sendable)?
    let text: String
    let status: ExitStatus

    /// Creates a result in both formats.
    init(_ value: any Encodable & Sendable, text: String, status: ExitStatus = .done) {
        self.value = value
        self.text = text
        self.status = status
    }

    /// The empty result.
    static let silent = AdminOutcome()

    private init() {
        value = nil
        text = ""
        status = .done
    }
}
