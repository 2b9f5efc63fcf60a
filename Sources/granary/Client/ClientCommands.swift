// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The commands that use a registry over HTTP, in the order of the help.
enum ClientCommands {
    static let all: [any ParsableCommand.Type] = [
        Login.self, Publish.self, Download.self, List.self, Search.self, Show.self, Delete.self, Verify.self,
    ]
}
