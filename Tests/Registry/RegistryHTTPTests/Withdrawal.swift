// SPDX-License-Identifier: Apache-2.0

import Testing

/// A change that withdraws access, and the status of the very next request.
struct Withdrawal: Sendable, CustomTestStringConvertible {
    static let file = "/api/packages/alice/generic/tool/1.0.0/a.bin"
    static let teamFile = "/api/packages/vault/generic/tool/1.0.0/a.bin"
    static let publicTeamFile = "/api/packages/acme/generic/tool/1.0.0/a.bin"

    let testDescription: String
    /// The caller of the requests before and after the change.
    let reader: String
    let path: String
    /// The request of the administrator, `METHOD path body`; `fsck` damages all content and checks it.
    let change: String
    let next: String
    let status: Int

    init(_ name: String, _ reader: String, _ path: String, _ change: String, next: String = "GET", _ status: Int) {
        testDescription = name
        self.reader = reader
        self.path = path
        self.change = change
        self.next = next
        self.status = status
    }

    static let all = deletions + visibilities + memberships + accounts + names

    private static let deletions = [
        Withdrawal("a file is deleted", "anonymous", file, "DELETE \(file)", 404),
        Withdrawal("a version is deleted", "stranger", file, "DELETE /api/packages/alice/generic/tool/1.0.0", 404),
        Withdrawal("a package is deleted", "anonymous", file, "DELETE /api/v1/packages/alice/generic/tool", 404),
        Withdrawal(
            "a version is deleted through the management interface",
            "anonymous",
            file,
            "DELETE /api/v1/packages/alice/generic/tool/1.0.0",
            404
        ),
        Withdrawal("damaged content is quarantined", "anonymous", file, "fsck", 503),
    ]

    private static let visibilities = [
        Withdrawal("a user becomes private", "anonymous", file, user("alice", #""visibility": "private""#), 401),
        Withdrawal(
            "a user becomes private to others",
            "stranger",
            file,
            user("alice", #""visibility": "private""#),
            404
        ),
        Withdrawal("a user becomes limited", "anonymous", file, user("alice", #""visibility": "limited""#), 401),
        Withdrawal(
            "an organization becomes private",
            "stranger",
            publicTeamFile,
            #"PATCH /api/v1/orgs/acme {"visibility": "private"}"#,
            404
        ),
        Withdrawal(
            "an organization becomes limited",
            "anonymous",
            publicTeamFile,
            #"PATCH /api/v1/orgs/acme {"visibility": "limited"}"#,
            401
        ),
    ]

    private static let memberships = [
        Withdrawal("a member leaves a team", "reader", teamFile, "DELETE /api/v1/teams/{sales}/members/reader", 404),
        Withdrawal(
            "a member leaves the organization",
            "reader",
            teamFile,
            "DELETE /api/v1/orgs/vault/members/reader",
            404
        ),
        Withdrawal("a team is deleted", "reader", teamFile, "DELETE /api/v1/teams/{sales}", 404),
        Withdrawal(
            "the permission of a team is lowered",
            "writer",
            teamFile,
            #"PATCH /api/v1/teams/{build} {"units_map": {"repo.packages": "read"}}"#,
            next: "DELETE",
            403
        ),
    ]

    private static let accounts = [
        Withdrawal("a user is deleted", "reader", teamFile, "DELETE /api/v1/admin/users/reader", 401),
        Withdrawal(
            "a user is deleted with its packages",
            "anonymous",
            file,
            "DELETE /api/v1/admin/users/alice?purge=true",
            401
        ),
        Withdrawal("a user is deactivated", "reader", teamFile, user("reader", #""active": false"#), 401),
        Withdrawal(
            "a user with a password is deactivated",
            "reader/password",
            file,
            user("reader", #""active": false"#),
            401
        ),
        Withdrawal("a user may no longer sign in", "reader", teamFile, user("reader", #""prohibit_login": true"#), 401),
        Withdrawal("a user is restricted", "stranger", publicTeamFile, user("stranger", #""restricted": true"#), 404),
        Withdrawal("an administrator is one no longer", "helper", teamFile, user("helper", #""admin": false"#), 404),
        Withdrawal(
            "a password is changed",
            "reader/password",
            teamFile,
            user("reader", #""password": "another horse battery""#),
            401
        ),
        Withdrawal("a token is deleted", "reader", teamFile, "DELETE /api/v1/users/reader/tokens/main", 401),
    ]

    private static let names = [
        Withdrawal(
            "an organization is renamed",
            "stranger",
            publicTeamFile,
            #"POST /api/v1/orgs/acme/rename {"new_name": "acme2"}"#,
            307
        ),
        Withdrawal(
            "a user is renamed",
            "anonymous",
            file,
            #"POST /api/v1/admin/users/alice/rename {"new_username": "alice2"}"#,
            307
        ),
        Withdrawal("an organization is deleted", "stranger", "/api/v1/orgs/empty", "DELETE /api/v1/orgs/empty", 404),
    ]

    private static func user(_ name: String, _ member: String) -> String {
        "PATCH /api/v1/admin/users/\(name) {\"login_name\": \"\", \(member)}"
    }
}
