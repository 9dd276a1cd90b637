#ifndef BJ_CORE_NETDB_ADDRINFO_H
#define BJ_CORE_NETDB_ADDRINFO_H

#include <stddef.h>

#include "core/bytes/arena.h"
#include "core/bytes/status.h"
#include "core/netdb/answer.h"
#include "core/netdb/request.h"

struct addrinfo; /* <netdb.h> */

/*
 * Copies the answer's addresses that the request is for to `out`, which has
 * room for all of them, and returns how many: all for any family; those of
 * IPv4; those of IPv6 and, with AI_V4MAPPED, the IPv4 ones as IPv4-mapped,
 * if there are no others or AI_ALL asks for both. IPv6 comes before mapped;
 * the order is else kept.
 */
size_t bj_addrinfo_select(const struct bj_request *request,
                          const struct bj_answer *answer,
                          struct bj_address *out);

/*
 * Makes an answer a chain of struct addrinfo in the arena: each address, in
 * the order given (they have been selected and ordered), with each kind of
 * socket of the request. With AI_CANONNAME the first node carries the
 * canonical name, or the node as it was asked for if there is none.
 *
 * BJ_SPACE says that the arena is too small and arena->len what would have
 * been enough; the arena may be of any size and at any address. BJ_NONE: no
 * address or no kind. BJ_BAD: a canonical name that must not be handed out.
 * *out is then NULL.
 */
BJ_MUST_CHECK enum bj_status bj_addrinfo_build(const struct bj_request *request,
                                               const struct bj_answer *answer,
                                               struct bj_arena *arena,
                                               struct addrinfo **out);

/*
 * Takes the first node off *list, which must come from bj_addrinfo_build,
 * and advances *list. Returns NULL as long as other nodes of the same build
 * are alive, and then, once, the block that holds them all: the address of
 * the arena's buffer, if that was aligned for struct addrinfo. So any
 * sublist can be freed, in any order, by any thread, also one that the
 * caller cut or joined with another:
 *
 *     while (list != NULL)
 *         free(bj_addrinfo_drop(&list));
 */
void *bj_addrinfo_drop(struct addrinfo **list);

#endif
