// SPDX-License-Identifier: Apache-2.0

/// The damage that a `FaultProxy` does to a request instead of forwarding it unchanged.
package enum Fault: Sendable {
    /// Closes the connection.
    case refuse
    /// Responds instead of the server, which does not see the request.
    case answer(Int, body: String)
    /// Forwards the given number of bytes of the request, then reads no more.
    case stallRequest(after: Int)
    /// Forwards the given number of bytes of the request, then closes the connection.
    case cutRequest(after: Int)
    /// Forwards the request with one byte of its body changed.
    case damageRequest
    /// Forwards the request after the client has disconnected.
    case deliverLate
    /// Forwards the request, and closes the connection when the server responds.
    case dropAnswer
    /// Forwards the given number of bytes of the response, then sends no more.
    case stallAnswer(after: Int)
    /// Forwards the given number of bytes of the response, then closes the connection.
    case cutAnswer(after: Int)

    /// Returns an error response of an S3 store.
    package static func refusal(_ status: Int, _ code: String) -> Fault {
        .answer(status, body: "<?xml version=\"1.0\"?><Error><Code>\(code)</Code></Error>")
    }
}
