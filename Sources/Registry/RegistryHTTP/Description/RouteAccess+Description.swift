// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore

extension Route {
    /// One sentence that states which callers may use the route.
    var accessSentence: String {
        let scope = scope.map { "; an access token requires the scope `\($0.rawValue)`" } ?? ""
        return switch access {
        case .open: "Access: every caller, even if the registry requires sign-in."
        case .anyone: "Access: callers with \(isReading ? "read" : "write") access\(scope)."
        case .account: "Access: signed-in callers\(scope)."
        case .basic: "Access: callers signed in with a user name and password."
        case .administrator: "Access: administrators\(scope)."
        }
    }

    /// The scope that an access token needs; nil if none is checked.
    var scope: Scope? {
        switch access {
        case .open, .basic: nil
        case .anyone where method == .options: nil
        case .anyone(let category): (category ?? (endpoint.isGitea ? nil : .package)).map(scope)
        case .account(let category): (category ?? (endpoint.namesOwner ? .package : nil)).map(scope)
        case .administrator: scope(.admin)
        }
    }

    private var isReading: Bool { method == .get || method == .options }

    private func scope(_ category: Scope.Category) -> Scope {
        method == .get ? .read(category) : .write(category)
    }

    /// The accepted authentication schemes; an empty entry allows anonymous callers.
    var security: JSONValue {
        let all: [JSONValue] = [["basic": []], ["token": []], ["bearer": []]]
        return switch access {
        case .open: []
        case .basic: .array([all[0]])
        case .anyone where isReading: .array([[:]] + all)
        default: .array(all)
        }
    }

    /// Whether the example needs credentials.
    var signsIn: Bool {
        switch access {
        case .open: false
        case .anyone: !isReading
        default: true
        }
    }
}

/// The authentication schemes.
enum SecuritySchemes {
    static let document: JSONValue = [
        "basic": [
            "type": "http", "scheme": "basic",
            "description":
                "A user's name or e-mail address and password. An access token may replace either part.",
        ],
        "token": [
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "The word `token`, a space, and an access token.",
        ],
        "bearer": ["type": "http", "scheme": "bearer", "description": "An access token."],
    ]
}
