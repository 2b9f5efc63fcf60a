// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import RegistryCore
import RegistryService

extension RouteContext {
    /// Publishes the body of a request as a file, or adds it to the draft of its version.
    func upload(
        _ file: FileCoordinate,
        isDraft: Bool = false,
        _ request: Request
    ) async throws -> UploadFile.Outcome {
        let headers = try UploadHeaders(request.headers)
        let owner = try await authorize(.write, on: file.owner)
        let upload = UploadFile.Request(
            file: file,
            owner: owner,
            contract: contract(of: owner),
            creator: try account(),
            credential: caller.credential,
            announcedSize: headers.announcedSize,
            expected: headers.expected,
            preconditions: request.headers.preconditions,
            isDraft: isDraft
        )
        return try await services.uploadFile(upload, from: request.content)
    }
}
