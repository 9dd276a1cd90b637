#ifndef BJ_CORE_NETDB_LOCAL_H
#define BJ_CORE_NETDB_LOCAL_H

#include "core/bytes/arena.h"
#include "core/bytes/status.h"
#include "core/config/hosts.h"
#include "core/netdb/answer.h"

/*
 * What the hosts file says, as an answer: the "files" of nsswitch.conf. Texts
 * and lists lie in the arena. BJ_NONE if the file has no such line; BJ_SPACE
 * if the arena is too small, arena->len then says what would do; *answer is
 * zero on both. The ttl is 0: what was read from a file is not kept.
 */

/*
 * The addresses of a name, of all its lines, in the file's order. As in
 * glibc (with "multi on", Debian's default) the first line's first name is
 * canonical, its others are aliases, and so are the names of later lines,
 * but for a first name that is the canonical one again. A zone given by name
 * is for whoever may ask the kernel: such an address has scope 0. BJ_LIMIT
 * for more than BJ_ANSWER_ADDRESSES_MAX lines.
 */
BJ_MUST_CHECK enum bj_status
bj_local_by_name(const struct bj_hosts *hosts, const struct bj_hash_key *key,
                 const struct bj_text *name, enum bj_family family,
                 struct bj_arena *arena, struct bj_answer *answer);

/* The names of an address: those of its first line, as in glibc. */
BJ_MUST_CHECK enum bj_status
bj_local_by_address(const struct bj_hosts *hosts, const struct bj_hash_key *key,
                    const struct bj_address *address, struct bj_arena *arena,
                    struct bj_answer *answer);

#endif
