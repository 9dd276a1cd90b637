#ifndef BJ_HARNESSES_SUPPORT_NAIVE_ADDR_H
#define BJ_HARNESSES_SUPPORT_NAIVE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Second readers and writers of addresses, written to be obvious rather than
 * fast and by other methods than core's: splitting, sscanf-like scanning and
 * comparing with what snprintf prints. The oracles of the addr harnesses.
 */

/* A strict dotted quad: what prints back as the very text it came from. */
bool naive_ip4(const uint8_t *text, size_t len, uint8_t out[4]);

/* inet_aton's forms, nothing behind them. */
bool naive_ip4_legacy(const uint8_t *text, size_t len, uint8_t out[4]);

/* RFC 4291 section 2.2, without zone. */
bool naive_ip6(const uint8_t *text, size_t len, uint8_t out[16]);

/* What stands behind "%". */
enum naive_zone {
    NAIVE_ZONE_BAD,
    NAIVE_ZONE_LIMIT,
    NAIVE_ZONE_NUMBER,
    NAIVE_ZONE_NAME
};
enum naive_zone naive_zone(const uint8_t *text, size_t len, uint32_t *scope);

/* RFC 5952 text: of every way to compress, the one that the RFC picks. */
void naive_ip6_text(const uint8_t octets[16], char out[64]);

/* How many leading bits two octet strings of `width` bits share. */
unsigned naive_common_bits(const uint8_t *a, const uint8_t *b, unsigned width);

#endif
