// SPDX-License-Identifier: Apache-2.0

extension GenericPackageRoutes {
    /// The descriptions of publishing and downloading, beyond their statuses.
    enum Details {
        static let upload = """
            The request body is the content, whatever `Content-Type` says; `multipart/form-data` is refused. Clients can send it with \
            `Content-Length` or chunked. The server checks everything it can before it reads the body. With \
            `Expect: 100-continue`, it requests the body only if these checks succeed.

            The server verifies the digests in these headers before it stores the file: `Content-Digest` and `Repr-Digest` \
            (RFC 9530), `Digest` (RFC 3230), `Content-MD5`, `X-Checksum-Sha256`, `X-Checksum-Sha1`, `X-Checksum-Md5`, \
            `X-Checksum-Sha512`, and `X-Checksum` (its length selects the algorithm).

            Owners and the registry can have quotas for the size of all content and for the number of versions. They apply to \
            every publisher. The server reserves space before it reads the body, so concurrent uploads never exceed a quota. The \
            reservation ends with the upload, whatever its outcome. Content that the owner already has in another file uses no \
            space. The server knows this only after the body, so announce the SHA-256 and the length if little space is left. A \
            body of unknown length reserves up to a quarter (at least 1 MiB) more than the received bytes. Deleting content frees its \
            space at once.
            """

        static let noRoom = """
            the disk is full, or the file exceeds a quota of the owner or the registry; sent before the body is read if its \
            length is announced
            """

        static let badUpload = """
            a name or the version is not valid; documented contract: the version exists; a digest in a header is malformed or \
            does not match the body; the body is incomplete; `Content-Range` does not cover the whole file; the body is a \
            multipart form
            """

        static let download = """
            `Range` is honoured only if `If-Range` is absent or matches. The response has the whole file if the range is malformed, \
            the unit is not `bytes`, there are more than 32 ranges, or the ranges together are larger than the file. Responses \
            also have `Content-Length`, `X-Content-Type-Options: nosniff`, and a `Content-Security-Policy` that prevents the \
            content from running scripts.

            A download is counted when the last byte of the file has been sent or the client has been redirected. A \
            segmented or resumed download is counted once.

            Every version also has `SHA256SUMS` and `SHA512SUMS`, and every file has `FILE.sha256`, unless a file of that name \
            was published. Their format is the input of `sha256sum --check`. They are plain text and support neither ranges nor \
            conditional requests.
            """

        static let redirect = """
            with the setting `s3.redirect`, for an unconditional GET: `Location` is valid for one minute, the digests are \
            those of the content, and `Cache-Control` is `no-store`. wget and aria2 are not redirected, \
            because they would forward their credentials
            """
    }

    /// The request and response headers for content.
    enum Headers {
        static let upload = [
            RequestHeader("X-Checksum-Sha256", "The SHA-256 of the request body, verified by the server"),
            RequestHeader("Content-Digest", "Digests of the request body (RFC 9530), verified by the server"),
            RequestHeader("If-None-Match", "`*`: publish only if the file does not exist yet"),
            RequestHeader("If-Match", "Entity tags; the existing file must have one of them"),
        ]

        static let download = [
            RequestHeader("Range", "`bytes=` and the requested ranges"),
            RequestHeader("If-Range", "The entity tag or time of the file that the range refers to"),
            RequestHeader("If-None-Match", "The entity tags of the client's copies"),
            RequestHeader("If-Modified-Since", "The time of the client's copy"),
            RequestHeader("If-Match", "Entity tags; the file must have one of them"),
            RequestHeader("If-Unmodified-Since", "The time since which the file must not have changed"),
        ]

        static let content: [AnswerHeader] = [
            .eTagOfFile, .lastModified, .acceptRanges, .disposition, .cacheControl, .reprDigest, .digest, .checksum,
        ]
    }
}
