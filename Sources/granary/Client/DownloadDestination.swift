// SPDX-License-Identifier: Apache-2.0

import Files
import FoundationEssentials
import Glibc
import RegistryClient
import RegistryCore

/// The destination of downloaded files: a folder, or for a single file a path or a stream.
enum DownloadDestination: Equatable {
    case folder(String)
    case file(String)
    case standardOutput
    /// A device, a pipe or a socket, which is written to and never replaced.
    case stream(String)
    /// A descriptor that was already open when the command began.
    case descriptor(OpenDescriptor, path: String)

    /// Parses `--output`: `-`, a stream, an existing folder or a path ending in a slash, or the name of a single
    /// file.
    ///
    /// With several files, any other path is a folder to create.
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

    /// Whether the file is written to standard output, so that no results may be printed there.
    var isStandardOutput: Bool {
        switch self {
        case .standardOutput: true
        case .descriptor(let descriptor, _): descriptor.number == STDOUT_FILENO
        case .folder, .file, .stream: false
        }
    }

    private static func isStream(_ path: String) -> Bool {
        (try? FileStatus(of: path))?.kind == .other
    }

    /// Returns the path for a file, whose name contains no path.
    func path(of name: String) -> String {
        switch self {
        case .file(let path), .stream(let path), .descriptor(_, let path): path
        case .standardOutput: "standard output"
        case .folder("."): name
        case .folder(let folder): folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        }
    }
}
