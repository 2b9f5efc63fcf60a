// SPDX-License-Identifier: Apache-2.0
//
// SQLite, with functions in the place of macros and variadic functions, which Swift does not import.
#pragma once
#include <sqlite3.h>
#include <stddef.h>

/// Binds a copy of a text in UTF-8.
static inline int sqlite_bind_text(sqlite3_stmt *statement, int position, const char *text, size_t count) {
    return sqlite3_bind_text64(statement, position, text ? text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of bytes; none are bytes, too, not NULL.
static inline int sqlite_bind_bytes(sqlite3_stmt *statement, int position, const void *bytes, size_t count) {
    return sqlite3_bind_blob64(statement, position, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

/// Turns an option of a connection on or off, and tells how it stands then.
static inline int sqlite_configure(sqlite3 *database, int option, int value, int *now) {
    return sqlite3_db_config(database, option, value, now);
}

/// Extended result codes, which are expressions that Swift does not import.
enum {
    sqlite_ioerr_fsync = SQLITE_IOERR_FSYNC,
    sqlite_ioerr_dir_fsync = SQLITE_IOERR_DIR_FSYNC,
    sqlite_constraint_unique = SQLITE_CONSTRAINT_UNIQUE,
    sqlite_constraint_primarykey = SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite_constraint_foreignkey = SQLITE_CONSTRAINT_FOREIGNKEY,
};
