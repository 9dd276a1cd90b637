#ifndef BJ_CORE_RESOLVE_FILES_H
#define BJ_CORE_RESOLVE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/hash.h"
#include "core/config/hosts.h"
#include "core/config/nsswitch.h"
#include "core/config/resolvconf.h"
#include "core/config/services.h"
#include "core/resolve/frame.h"
#include "core/resolve/lookup.h"

/*
 * The configuration of a worker: it comes in chunks, is read once, and then
 * says how to ask and answers what files can answer: hosts, services, and
 * this host's own domain. All in memory that the caller brings; it begins at
 * an address that is a multiple of 8, and stays where it is.
 */
struct bj_files {
    uint8_t *texts; /* one behind the other, in the order they came */
    size_t texts_cap;
    size_t texts_len;
    struct bj_field text[BJ_CONFIG_COUNT]; /* text NULL: absent */
    enum bj_frame_config latest;           /* the one that may go on */
    uint32_t *words;                       /* for both indexes */
    size_t word_count;
    struct bj_hash_key key;
    struct bj_resolvconf resolvconf;
    struct bj_nsswitch nsswitch;
    struct bj_hosts hosts;
    struct bj_services services;
    struct bj_text domain; /* len 0 if this host has none */
};

/* Octets of texts in all: the two that may be long, and 64 KiB for the five
 * that are not. */
#define BJ_FILES_TEXTS_MAX (2U * BJ_CONFIG_TEXT_MAX + 65536U)

/*
 * The memory for `text_len` octets of texts, at most ten times that and a
 * little; 0 if text_len is over BJ_FILES_TEXTS_MAX. What the indexes do not
 * need of it is never touched.
 */
size_t bj_files_memory(size_t text_len);

/* Starts without any text. `size` is what bj_files_memory says. */
void bj_files_init(struct bj_files *files, void *memory, size_t text_len);

/*
 * Takes a chunk of a text: chunks of one follow each other, one without
 * octets says that it is there. BJ_SPACE if all are more than was announced,
 * BJ_BAD if the text has been left for another before.
 */
BJ_MUST_CHECK enum bj_status bj_files_add(struct bj_files *files,
                                          enum bj_frame_config config,
                                          const uint8_t *bytes, size_t len);

/*
 * All texts are there: reads them. `key` is entropy that no text's writer
 * knows. BJ_LIMIT if one is longer than BJ_CONFIG_TEXT_MAX; nothing may then
 * be asked.
 */
BJ_MUST_CHECK enum bj_status bj_files_read(struct bj_files *files,
                                           const struct bj_hash_key *key);

/* The services part of a lookup: ports or a name, as nsswitch.conf lets the
 * file be asked. The name lies in the texts. */
void bj_files_service(const struct bj_files *files,
                      const struct bj_lookup *lookup, struct bj_result *result);

#endif
