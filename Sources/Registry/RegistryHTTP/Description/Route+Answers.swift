// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore

extension Route {
    /// All answers in the order of their statuses: those of the table, and the refusals that follow from what the route is,
    /// in the place of which the table may have put its own.
    var allAnswers: [RouteAnswer] {
        let told = Set(document.answers.map(\.status.code))
        return (document.answers + refusals.filter { !told.contains($0.status.code) })
            .sorted { $0.status.code < $1.status.code }
    }

    /// Nobody is asked who uses an open route, and it uses nothing that could fail.
    private var refusals: [RouteAnswer] {
        access == .open ? [] : ofCaller + ofPath + ofBody + ofStores
    }

    private var ofCaller: [RouteAnswer] {
        var answers = [
            RouteAnswer.refusal(.unauthorized, unauthorized),
            .refusal(
                .tooManyRequests,
                "twenty wrong passwords came for the account or from the address within a minute"
            ),
        ]
        if !forbidden.isEmpty { answers.append(.refusal(.forbidden, forbidden)) }
        return answers
    }

    private var unauthorized: String {
        switch access {
        case .anyone where method == .get:
            "the owner is not public and there are no credentials, or wrong, expired or unusable ones"
        case .basic: "no user name with its password, or wrong ones; an access token is not enough"
        default: "no credentials, or wrong, expired or unusable ones"
        }
    }

    /// Why somebody who has signed in may be refused; empty where nothing but signing in is asked.
    private var forbidden: String {
        var reasons: [String] = []
        switch access {
        case .administrator: reasons.append("the account does not administer the registry")
        case .basic: reasons.append("the account is neither this one nor an administrator's")
        default: if method != .get { reasons.append("the account may see but not change it") }
        }
        if scope != nil { reasons.append("the token lacks the scope") }
        if endpoint.isGitea { reasons.append("the account's password is due for change") }
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
            answers.append(.refusal(.notFound, "it does not exist, or the account may not know of it"))
        } else if endpoint.isGitea {
            answers.append(.refusal(.notFound, "there is no user to act as by `sudo`"))
        }
        if endpoint.namesOwner {
            let meaning = "the owner has another name now, and the account may know it"
            answers.append(RouteAnswer(.temporaryRedirect, meaning, headers: [.location]))
        }
        return answers
    }

    private var readsJSON: Bool {
        if case .json = document.body { true } else { false }
    }

    private var ofBody: [RouteAnswer] {
        guard readsJSON else { return [] }
        // Elsewhere than below Gitea's prefix a name that is not valid has the same status.
        let malformed = endpoint.isGitea ? "the body is not JSON" : "the body is not JSON, or a name is not valid"
        return [
            .refusal(.badRequest, malformed),
            .refusal(.requestTimeout, "the body came more slowly than `limits.upload-rate`"),
            .refusal(.contentTooLarge, "the body is larger than 1 MiB"),
            .refusal(
                .unprocessableContent,
                "a member of the body is missing, of the wrong type or against a rule, or a name is taken; the text names it"
            ),
        ]
    }

    private var ofStores: [RouteAnswer] {
        let verb = method == .get ? "reach" : "reach or write"
        let unavailable = RouteAnswer.refusal(.serviceUnavailable, "the registry cannot \(verb) its data now")
        guard method != .get else { return [unavailable] }
        return [unavailable, .refusal(.insufficientStorage, "the disk is full")]
    }
}
