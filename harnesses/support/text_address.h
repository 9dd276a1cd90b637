#ifndef BJ_HARNESSES_SUPPORT_TEXT_ADDRESS_H
#define BJ_HARNESSES_SUPPORT_TEXT_ADDRESS_H

#include <stdbool.h>

#include "core/addr/address.h"

/*
 * An address as a configuration file has it, read a second time with libc's
 * inet_pton: the oracle of the harnesses of hosts and resolv.conf. `text` is
 * cut at the zone, which goes to *zone if it is a name, else NULL.
 */
bool bj_model_address(char *text, struct bj_address *out, char **zone);

#endif
