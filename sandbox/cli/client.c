#include "sandbox/cli/client.h"

#include <string.h>

#include "sandbox/policy/lockdown.h"

const char *const bj_client_sandboxes[] = {"enforce", "log", "off", NULL};
const char *const bj_client_layers[] = {"ids", "landlock", "limits", "seccomp",
                                        NULL};

void bj_client_defaults(struct bj_client_options *client)
{
    memset(client, 0, sizeof(*client));
    client->timeout_ms = 30000;
}

bool bj_client_take_family(enum bj_family *taken, enum bj_family family,
                           const struct bj_options *o)
{
    if (*taken != BJ_FAMILY_ANY && *taken != family) {
        bj_options_usage(o, "-4 and -6 exclude each other");
        return false;
    }
    *taken = family;
    return true;
}

bool bj_client_take(struct bj_client_options *client, int row,
                    const struct bj_options *o)
{
    switch (row) {
    case BJ_CLIENT_IP4:
        return bj_client_take_family(&client->family, BJ_FAMILY_IP4, o);
    case BJ_CLIENT_IP6:
        return bj_client_take_family(&client->family, BJ_FAMILY_IP6, o);
    case BJ_CLIENT_TIMEOUT:
        client->timeout_ms = o->number;
        return true;
    case BJ_CLIENT_UDP:
        client->datagram = true;
        return true;
    case BJ_CLIENT_VERBOSE:
        client->verbose = true;
        return true;
    case BJ_CLIENT_SANDBOX:
        return bj_lockdown_mode(bj_client_sandboxes[o->number],
                                &client->sandbox);
    default:
        return bj_lockdown_without(bj_client_layers[o->number],
                                   &client->without);
    }
}
