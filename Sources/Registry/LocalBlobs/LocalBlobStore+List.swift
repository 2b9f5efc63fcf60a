// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

extension LocalBlobStore {
    package func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        try await readers.complete { [root] in
            var page: [StoredContent] = []
            for folder in BlobKey.allFolders where folder >= key?.folder ?? "" {
                for found in try Self.keys(in: "\(root)/\(folder)", after: key) {
                    guard page.count < limit else { return page }
                    // Skip files that were removed since the directory was read.
                    guard let file = try LocalDirectory.fileSizeAndAge("\(root)/\(found.path)") else { continue }
                    page.append(StoredContent(key: found, sizeInBytes: file.sizeInBytes, age: file.age))
                }
            }
            return page
        }
    }

    private static func keys(in folder: String, after key: BlobKey?) throws -> [BlobKey] {
        let names: [String]
        do {
            names = try LocalDirectory.entries(folder)
        } catch let error as BlobStoreError where error.code == .missing {
            return []
        }
        let keys = names.compactMap { BlobKey($0) }
        return (key.map { key in keys.filter { $0 > key } } ?? keys).sorted()
    }
}
