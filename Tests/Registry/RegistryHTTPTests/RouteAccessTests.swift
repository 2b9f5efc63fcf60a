// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore
import RegistryService
import Testing

@testable import RegistryHTTP

/// Who may use a route, before anything is looked up.
@Suite("Access to routes", .timeLimit(.minutes(15)))
struct RouteAccessTests {
    private static let password = Credentials.basic(user: "alice", password: "correct horse")
    private static let token = Credentials.token("grn_0")

    private func caller(_ scopes: [Scope]? = nil, isAdministrator: Bool = false) throws -> Caller {
        let account = Account(
            id: 1,
            name: try OwnerName("alice"),
            isAdministrator: isAdministrator,
            isActive: true,
            isLoginProhibited: false,
            isRestricted: false
        )
        return .account(account, token: scopes.map { UsedToken(id: 1, scopes: ScopeSet($0)) })
    }

    /// Returns the kind of the refusal: `unauthenticated`, `forbidden`, or nothing.
    private func refusal(
        _ access: RouteAccess,
        _ caller: Caller,
        _ credentials: Credentials = password,
        _ method: HTTPRequest.Method = .get
    ) -> String? {
        do {
            try access.check(caller, credentials, method)
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    @Test("without credentials only routes for everybody are open")
    func anonymous() {
        for access in [RouteAccess.open, .anyone(), .anyone(.package)] {
            #expect(refusal(access, .anonymous, .none) == nil)
        }
        for access in [RouteAccess.account(), .account(.user), .basic(.user), .administrator] {
            #expect(refusal(access, .anonymous, .none) == "unauthenticated")
        }
    }

    @Test("a token needs the read scope for GET and HEAD, and the write scope for everything else")
    func scopes() throws {
        for access in [RouteAccess.anyone(.package), .account(.package)] {
            for method in [HTTPRequest.Method.get, .head] {
                #expect(try refusal(access, caller([.read(.package)]), Self.token, method) == nil)
                #expect(try refusal(access, caller([.write(.package)]), Self.token, method) == nil)
                #expect(try refusal(access, caller([.read(.user)]), Self.token, method) == "forbidden")
            }
            for method in [HTTPRequest.Method.put, .post, .patch, .delete] {
                #expect(try refusal(access, caller([.read(.package)]), Self.token, method) == "forbidden")
                #expect(try refusal(access, caller([.write(.package)]), Self.token, method) == nil)
                #expect(try refusal(access, caller([.write(.user)]), Self.token, method) == "forbidden")
            }
        }
        #expect(try refusal(.account(), caller([.read(.user)]), Self.token, .delete) == nil, "no category, no scope")
        #expect(try refusal(.account(.package), caller(), Self.password, .delete) == nil, "a password has every scope")
    }

    @Test("tokens are managed with HTTP Basic, whatever the password is")
    func basic() throws {
        #expect(try refusal(.basic(.user), caller([.all]), Self.token) == "unauthenticated")
        #expect(try refusal(.basic(.user), caller([.all]), Self.password) == nil)
        #expect(try refusal(.basic(.user), caller(), Self.password) == nil)
        #expect(try refusal(.basic(.user), caller([.read(.user)]), Self.password, .post) == "forbidden")
    }

    @Test("an administrator's route needs an administrator, and the scope besides if there is a token")
    func administrators() throws {
        #expect(try refusal(.administrator, caller()) == "forbidden")
        #expect(try refusal(.administrator, caller([.all])) == "forbidden")
        #expect(try refusal(.administrator, caller(isAdministrator: true)) == nil)
        #expect(try refusal(.administrator, caller([.write(.admin)], isAdministrator: true), Self.token, .post) == nil)
        let reader = try caller([.read(.admin)], isAdministrator: true)
        #expect(refusal(.administrator, reader, Self.token) == nil)
        #expect(refusal(.administrator, reader, Self.token, .post) == "forbidden")
        #expect(try refusal(.administrator, caller([.write(.user)], isAdministrator: true), Self.token) == "forbidden")
    }
}
