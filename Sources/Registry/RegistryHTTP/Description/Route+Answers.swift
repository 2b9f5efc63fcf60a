// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore

extension Route {
    /// All responses in order of status: those of the table, and the errors that follow from the route's kind.
    ///
    /// A response in the table replaces the generic one with the same status.
    var allAnswers: [RouteAnswer] {
        let told = Set(document.answers.map(\.status.code))
        return (document.answers + refusals.filter { !told.contains($0.status.code) })
            .sorted { $0.status.code < $1.status.code }
    }

    /// The errors that follow from the route's kind.
    ///
    /// An open route has none: it authenticates no caller and uses nothing that can fail.
    private var refusals: [RouteAnswer] {
        access == .open ? [] : ofCaller + ofPath + ofBody + ofStores
    }

    private var ofCaller: [RouteAnswer] {
        var answers = [
            RouteAnswer.refusal(.unauthorized, unauthorized),
            .refusal(
                .tooManyRequests,
                "twenty wrong passwords within a minute, for one account or from one address"
            ),
        ]
        if !forbidden.isEmpty { answers.append(.refusal(.forbidden, forbidden)) }
        return answers
    }

    private var unauthorized: String {
        switch access {
        case .anyone where method == .get:
            "the owner is not public and credentials are missing, or credentials are wrong, expired or unusable"
        case .basic: "the user name and password are missing or wrong; an access token is not sufficient"
        default: "credentials are missing, wrong, expired or unusable"
        }
    }

    /// The reasons to reject a signed-in caller; empty if signing in is sufficient.
    private var forbidden: String {
        var reasons: [String] = []
        switch access {
        case .administrator: reasons.append("the caller is not an administrator")
        case .basic: reasons.append("the caller is neither this user nor an administrator")
        default: if method != .get { reasons.append("the caller may read but not write") }
        }
        if scope != nil { reasons.append("the access token lacks the scope") }
        if endpoint.isGitea { reasons.append("the account must change its password") }
        return reasons.joined(separator: ", or ")
    }

    private var ofPath: [RouteAnswer] {
        var answers: [RouteAnswer] = []
        let isNamed = !endpoint.parameters.isEmpty
        if !endpoint.isGitea, !readsJSON {
            let parts = [isNamed ? "a name" : nil, document.query.isEmpty ? nil : "a query parameter"]
                .compactMap { $0 }
            if !parts.isEmpty {
                answers.append(.refusal(.badRequest, parts.joined(separator: " or ") + " is not valid"))
            }
        }
        if isNamed {
            answers.append(.refusal(.notFound, "the resource does not exist or is not visible to the caller"))
        } else if endpoint.isGitea {
            answers.append(.refusal(.notFound, "the user named by `sudo` does not exist"))
        }
        if endpoint.namesOwner {
            let meaning = "the owner was renamed and is visible to the caller"
            answers.append(RouteAnswer(.temporaryRedirect, meaning, headers: [.location]))
        }
        return answers
    }

    private var readsJSON: Bool {
        if case .json = document.body { true } else { false }
    }

    private var ofBody: [RouteAnswer] {
        guard readsJSON else { return [] }
        // Outside Gitea's prefix, an invalid name also results in this status.
        let malformed =
            endpoint.isGitea ? "the request body is not JSON" : "the request body is not JSON, or a name is not valid"
        return [
            .refusal(.badRequest, malformed),
            .refusal(.requestTimeout, "the request body arrived more slowly than `limits.upload-rate`"),
            .refusal(.contentTooLarge, "the request body is larger than 1 MiB"),
            .refusal(
                .unprocessableContent,
                "a member of the request body is missing, has the wrong type or breaks a rule, or a name is taken; the message names it"
            ),
        ]
    }

    private var ofStores: [RouteAnswer] {
        let verb = method == .get ? "reach" : "reach or write"
        let unavailable = RouteAnswer.refusal(.serviceUnavailable, "the registry currently cannot \(verb) its data")
        guard method != .get else { return [unavailable] }
        return [unavailable, .refusal(.insufficientStorage, "the disk is full")]
    }
}
