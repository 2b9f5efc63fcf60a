// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

/// What came of a read or a write over TLS.
enum TLSResult: Equatable {
    /// So many bytes of plain text were read, or taken.
    case bytes(Int)
    /// The rest is up to the peer: wait until the socket is readable.
    case wantsRead
    /// The socket is full: wait until it is writable, then `flush`.
    case wantsWrite
    /// The peer ended its side with close_notify: everything it sent has arrived.
    case closed
    /// The connection is of no further use.
    case failed(TLSFailure)
}

/// What came of sending the gathered records.
enum TLSFlush: Equatable {
    /// The socket took everything.
    case sent
    /// The connection keeps what the socket did not take: wait until it is writable, and flush again.
    case blocked
    case failed(TLSFailure)
}

/// Why a connection over TLS broke.
enum TLSFailure: Error, Equatable, CustomStringConvertible {
    /// The peer's bytes ended without close_notify: somebody may have cut them off (RFC 8446, 6.1).
    case truncated
    /// The system refused to read from the socket or to write to it.
    case socket(errno: Int32)
    /// The peer speaks plain HTTP. No alert was sent, so that an answer in plain text may be.
    case plainHTTP
    /// The peer broke the protocol, or offered nothing that both sides speak; it was told by an alert. Holds OpenSSL's code.
    case refused(code: UInt)

    /// A few words for the log.
    var description: String {
        switch self {
        case .truncated: "the connection ended without close_notify"
        case .socket(let errno): unsafe String(cString: strerror(errno))
        case .plainHTTP: "plain HTTP on a TLS port"
        case .refused(let code): OpenSSLError.reason(of: code)
        }
    }
}

/// OpenSSL's queue of errors, one for each thread.
enum OpenSSLError {
    /// OpenSSL's words for a code, as "no shared cipher".
    static func reason(of code: UInt) -> String {
        guard let reason = ERR_reason_error_string(code) else { return "OpenSSL's error \(code)" }
        return String(cString: reason)
    }

    static func isPlainHTTP(_ code: UInt) -> Bool {
        ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST
    }

    /// Whether PEM was read to its end, and not to something that is none.
    static func isEndOfPEM(_ code: UInt) -> Bool {
        ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
    }

    /// Takes the error that explains the last call, and clears the queue.
    ///
    /// Asked for after a failed call, before which the queue was cleared.
    static func take() -> UInt {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return code
    }
}
