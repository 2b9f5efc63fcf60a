// SPDX-License-Identifier: Apache-2.0

package import HTTPServer
package import RegistryService

/// What a handler answers.
package protocol Reply: Sendable {
    var response: Response { get }
    /// What the count of downloads has to know when the answer gives content of a file.
    var download: CountedAnswer? { get }
}

extension Response: Reply {
    package var response: Response { self }
    package var download: CountedAnswer? { nil }
}

/// An answer that counts as a download, or as a part of one, when its last byte has been sent.
struct DownloadReply: Reply {
    let response: Response
    let download: CountedAnswer?
}
