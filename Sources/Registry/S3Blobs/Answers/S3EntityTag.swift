// SPDX-License-Identifier: Apache-2.0

import Digests
import HTTPMessages
import RegistryCore

/// The tag that a store assigns to content: usually a digest of it, though S3 does not guarantee that.
struct S3EntityTag: Sendable {
    /// The tag without quotes.
    let text: String
    /// Whether the store's encryption makes the tag something other than a digest.
    private let isOpaque: Bool

    init?(_ headers: HTTPFields) {
        guard let text = headers[values: .eTag].first?.filter({ $0 != "\"" }), !text.isEmpty else { return nil }
        self.text = text
        isOpaque =
            headers[HTTPField.Name(token: "x-amz-server-side-encryption")].map { $0 != "AES256" } == true
            || headers.contains(HTTPField.Name(token: "x-amz-server-side-encryption-customer-algorithm"))
    }

    /// Returns whether the tag proves that the stored content has a different digest.
    ///
    /// A tag that does not have the form of a digest proves nothing.
    func contradicts(_ md5: Digest) -> Bool {
        !isOpaque && text.utf8.count == 32 && Hexadecimal.decoded(text) != nil && text.lowercased() != md5.hex
    }

    /// Returns the same for multipart content, whose tag is the digest of the part digests followed by the number of parts.
    func contradicts(parts: [Digest]) -> Bool {
        let pieces = text.split(separator: "-")
        guard !isOpaque, pieces.count == 2, pieces[0].utf8.count == 32, Hexadecimal.decoded(pieces[0]) != nil else {
            return false
        }
        let whole = Hexadecimal.encoded(Array(Insecure.MD5.hash(data: parts.flatMap(\.bytes))))
        return text.lowercased() != "\(whole)-\(parts.count)"
    }
}
