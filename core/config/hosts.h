#ifndef BJ_CORE_CONFIG_HOSTS_H
#define BJ_CORE_CONFIG_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/cursor.h"
#include "core/bytes/hash.h"
#include "core/bytes/status.h"
#include "core/config/index.h"
#include "core/config/line.h"

/*
 * hosts(5): names to addresses and back. A line is `address name...`, the
 * address strict (inet_pton's forms, and a zone behind IPv6). A line without
 * an address and a host name counts as absent.
 *
 * Every name that is handed out is a host name as bj_name_is_host has it
 * (dns/name.h), and without a final dot if the file has one; a name that is
 * none is left out, and if it was the first the next one is canonical.
 * Comparison folds case and ignores a final dot.
 */
struct bj_hosts {
    const uint8_t *text;
    size_t len;
    /* Of names and addresses alike. */
    struct bj_index index;
    /* Lines over BJ_CONFIG_LINE_MAX, which are passed over whole. */
    size_t skipped;
};

/* A line. Zone and names lie in the text. */
struct bj_hosts_line {
    struct bj_address address;
    struct bj_zone zone;
    struct bj_cursor names;
};

/*
 * Indexes the text in the first *needed of `words`, which are the index's from
 * then on, as the text is, until it is dropped; it leaves the others alone.
 * *needed is set to what suffices: at most 4.5 words for each name and each
 * line, and one. BJ_SPACE if `word_count` is less, BJ_LIMIT if the text is
 * longer than BJ_CONFIG_TEXT_MAX; *hosts is then empty, and finds nothing. A
 * word_count of 0 measures; `words` may then be NULL. `key` is entropy that the
 * writer of the file does not know.
 */
BJ_MUST_CHECK enum bj_status bj_hosts_build(struct bj_hosts *hosts,
                                            const uint8_t *text, size_t len,
                                            const struct bj_hash_key *key,
                                            uint32_t *words, size_t word_count,
                                            size_t *needed);

/* A walk over the lines that answer a question, in the file's order. */
struct bj_hosts_walk {
    const struct bj_hosts *hosts;
    struct bj_index_walk lines;
    enum bj_family family;
    struct bj_field name; /* len 0: by address */
    struct bj_address address;
};

/*
 * Begins a walk over the lines with this name, in any place, and an address
 * of the family. As in glibc an IPv4-mapped address (::ffff:192.0.2.1) is
 * one of IPv4 where IPv4 is asked for, and else one of IPv6. `key` is the one
 * the index was built with; the name must stay during the walk.
 */
void bj_hosts_find_name(const struct bj_hosts *hosts,
                        const struct bj_hash_key *key, const uint8_t *name,
                        size_t len, enum bj_family family,
                        struct bj_hosts_walk *walk);

/*
 * The same for an address: an IPv4 address is also found where it stands
 * IPv4-mapped. Scopes must agree only if both are given as numbers.
 */
void bj_hosts_find_address(const struct bj_hosts *hosts,
                           const struct bj_hash_key *key,
                           const struct bj_address *address,
                           struct bj_hosts_walk *walk);

/* The next line, its address in the family asked for; false, and *line
 * empty, when there are no more. */
bool bj_hosts_next(struct bj_hosts_walk *walk, struct bj_hosts_line *line);

/* The line's next name, the first being canonical; false, and *name empty,
 * when there are no more. */
bool bj_hosts_name(struct bj_hosts_line *line, struct bj_field *name);

#endif
