#ifndef BJ_SANDBOX_RESOLVE_ZONE_H
#define BJ_SANDBOX_RESOLVE_ZONE_H

#include <net/if.h>
#include <stdint.h>

#include "core/addr/address.h"

/* The index of the interface of that name; 0 if there is none. */
uint32_t bj_zone_index(const struct bj_zone *zone);

/* The name of an interface; the empty text if there is none. */
void bj_zone_name(uint32_t index, char name[static IF_NAMESIZE]);

#endif
