// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Loops

/// The result of a read or a write over TLS.
enum TLSResult: Equatable {
    /// The number of plain-text bytes that were read or accepted.
    case bytes(Int)
    /// The peer must send data: wait until the socket is readable.
    case wantsRead
    /// The socket is full: wait until it is writable, then call `flush`.
    case wantsWrite
    /// The peer closed its side with close_notify, so all its data has arrived.
    case closed
    /// The connection is no longer usable.
    case failed(TLSError)
}

/// The result of sending the gathered records.
enum TLSFlush: Equatable {
    /// The socket accepted everything.
    case sent
    /// The connection keeps the rest: wait until the socket is writable, then flush again.
    case blocked
    case failed(TLSError)
}

/// The reason why a TLS connection failed.
enum TLSError: Error, Equatable, CustomStringConvertible {
    /// The input ended without close_notify, so an attacker may have truncated it (RFC 8446, 6.1).
    case truncated
    /// A system call on the socket failed.
    case socket(errno: Int32)
    /// The peer speaks plain HTTP; no alert was sent, so a plain-text response is possible.
    case plainHTTP
    /// The peer violated the protocol or shares no parameters with the server.
    ///
    /// It received an alert. `code` is OpenSSL's error code.
    case refused(code: UInt)

    /// A short description for the log.
    var description: String {
        switch self {
        case .truncated: "the connection ended without close_notify"
        case .socket(let errno): SystemError.reason(errno)
        case .plainHTTP: "plain HTTP on a TLS port"
        case .refused(let code): OpenSSLError.reason(of: code)
        }
    }
}

/// OpenSSL's per-thread error queue.
enum OpenSSLError {
    /// Returns OpenSSL's text for a code, such as "no shared cipher".
    static func reason(of code: UInt) -> String {
        guard let reason = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: reason)
    }

    static func isPlainHTTP(_ code: UInt) -> Bool {
        ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST
    }

    /// Returns whether PEM parsing reached the end of the file rather than malformed data.
    static func isEndOfPEM(_ code: UInt) -> Bool {
        ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
    }

    /// Returns the error of the last call and clears the queue.
    ///
    /// The queue must be cleared before that call.
    static func take() -> UInt {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return code
    }
}
