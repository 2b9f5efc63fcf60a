// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc
import RegistryStorage

/// The error of a failed connection attempt.
struct PostgresConnectError: Error {
    /// Whether the server has reached its connection limit.
    let isServerFull: Bool
    let error: SQLError
}

extension PostgresSession {
    /// Connects and applies the session settings; throws `PostgresConnectError`.
    static func connect(_ address: PostgresAddress, until deadline: ContinuousClock.Instant) throws -> PostgresSession {
        let libpq: LibPQ
        do {
            libpq = try LibPQ.loaded()
        } catch let error as SQLError {
            throw PostgresConnectError(isServerFull: false, error: error)
        }
        let session = try begin(address, libpq, deadline)
        // Verbose errors include the SQLSTATE in the text, its only place before the connection exists.
        _ = libpq.setErrorVerbosity(session.handle, PQERRORS_VERBOSE)
        _ = libpq.setNoticeProcessor(session.handle, { _, _ in }, nil)
        try session.finishConnecting()
        _ = libpq.setNonblocking(session.handle, 1)
        do {
            try session.command(settings)
        } catch let error as SQLError {
            throw PostgresConnectError(isServerFull: false, error: error)
        }
        return session
    }

    private static func begin(
        _ address: PostgresAddress,
        _ libpq: LibPQ,
        _ deadline: ContinuousClock.Instant
    ) throws -> PostgresSession {
        let entries = address.entries
        let keywords = entries.map { Array($0.keyword.utf8CString) }
        let values = entries.map { Array($0.value.utf8CString) }
        let handle = withPointers(keywords) { keywords in
            withPointers(values) { values in libpq.connectStartParams(keywords, values, 1) }
        }
        guard let handle else {
            throw PostgresConnectError(
                isServerFull: false,
                error: SQLError(.unavailable, "libpq could not create a connection: out of memory")
            )
        }
        return PostgresSession(handle, libpq, deadline: deadline)
    }

    private static func withPointers<Result>(
        _ texts: [[CChar]],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        // The texts one after another, each with its terminating zero, and a final nil.
        let storage = Array(texts.joined())
        return storage.withUnsafeBufferPointer { storage in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for text in texts {
                pointers.append(storage.baseAddress?.advanced(by: offset))
                offset += text.count
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else {
                    preconditionFailure("an array with an element has an address")
                }
                return body(start)
            }
        }
    }

    private func finishConnecting() throws {
        var isWriting = true
        while libpq.status(handle) != CONNECTION_BAD {
            guard try wait(isWriting ? POLLOUT : POLLIN, until: deadline) else {
                throw PostgresConnectError(
                    isServerFull: false,
                    error: SQLError(.unavailable, "\(place) timed out; check the server and the network")
                )
            }
            switch libpq.connectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_WRITING: isWriting = true
            case PGRES_POLLING_READING: isWriting = false
            default: throw refusedConnection()
            }
        }
        throw refusedConnection()
    }

    /// The settings of every session, independent of the settings of the server and the role.
    ///
    /// They turn `synchronous_commit` on when the server acknowledges commits before they are on disk. A stricter value, which also waits
    /// for replicas, stays as it is.
    private static let settings = """
        SELECT set_config('statement_timeout', '\(PostgresTimeouts.statement.milliseconds)', false),
            set_config('idle_in_transaction_session_timeout', '\(PostgresTimeouts.idleTransaction.milliseconds)', false),
            set_config('bytea_output', 'hex', false),
            set_config('client_min_messages', 'error', false),
            set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
        """
}

extension PostgresSession {
    /// The server's address for messages.
    var place: String {
        let host = text(libpq.host) ?? "?"
        let isSocket = host.hasPrefix("/")
        let server = isSocket ? "the socket in \(host)" : "\(host):\(text(libpq.port) ?? "5432")"
        return "PostgreSQL at \(server)"
    }

    /// The first line of libpq's last error message.
    var lastMessage: String {
        let lines = (text(libpq.errorMessage) ?? "").split(whereSeparator: \.isNewline)
        return lines.first.map(String.init) ?? "no reason was given"
    }

    private func text(_ function: @convention(c) (OpaquePointer) -> LibPQ.Text?) -> String? {
        let text = function(handle).map { String(cString: $0) }
        return text?.isEmpty == true ? nil : text
    }

    /// Derives a message with a remedy from libpq's text.
    private func refusedConnection() -> PostgresConnectError {
        let message = lastMessage
        if let host = text(libpq.host), host.contains("@") {
            let sentence = "the password in database.url contains an @; write it as %40"
            return PostgresConnectError(isServerFull: false, error: SQLError(.unavailable, sentence))
        }
        let user = text(libpq.user) ?? "?"
        let database = text(libpq.db) ?? "?"
        let state = Self.state(in: message)
        let sentence =
            switch state {
            case "28P01":
                "\(place) rejected the password of user \(user); correct it in database.url or in the password file"
            case "28000":
                "\(place) rejected user \(user); check the user and the server's pg_hba.conf"
            case "3D000":
                "\(place) has no database \(database); create it or correct database.url"
            case "53300":
                "\(place) has reached its connection limit; raise its max_connections or lower database.connections"
            // libpq reports an invalid address by quoting it.
            case nil where !message.hasPrefix("connection to") && !message.hasPrefix("could not"):
                "database.url is not a valid libpq address; percent-encode special characters in a password, "
                    + "and see PostgreSQL's manual on connection strings"
            default:
                "could not connect to \(place): \(Self.reason(in: message)); check that it runs and that database.url is correct"
            }
        return PostgresConnectError(isServerFull: state == "53300", error: SQLError(.unavailable, sentence))
    }

    /// Returns the five characters after `FATAL:` in a verbose message.
    private static func state(in message: String) -> String? {
        guard let mark = message.firstRange(of: "FATAL:  ") else { return nil }
        let state = message[mark.upperBound...].prefix(5)
        return state.count == 5 && state.allSatisfy { $0.isNumber || $0.isUppercase } ? String(state) : nil
    }

    /// Returns the message without libpq's description of the address it tried.
    private static func reason(in message: String) -> String {
        guard let mark = message.firstRange(of: " failed: ") else { return message }
        return String(message[mark.upperBound...])
    }
}
