// SPDX-License-Identifier: Apache-2.0

package import HTTPServer
package import RegistryService

/// The reply of a handler.
package protocol Reply: Sendable {
    var response: Response { get }
    /// The data for the download count, if the response has content of a file.
    var download: CountedAnswer? { get }
}

extension Response: Reply {
    package var response: Response { self }
    package var download: CountedAnswer? { nil }
}

/// A response that counts as a download, or as part of one, once its last byte has been sent.
struct DownloadReply: Reply {
    let response: Response
    let download: CountedAnswer?
}
