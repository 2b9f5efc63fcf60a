// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

/// Uploads in pieces that clients can resume after a broken connection.
enum UploadRoutes {
    private static let otherTusVersion = RouteAnswer.refusal(
        .preconditionFailed,
        "`Tus-Resumable` names an unsupported version"
    )
    private static let slowPiece = RouteAnswer.refusal(
        .requestTimeout,
        "the request body arrived more slowly than `limits.upload-rate`; received bytes are kept"
    )
    private static let lowerLimit = RouteAnswer.refusal(
        .contentTooLarge,
        "the file exceeds a limit that was lowered meanwhile"
    )
    private static let noRoom = RouteAnswer.refusal(
        .insufficientStorage,
        "the disk is full, or the file exceeds a quota; durable bytes are kept"
    )

    /// The routes of this area.
    static let routes = [
        Route(
            .post,
            .newUpload,
            access: .account(.package),
            "Starts a resumable upload",
            details: Details.begin,
            query: [
                QueryParameter("draft", .flag, "Upload the file to the draft of its version; default false")
            ],
            headers: [
                RequestHeader(
                    "Upload-Length",
                    "The size of the file in bytes",
                    .number,
                    example: "6",
                    isRequired: false
                ),
                RequestHeader(
                    "Upload-Defer-Length",
                    "`1` instead of `Upload-Length`: the client states the size later",
                    .word(["1"])
                ),
                RequestHeader("X-Checksum-Sha256", "The SHA-256 of the whole file, verified by the server"),
                tusVersion,
            ],
            answers: RouteAnswer(
                .created,
                "the upload is started",
                .some([.json(UploadRecord.schema)]),
                headers: [.location, .uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(
                .badRequest,
                "`Upload-Length` is missing or malformed, or publishing the file would be refused with 400"
            ),
            .refusal(.conflict, "current contract: the file exists with different content"),
            otherTusVersion,
            .refusal(.contentTooLarge, "the file exceeds `limits.file-size` or the owner's limit"),
            .refusal(.insufficientStorage, "the disk is full, or the file exceeds a quota"),
            handle: begin
        ),
        Route(
            .options,
            .newUpload,
            access: .anyone(),
            "Returns the supported tus version and extensions",
            details: "The headers are `Tus-Version`, `Tus-Extension` and `Tus-Max-Size`, the maximum file size.",
            answers: RouteAnswer(.noContent, "the headers have the details", headers: [.tusResumable]),
            .refusal(.badRequest, "a name is not valid"),
            handle: describe
        ),
        Route(
            .get,
            .upload,
            access: .account(.package),
            "Shows the progress of an upload",
            details: """
                All reported bytes are durable. The offset reaches the end only when the file is published, so an offset at the end \
                means success. The record of a complete upload expires like that of an incomplete one. \
                \(ReleaseRoutes.Details.writers)
                """,
            headers: [tusVersion],
            answers: RouteAnswer(
                .ok,
                "found",
                .some([.json(UploadRecord.schema)]),
                headers: [.uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(.forbidden, "the caller may read but not write, or the access token lacks the scope"),
            otherTusVersion,
            handle: show
        ),
        Route(
            .patch,
            .upload,
            access: .account(.package),
            "Resumes an upload with tus",
            details: Details.append,
            headers: [
                RequestHeader(
                    "Upload-Length",
                    "The size of the whole file in bytes, once, for an upload that was started without it",
                    .number
                ),
                RequestHeader(
                    "Upload-Offset",
                    "The offset of the piece: the number of bytes already received",
                    .number,
                    example: "0"
                ),
                RequestHeader(
                    "Content-Digest",
                    "Digests of the piece (RFC 9530); the server accepts the piece only as a whole, after verifying it"
                ),
                tusVersion,
            ],
            sends: .piece,
            answers: RouteAnswer(
                .noContent,
                "the piece is durable; the last piece publishes the file",
                headers: [.uploadOffset, .uploadLength, .uploadDeferLength, .uploadExpires, .tusResumable]
            ),
            .refusal(.badRequest, Details.badPiece),
            slowPiece,
            .refusal(.conflict, Details.elsewhere),
            otherTusVersion,
            lowerLimit,
            .refusal(.unsupportedMediaType, "`Content-Type` is not `\(TusHeaders.pieceType)`"),
            noRoom,
            handle: append
        ),
        Route(
            .put,
            .upload,
            access: .account(.package),
            "Resumes an upload with curl",
            details: """
                `curl -T FILE URL` sends the whole file. `curl -C OFFSET -T FILE URL` sends the rest from an offset, with \
                `Content-Range`. The rules for PATCH apply here, too.
                """,
            headers: [
                RequestHeader("Content-Range", "The range of the file in the request body; absent for the whole file")
            ],
            sends: .file,
            answers: RouteAnswer(
                .created,
                "complete: the file is published or in its draft",
                headers: [.locationOfPublished, .eTag, .uploadOffset]
            ),
            RouteAnswer(
                .ok,
                "complete: the file already existed with identical content, or another request completed it",
                headers: [.eTagOfUploaded, .uploadOffset]
            ),
            RouteAnswer(.noContent, "the piece is durable; the upload is incomplete", headers: [.uploadOffset]),
            .refusal(.badRequest, Details.badPiece),
            slowPiece,
            .refusal(.conflict, Details.elsewhere),
            otherTusVersion,
            lowerLimit,
            noRoom,
            handle: put
        ),
        Route(
            .delete,
            .upload,
            access: .account(.package),
            "Deletes an upload and all its received bytes",
            details: "A file that the upload has published stays.",
            headers: [tusVersion],
            answers: RouteAnswer(.noContent, "done", headers: [.tusResumable]),
            otherTusVersion,
            handle: drop
        ),
        Route(
            .get,
            .uploads,
            access: .account(.package),
            "Lists an owner's incomplete uploads, for callers with write access",
            details: """
                Their space stays reserved until they are complete, deleted or expired. `next` is present if there are more entries. \
                \(ReleaseRoutes.Details.writers)
                """,
            query: PageQuery.parameters,
            answers: .record(UploadPage.self),
            .refusal(.forbidden, "the caller may read but not write, or the access token lacks the scope"),
            handle: list
        ),
    ]

    private static let tusVersion = RequestHeader(
        "Tus-Resumable",
        "The tus version, sent by tus clients",
        .word([TusHeaders.version])
    )

    private enum Details {
        static let begin = """
            For tus 1.0.0 clients (creation, creation-defer-length, expiration, termination) and for curl. The server makes the same \
            checks as for publishing the file, and reserves its space. `Location` is the URL of the upload, which expires \
            `timeouts.upload` after the last received byte. Digest headers refer to the whole file; all headers of publishing are \
            accepted except `Content-Digest` and `Content-MD5`. The server ignores a request body.

            A client that does not know the size yet sends `Upload-Defer-Length: 1`. The server then reserves space as bytes \
            arrive. The piece that carries `Upload-Length` and ends there publishes the file. It may be empty, and may carry the digests.
            """

        static let append = """
            Received bytes become durable every 64 MiB and when the request ends, even if its connection breaks. Every node has them. \
            A later request ends an earlier one that is still running. After the last byte, and before the response, the server \
            combines, verifies and publishes the file; any refusal of publishing can occur. If this fails, the last byte does not \
            count, and the client can retry by sending it again. After a digest mismatch, however, the upload is deleted. \
            A client that cannot send PATCH can send POST with `X-HTTP-Method-Override: PATCH`.
            """

        static let badPiece = """
            a header is missing or malformed; the piece is too long, is incomplete (received bytes are kept) or does not match its \
            digest; or publishing the file is refused with 400
            """

        static let elsewhere = """
            the upload is at another offset, reported in `Upload-Offset` and in the message; another request took the upload over; or \
            publishing the file is refused with 409
            """
    }
}
