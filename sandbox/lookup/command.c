#include "sandbox/lookup/command.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes/limits.h"
#include "sandbox/lookup/confine.h"
#include "sandbox/lookup/print.h"
#include "sandbox/resolve/zone.h"

/* A hostent takes no more than the answer it is made of, a few times over. */
enum { HOSTENT_MAX = 4 * 1024 * 1024 };

struct error_name {
    int value;
    const char *name;
};

static const struct error_name eai_names[] = {
    {EAI_BADFLAGS, "EAI_BADFLAGS"},     {EAI_NONAME, "EAI_NONAME"},
    {EAI_AGAIN, "EAI_AGAIN"},           {EAI_FAIL, "EAI_FAIL"},
    {EAI_FAMILY, "EAI_FAMILY"},         {EAI_SOCKTYPE, "EAI_SOCKTYPE"},
    {EAI_SERVICE, "EAI_SERVICE"},       {EAI_MEMORY, "EAI_MEMORY"},
    {EAI_SYSTEM, "EAI_SYSTEM"},         {EAI_OVERFLOW, "EAI_OVERFLOW"},
    {EAI_NODATA, "EAI_NODATA"},         {EAI_ADDRFAMILY, "EAI_ADDRFAMILY"},
    {EAI_IDN_ENCODE, "EAI_IDN_ENCODE"}, {0, "?"},
};

static const struct error_name h_errno_names[] = {
    {HOST_NOT_FOUND, "HOST_NOT_FOUND"}, {TRY_AGAIN, "TRY_AGAIN"},
    {NO_RECOVERY, "NO_RECOVERY"},       {NO_DATA, "NO_DATA"},
    {NETDB_INTERNAL, "NETDB_INTERNAL"}, {0, "?"},
};

static const char *name_of(const struct error_name *names, int value)
{
    while (names->value != 0 && names->value != value)
        names++;
    return names->name;
}

static struct bj_asked asked_of(const struct bj_lookup_command *ask)
{
    return (struct bj_asked){ask->name, ask->service};
}

/* Why, and what was tried: a name, a type and a server a line. */
static void explain(const struct bj_lookup_command *ask, const char *error,
                    const char *text)
{
    const struct bj_tried *tried = &ask->tried;
    char line[BJ_NAME_TEXT_MAX + 200];

    fprintf(stderr, "belljar: %s%s%s: %s: %s\n", ask->name,
            ask->service == NULL ? "" : " ",
            ask->service == NULL ? "" : ask->service, error, text);
    for (size_t i = 0; i < tried->count; i++) {
        bj_try_format(&tried->tries[i], line, sizeof(line));
        fprintf(stderr, "belljar: asked for %s\n", line);
    }
    if (tried->left_out > 0)
        fprintf(stderr, "belljar: and %zu questions more\n", tried->left_out);
    if (tried->count == 0)
        fputs("belljar: no name server was asked\n", stderr);
}

/* What was printed must have arrived. */
static int done(bool printed)
{
    if (printed && fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "belljar: standard output: %s\n", strerror(errno));
    return 1;
}

static int failed(const struct bj_lookup_command *ask, const char *error,
                  const char *text)
{
    const struct bj_asked asked = asked_of(ask);

    if (ask->json)
        (void)done(bj_json_error(&asked, error, text, &ask->tried));
    else
        explain(ask, error, text);
    return 1;
}

/* There is no resolver to ask. */
static int failed_open(const struct bj_lookup_command *ask, int error)
{
    char text[160];

    snprintf(text, sizeof(text), "the resolver cannot be started: %s",
             strerror(error));
    if (ask->json)
        return failed(ask, "EAI_SYSTEM", text);
    fprintf(stderr, "belljar: %s\n", text);
    return 1;
}

static int failed_eai(const struct bj_lookup_command *ask, int error)
{
    return failed(ask, name_of(eai_names, error),
                  error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
}

static int failed_h_errno(const struct bj_lookup_command *ask, int error)
{
    return failed(ask, name_of(h_errno_names, error),
                  error == NETDB_INTERNAL ? strerror(errno) : hstrerror(error));
}

static int ask_addrinfo(struct bj_lookup_command *ask,
                        struct bj_resolver *resolver)
{
    static const int families[] = {[BJ_FAMILY_ANY] = AF_UNSPEC,
                                   [BJ_FAMILY_IP4] = AF_INET,
                                   [BJ_FAMILY_IP6] = AF_INET6};
    struct addrinfo hints = {.ai_flags = AI_CANONNAME,
                             .ai_family = families[ask->family]};
    const struct bj_asked asked = asked_of(ask);
    struct addrinfo *list;
    bool printed = true;
    int error;

    /* One line an address: without a service the kinds of sockets say
     * nothing. */
    if (ask->form == BJ_LOOKUP_LINES && ask->service == NULL)
        hints.ai_socktype = SOCK_STREAM;
    error = bj_resolver_getaddrinfo(resolver, ask->name, ask->service, &hints,
                                    &list);
    if (error != 0)
        return failed_eai(ask, error);
    if (ask->json)
        printed = bj_json_addrinfo(&asked, list);
    else if (ask->form == BJ_LOOKUP_ADDRINFO)
        bj_print_addrinfo(list);
    else
        bj_print_lines(list, ask->service != NULL);
    bj_freeaddrinfo(list);
    return done(printed);
}

/* The address that --reverse was given. */
struct reverse {
    struct bj_endpoint endpoint;
    struct sockaddr_storage address;
    socklen_t len;
};

/* NULL, or why that is none. */
static const char *read_reverse(const char *text, struct reverse *out)
{
    struct bj_zone zone;

    memset(out, 0, sizeof(*out));
    if (bj_address_parse((const uint8_t *)text, strlen(text),
                         &out->endpoint.address, &zone) != BJ_OK)
        return gai_strerror(EAI_NONAME);
    if (zone.len > 0) {
        out->endpoint.address.scope = bj_zone_index(&zone);
        if (out->endpoint.address.scope == 0)
            return "there is no interface of that name";
    }
    out->len = bj_endpoint_to_sockaddr(&out->endpoint, &out->address);
    return NULL;
}

/* By name or by address, into a buffer that grows; *host is NULL on
 * failure, with *error as h_errno has it. */
static struct hostent *find_host(struct bj_lookup_command *ask,
                                 struct bj_resolver *resolver,
                                 const struct reverse *reverse, char *buf,
                                 int *error)
{
    static struct hostent memory;
    struct hostent *host = NULL;
    bool ip6 = ask->family == BJ_FAMILY_IP6;
    int result;

    *error = NETDB_INTERNAL;
    if (ask->reverse) {
        ip6 = reverse->endpoint.address.family == BJ_FAMILY_IP6;
        result = bj_resolver_gethostbyaddr_r(
            resolver, reverse->endpoint.address.octets, ip6 ? 16 : 4,
            ip6 ? AF_INET6 : AF_INET, &memory, buf, HOSTENT_MAX, &host, error);
    } else {
        result = bj_resolver_gethostbyname2_r(resolver, ask->name,
                                              ip6 ? AF_INET6 : AF_INET, &memory,
                                              buf, HOSTENT_MAX, &host, error);
    }
    if (result != 0)
        errno = result;
    return host;
}

static int ask_hostent(struct bj_lookup_command *ask,
                       struct bj_resolver *resolver,
                       const struct reverse *reverse)
{
    const struct bj_asked asked = asked_of(ask);
    char *buf = malloc(HOSTENT_MAX);
    const struct hostent *host = NULL;
    bool printed = true;
    int error = NETDB_INTERNAL, status;

    if (buf != NULL)
        host = find_host(ask, resolver, reverse, buf, &error);
    if (host == NULL) {
        status = failed_h_errno(ask, error);
        free(buf);
        return status;
    }
    if (ask->json)
        printed = bj_json_hostent(&asked, host);
    else if (ask->form == BJ_LOOKUP_HOSTENT)
        bj_print_hostent(host);
    else
        bj_print_names(host);
    free(buf);
    return done(printed);
}

static int ask_nameinfo(struct bj_lookup_command *ask,
                        struct bj_resolver *resolver,
                        const struct reverse *reverse)
{
    const struct bj_asked asked = asked_of(ask);
    char host[NI_MAXHOST];
    int error = bj_resolver_getnameinfo(
        resolver, (const struct sockaddr *)&reverse->address, reverse->len,
        host, sizeof(host), NULL, 0, NI_NAMEREQD);

    if (error != 0)
        return failed_eai(ask, error);
    if (ask->json)
        return done(bj_json_host(&asked, host));
    printf("host=%s\n", host);
    return done(true);
}

int bj_lookup_command_run(struct bj_lookup_command *ask)
{
    struct bj_lockdown lockdown;
    struct bj_resolver *resolver;
    struct reverse reverse = {0};
    const char *wrong = NULL;
    int error, status;

    if (ask->reverse)
        wrong = read_reverse(ask->name, &reverse);
    if (wrong != NULL)
        return failed(ask, name_of(eai_names, EAI_NONAME), wrong);
    if (!bj_lookup_confine_prepare(&lockdown))
        return BJ_EXIT_LOCKDOWN;
    ask->options.trace = bj_tried_trace;
    ask->options.trace_arg = &ask->tried;
    error = bj_resolver_open(&ask->options, &resolver);
    if (error != 0)
        return failed_open(ask, error);
    bj_lookup_confine_enter(&lockdown);
    if (ask->reverse && ask->form == BJ_LOOKUP_ADDRINFO)
        status = ask_nameinfo(ask, resolver, &reverse);
    else if (ask->reverse || ask->form == BJ_LOOKUP_HOSTENT)
        status = ask_hostent(ask, resolver, &reverse);
    else
        status = ask_addrinfo(ask, resolver);
    bj_resolver_close(resolver);
    return status;
}
