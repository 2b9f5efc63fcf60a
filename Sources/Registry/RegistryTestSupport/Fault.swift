// SPDX-License-Identifier: Apache-2.0

/// What a `FaultProxy` does with one request instead of passing it on unharmed.
package enum Fault: Sendable {
    /// Closes the connection.
    case refuse
    /// Answers in the place of the server, which does not see the request.
    case answer(Int, body: String)
    /// Passes on so many bytes of the request, then takes no more.
    case stallRequest(after: Int)
    /// Passes on so many bytes of the request, then closes the connection.
    case cutRequest(after: Int)
    /// Passes the request on with one byte of its body changed.
    case damageRequest
    /// Passes the request on when the client has given it up.
    case deliverLate
    /// Passes the request on; when the server has done the work, closes the connection.
    case dropAnswer
    /// Passes on so many bytes of the answer, then sends no more.
    case stallAnswer(after: Int)
    /// Passes on so many bytes of the answer, then closes the connection.
    case cutAnswer(after: Int)

    /// An S3 store's refusal.
    package static func refusal(_ status: Int, _ code: String) -> Fault {
        .answer(status, body: "<?xml version=\"1.0\"?><Error><Code>\(code)</Code></Error>")
    }
}
