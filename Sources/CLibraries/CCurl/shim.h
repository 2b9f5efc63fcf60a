// SPDX-License-Identifier: Apache-2.0
//
// libcurl, loaded when it is first needed: its thirty libraries would take half of the time in which a server starts. All
// functions are reached through these, which also give fixed arguments to the variadic ones, which Swift does not import.
#pragma once
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// NULL when the library is not on this machine.
static inline void *curl_library(void) {
  static void *library;
  void *known = __atomic_load_n(&library, __ATOMIC_ACQUIRE);
  if (known != NULL) return known;
  // To load it twice at the same moment does no harm: the loader counts.
  known = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  __atomic_store_n(&library, known, __ATOMIC_RELEASE);
  return known;
}

// Where a function is; NULL when there is no library.
static inline void *curl_symbol(const char *name) {
  void *library = curl_library();
  return library == NULL ? NULL : dlsym(library, name);
}

// A function of the library, which `curl_information` has found to be there, in a version that has all of them.
#define CURL_CALL(name) ((__typeof__(&name))curl_symbol(#name))

static inline CURLcode curl_begin(void) { return CURL_CALL(curl_global_init)(CURL_GLOBAL_DEFAULT); }

static inline CURL *curl_handle(void) { return CURL_CALL(curl_easy_init)(); }
static inline void curl_handle_free(CURL *handle) { CURL_CALL(curl_easy_cleanup)(handle); }
static inline CURLcode curl_handle_pause(CURL *handle, int directions) { return CURL_CALL(curl_easy_pause)(handle, directions); }

static inline struct curl_slist *curl_list_append(struct curl_slist *list, const char *text) {
  return CURL_CALL(curl_slist_append)(list, text);
}
static inline void curl_list_free(struct curl_slist *list) { CURL_CALL(curl_slist_free_all)(list); }

static inline CURLM *curl_transfers(void) { return CURL_CALL(curl_multi_init)(); }
static inline CURLMcode curl_transfers_free(CURLM *transfers) { return CURL_CALL(curl_multi_cleanup)(transfers); }
static inline CURLMcode curl_transfers_add(CURLM *transfers, CURL *handle) {
  return CURL_CALL(curl_multi_add_handle)(transfers, handle);
}
static inline CURLMcode curl_transfers_remove(CURLM *transfers, CURL *handle) {
  return CURL_CALL(curl_multi_remove_handle)(transfers, handle);
}
static inline CURLMcode curl_transfers_perform(CURLM *transfers, int *running) {
  return CURL_CALL(curl_multi_perform)(transfers, running);
}
static inline CURLMsg *curl_transfers_read(CURLM *transfers, int *rest) {
  return CURL_CALL(curl_multi_info_read)(transfers, rest);
}
static inline CURLMcode curl_transfers_wait(CURLM *transfers, int milliseconds) {
  return CURL_CALL(curl_multi_poll)(transfers, NULL, 0, milliseconds, NULL);
}
static inline CURLMcode curl_transfers_wake(CURLM *transfers) { return CURL_CALL(curl_multi_wakeup)(transfers); }

static inline CURLcode curl_set_number(CURL *handle, CURLoption option, long value) {
  return CURL_CALL(curl_easy_setopt)(handle, option, value);
}

static inline CURLcode curl_set_offset(CURL *handle, CURLoption option, int64_t value) {
  return CURL_CALL(curl_easy_setopt)(handle, option, (curl_off_t)value);
}

// Copies the text; NULL removes what was set.
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return CURL_CALL(curl_easy_setopt)(handle, option, value);
}

static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return CURL_CALL(curl_easy_setopt)(handle, option, value);
}

typedef size_t (*curl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curl_set_bytes_callback(CURL *handle, CURLoption option, curl_bytes_callback callback) {
  return CURL_CALL(curl_easy_setopt)(handle, option, callback);
}

static inline CURLcode curl_set_before_request(CURL *handle, curl_prereq_callback callback) {
  return CURL_CALL(curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, callback);
}

static inline long curl_get_number(CURL *handle, CURLINFO info) {
  long value = 0;
  return CURL_CALL(curl_easy_getinfo)(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline int64_t curl_get_offset(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return CURL_CALL(curl_easy_getinfo)(handle, info, &value) == CURLE_OK ? value : 0;
}

// The connection of OpenSSL under a transfer; NULL when there is none.
static inline void *curl_get_tls(CURL *handle) {
  struct curl_tlssessioninfo *session = NULL;
  if (CURL_CALL(curl_easy_getinfo)(handle, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == NULL) return NULL;
  return session->backend == CURLSSLBACKEND_OPENSSL ? session->internals : NULL;
}

static inline CURLMcode curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
  return CURL_CALL(curl_multi_setopt)(multi, option, value);
}

// Where a finished transfer tells its result, which is a union that Swift shows as raw bytes.
static inline CURLcode curl_result_of(const CURLMsg *message) { return message->data.result; }

// What libcurl says of itself; NULL when it is not on this machine.
static inline const curl_version_info_data *curl_information(void) {
  curl_version_info_data *(*information)(CURLversion) = CURL_CALL(curl_version_info);
  return information == NULL ? NULL : information(CURLVERSION_NOW);
}
