#include <string.h>

#include "core/config/resolvconf.h"
#include "sandbox/cli/client.h"
#include "sandbox/cli/commands.h"
#include "sandbox/lookup/command.h"

enum {
    IP4,
    IP6,
    REVERSE,
    HOSTENT,
    ADDRINFO,
    JSON,
    TRACE,
    SERVER,
    TIMEOUT,
    RESOLV_CONF,
    HOSTS,
};

static const struct bj_option rows[] = {
    [IP4] = {.name = "ipv4", .letter = '4', .help = "Only IPv4 addresses."},
    [IP6] = {.name = "ipv6", .letter = '6', .help = "Only IPv6 addresses."},
    [REVERSE] = {.name = "reverse",
                 .letter = 'r',
                 .kind = BJ_OPTION_TEXT,
                 .argument = "ADDRESS",
                 .help = "The names of an address, in place of a NAME."},
    [HOSTENT] = {.name = "hostent",
                 .help = "What gethostbyname2 says, member by member "
                         "(IPv4 unless -6 is given), or gethostbyaddr."},
    [ADDRINFO] = {.name = "addrinfo",
                  .help = "What getaddrinfo says, member by member, or "
                          "getnameinfo."},
    [JSON] = {.name = "json",
              .letter = 'j',
              .help = "One JSON object, also for what was not found."},
    [TRACE] = {.name = "trace",
               .help = "Print on standard error what passes between the "
                       "worker and the servers: each state, and each packet "
                       "as octets, which `belljar decode --hex` reads."},
    [SERVER] = {.name = "server",
                .letter = 's',
                .kind = BJ_OPTION_TEXT,
                .argument = "ENDPOINT",
                .help = "Ask this server, as 192.0.2.1, 192.0.2.1:5353 or "
                        "[2001:db8::1]:53, and not those of resolv.conf. Up "
                        "to three times."},
    [TIMEOUT] = {.name = "timeout",
                 .letter = 't',
                 .kind = BJ_OPTION_SECONDS,
                 .argument = "SECONDS",
                 .min = 1,
                 .max = BJ_CLIENT_DAY_MS,
                 .help = "Give up after so long. Default: when every server "
                         "has had the time that resolv.conf gives it."},
    [RESOLV_CONF] = {.name = "resolv-conf",
                     .kind = BJ_OPTION_TEXT,
                     .argument = "FILE",
                     .help = "Read this in place of /etc/resolv.conf."},
    [HOSTS] = {.name = "hosts",
               .kind = BJ_OPTION_TEXT,
               .argument = "FILE",
               .help = "Read this in place of /etc/hosts."},
};

static const char about[] =
    "Resolves as libbelljar does: hosts file, search list and servers as\n"
    "nsswitch.conf, resolv.conf and gai.conf say, every reply parsed by a\n"
    "process that can read, write and end. One line an address, in the order\n"
    "of RFC 6724, as `getent ahosts` prints it: address, kind of socket, and\n"
    "on the first line the canonical name. With a SERVICE the addresses have\n"
    "its port, and there is a line for each kind of socket that it is for.\n"
    "Names of an address are printed as `getent hosts` prints them.\n"
    "\n"
    "If nothing is found, standard error says why and which question went to\n"
    "which server, with what came of it.\n"
    "\n"
    "Once the resolver is open, the program makes only the calls that\n"
    "`belljar policy driver` lists, or dies; not one linked with musl.\n"
    "\n"
    "Exit status: 0 found, 1 not found or failed, 2 misused, 71 could not be\n"
    "confined.\n"
    "\n"
    "  belljar lookup www.example.org https\n"
    "  belljar lookup --reverse 2001:db8::1\n"
    "  belljar lookup --server 192.0.2.53 --trace www.example.org\n";

struct lookup {
    struct bj_lookup_command ask;
    const char *servers[BJ_NAMESERVERS_MAX];
    size_t server_count;
    const char *reverse;
};

static bool take_server(struct lookup *lookup, const struct bj_options *o)
{
    struct bj_nameserver server;

    if (bj_nameserver_parse((const uint8_t *)o->text, strlen(o->text),
                            &server) != BJ_OK) {
        bj_options_usage(o,
                         "--server: \"%s\" is no address, nor one with a "
                         "port",
                         o->text);
        return false;
    }
    if (lookup->server_count == BJ_NAMESERVERS_MAX) {
        bj_options_usage(o, "--server: no more than %d", BJ_NAMESERVERS_MAX);
        return false;
    }
    lookup->servers[lookup->server_count++] = o->text;
    return true;
}

static bool take_form(struct bj_lookup_command *ask, enum bj_lookup_form form,
                      const struct bj_options *o)
{
    if (ask->form != BJ_LOOKUP_LINES && ask->form != form) {
        bj_options_usage(o, "--hostent and --addrinfo exclude each other");
        return false;
    }
    ask->form = form;
    return true;
}

static bool take(struct lookup *lookup, int row, const struct bj_options *o)
{
    struct bj_lookup_command *ask = &lookup->ask;

    switch (row) {
    case IP4:
        return bj_client_take_family(&ask->family, BJ_FAMILY_IP4, o);
    case IP6:
        return bj_client_take_family(&ask->family, BJ_FAMILY_IP6, o);
    case REVERSE:
        lookup->reverse = o->text;
        return true;
    case HOSTENT:
        return take_form(ask, BJ_LOOKUP_HOSTENT, o);
    case ADDRINFO:
        return take_form(ask, BJ_LOOKUP_ADDRINFO, o);
    case JSON:
        ask->json = true;
        return true;
    case TRACE:
        ask->tried.print = true;
        return true;
    case SERVER:
        return take_server(lookup, o);
    case TIMEOUT:
        ask->options.lookup_timeout_ms = (unsigned)o->number;
        return true;
    case RESOLV_CONF:
        ask->options.resolv_conf = o->text;
        return true;
    default:
        ask->options.hosts = o->text;
        return true;
    }
}

/* What goes with what, once everything has been read: 0, or the status. */
static int settle(struct lookup *lookup, const struct bj_options *o)
{
    struct bj_lookup_command *ask = &lookup->ask;
    struct bj_address address;
    struct bj_zone zone;

    ask->name = o->operands[0];
    ask->service = o->operand_count > 1 ? o->operands[1] : NULL;
    if (lookup->reverse == NULL && o->operand_count == 0)
        return bj_options_usage(o, "a NAME is missing, or --reverse ADDRESS");
    if (ask->form == BJ_LOOKUP_HOSTENT && ask->service != NULL)
        return bj_options_usage(o, "a hostent has no SERVICE");
    if (lookup->reverse == NULL)
        return 0;
    if (o->operand_count > 0 || ask->family != BJ_FAMILY_ANY)
        return bj_options_usage(o, "--reverse goes without NAME, SERVICE, -4 "
                                   "and -6");
    if (bj_address_parse((const uint8_t *)lookup->reverse,
                         strlen(lookup->reverse), &address, &zone) != BJ_OK)
        return bj_options_usage(o, "--reverse: \"%s\" is no address",
                                lookup->reverse);
    ask->name = lookup->reverse;
    ask->reverse = true;
    return 0;
}

static int run(struct bj_options *o)
{
    static struct lookup lookup;
    struct bj_resolver_options *options = &lookup.ask.options;
    int row, status;

    options->size = sizeof(*options);
    while ((row = bj_options_next(o)) >= 0) {
        if (!take(&lookup, row, o))
            return BJ_EXIT_USAGE;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = settle(&lookup, o);
    if (status != 0)
        return status;
    options->servers = lookup.servers;
    options->server_count = lookup.server_count;
    return bj_lookup_command_run(&lookup.ask);
}

const struct bj_command bj_command_lookup = {
    .name = "lookup",
    .operands = "NAME [SERVICE]",
    .summary = "Resolve a name or an address under glass.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_min = 0,
    .operands_max = 2,
    .run = run,
};
