#ifndef BJ_HARNESSES_SUPPORT_ZONE_H
#define BJ_HARNESSES_SUPPORT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harnesses/support/network.h"

/*
 * What is true of every name, for a scripted network: made from the name
 * itself, so that nobody has to remember it. Shares no code with core.
 */
struct bj_zone_truth {
    bool exists;
    bool four; /* has A records */
    bool six;
};

/* Of the `len` octets of a name on the wire, in any case. */
struct bj_zone_truth bj_zone_of_wire(const uint8_t *name, size_t len);

/* Of a name as text, with or without final dot. */
struct bj_zone_truth bj_zone_of_text(const char *name, size_t len);

/* The honest reply to a query: what is true. */
size_t bj_zone_reply(const uint8_t *query, size_t len,
                     uint8_t out[BJ_NETWORK_MAX]);

/* A forged one, of one of the kinds from BJ_NETWORK_WRONG_ID on: its address,
 * if it gets so far, is all BJ_ZONE_FORGED. True ones are all 0x20. */
#define BJ_ZONE_FORGED 0x66
size_t bj_zone_forge(enum bj_network_reply kind, unsigned detail,
                     const uint8_t *query, size_t len,
                     uint8_t out[BJ_NETWORK_MAX]);

#endif
