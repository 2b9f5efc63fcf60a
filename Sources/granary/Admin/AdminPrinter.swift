// SPDX-License-Identifier: Apache-2.0

import Files
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
        guard !FileSystem.exists(path) else {
            throw AdminFailure(description: "\(path) already exists: choose another name, or remove it first")
        }
        let file: OpenFile
        do {
            try FileSystem.unlink(part)
            file = try OpenFile.open(part, .create(permissions: 0o600))
        } catch let error as FileError {
            throw AdminFailure(
                description: "cannot create \(part): \(error.reason); check the folder and its permissions"
            )
        }
        return AdminOutput(
            write: { text in
                do {
                    try file.append(Array(text.utf8))
                } catch let error as FileError {
                    throw AdminFailure(description: "cannot write \(part): \(error.reason); check the disk")
                }
            },
            finish: { isComplete in
                guard isComplete else {
                    try? FileSystem.unlink(part)
                    return
                }
                do {
                    try file.synchronize()
                    try FileSystem.rename(part, to: path)
                    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
                } catch let error as FileError {
                    try? FileSystem.unlink(part)
                    throw AdminFailure(description: "cannot write \(path): \(error.reason); check the disk")
                }
            }
        )
    }
}
