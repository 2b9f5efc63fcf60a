// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import RegistryAPI
import RegistryCore

/// A local file on its way to the registry.
struct Delivery {
    let local: LocalFile
    let file: OutgoingFile
    /// Whether the file goes into the draft of its version and is not visible yet.
    let isDraft: Bool
    let progress: TransferProgress

    /// Where the content goes when it is sent whole.
    var path: String {
        isDraft ? Endpoint.path(toDraftOf: file.coordinate) : Endpoint.path(to: file.coordinate)
    }

    /// Where an upload of it is begun.
    var pathOfNewUpload: String {
        Endpoint.path(toNewUploadOf: file.coordinate) + (isDraft ? "?draft=true" : "")
    }

    /// What the registry is told before the content, however that is sent.
    var headers: [(String, String)] {
        [("Accept", "application/json"), ("X-Checksum-Sha256", file.digest.hex)]
    }

    /// The whole content.
    var body: HTTPClientBody { body(0..<local.sizeInBytes) }

    /// A part of the content.
    func body(_ range: Range<Int64>) -> HTTPClientBody {
        .stream(local.pieces(range, progress: progress), length: Int64(range.count))
    }
}
