// SPDX-License-Identifier: Apache-2.0
//
// SQLite, with functions in the place of macros and variadic functions, which Swift does not import.
#pragma once
#include <sqlite3.h>
