// SPDX-License-Identifier: Apache-2.0

/// A source of responses without a task per request; each loop has one, confined to its thread.
package protocol ImmediateAnswers: AnyObject {
    /// Returns the response if it is available without waiting; nil passes the request to the handler.
    ///
    /// The server calls this only for requests without a body, on every transport.
    func answer(to head: borrowing HeadView) -> ImmediateAnswer?

    /// Reports that the system has accepted the last byte of a response, or that the response failed.
    func ended(_ answer: ImmediateAnswer, isComplete: Bool)
}

/// A prepared response and the values that vary per request.
package struct ImmediateAnswer {
    package let prepared: PreparedAnswer
    /// The value of the variable field, in ASCII; it fills the space that `prepared` reserves.
    package let variable: InlineArray<16, UInt8>
    /// The arrival time of the request, in nanoseconds of the monotonic clock.
    package let start: Int64
    /// The client's address; nil when unknown.
    package let client: String?

    package init(
        prepared: PreparedAnswer,
        variable: InlineArray<16, UInt8>,
        start: Int64,
        client: String? = nil
    ) {
        self.prepared = prepared
        self.variable = variable
        self.start = start
        self.client = client
    }
}

/// A request head in the connection's buffers, valid only during the call that receives it.
package struct HeadView: ~Copyable {
    /// The fields that may affect a response; set for each one present in the head.
    package struct Fields: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let authorization = Fields(rawValue: 1 << 0)
        package static let range = Fields(rawValue: 1 << 1)
        /// `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since` or `If-Range`.
        package static let condition = Fields(rawValue: 1 << 2)
        package static let expect = Fields(rawValue: 1 << 3)
        package static let cookie = Fields(rawValue: 1 << 4)
        /// `Forwarded` or `X-Forwarded-…` from a trusted proxy.
        package static let forwarded = Fields(rawValue: 1 << 5)
        /// Several occurrences of a field that may occur only once.
        package static let ambiguous = Fields(rawValue: 1 << 6)
    }

    package enum Method: Sendable {
        case get
        case head
        case other
    }

    package let method: Method
    package let version: HTTPVersion
    package let fields: Fields
    /// The path and query as sent by the client.
    package let target: UnsafeRawBufferPointer
    /// The value of `Authorization`; empty when it is missing.
    package let authorization: UnsafeRawBufferPointer
    /// The client's address; see `Request.clientAddress`.
    package let clientAddress: String?
    package let isSecure: Bool

    package init(
        method: Method,
        version: HTTPVersion,
        fields: Fields,
        target: UnsafeRawBufferPointer,
        authorization: UnsafeRawBufferPointer,
        clientAddress: String?,
        isSecure: Bool
    ) {
        self.method = method
        self.version = version
        self.fields = fields
        self.target = target
        self.authorization = authorization
        self.clientAddress = clientAddress
        self.isSecure = isSecure
    }
}
