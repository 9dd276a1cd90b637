#ifndef BJ_CORE_CONFIG_SERVICES_H
#define BJ_CORE_CONFIG_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/hash.h"
#include "core/bytes/status.h"
#include "core/config/index.h"
#include "core/config/line.h"

/*
 * services(5): names and ports, both ways. A line is `name port/protocol
 * alias...`; one that is not counts as absent, and so does a port over 65535.
 * Names are compared octet by octet, as glibc does. They are handed out only
 * if they are visible ASCII: a line without such a name is absent, an alias
 * that is not is left out.
 */
struct bj_services {
    const uint8_t *text;
    size_t len;
    /* Of names and ports alike. */
    struct bj_index index;
};

/* Whether a text is visible ASCII to its end, as every name that is handed out
 * is; an empty one is. `text` may be NULL if len is 0. */
bool bj_service_is_visible(const char *text, size_t len);

/* A line. All of it lies in the text. */
struct bj_service {
    struct bj_field name;
    struct bj_field protocol;
    uint16_t port;
    struct bj_cursor aliases;
};

/*
 * Indexes the text in the first *needed of `words`, which are the index's from
 * then on, as the text is, until it is dropped; it leaves the others alone.
 * *needed is set to what suffices: at most 4.5 words for each name and each
 * line, and one. BJ_SPACE if `word_count` is less, BJ_LIMIT if the text is
 * longer than BJ_CONFIG_TEXT_MAX; *services is then empty, and finds nothing. A
 * word_count of 0 measures; `words` may then be NULL. `key` is entropy that the
 * writer of the file does not know.
 */
BJ_MUST_CHECK enum bj_status
bj_services_build(struct bj_services *services, const uint8_t *text, size_t len,
                  const struct bj_hash_key *key, uint32_t *words,
                  size_t word_count, size_t *needed);

/* A walk over the lines that answer a question, in the file's order. */
struct bj_services_walk {
    const struct bj_services *services;
    struct bj_index_walk lines;
    struct bj_field name; /* len 0: by port */
    struct bj_field protocol;
    uint16_t port;
};

/*
 * Begins a walk over the lines with the name among name and aliases, or with
 * the port, and with the protocol unless that is NULL. `key` is the one the
 * index was built with; name and protocol must stay during the walk.
 */
void bj_services_find_name(const struct bj_services *services,
                           const struct bj_hash_key *key,
                           const struct bj_field *name,
                           const struct bj_field *protocol,
                           struct bj_services_walk *walk);
void bj_services_find_port(const struct bj_services *services,
                           const struct bj_hash_key *key, uint16_t port,
                           const struct bj_field *protocol,
                           struct bj_services_walk *walk);

/* The next line; false, and *service empty, when there are no more. */
bool bj_services_next(struct bj_services_walk *walk,
                      struct bj_service *service);

/* The line's next alias; false, and *alias empty, when there are no more. */
bool bj_service_alias(struct bj_service *service, struct bj_field *alias);

#endif
