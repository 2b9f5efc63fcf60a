// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Glibc
import Synchronization

/// One of SQLite's file systems whose disk fails when a test wants it.
///
/// There is one for the whole process, so tests that use it run one after another.
enum FailingDisk {
    enum Fault: Int {
        case none
        case syncOfLog
        case syncOfDatabase
        case writeToLog
    }

    /// What fails from now on.
    static func set(_ fault: Fault) { current.store(fault.rawValue, ordering: .releasing) }

    /// The name by which SQLite knows it.
    static let name: String = {
        guard let usual = sqlite3_vfs_find(nil) else { preconditionFailure("SQLite has a file system") }
        let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        own.initialize(to: usual.pointee)
        own.pointee.pNext = nil
        own.pointee.zName = UnsafePointer(strdup("failing-disk"))
        own.pointee.xOpen = { own, path, file, flags, result in
            guard let file, let open = sqlite3_vfs_find("unix")?.pointee.xOpen else { return SQLITE_CANTOPEN }
            let code = open(own, path, file, flags, result)
            guard code == SQLITE_OK, let methods = file.pointee.pMethods else { return code }
            if flags & SQLITE_OPEN_WAL != 0 { file.pointee.pMethods = FailingDisk.failing(methods, isLog: true) }
            if flags & SQLITE_OPEN_MAIN_DB != 0 { file.pointee.pMethods = FailingDisk.failing(methods, isLog: false) }
            return code
        }
        sqlite3_vfs_register(own, 0)
        return "failing-disk"
    }()

    private static let current = Atomic(Fault.none.rawValue)
    private static let usual = Mutex<Methods?>(nil)

    fileprivate static func fails(_ fault: Fault) -> Bool { current.load(ordering: .acquiring) == fault.rawValue }

    // Unchecked: SQLite's own table, which never changes.
    private struct Methods: @unchecked Sendable {
        let pointer: UnsafePointer<sqlite3_io_methods>
    }

    fileprivate static var usualMethods: sqlite3_io_methods? { usual.withLock { $0?.pointer.pointee } }

    /// A copy of the usual methods, which is never freed.
    private static func failing(
        _ methods: UnsafePointer<sqlite3_io_methods>,
        isLog: Bool
    ) -> UnsafePointer<sqlite3_io_methods> {
        let methods = Methods(pointer: methods)
        usual.withLock { $0 = methods }
        let own = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        own.initialize(to: methods.pointer.pointee)
        if isLog {
            own.pointee.xSync = { file, flags in
                if FailingDisk.fails(.syncOfLog) { return Int32(sqlite_ioerr_fsync) }
                return FailingDisk.usualMethods?.xSync(file, flags) ?? SQLITE_IOERR
            }
            own.pointee.xWrite = { file, bytes, count, offset in
                if FailingDisk.fails(.writeToLog) { return SQLITE_IOERR }
                return FailingDisk.usualMethods?.xWrite(file, bytes, count, offset) ?? SQLITE_IOERR
            }
        } else {
            own.pointee.xSync = { file, flags in
                if FailingDisk.fails(.syncOfDatabase) { return Int32(sqlite_ioerr_fsync) }
                return FailingDisk.usualMethods?.xSync(file, flags) ?? SQLITE_IOERR
            }
        }
        return UnsafePointer(own)
    }
}
