// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc
import RegistryStorage

/// The functions of libpq, loaded for the first connection so that a registry on SQLite runs without the library.
///
/// The properties have the names of the library's functions without the prefix `PQ`.
struct LibPQ: Sendable {
    typealias Text = UnsafePointer<CChar>
    typealias Texts = UnsafePointer<Text?>

    let connectStartParams: @convention(c) (Texts, Texts, CInt) -> OpaquePointer?
    let connectPoll: @convention(c) (OpaquePointer) -> PostgresPollingStatusType
    let finish: @convention(c) (OpaquePointer) -> Void
    let status: @convention(c) (OpaquePointer) -> ConnStatusType
    let socket: @convention(c) (OpaquePointer) -> CInt
    let errorMessage: @convention(c) (OpaquePointer) -> Text?
    let setErrorVerbosity: @convention(c) (OpaquePointer, PGVerbosity) -> PGVerbosity
    let setNonblocking: @convention(c) (OpaquePointer, CInt) -> CInt
    let host: @convention(c) (OpaquePointer) -> Text?
    let port: @convention(c) (OpaquePointer) -> Text?
    let db: @convention(c) (OpaquePointer) -> Text?
    let user: @convention(c) (OpaquePointer) -> Text?
    let serverVersion: @convention(c) (OpaquePointer) -> CInt
    let parameterStatus: @convention(c) (OpaquePointer, Text) -> Text?
    let setNoticeProcessor:
        @convention(c) (
            OpaquePointer, @convention(c) (UnsafeMutableRawPointer?, Text?) -> Void, UnsafeMutableRawPointer?
        ) -> UnsafeRawPointer?

    let sendQuery: @convention(c) (OpaquePointer, Text) -> CInt
    let sendPrepare: @convention(c) (OpaquePointer, Text, Text, CInt, UnsafePointer<Oid>?) -> CInt
    let sendQueryPrepared:
        @convention(c) (
            OpaquePointer, Text, CInt, Texts?, UnsafePointer<CInt>?, UnsafePointer<CInt>?, CInt
        ) -> CInt
    let flush: @convention(c) (OpaquePointer) -> CInt
    let consumeInput: @convention(c) (OpaquePointer) -> CInt
    let isBusy: @convention(c) (OpaquePointer) -> CInt
    let getResult: @convention(c) (OpaquePointer) -> OpaquePointer?
    let notifies: @convention(c) (OpaquePointer) -> UnsafeMutablePointer<PGnotify>?
    let freemem: @convention(c) (UnsafeMutableRawPointer) -> Void

    let resultStatus: @convention(c) (OpaquePointer) -> ExecStatusType
    let resultErrorField: @convention(c) (OpaquePointer, CInt) -> Text?
    let cmdStatus: @convention(c) (OpaquePointer) -> Text?
    let cmdTuples: @convention(c) (OpaquePointer) -> Text?
    let ntuples: @convention(c) (OpaquePointer) -> CInt
    let nfields: @convention(c) (OpaquePointer) -> CInt
    let ftype: @convention(c) (OpaquePointer, CInt) -> Oid
    let getisnull: @convention(c) (OpaquePointer, CInt, CInt) -> CInt
    let getvalue: @convention(c) (OpaquePointer, CInt, CInt) -> Text?
    let getlength: @convention(c) (OpaquePointer, CInt, CInt) -> CInt
    let clear: @convention(c) (OpaquePointer) -> Void

    /// Returns the functions of the installed library, which is loaded once.
    static func loaded() throws -> LibPQ { try shared.get() }

    private static let shared = Result { try LibPQ() }

    private init() throws {
        guard let library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL) else {
            throw SQLError(
                .unavailable,
                "PostgreSQL support is not available: the library libpq.so.5 is missing; install the package libpq5"
            )
        }
        connectStartParams = try Self.find("connectStartParams", in: library)
        connectPoll = try Self.find("connectPoll", in: library)
        finish = try Self.find("finish", in: library)
        status = try Self.find("status", in: library)
        socket = try Self.find("socket", in: library)
        errorMessage = try Self.find("errorMessage", in: library)
        setErrorVerbosity = try Self.find("setErrorVerbosity", in: library)
        setNonblocking = try Self.find("setnonblocking", in: library)
        host = try Self.find("host", in: library)
        port = try Self.find("port", in: library)
        db = try Self.find("db", in: library)
        user = try Self.find("user", in: library)
        serverVersion = try Self.find("serverVersion", in: library)
        parameterStatus = try Self.find("parameterStatus", in: library)
        setNoticeProcessor = try Self.find("setNoticeProcessor", in: library)
        sendQuery = try Self.find("sendQuery", in: library)
        sendPrepare = try Self.find("sendPrepare", in: library)
        sendQueryPrepared = try Self.find("sendQueryPrepared", in: library)
        flush = try Self.find("flush", in: library)
        consumeInput = try Self.find("consumeInput", in: library)
        isBusy = try Self.find("isBusy", in: library)
        getResult = try Self.find("getResult", in: library)
        notifies = try Self.find("notifies", in: library)
        freemem = try Self.find("freemem", in: library)
        resultStatus = try Self.find("resultStatus", in: library)
        resultErrorField = try Self.find("resultErrorField", in: library)
        cmdStatus = try Self.find("cmdStatus", in: library)
        cmdTuples = try Self.find("cmdTuples", in: library)
        ntuples = try Self.find("ntuples", in: library)
        nfields = try Self.find("nfields", in: library)
        ftype = try Self.find("ftype", in: library)
        getisnull = try Self.find("getisnull", in: library)
        getvalue = try Self.find("getvalue", in: library)
        getlength = try Self.find("getlength", in: library)
        clear = try Self.find("clear", in: library)
    }

    /// Returns one function; the caller's type must match the declaration in the library's header.
    private static func find<Function>(_ name: String, in library: UnsafeMutableRawPointer) throws -> Function {
        guard let symbol = dlsym(library, "PQ" + name) else {
            throw SQLError(
                .unavailable,
                "libpq.so.5 is too old: it has no function PQ\(name); install the package libpq5 of PostgreSQL 13 or later"
            )
        }
        return unsafeBitCast(symbol, to: Function.self)
    }
}
