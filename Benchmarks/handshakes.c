// SPDX-License-Identifier: Apache-2.0
//
// Makes TLS connections, each with one request, and prints how many were made.
//
//   handshakes new|resumed PORT PATH CLIENTS SECONDS     prints: RESULT made resumed failed microseconds
//   handshakes idle PORT PATH CONNECTIONS SECONDS        prints: IDLE connections, then keeps them so long
//
// Each client is a process; one that resumes offers the ticket of its last connection.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct counts {
    long made, resumed, failed;
};

static SSL_SESSION *ticket;
static int keeps_tickets;

static int take_ticket(SSL *ssl, SSL_SESSION *session) {
    (void)ssl;
    if (!keeps_tickets) return 0;
    if (ticket) SSL_SESSION_free(ticket);
    ticket = session;
    return 1;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static int connect_to(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) return -1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    close(descriptor);
    return -1;
}

// One request; 0 when the whole answer came.
static int ask(SSL *ssl, const char *path) {
    char request[1024], answer[65536];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    int have = 0, wanted = -1;
    if (SSL_write(ssl, request, length) != length) return -1;
    while (wanted < 0 || have < wanted) {
        int count = SSL_read(ssl, answer + have, sizeof answer - 1 - have);
        if (count <= 0) return -1;
        have += count;
        answer[have] = 0;
        if (wanted < 0) {
            char *end = strstr(answer, "\r\n\r\n"), *size = strcasestr(answer, "content-length:");
            if (end && size) wanted = (int)(end + 4 - answer) + atoi(size + 15);
        }
    }
    return strncmp(answer, "HTTP/1.1 200", 12) ? -1 : 0;
}

static void work(SSL_CTX *context, int port, const char *path, double end, struct counts *counts) {
    while (now() < end) {
        int descriptor = connect_to(port);
        // No TIME_WAIT is left behind, which would use up the ports.
        struct linger abort = {1, 0};
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        SSL *ssl = SSL_new(context);
        SSL_set_fd(ssl, descriptor);
        if (ticket) SSL_set_session(ssl, ticket);
        if (descriptor >= 0 && SSL_connect(ssl) > 0 && ask(ssl, path) == 0) {
            counts->made++;
            counts->resumed += SSL_session_reused(ssl);
        } else {
            counts->failed++;
        }
        SSL_set_quiet_shutdown(ssl, 1);
        SSL_shutdown(ssl);
        SSL_free(ssl);
        close(descriptor);
    }
}

static int idle(SSL_CTX *context, int port, const char *path, int connections, double seconds) {
    struct rlimit limit = {connections + 64, connections + 64};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int index = 0; index < connections; index++) {
        int descriptor = connect_to(port);
        SSL *ssl = SSL_new(context);
        SSL_set_fd(ssl, descriptor);
        if (descriptor < 0 || SSL_connect(ssl) <= 0 || ask(ssl, path)) {
            fprintf(stderr, "connection %d failed\n", index);
            return 1;
        }
    }
    printf("IDLE %d\n", connections);
    fflush(stdout);
    usleep(seconds * 1e6);
    return 0;
}

int main(int count, char **words) {
    if (count != 6) return 2;
    int port = atoi(words[2]), clients = atoi(words[4]);
    double seconds = atof(words[5]);
    keeps_tickets = strcmp(words[1], "resumed") == 0;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, take_ticket);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (strcmp(words[1], "idle") == 0) return idle(context, port, words[3], clients, seconds);

    struct counts *all = mmap(NULL, clients * sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double begin = now();
    for (int index = 0; index < clients; index++) {
        if (fork() == 0) {
            work(context, port, words[3], begin + seconds, &all[index]);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {}
    double duration = now() - begin;
    struct counts sum = {0, 0, 0};
    for (int index = 0; index < clients; index++) {
        sum.made += all[index].made;
        sum.resumed += all[index].resumed;
        sum.failed += all[index].failed;
    }
    printf("RESULT %ld %ld %ld %.0f\n", sum.made, sum.resumed, sum.failed, duration * 1e6);
    return 0;
}
