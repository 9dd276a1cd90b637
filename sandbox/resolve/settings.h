#ifndef BJ_SANDBOX_RESOLVE_SETTINGS_H
#define BJ_SANDBOX_RESOLVE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/endpoint.h"
#include "core/bytes/limits.h"
#include "sandbox/resolve/belljar.h"

/* The files that make up the configuration. */
enum bj_file {
    BJ_FILE_RESOLV_CONF,
    BJ_FILE_HOSTS,
    BJ_FILE_SERVICES,
    BJ_FILE_NSSWITCH,
    BJ_FILE_GAI_CONF,
    BJ_FILE_COUNT
};

/*
 * The options of a resolver, checked, with what is not given filled in, and
 * what is taken from the process when it is opened. Nothing in it changes, so
 * that any thread may read it, and a child, which opens anew with it.
 */
struct bj_settings {
    const char *files[BJ_FILE_COUNT];
    const char *worker;
    /* Servers in place of resolv.conf's: as lines of that file. NULL: none. */
    const char *server_lines;
    const char *local_domain; /* NULL: not set */
    const char *res_options;  /* likewise */
    const char *host_name;
    enum bj_isolate isolate;
    unsigned lookup_timeout_ms; /* 0: by resolv.conf */
    unsigned worker_timeout_ms;
    bool once;
    bool unfiltered;
    bool relative; /* a path is: the spawner stays where it is */
    void (*trace)(const struct bj_trace *event, void *trace_arg);
    void *trace_arg;
};

/* Fills in *out, one block for free(). Returns 0, or EINVAL or ENOMEM with
 * *out NULL. */
int bj_settings_make(const struct bj_resolver_options *options,
                     struct bj_settings **out);

#endif
