// SPDX-License-Identifier: Apache-2.0
//
// libcurl, with functions of fixed arguments in the place of the variadic ones, which Swift does not import.
#pragma once
#include <curl/curl.h>
