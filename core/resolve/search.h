#ifndef BJ_CORE_RESOLVE_SEARCH_H
#define BJ_CORE_RESOLVE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bytes/status.h"
#include "core/config/line.h"
#include "core/dns/name.h"
#include "core/netdb/error.h"

/*
 * Which names to ask for when a program asks for one, in glibc's order: with
 * at least ndots dots, or a final one, as it is; else, or then, with each
 * domain of the search list; last as it is, unless that was asked before.
 */

/* What resolv.conf says of it (core/config/resolvconf.h). The domains are
 * text without final dot; an empty one is the root. They must stay. */
struct bj_search_rules {
    const struct bj_field *domains;
    size_t domain_count;
    unsigned ndots;
    /* "no-tld-query": a name without dots is not asked for as it is. */
    bool no_tld;
};

enum bj_search_phase {
    BJ_SEARCH_AS_IS,
    BJ_SEARCH_LIST,
    BJ_SEARCH_LAST,
    BJ_SEARCH_DONE
};

struct bj_search {
    struct bj_name name;
    const struct bj_search_rules *rules;
    enum bj_search_phase phase;
    size_t next_domain;
    bool absolute;
    /* It was, or will not have to be, asked for as it is. */
    bool tried_as_is;
    bool searched;
    bool no_data;
    bool server_failed;
    /* What asking for it as it is came to, if that was the first and failed;
     * else BJ_FOUND. */
    enum bj_outcome as_is;
    enum bj_outcome last;
};

/* Starts a search for `len` characters of name. BJ_BAD if they are none; the
 * search is then at its end, with BJ_NO_NAME. `rules` must stay. */
BJ_MUST_CHECK enum bj_status
bj_search_init(struct bj_search *search, const char *text, size_t len,
               const struct bj_search_rules *rules);

/*
 * The next name to ask for, at most one more than there are domains. False,
 * *out empty, when there is none. A domain with which the name would be
 * longer than names are is passed over.
 */
bool bj_search_next(struct bj_search *search, struct bj_name *out);

/*
 * What asking for it came to (bj_outcome_join of A and AAAA): due after each
 * bj_search_next that was true. Data ends the search, and so does a final
 * dot and having no server; a failure other than the server's own ends the
 * list, but the name as it is remains to be asked for.
 */
void bj_search_report(struct bj_search *search, enum bj_outcome outcome);

/*
 * How a search that is at its end came out: found; or what the name as it is
 * came to, if it was asked for first; else no data, a failing server, or
 * what the last question came to, in this order. BJ_NO_NAME if nothing could
 * be asked for.
 */
enum bj_outcome bj_search_outcome(const struct bj_search *search);

#endif
