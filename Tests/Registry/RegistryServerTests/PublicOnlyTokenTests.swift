// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Log
import Loops
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryHTTP
@testable import RegistryServer

/// Every route keeps to one rule: what belongs to an owner that a caller may not see is out of its reach, and by a token for
/// public owners only that is every owner that is not public.
@Suite("Who sees what, on every route", .timeLimit(.minutes(15)))
struct PublicOnlyTokenTests {
    private static let users: [(String, Visibility)] = [("pia", .public), ("lily", .limited), ("pete", .private)]
    private static let organizations: [(String, Visibility)] = [
        ("pub-org", .public), ("lim-org", .limited), ("priv-org", .private),
    ]
    private static let password = "correct horse battery"

    /// A member of each request that there is.
    private static let body = """
        {"username": "made", "name": "made", "new_name": "made", "new_username": "made", "email": "made@example.org",
        "password": "correct horse battery", "visibility": "private", "full_name": "taken", "description": "taken",
        "login_name": "made", "source_id": 0, "permission": "read", "units": ["repo.packages"], "scopes": ["all"], "contract": "current", "hide_email": true}
        """

    private final class Text: RequestBodySource {
        private let text: Mutex<String?>

        init(_ text: String) { self.text = Mutex(text) }

        func next() async throws -> [UInt8]? {
            text.withLock { text in
                defer { text = nil }
                return text.map { Array($0.utf8) }
            }
        }

        func interrupt() {}
    }

    private struct World {
        let registry: Registry
        let responder: RegistryResponder
        /// By the name of the user and whether it is for public owners only.
        var tokens: [String: String] = [:]
        var teams: [String: Int64] = [:]
        var uploads: [String: String] = [:]

        func ask(
            _ method: HTTPRequest.Method,
            _ target: String,
            as token: String?,
            _ headers: HTTPFields = [:],
            body: String? = nil
        ) async -> CapturedAnswer {
            var request = Request(
                method: method,
                target: target,
                headers: headers,
                contentLength: body.map { Int64($0.utf8.count) },
                body: body.map { RequestBody(Text($0)) } ?? .empty,
                clientAddress: "192.0.2.1"
            )
            if let token { request.headers[.authorization] = "token \(token)" }
            let answer = CapturedAnswer()
            await responder.handle(request, answer: AnswerWriter(answer))
            return answer
        }

        func caller(_ token: String?) async throws -> Caller {
            try await registry.authenticate(token.map { .token($0) } ?? .none)
        }

        /// All owners with what may be changed of them.
        func state() async throws -> [String] {
            var state: [String] = []
            for user in try await registry.accounts.listUsers() {
                let profile = try await registry.metadata.accounts.profile(id: user.account.id)
                let tokens = try await registry.accounts.listTokens(of: user.account).count
                if user.visibility != .public { state.append("\(profile as Any) \(tokens)") }
            }
            for organization in try await registry.accounts.listOrganizations() where organization.visibility != .public
            {
                let profile = try await registry.metadata.accounts.profile(id: organization.id)
                let page = ListPage(offset: 0, limit: 50)
                let teams = try await registry.metadata.organizations.teams(of: organization.id, page: page).rows
                let members = try await registry.metadata.organizations.members(
                    ofOrganization: organization.id,
                    page: page
                ).rows
                state.append("\(profile as Any) \(teams) \(members)")
            }
            return state
        }
    }

    private func run(_ body: (World) async throws -> Void) async throws {
        try await withTemporaryDirectory { parent in
            let registry = try await Registry.open(in: try .prepare(parent + "/data"), shutdown: Shutdown())
            var log = Logger(label: "test")
            log.logLevel = .critical
            let responder = RegistryResponder(
                routes: RouteTable(Routes.all),
                services: registry.services,
                hotFiles: registry.hotFiles,
                log: log
            )
            try await body(try await fill(World(registry: registry, responder: responder)))
            try await registry.close()
        }
    }

    private func fill(_ empty: World) async throws -> World {
        var world = empty
        let accounts = world.registry.accounts
        var details = OwnerChange()
        for (name, visibility) in [("ada", Visibility.public)] + Self.users {
            details.fullName = "marker-\(visibility.rawValue)"
            let user = try await accounts.createUser(
                OwnerName(name),
                email: EmailAddress("\(name)@example.org"),
                password: Self.password,
                isAdministrator: name == "ada",
                visibility: visibility,
                details: details
            )
            for (suffix, scopes) in [("", [Scope.all]), ("-public", [.all, .publicOnly])] {
                let name = try TokenName("t\(suffix)")
                let token = try await accounts.createToken(name, for: user.account, scopes: ScopeSet(scopes))
                world.tokens[user.account.name.text + suffix] = token.secret.text
            }
            world.uploads[name] = try await beginUpload(name, world)
        }
        for (name, visibility) in Self.organizations {
            details.fullName = "marker-\(visibility.rawValue)"
            let owner = try await accounts.user(OwnerName("pia"))
            let organization = try await accounts.createOrganization(
                OwnerName(name),
                ownedBy: owner,
                visibility: visibility,
                details: details
            )
            let owners = try await accounts.team(.owners, of: organization)
            world.teams[name] = owners.id
            for (user, _) in Self.users {
                try await accounts.addMember(accounts.user(OwnerName(user)), to: owners, of: organization)
            }
            world.uploads[name] = try await beginUpload(name, world)
        }
        return world
    }

    private func beginUpload(_ owner: String, _ world: World) async throws -> String {
        let path = "/api/granary/v1/uploads/\(owner)/tool/1.0.0/a.bin"
        let answer = await world.ask(.post, path, as: world.tokens["ada"], [.init(token: "Upload-Length"): "5"])
        #expect(answer.status == 201, "\(answer.text)")
        return String(try #require(answer.headers[.location]?.split(separator: "/").last))
    }

    /// Paths of a route for an owner; none when it is about no owner of its kind.
    private func paths(of route: Route, for owner: String, _ world: World) -> [String] {
        let isOrganization = world.teams[owner] != nil
        var path = route.endpoint.template
        // The owner is what a path begins with.
        guard let first = route.endpoint.parameters.first,
            ["owner", isOrganization ? "org" : "username", isOrganization ? "id" : "owner", "upload"].contains(first)
        else { return [] }
        let place = "{\(first)}"
        let values = ["{id}": world.teams[owner].map { "\($0)" }, "{upload}": world.uploads[owner]]
        path = path.replacing(place, with: (values[place] ?? owner) ?? owner)
        // The user of a member's path.
        path = path.replacing("{username}", with: "ada")
        for parameter in PathParameter.all { path = path.replacing("{\(parameter.name)}", with: parameter.example) }
        return [path]
    }

    @Test("by a token for public owners only nothing else is reached", arguments: ["ada", "pia", "lily", "pete"])
    func publicOnly(_ caller: String) async throws {
        try await run { world in
            let token = world.tokens[caller + "-public"]
            let before = try await world.state()
            for route in Routes.all {
                for (owner, visibility) in Self.users + Self.organizations {
                    let isReading = route.method == .get || route.method == .options
                    // Those of public owners are changed by other tests.
                    guard visibility != .public || isReading else { continue }
                    for path in paths(of: route, for: owner, world) {
                        let answer = await world.ask(
                            route.method,
                            path,
                            as: token,
                            [.init(token: "Upload-Length"): "5"],
                            body: isReading ? nil : Self.body
                        )
                        let status = try #require(answer.status)
                        let comment: Comment = "\(route.method) \(path): \(status) \(answer.text.prefix(300))"
                        #expect(!answer.text.contains("marker-limited"), comment)
                        #expect(!answer.text.contains("marker-private"), comment)
                        if visibility == .public {
                            #expect(!answer.text.contains("for public owners only"), comment)
                        } else if route.method != .options {
                            #expect([401, 403, 404].contains(status), comment)
                        }
                    }
                }
                if route.endpoint.parameters.isEmpty, route.method == .get {
                    let answer = await world.ask(.get, route.endpoint.template, as: token)
                    #expect(!answer.text.contains("marker-limited"), "\(route.endpoint)")
                    #expect(!answer.text.contains("marker-private"), "\(route.endpoint)")
                }
            }
            #expect(try await world.state() == before)
        }
    }

    @Test("it makes no owner that is not public, and hides none")
    func makesPublicOnly() async throws {
        try await run { world in
            let before = try await world.state()
            let made: [(HTTPRequest.Method, String)] = [
                (.post, "/api/v1/orgs"), (.post, "/api/v1/admin/users"), (.post, "/api/v1/admin/users/pia/orgs"),
                (.patch, "/api/v1/orgs/pub-org"), (.patch, "/api/v1/admin/users/pia"),
            ]
            for (method, path) in made {
                let answer = await world.ask(method, path, as: world.tokens["ada-public"], body: Self.body)
                #expect(answer.status == 403, "\(path): \(answer.text)")
            }
            #expect(try await world.state() == before)
            let body = Self.body.replacing("\"private\"", with: "\"public\"")
            let answer = await world.ask(.post, "/api/v1/orgs", as: world.tokens["ada-public"], body: body)
            #expect(answer.status == 201)
        }
    }

    @Test("an administrator acts by it as public users only")
    func sudo() async throws {
        try await run { world in
            let before = try await world.state()
            for (user, visibility) in Self.users {
                for (method, path) in [
                    (HTTPRequest.Method.get, "/api/v1/user"), (.get, "/api/v1/user/teams"),
                    (.get, "/api/v1/user/emails"),
                    (.patch, "/api/v1/user/settings"), (.post, "/api/v1/orgs"),
                ] {
                    guard visibility != .public || method == .get else { continue }
                    let sudo: HTTPFields = [.init(token: "Sudo"): user]
                    let body = method == .get ? nil : Self.body
                    let answer = await world.ask(method, path, as: world.tokens["ada-public"], sudo, body: body)
                    #expect((answer.status == 200) == (visibility == .public), "\(path) \(user): \(answer.text)")
                    #expect(!answer.text.contains("marker-private") && !answer.text.contains("marker-limited"))
                }
            }
            #expect(try await world.state() == before)
        }
    }

    @Test("the number of an upload tells nothing of an owner that one may not see")
    func uploads() async throws {
        try await run { world in
            let stranger = try await world.registry.accounts.createUser(
                OwnerName("stranger"),
                email: EmailAddress("stranger@example.org"),
                password: Self.password
            ).account
            let token = try await world.registry.accounts.createToken(
                TokenName("t"),
                for: stranger,
                scopes: ScopeSet([.all])
            ).secret.text
            let path = "/api/granary/v1/uploads/"
            for method in [HTTPRequest.Method.get, .patch, .put, .delete] {
                let unknown = await world.ask(method, path + String(repeating: "0", count: 32), as: token)
                for owner in ["pete", "priv-org"] {
                    let hidden = await world.ask(method, path + (world.uploads[owner] ?? ""), as: token)
                    #expect(hidden.status == 404 && unknown.status == 404)
                    #expect(Self.same(hidden.text, unknown.text), "\(hidden.text)\n\(unknown.text)")
                }
            }
        }
    }

    @Test("whoever may not see an owner gets the same answers as for one that is not there", arguments: Routes.owned)
    func hidden(_ index: Int) async throws {
        try await run { world in
            let route = Routes.all[index]
            for name in [nil, "ada", "pia", "lily", "pete"] {
                let token = name.flatMap { world.tokens[$0] }
                let caller = try await world.caller(token)
                for (owner, _) in Self.users + Self.organizations {
                    let access = try await world.registry.metadata.accounts.owner(
                        OwnerName(owner),
                        seenBy: caller.account
                    )?
                    .access
                    let decision = AccessPolicy.decisionToSee(access, by: caller)
                    for path in paths(of: route, for: owner, world) {
                        let answer = await world.ask(.get, path, as: token)
                        let status = try #require(answer.status)
                        let comment: Comment = "\(name ?? "nobody") \(path): \(status) \(answer.text.prefix(200))"
                        switch decision {
                        case .allowed: #expect(status != 401 || route.needsMore, comment)
                        case .unauthenticated: #expect(status == 401, comment)
                        case .notFound: #expect(status == 404 || route.needsMore, comment)
                        case .forbidden: #expect(status == 403, comment)
                        }
                        guard decision == .notFound, !path.contains("/uploads/"), !path.contains("/teams/") else {
                            continue
                        }
                        let other = await world.ask(.get, path.replacing(owner, with: "nobody"), as: token)
                        let text = answer.text.replacing(owner, with: "nobody")
                        #expect(other.status == status && Self.same(other.text, text), "\(other.text)\n\(text)")
                    }
                }
            }
        }
    }

    /// Whether two answers are the same but for the request's id.
    private static func same(_ one: String, _ other: String) -> Bool {
        let ignored = { (text: String) in text.split(separator: "\n").filter { !$0.contains("request") } }
        return ignored(one) == ignored(other)
    }
}

extension Route {
    /// Whether more is asked of a caller than that it sees the owner.
    fileprivate var needsMore: Bool {
        switch access {
        case .basic, .administrator: true
        case .account: true
        default: false
        }
    }
}

extension Routes {
    /// The places of those that show something of an owner.
    fileprivate static let owned = all.indices.filter { all[$0].method == .get && all[$0].endpoint.namesOwner }
}
