// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryClient

/// Where downloaded files go: into a folder, or one of them to a path of its own.
enum DownloadDestination: Equatable {
    case folder(String)
    case file(String)

    /// Reads `--output`: a folder that exists or ends in a slash, the name of a single file, or else a folder to make.
    init(_ output: String?, fileCount: Int) throws {
        let output = output ?? "."
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
            throw ClientError(.io, "cannot make the folder \"\(oneLine(output))\"; check the permissions above it")
        }
    }

    /// The path for a file of the given name, which is never more than a name.
    func path(of name: String) -> String {
        switch self {
        case .file(let path): path
        case .folder("."): name
        case .folder(let folder): folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        }
    }
}
