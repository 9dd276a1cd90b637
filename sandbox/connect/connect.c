#include "sandbox/connect/connect.h"

#include <stdio.h>

#include "sandbox/connect/confine.h"
#include "sandbox/connect/converse.h"
#include "sandbox/connect/dial.h"
#include "sandbox/connect/names.h"

int bj_connect_run(const struct bj_client_options *options)
{
    struct bj_dial_options dial = {options->datagram, options->verbose,
                                   options->timeout_ms};
    /* Time limits need no more than what ppoll tells. */
    struct bj_clock clock = {.direct = false};
    static struct bj_confine confine;
    static struct bj_names names;
    const char *why;
    size_t index = 0;
    int sock;

    if (!bj_confine_ready())
        return 1;
    if (!bj_names_find(&names, options->host, options->service, options->family,
                       options->datagram, &why)) {
        fprintf(stderr, "belljar: %s %s: %s\n", options->host, options->service,
                why);
        return 1;
    }
    bj_converse_ready();
    if (!bj_confine_prepare(&confine, options->sandbox, options->without,
                            names.count) ||
        !bj_confine_enter(&confine, -1))
        return BJ_EXIT_LOCKDOWN;
    sock = bj_dial(&names, &dial, &clock, &index);
    if (sock < 0)
        return 1;
    bj_confine_tighten(&confine);
    return bj_converse(sock, &names.endpoints[index], options->datagram, &clock)
               ? 0
               : 1;
}
