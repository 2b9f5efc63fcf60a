// SPDX-License-Identifier: Apache-2.0
//
// Types and constants only: the library itself is loaded at run time, so that nothing but a registry on PostgreSQL needs it.
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif
