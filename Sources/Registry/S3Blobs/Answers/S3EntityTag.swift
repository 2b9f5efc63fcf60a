// SPDX-License-Identifier: Apache-2.0

import Digests
import HTTPMessages
import RegistryCore

/// The tag that a store gives content: by custom, not by contract, a digest of it.
struct S3EntityTag: Sendable {
    /// Without quotes.
    let text: String
    /// Whether the store encrypts in a way that makes the tag something else than a digest.
    private let isOpaque: Bool

    init?(_ headers: HTTPFields) {
        guard let text = headers[values: .eTag].first?.filter({ $0 != "\"" }), !text.isEmpty else { return nil }
        self.text = text
        isOpaque =
            headers[HTTPField.Name(token: "x-amz-server-side-encryption")].map { $0 != "AES256" } == true
            || headers.contains(HTTPField.Name(token: "x-amz-server-side-encryption-customer-algorithm"))
    }

    /// Whether it proves that the store holds other content than that with a digest.
    ///
    /// A tag that has not the form of a digest proves nothing.
    func contradicts(_ md5: RegistryCore.Digest) -> Bool {
        !isOpaque && text.utf8.count == 32 && Hexadecimal.decoded(text) != nil && text.lowercased() != md5.hex
    }

    /// The same for content made of parts, whose tag is the digest of their digests and their number.
    func contradicts(parts: [RegistryCore.Digest]) -> Bool {
        let pieces = text.split(separator: "-")
        guard !isOpaque, pieces.count == 2, pieces[0].utf8.count == 32, Hexadecimal.decoded(pieces[0]) != nil else {
            return false
        }
        let whole = Hexadecimal.encoded(Array(Insecure.MD5.hash(data: parts.flatMap(\.bytes))))
        return text.lowercased() != "\(whole)-\(parts.count)"
    }
}
