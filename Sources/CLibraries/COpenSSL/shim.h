// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL 3.0, with functions in the place of the macros that Swift does not import.
#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// TLS: macros that Swift does not import.
static const uint64_t tls_server_options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
    | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
static const long tls_server_modes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    | SSL_MODE_RELEASE_BUFFERS;
static inline long tls_set_modes(SSL_CTX *context, long modes) { return SSL_CTX_set_mode(context, modes); }
static inline void tls_set_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }
/// How much one read of the socket takes, from the next one on that finds nothing read ahead.
static inline void tls_set_read_buffer(SSL *connection, size_t size) { SSL_set_default_read_buffer_len(connection, size); }
static inline long tls_set_minimum_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline long tls_set_maximum_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_max_proto_version(context, version);
}
static inline long tls_set_groups(SSL_CTX *context, const char *list) { return SSL_CTX_set1_groups_list(context, list); }
static inline long tls_set_session_cache_off(SSL_CTX *context) {
    return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
/// Takes a reference of its own to the certificate.
static inline long tls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate);
}
static inline int tls_set_owner(SSL_CTX *context, void *owner) { return SSL_CTX_set_app_data(context, owner); }
static inline void *tls_owner(const SSL *connection) { return SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)); }
/// Sets the digest of session tickets up. The parameters' names must outlive the call that makes them.
static inline int tls_init_ticket_digest(EVP_MAC_CTX *context, const unsigned char *key, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0), OSSL_PARAM_construct_end()
    };
    return EVP_MAC_init(context, key, count, parameters);
}
/// Whether the peer's certificate has a DNS name or an address among its subject alternative names.
static inline int tls_peer_has_names(const SSL *connection) {
    X509 *certificate = SSL_get0_peer_certificate(connection);
    GENERAL_NAMES *names = certificate == NULL ? NULL : X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int found = 0;
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        int type = sk_GENERAL_NAME_value(names, i)->type;
        if (type == GEN_DNS || type == GEN_IPADD) found = 1;
    }
    GENERAL_NAMES_free(names);
    return found;
}
static inline void bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void bio_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void bio_set_retry_write(BIO *bio) { BIO_set_retry_write(bio); }

// TLS: what the tests' client needs.
static inline long tls_set_session_cache_of_client(SSL_CTX *context) {
    return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
}
static inline long tls_set_server_name(SSL *connection, const char *name) {
    return SSL_set_tlsext_host_name(connection, name);
}
