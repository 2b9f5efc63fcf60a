// SPDX-License-Identifier: Apache-2.0

import RegistryClient
import RegistryCore

/// The exit status of a command, for scripts; listed in `granary --help`.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case failed = 1
    case notFound = 3
    case notAllowed = 4
    case exists = 5
    case verificationFailed = 6
    case unavailable = 7
    case usage = 64

    /// Creates the status of an error.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as ClientError: ExitStatus(error.code)
            case is InvalidName: .usage
            default: .failed
            }
    }

    private init(_ code: ClientError.Code) {
        self =
            switch code {
            case .usage: .usage
            case .notFound: .notFound
            case .unauthenticated, .forbidden: .notAllowed
            case .conflict: .exists
            case .verificationFailed: .verificationFailed
            case .unavailable: .unavailable
            case .refused, .io, .bodyTooLarge: .failed
            }
    }

    /// A short description of the status.
    var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .notFound: "not found"
        case .notAllowed: "not signed in or not allowed"
        case .exists: "already exists"
        case .verificationFailed: "content differs from the registry's record"
        case .unavailable: "server or network unavailable"
        case .usage: "usage error"
        }
    }

    /// All statuses, one per line, for the root command's help.
    static var help: String {
        let lines = allCases.map { status in
            let number = String(status.rawValue)
            return "  " + String(repeating: " ", count: 2 - number.count) + "\(number)  \(status.meaning)"
        }
        return "Exit status:\n" + lines.joined(separator: "\n")
    }
}
