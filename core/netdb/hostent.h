#ifndef BJ_CORE_NETDB_HOSTENT_H
#define BJ_CORE_NETDB_HOSTENT_H

#include "core/bytes/arena.h"
#include "core/bytes/status.h"
#include "core/netdb/answer.h"

struct hostent; /* <netdb.h> */

/*
 * Makes an answer a struct hostent in the caller's buffer, as
 * gethostbyname_r fills its `buf`: both lists, every address and every name
 * lie in the arena, which may be of any size and at any address. A hostent
 * holds one family (IP4 or IP6): the answer's addresses of that family, in
 * order, and all of its aliases. h_name is the canonical name, or the first
 * alias, which then is none, where there is no canonical one.
 *
 * BJ_SPACE says that the arena is too small and arena->len what would have
 * been enough. BJ_NONE: there is no such address. BJ_BAD: a name that must
 * not be handed out (bj_hostname_presentable). On failure *out is zero;
 * octets of the arena may have been written.
 */
BJ_MUST_CHECK enum bj_status bj_hostent_build(const struct bj_answer *answer,
                                              enum bj_family family,
                                              struct bj_arena *arena,
                                              struct hostent *out);

#endif
