// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Glibc

/// Runs a command's work; reports a failure in one sentence on standard error and exits with its `ExitStatus`.
func reportingFailures(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let exit as ExitCode {
        throw exit
    } catch is BrokenPipe {
        Interruption.end(by: SIGPIPE)
    } catch is CancellationError {
        Terminal.complain("interrupted")
        Interruption.endIfSignalled()
        throw ExitCode(ExitStatus.failed.rawValue)
    } catch {
        Terminal.complain("\(error)")
        throw ExitCode(ExitStatus(error).rawValue)
    }
}
