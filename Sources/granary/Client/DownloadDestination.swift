// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import RegistryClient
import RegistryCore

/// Where downloaded files go: into a folder, or one of them to a path of its own or to what takes bytes and keeps none.
enum DownloadDestination: Equatable {
    case folder(String)
    case file(String)
    case standardOutput
    /// A device, a pipe or a socket, which is written to and never replaced.
    case stream(String)
    /// What a path names that was open when the command began.
    case descriptor(OpenDescriptor, path: String)

    /// Reads `--output`: `-`, a device or pipe, a folder that exists or ends in a slash, the name of a single file, or else a folder
    /// to make.
    init(_ output: String?, _ descriptor: OpenDescriptor?, fileCount: Int) throws {
        let output = output ?? "."
        if output == "-" || descriptor != nil || Self.isStream(output) {
            guard fileCount == 1 else {
                throw ClientError(
                    .usage,
                    "cannot write \(fileCount) files to \(output.quoted()); name a single file"
                )
            }
            self = output == "-" ? .standardOutput : descriptor.map { .descriptor($0, path: output) } ?? .stream(output)
            return
        }
        var isFolder = false
        let exists = FileManager.default.fileExists(atPath: output, isDirectory: &isFolder)
        if fileCount == 1, !isFolder, !output.hasSuffix("/") {
            self = .file(output)
            return
        }
        self = .folder(output)
        if exists, isFolder { return }
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw ClientError(.io, "cannot create the folder \"\(oneLine(output))\"; check the permissions above it")
        }
    }

    /// Whether results on standard output would be taken for a part of the file.
    var isStandardOutput: Bool {
        switch self {
        case .standardOutput: true
        case .descriptor(let descriptor, _): descriptor.number == STDOUT_FILENO
        case .folder, .file, .stream: false
        }
    }

    private static func isStream(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// The path for a file of the given name, which is never more than a name.
    func path(of name: String) -> String {
        switch self {
        case .file(let path), .stream(let path), .descriptor(_, let path): path
        case .standardOutput: "standard output"
        case .folder("."): name
        case .folder(let folder): folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        }
    }
}
