#ifndef BJ_HARNESSES_SUPPORT_GAI_ARGUMENTS_H
#define BJ_HARNESSES_SUPPORT_GAI_ARGUMENTS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/netdb/request.h"

/*
 * The arguments of getaddrinfo out of a fuzzer's bytes: two octets of flags,
 * one that chooses socket type, protocol and family, one for what is NULL
 * and what is configured, then node and service. A string ends at NUL or
 * 0xff; 0xff alone is NULL.
 */
struct bj_gai_arguments {
    char node[512];
    char service[64];
    const char *node_or_null;
    const char *service_or_null;
    struct addrinfo hints;
    bool has_hints;
    struct bj_configured configured;
};

/* Reads them; the strings lie in *a, which must stay in place. */
void bj_gai_arguments_read(const uint8_t *data, size_t size,
                           struct bj_gai_arguments *a);

#endif
