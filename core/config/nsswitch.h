#ifndef BJ_CORE_CONFIG_NSSWITCH_H
#define BJ_CORE_CONFIG_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/limits.h"
#include "core/bytes/status.h"

/*
 * nsswitch.conf(5): which services are asked for hosts and for services, in
 * what order, and after which result the next one is asked.
 */

/* The services that we have, and every other one. */
enum bj_nss_service { BJ_NSS_FILES, BJ_NSS_DNS, BJ_NSS_OTHER };

/* What a service may answer. */
enum bj_nss_result {
    BJ_NSS_SUCCESS,
    BJ_NSS_NOTFOUND,
    BJ_NSS_UNAVAIL,
    BJ_NSS_TRYAGAIN,
    BJ_NSS_RESULTS
};

/* A service on a line, and for each result whether the lookup returns. */
struct bj_nss_source {
    enum bj_nss_service service;
    bool returns[BJ_NSS_RESULTS];
};

struct bj_nss_list {
    struct bj_nss_source sources[BJ_NSS_SERVICES_MAX];
    size_t count;
};

struct bj_nsswitch {
    struct bj_nss_list hosts;
    struct bj_nss_list services;
    /* Lines of these two that were malformed, or named more services than
     * fit, and were passed over whole. */
    size_t ignored;
};

/*
 * Reads the text of nsswitch.conf, which may be empty. Never fails: a line
 * that breaks the grammar counts as absent, and what no line says is glibc's
 * default, `files dns` and `files`. Of two lines for one database the last
 * counts. Nothing in *out points into the text.
 */
void bj_nsswitch_parse(const uint8_t *text, size_t len,
                       struct bj_nsswitch *out);

/*
 * A lookup's way through a list, as a machine: begin, then one result for
 * each service asked, until done. A service that we do not have answers
 * UNAVAIL by itself and its action applies, so that it is never asked.
 */
enum bj_nss_step { BJ_NSS_ASK_FILES, BJ_NSS_ASK_DNS, BJ_NSS_DONE };

struct bj_nss_walk {
    const struct bj_nss_list *list;
    size_t at;
    /*
     * Once done, what all answers come to: SUCCESS if any service had one
     * (the last to succeed has the answer), else TRYAGAIN if any could not
     * say, else NOTFOUND if any said so, else UNAVAIL.
     */
    enum bj_nss_result result;
};

/* The list must outlive the walk. */
enum bj_nss_step bj_nss_walk_begin(struct bj_nss_walk *walk,
                                   const struct bj_nss_list *list);

/* Takes the result of the service that was asked; the next step. Once done
 * it stays done, whatever it is given. */
enum bj_nss_step bj_nss_walk_step(struct bj_nss_walk *walk,
                                  enum bj_nss_result result);

#endif
