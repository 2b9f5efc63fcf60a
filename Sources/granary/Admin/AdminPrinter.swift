// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryServer

/// The destination of a command's results, on the requesting side of the socket.
struct AdminOutput {
    /// Writes results of the command.
    var write: (String) throws -> Void = { try StandardStream.standardOutput.print($0) }
    /// Called at the end with whether the command succeeded.
    var finish: (_ isComplete: Bool) throws -> Void = { _ in }
}

/// Prints a command's output as it arrives, and keeps the exit status.
final class AdminPrinter {
    private let output: AdminOutput
    private var hasProgress = false
    private(set) var status: Int32?

    init(_ output: AdminOutput) {
        self.output = output
    }

    func hear(_ event: AdminEvent) throws {
        if let text = event.progress { return show(text) }
        clearProgress()
        if let text = event.output { try output.write(text) }
        if let text = event.errors { Terminal.writeError(text) }
        if let status = event.status { self.status = status }
    }

    private func show(_ progress: String) {
        guard Terminal.showsProgress else { return }
        clearProgress()
        Terminal.writeError(String(progress.prefix(Terminal.columns - 1)))
        hasProgress = true
    }

    private func clearProgress() {
        guard hasProgress else { return }
        Terminal.writeError("\r\u{1B}[K")
        hasProgress = false
    }
}

extension AdminOutput {
    /// Returns the output to a new file, readable by its owner only, that appears only when complete.
    static func file(_ path: String) throws -> AdminOutput {
        let part = path + ".part"
        guard unsafe access(path, F_OK) != 0 else {
            throw AdminFailure(description: "\(path) already exists: choose another name, or remove it first")
        }
        _ = unsafe unlink(part)
        let descriptor = unsafe part.withCString { unsafe open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else {
            throw AdminFailure(
                description: "cannot create \(part) (error \(errno)): check the folder and its permissions"
            )
        }
        return AdminOutput(
            write: { text in
                guard StandardStream(descriptor: descriptor).write(text) else {
                    throw AdminFailure(description: "cannot write \(part) (error \(errno)): check the disk")
                }
            },
            finish: { isComplete in
                let isDurable = fsync(descriptor) == 0
                close(descriptor)
                guard isComplete, isDurable, unsafe rename(part, path) == 0 else {
                    _ = unsafe unlink(part)
                    if isComplete { throw AdminFailure(description: "cannot write \(path): check the disk") }
                    return
                }
            }
        )
    }
}
