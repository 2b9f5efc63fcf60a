// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Uploads that are sent in pieces and go on after a connection broke.
enum UploadRoutes {
    /// The table of this area.
    static let routes = [
        Route(
            .post,
            .newUpload,
            access: .account(.package),
            "Begins an upload that can be resumed",
            details: Details.begin,
            query: [
                QueryParameter("draft", .flag, "Whether the file goes into the draft of its version; no without it")
            ],
            headers: [
                RequestHeader(
                    "Upload-Length",
                    "How many bytes the file has",
                    .number,
                    example: "6",
                    isRequired: false
                ),
                RequestHeader("Upload-Defer-Length", "`1` in its place: the size is stated later", .word(["1"])),
                RequestHeader("X-Checksum-Sha256", "The SHA-256 of the whole file, which is verified"),
                tusVersion,
            ],
            answers: RouteAnswer(
                .created,
                "begun",
                .some([.json(UploadRecord.schema)]),
                headers: [.location, .uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(
                .badRequest,
                "`Upload-Length` is missing or malformed, or anything for which publishing the file would be refused with 400"
            ),
            .refusal(.conflict, "current contract: the file exists with other bytes"),
            .refusal(.preconditionFailed, "`Tus-Resumable` is another version"),
            .refusal(.contentTooLarge, "larger than `limits.file-size` or the owner's limit"),
            .refusal(.insufficientStorage, "the disk is full, or a limit has no room for the file"),
            handle: begin
        ),
        Route(
            .options,
            .newUpload,
            access: .anyone(),
            "Tells clients of tus what is spoken here",
            details: "`Tus-Version`, `Tus-Extension`, and `Tus-Max-Size` with the size of the largest file.",
            answers: RouteAnswer(.noContent, "the headers tell", headers: [.tusResumable]),
            .refusal(.badRequest, "a name is not valid"),
            handle: describe
        ),
        Route(
            .get,
            .upload,
            access: .account(.package),
            "Tells how far an upload has come",
            details: """
                What it tells is durable. The last byte counts when the file is published, so an offset at the end means success. An \
                upload that is complete is known for as long as one that is not. \
                \(ReleaseRoutes.Details.writers)
                """,
            headers: [tusVersion],
            answers: RouteAnswer(
                .ok,
                "found",
                .some([.json(UploadRecord.schema)]),
                headers: [.uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(.forbidden, "the account may see but not change it, or the token lacks the scope"),
            .refusal(.preconditionFailed, "`Tus-Resumable` is another version"),
            handle: show
        ),
        Route(
            .patch,
            .upload,
            access: .account(.package),
            "Goes on with an upload, as tus has it",
            details: Details.append,
            headers: [
                RequestHeader(
                    "Upload-Length",
                    "How many bytes the whole file has, once, for an upload that was begun without it",
                    .number
                ),
                RequestHeader(
                    "Upload-Offset",
                    "Where the piece begins: how many bytes are there",
                    .number,
                    example: "0"
                ),
                RequestHeader(
                    "Content-Digest",
                    "Digests of the piece (RFC 9530); it is taken whole and verified, or not at all"
                ),
                tusVersion,
            ],
            sends: .piece,
            answers: RouteAnswer(
                .noContent,
                "the piece is durable; with the last one, the file is published",
                headers: [.uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(.badRequest, Details.badPiece),
            .refusal(.requestTimeout, "the body came more slowly than `limits.upload-rate`; what came is kept"),
            .refusal(.conflict, Details.elsewhere),
            .refusal(.preconditionFailed, "`Tus-Resumable` is another version"),
            .refusal(.contentTooLarge, "larger than a limit that was lowered meanwhile"),
            .refusal(.unsupportedMediaType, "`Content-Type` is not `\(TusHeaders.pieceType)`"),
            .refusal(
                .insufficientStorage,
                "the disk is full, or a limit has no room for the file; what was durable before is kept"
            ),
            handle: append
        ),
        Route(
            .put,
            .upload,
            access: .account(.package),
            "Goes on with an upload, as curl has it",
            details: """
                `curl -T FILE URL` sends the whole file, `curl -C OFFSET -T FILE URL` the rest of it behind an offset, with \
                `Content-Range`. All that is said of PATCH holds here, too.
                """,
            headers: [RequestHeader("Content-Range", "Which part of the file the body is; the whole without it")],
            sends: .file,
            answers: RouteAnswer(
                .created,
                "complete: the file is published, or in its draft",
                headers: [.locationOfPublished, .eTag, .uploadOffset]
            ),
            RouteAnswer(
                .ok,
                "complete: the file was there with the same bytes, or another request has completed it",
                headers: [.eTagOfUploaded, .uploadOffset]
            ),
            RouteAnswer(.noContent, "the piece is durable; more is to come", headers: [.uploadOffset]),
            .refusal(.badRequest, Details.badPiece),
            .refusal(.requestTimeout, "the body came more slowly than `limits.upload-rate`; what came is kept"),
            .refusal(.conflict, Details.elsewhere),
            .refusal(.preconditionFailed, "`Tus-Resumable` is another version"),
            .refusal(.contentTooLarge, "larger than a limit that was lowered meanwhile"),
            .refusal(
                .insufficientStorage,
                "the disk is full, or a limit has no room for the file; what was durable before is kept"
            ),
            handle: put
        ),
        Route(
            .delete,
            .upload,
            access: .account(.package),
            "Drops an upload with all that came of it",
            details: "A file that it has published stays.",
            headers: [tusVersion],
            answers: RouteAnswer(.noContent, "done", headers: [.tusResumable]),
            .refusal(.preconditionFailed, "`Tus-Resumable` is another version"),
            handle: drop
        ),
        Route(
            .get,
            .uploads,
            access: .account(.package),
            "Lists an owner's uploads that are not complete, for those who may write there",
            details: """
                Their room is set aside until they are complete, dropped or expired. `next` is there when there are more. \
                \(ReleaseRoutes.Details.writers)
                """,
            query: PageQuery.parameters,
            answers: .record(UploadPage.self),
            .refusal(.forbidden, "the account may see but not change it, or the token lacks the scope"),
            handle: list
        ),
    ]

    private static let tusVersion = RequestHeader(
        "Tus-Resumable",
        "The version of tus, from clients that speak it",
        .word([TusHeaders.version])
    )

    private enum Details {
        static let begin = """
            For clients of tus 1.0.0 (creation, creation-defer-length, expiration, termination) and for curl. Everything for which publishing the file \
            would be refused is refused here already, and its room is set aside. `Location` is the upload's URL; it is kept for \
            `timeouts.upload` after the last byte. Digests that the request states are those of the whole file, in all spellings of \
            publishing but `Content-Digest` and `Content-MD5`. A body is not read.

            A client that does not know the size yet sends `Upload-Defer-Length: 1`. Room is then set aside as bytes come, and the \
            file is published by the piece that comes with `Upload-Length` and ends there; it may be empty, and may state the digests.
            """

        static let append = """
            What came is durable every 64 MiB, and when the request ends, also when its connection breaks; on every node it is there. \
            A later request ends an earlier one that still runs. With the last byte the file is put together, verified and published \
            before the answer, with all refusals of publishing. When that fails, the last byte does not count, and sending it tries again; \
            but when the file does not have a digest that was stated, the upload is dropped. \
            A client that cannot send PATCH sends POST with `X-HTTP-Method-Override: PATCH`.
            """

        static let badPiece = """
            a header is missing or malformed; the piece is longer than what is missing, broke off (what came is kept), or has not \
            the digest that was stated; or publishing the file is refused with 400
            """

        static let elsewhere = """
            the upload is at another offset, which `Upload-Offset` and the text tell, or another request has gone on with it; or \
            publishing the file is refused with 409
            """
    }
}
