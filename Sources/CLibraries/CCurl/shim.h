// SPDX-License-Identifier: Apache-2.0
//
// libcurl, with functions of fixed arguments in the place of the variadic ones, which Swift does not import.
#pragma once
#include <curl/curl.h>
#include <stdint.h>

static inline CURLcode curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_offset(CURL *handle, CURLoption option, int64_t value) {
  return curl_easy_setopt(handle, option, (curl_off_t)value);
}

// Copies the text; NULL removes what was set.
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

typedef size_t (*curl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curl_set_bytes_callback(CURL *handle, CURLoption option, curl_bytes_callback callback) {
  return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode curl_set_before_request(CURL *handle, curl_prereq_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, callback);
}

static inline long curl_get_number(CURL *handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline int64_t curl_get_offset(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline CURLMcode curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

// Where a finished transfer tells its result, which is a union that Swift shows as raw bytes.
static inline CURLcode curl_result_of(const CURLMsg *message) { return message->data.result; }

// Where libcurl was told that the system's certificates are; NULL when it was not.
static inline const char *curl_system_file(void) { return curl_version_info(CURLVERSION_NOW)->cainfo; }
static inline const char *curl_system_directory(void) { return curl_version_info(CURLVERSION_NOW)->capath; }

// What libcurl says of itself.
static inline const curl_version_info_data *curl_information(void) { return curl_version_info(CURLVERSION_NOW); }
