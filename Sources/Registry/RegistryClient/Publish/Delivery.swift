// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import RegistryAPI
import RegistryCore

/// A local file that is being sent to the registry.
struct Delivery {
    let local: SourceFile
    let file: OutgoingFile
    /// Whether the file goes to the draft of its version and stays invisible for now.
    let isDraft: Bool
    let progress: TransferProgress

    /// The path for sending the whole content.
    var path: String {
        isDraft ? Endpoint.path(toDraftOf: file.coordinate) : Endpoint.path(to: file.coordinate)
    }

    /// The path for starting a resumable upload.
    var pathOfNewUpload: String {
        Endpoint.path(toNewUploadOf: file.coordinate) + (isDraft ? "?draft=true" : "")
    }

    /// The headers that precede the content in both cases.
    var headers: [(String, String)] {
        [("Accept", "application/json"), ("X-Checksum-Sha256", file.digest.hex)]
    }

    /// The whole content.
    var body: HTTPClientBody { body(0..<local.sizeInBytes) }

    /// Returns a part of the content.
    func body(_ range: Range<Int64>) -> HTTPClientBody {
        .stream(local.pieces(range, progress: progress), length: Int64(range.count))
    }
}
