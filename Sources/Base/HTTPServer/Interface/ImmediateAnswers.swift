// SPDX-License-Identifier: Apache-2.0

/// Answers requests on the loop before a task is made for them; each loop has one, used on its thread alone.
package protocol ImmediateAnswers: AnyObject {
    /// The answer to a request, when it needs no wait; nil to have it handled.
    ///
    /// Only requests without a body are asked about, on every transport.
    func answer(to head: borrowing HeadView) -> ImmediateAnswer?

    /// The last byte of an answer was handed to the system, or could not be.
    func ended(_ answer: ImmediateAnswer, isComplete: Bool)
}

/// A prepared answer, with what differs from one time to the next.
package struct ImmediateAnswer {
    package let prepared: PreparedAnswer
    /// The value of the answer's variable field: ASCII, as long as `prepared` has room for.
    package let variable: InlineArray<16, UInt8>
    /// When the request came, on the monotonic clock in nanoseconds.
    package let start: Int64
    /// The client's address as far as it is known.
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

/// The head of a request in the buffers of its connection, valid only within the call that it is handed to.
package struct HeadView: ~Copyable {
    /// What an answer may depend on; set for each such field of the head.
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
        /// Several of a field that should be one.
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
    /// Path and query as the client sent them.
    package let target: UnsafeRawBufferPointer
    /// The value of `Authorization`, empty when there is none.
    package let authorization: UnsafeRawBufferPointer
    /// The connection's client; see `Request.clientAddress`.
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
