// SPDX-License-Identifier: Apache-2.0

import RegistryServer
import RegistryTestSupport
import Testing

@testable import granary

/// Administrators' commands, executed as a server executes those that arrive on its socket.
@Suite("Administrators' commands", .timeLimit(.minutes(15)))
struct AdminCommandTests {
    /// A command line with its input, its exit status, and a part of what it prints.
    private struct Step {
        let line: String
        var input: String?
        var status = granary.ExitStatus.done
        let prints: String

        init(_ line: String, input: String? = nil, _ status: granary.ExitStatus = .done, prints: String) {
            self.line = line
            self.input = input
            self.status = status
            self.prints = prints
        }
    }

    private static let steps = [
        Step("user create alice --email alice@example.org", prints: "created user alice\npassword: "),
        Step("user create bob --email bob@example.org", input: "correct horse", prints: "created user bob\n"),
        Step("user create bob --email b@example.org", input: "correct horse", .exists, prints: "already exists"),
        Step("user create carol --email bob@example.org", input: "correct horse", .exists, prints: "already exists"),
        Step("user create api --email api@example.org", input: "correct horse", .usage, prints: "reserved"),
        Step("user create a/b --email b@example.org", .usage, prints: "a/b"),
        Step("user create dora --email nowhere", .usage, prints: "nowhere"),
        Step("user list", prints: "bob"),
        Step("user list --format json", prints: "\"name\" : \"bob\""),
        Step("user update bob --admin", prints: "bob"),
        Step("user update nobody --admin", .notFound, prints: "there is no user nobody"),
        Step("user update bob --no-admin --visibility private", prints: "bob"),
        Step("org create acme --owner alice", prints: "created organization acme\n"),
        Step("org create acme --owner alice", .exists, prints: "already exists"),
        Step("org create other --owner nobody", .notFound, prints: "there is no user nobody"),
        Step("org list", prints: "acme"),
        Step("team create acme build --packages write", prints: "created team build of acme\n"),
        Step("team create acme build --packages write", .exists, prints: "already"),
        Step("team create none build --packages read", .notFound, prints: "there is no organization none"),
        Step("team add acme build bob", prints: "bob"),
        Step("team add acme sales bob", .notFound, prints: "sales"),
        Step("team remove acme build bob", prints: "bob"),
        Step("team remove acme Owners alice", .failed, prints: "owner"),
        Step("token create bob --name ci --scope write:package", prints: "grn_"),
        Step("token create bob --name ci --scope write:package", .exists, prints: "ci"),
        Step("token create bob --name ci2 --scope write:everything", .usage, prints: "write:everything"),
        Step("token list bob", prints: "ci"),
        Step("token delete bob --name ci", prints: "deleted access token ci of bob\n"),
        Step("token delete bob --name ci", .notFound, prints: "no access token named"),
        Step("owner set-contract acme current", prints: "current"),
        Step("owner set-limits acme --total-size 1GiB --versions 5", prints: "set the limits of owner acme\n"),
        Step("owner set-limits acme --total-size lots", .usage, prints: "lots is not a limit"),
        Step("owner usage acme", prints: "1073741824"),
        Step("owner usage nobody", .notFound, prints: "there is no owner nobody"),
        Step("fsck --grace 0s", prints: "checked 0 blobs"),
        Step("gc --grace 0s", prints: "0 of deleted files"),
        Step("user delete alice", .failed, prints: "only owner of the organization acme"),
        Step("org delete acme", prints: "deleted organization acme\n"),
        Step("user delete alice", prints: "alice"),
        Step("user delete alice", .notFound, prints: "there is no user alice"),
        Step("user remove alice", .usage, prints: "remove"),
    ]

    @Test("each command has its result and its exit status", arguments: EnginePair.available)
    func story(_ engines: EnginePair) async throws {
        try await TestRegistry.run(on: engines, checksPlans: false) { server in
            for step in Self.steps {
                let (printed, status) = try await Self.execute(step, on: server.registry)
                #expect(status == step.status.rawValue, "\(step.line): \(printed)")
                #expect(printed.contains(step.prints), "\(step.line): \(printed)")
            }
        }
    }

    private static func execute(_ step: Step, on registry: Registry) async throws -> (String, Int32?) {
        let request = AdminRequest(
            arguments: ["admin"] + step.line.split(separator: " ").map(String.init),
            input: step.input,
            directory: "/"
        )
        var printed = ""
        var status: Int32?
        let conversation = AdminConversation(request: request, input: .none) { event in
            printed += (event.output ?? "") + (event.errors ?? "")
            status = event.status ?? status
        }
        try await AdminService.handle(conversation, registry: registry)
        return (printed, status)
    }
}
