#ifndef BJ_CORE_CONFIG_GAICONF_H
#define BJ_CORE_CONFIG_GAICONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/policy.h"
#include "core/bytes/limits.h"

/*
 * gai.conf(5): how destination addresses are ordered (RFC 6724 section
 * 2.1). Lines are `label PREFIX VALUE`, `precedence PREFIX VALUE`, `scopev4
 * PREFIX VALUE` and `reload yes|no`; what follows is ignored, as in glibc.
 * Prefixes of labels and precedences are IPv6; those of scopes IPv4, also
 * written IPv4-mapped, and kept as IPv4. Values are 0 to 2147483647.
 */
struct bj_gaiconf {
    /* In the order of the file. */
    struct bj_policy_row labels[BJ_GAI_ROWS_MAX];
    size_t label_count;
    struct bj_policy_row precedences[BJ_GAI_ROWS_MAX];
    size_t precedence_count;
    struct bj_policy_row scopes[BJ_GAI_ROWS_MAX];
    size_t scope_count;
    /* The last of the reload lines, false without one. */
    bool reload;
    /* Lines of these kinds that were malformed, over-long lines, and rows
     * for which there was no room: all passed over. */
    size_t ignored;
};

/* Reads the text of gai.conf, which may be empty. Never fails; nothing in
 * *out points into the text. */
void bj_gaiconf_parse(const uint8_t *text, size_t len, struct bj_gaiconf *out);

/* The tables as ordering reads them: they point into `conf`, which must stay
 * where it is. A table of which the file has no row is empty, which stands
 * for RFC 6724's. */
void bj_gaiconf_policy(const struct bj_gaiconf *conf, struct bj_policy *out);

#endif
