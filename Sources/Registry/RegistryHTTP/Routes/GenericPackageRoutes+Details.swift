// SPDX-License-Identifier: Apache-2.0

extension GenericPackageRoutes {
    /// What the description says about publishing and downloading beside their statuses.
    enum Details {
        static let upload = """
            The body is the content, whatever `Content-Type` says; `multipart/form-data` is refused. It can be sent with \
            `Content-Length` or chunked. Everything that can be decided before the body is decided before it: with \
            `Expect: 100-continue` a refused body is never asked for.

            Digests that the request states are verified before anything is stored: `Content-Digest` and `Repr-Digest` \
            (RFC 9530), `Digest` (RFC 3230), `Content-MD5`, `X-Checksum-Sha256`, `X-Checksum-Sha1`, `X-Checksum-Md5`, \
            `X-Checksum-Sha512`, and `X-Checksum` (the kind by its length).

            An owner, and the registry, may have limits on the size of all content and on the number of versions. They hold for \
            everybody. Room is set aside before the body is taken, so uploads at the same time never take more than there is; it \
            is free again when the upload ends in any way. Content that the owner has in another file already takes no room; \
            since that is known only behind the body, announce its SHA-256 and its length where little is left. A body of unknown \
            length sets aside up to a quarter (at least 1 MiB) more than what has come. Deletes free room at once.
            """

        static let noRoom = """
            the disk is full, or a limit of the owner or the registry has no room for the file; before the body when its \
            length is announced
            """

        static let badUpload = """
            a name or the version is not valid; documented contract: the version exists; a stated digest is malformed or \
            not that of the body; the body broke off or is shorter than announced; `Content-Range` that is not the whole \
            file; a form
            """

        static let download = """
            `Range` is honoured only when `If-Range` is absent or matches. Malformed ranges, other units, more than 32 \
            ranges and ranges that together are larger than the file are answered with the whole file. Answers also have \
            `Content-Length`, `X-Content-Type-Options: nosniff`, and a `Content-Security-Policy` that lets nothing in the \
            content run.

            A download counts when the last byte of the file was sent, or when the client was redirected to it; a download \
            in segments, or one that was resumed, counts once.

            Every version also has `SHA256SUMS` and `SHA512SUMS`, and every file `FILE.sha256`, in the format that \
            `sha256sum --check` reads, unless a file of that name was published. They are plain text, without ranges and \
            conditions.
            """

        static let redirect = """
            with the setting `s3.redirect`, for GET without conditions: `Location` is good for a minute; the digests are \
            those of the content, and `Cache-Control` is `no-store`. wget and aria2 are not redirected, \
            because they would forward their credentials
            """
    }

    /// The headers of requests and answers that matter for content.
    enum Headers {
        static let upload = [
            RequestHeader("X-Checksum-Sha256", "The SHA-256 of the body, which is verified"),
            RequestHeader("Content-Digest", "Digests of the body as RFC 9530 has them, which are verified"),
            RequestHeader("If-None-Match", "`*` for a file that must not be there yet"),
            RequestHeader("If-Match", "Entity tags, one of which the file must have that is there"),
        ]

        static let download = [
            RequestHeader("Range", "`bytes=` and the parts that are wanted"),
            RequestHeader("If-Range", "The entity tag, or the time, for which the range is meant"),
            RequestHeader("If-None-Match", "The entity tags that the client has"),
            RequestHeader("If-Modified-Since", "When the client got what it has"),
            RequestHeader("If-Match", "Entity tags, one of which the file must have"),
            RequestHeader("If-Unmodified-Since", "The time after which the file must not have been published"),
        ]

        static let content: [AnswerHeader] = [
            .eTagOfFile, .lastModified, .acceptRanges, .disposition, .cacheControl, .reprDigest, .digest, .checksum,
        ]
    }
}
