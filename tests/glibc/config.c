/*
 * Asks glibc what it makes of the texts in tests/vectors/config_*.txt and
 * compares with what the tables say, so that they stay true. The process
 * moves into mount and host name namespaces of its own, binds files of its
 * own over /etc/resolv.conf, /etc/hosts, /etc/nsswitch.conf, /etc/services
 * and /etc/host.conf, and asks in a fresh child per text, since glibc keeps
 * what it has read. "--print" prints glibc's readings instead.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/glibc/etc.h"
#include "tests/support/vectors.h"

/* Whose readings stand in the tables (Debian 12's); others differ in places,
 * and --print shows where. */
#define GLIBC_READ "2.36"

enum { SKIPPED = 77, TEXT_MAX = 100000, READING_MAX = 4096 };

static const char *const bound[] = {"resolv.conf", "hosts", "nsswitch.conf",
                                    "services", "host.conf"};
enum { BOUND = sizeof(bound) / sizeof(bound[0]) };

static int printing;

/* The namespace is our own: that it cannot be done is a broken test. */
static void set_host_name(const char *name, size_t len)
{
    if (sethostname(name, len) != 0)
        abort();
}

/* A reading as it is written together: words with blanks between. */
struct reading {
    char text[READING_MAX];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct reading *r,
                                                      const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(r->text + r->len, sizeof(r->text) - r->len, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof(r->text) - r->len)
        abort();
    r->len += (size_t)n;
}

/* Runs `ask` in a child and takes its reading; dies with it. */
typedef void ask_function(struct reading *r, char **fields);

static void ask_child(ask_function *ask, char **fields, struct reading *r)
{
    int ends[2], status;
    ssize_t n;
    pid_t child;

    if (pipe(ends) != 0)
        abort();
    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        alarm(20);
        close(ends[0]);
        r->len = 0;
        r->text[0] = '\0';
        ask(r, fields);
        _exit(write(ends[1], r->text, r->len) == (ssize_t)r->len ? 0 : 1);
    }
    close(ends[1]);
    r->len = 0;
    while ((n = read(ends[0], r->text + r->len, READING_MAX - 1 - r->len)) > 0)
        r->len += (size_t)n;
    r->text[r->len] = '\0';
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || status != 0)
        add(r, "(ended with %#x)", (unsigned)status);
}

/* ---- resolv.conf ---- */

static void add_server(struct reading *r, const void *address, int family,
                       unsigned scope)
{
    char text[INET6_ADDRSTRLEN], zone[IF_NAMESIZE];

    add(r, "%s", inet_ntop(family, address, text, sizeof(text)));
    if (scope != 0 && if_indextoname(scope, zone) != NULL)
        add(r, "%%%s", zone);
    else if (scope != 0)
        add(r, "%%%u", scope);
}

static void add_servers(struct reading *r, const struct __res_state *state)
{
    for (int i = 0; i < state->nscount; i++) {
        const struct sockaddr_in *in = &state->nsaddr_list[i];
        const struct sockaddr_in6 *in6 = state->_u._ext.nsaddrs[i];

        if (state->nscount == 1 && in->sin_family == AF_INET &&
            in->sin_addr.s_addr == htonl(INADDR_LOOPBACK))
            return;
        add(r, i == 0 ? " server=" : ",");
        if (in->sin_family == AF_INET)
            add_server(r, &in->sin_addr, AF_INET, 0);
        else
            add_server(r, &in6->sin6_addr, AF_INET6, in6->sin6_scope_id);
    }
}

/* One leading dot, and a final one, mean nothing to res_search. */
static void add_search(struct reading *r, const struct __res_state *state)
{
    for (int i = 0; state->dnsrch[i] != NULL && i < MAXDNSRCH; i++) {
        const char *domain = state->dnsrch[i];
        int len;

        if (domain[0] == '.')
            domain++;
        len = (int)strlen(domain);
        if (len > 0 && domain[len - 1] == '.')
            len--;
        add(r, "%s%.*s", i == 0 ? " search=" : ",", len, domain);
        if (len == 0)
            add(r, ".");
    }
}

static void add_sortlist(struct reading *r, const struct __res_state *state)
{
    for (unsigned i = 0; i < state->nsort; i++) {
        struct in_addr mask = {.s_addr = state->sort_list[i].mask};

        add(r, "%s%s/", i == 0 ? " sort=" : ",",
            inet_ntoa(state->sort_list[i].addr));
        add(r, "%s", inet_ntoa(mask));
    }
}

static void add_options(struct reading *r, const struct __res_state *state)
{
    static const struct {
        unsigned long flag;
        const char *word;
    } flags[] = {
        {RES_ROTATE, "rotate"},
        {RES_NOAAAA, "no-aaaa"},
        {RES_USE_EDNS0, "edns0"},
        {RES_SNGLKUPREOP, "single-request-reopen"},
        {RES_SNGLKUP, "single-request"},
        {RES_USEVC, "use-vc"},
        {RES_TRUSTAD, "trust-ad"},
        {RES_NOTLDQUERY, "no-tld-query"},
        {RES_NORELOAD, "no-reload"},
        {RES_DEBUG, "debug"},
    };

    if (state->ndots != 1)
        add(r, " ndots=%u", state->ndots);
    if (state->retrans != 5)
        add(r, " timeout=%d", state->retrans);
    if (state->retry != 2)
        add(r, " attempts=%d", state->retry);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (state->options & flags[i].flag)
            add(r, " %s", flags[i].word);
}

/* " LOCALDOMAIN=a b" and so on, each up to the next name or the end. */
static void set_environment(char *text)
{
    static const char *const names[] = {
        "LOCALDOMAIN=", "RES_OPTIONS=", "HOST="};

    for (int i = 0; i < 3; i++) {
        char *at = strstr(text, names[i]);
        uint8_t value[READING_MAX];
        char copy[READING_MAX];
        size_t len;

        if (at == NULL)
            continue;
        at += strlen(names[i]);
        (void)snprintf(copy, sizeof(copy), "%s", at);
        copy[strcspn(copy, ";")] = '\0';
        len = bj_vector_text(copy, value, sizeof(value) - 1);
        value[len] = '\0';
        if (i == 2)
            set_host_name((char *)value, len);
        else
            (void)setenv(i == 0 ? "LOCALDOMAIN" : "RES_OPTIONS", (char *)value,
                         1);
    }
}

static void put_text(const char *name, const char *escaped)
{
    static uint8_t octets[TEXT_MAX];

    bj_etc_put(name, octets, bj_vector_text(escaped, octets, sizeof(octets)));
}

static void ask_resolvconf(struct reading *r, char **fields)
{
    struct __res_state state;

    put_text("resolv.conf", fields[2]);
    set_environment(fields[1]);
    memset(&state, 0, sizeof(state));
    if (res_ninit(&state) != 0) {
        add(r, " (res_ninit fails)");
        return;
    }
    add_servers(r, &state);
    add_search(r, &state);
    add_sortlist(r, &state);
    add_options(r, &state);
    if (r->len == 0)
        add(r, " default");
}

/* ---- hosts ---- */

enum { LIST_MAX = 64 };

/* Strings in order, each once, as the table lists them. */
struct list {
    char items[LIST_MAX][300];
    size_t count;
};

static void insert(struct list *list, const char *item)
{
    size_t at = 0;

    while (at < list->count && strcmp(list->items[at], item) < 0)
        at++;
    if (at < list->count && strcmp(list->items[at], item) == 0)
        return;
    if (list->count == LIST_MAX || strlen(item) >= sizeof(list->items[0]))
        abort();
    memmove(list->items[at + 1], list->items[at],
            (list->count - at) * sizeof(list->items[0]));
    strcpy(list->items[at], item);
    list->count++;
}

static void add_answer(struct reading *r, const char *name,
                       const struct list *aliases, const struct list *addresses)
{
    add(r, " %s", name[0] == '\0' ? "(no name)" : name);
    for (size_t i = 0; i < aliases->count; i++)
        add(r, "%s%s%s", i == 0 ? " [" : " ", aliases->items[i],
            i + 1 == aliases->count ? "]" : "");
    for (size_t i = 0; i < addresses->count; i++)
        add(r, " %s", addresses->items[i]);
}

static void add_hostent(struct reading *r, const struct hostent *host)
{
    static struct list aliases, addresses;
    char text[INET6_ADDRSTRLEN];

    if (host == NULL) {
        add(r, " none");
        return;
    }
    for (char **alias = host->h_aliases; *alias != NULL; alias++)
        insert(&aliases, *alias);
    for (char **address = host->h_addr_list; *address != NULL; address++)
        insert(&addresses,
               inet_ntop(host->h_addrtype, *address, text, sizeof(text)));
    add_answer(r, host->h_name, &aliases, &addresses);
}

static void add_addrinfo(struct reading *r, const char *name)
{
    static struct list aliases, addresses;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_CANONNAME};
    struct addrinfo *first;
    char text[INET6_ADDRSTRLEN];

    if (getaddrinfo(name, NULL, &hints, &first) != 0) {
        add(r, " none");
        return;
    }
    for (const struct addrinfo *info = first; info != NULL;
         info = info->ai_next) {
        if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text),
                        NULL, 0, NI_NUMERICHOST) != 0)
            abort();
        insert(&addresses, text);
    }
    add_answer(r, first->ai_canonname, &aliases, &addresses);
    freeaddrinfo(first);
}

static void ask_hosts(struct reading *r, char **fields)
{
    static const char nsswitch[] = "hosts: files\n";
    char question[READING_MAX];
    uint8_t address[16];
    const char *name = question + 4;

    bj_etc_put("nsswitch.conf", nsswitch, sizeof(nsswitch) - 1);
    bj_etc_put("host.conf", "multi on\n", 9);
    put_text("hosts", fields[1]);
    question[bj_vector_text(fields[2], (uint8_t *)question,
                            sizeof(question) - 1)] = '\0';
    if (question[0] == 'a')
        add_addrinfo(r, name);
    else if (question[0] == 'i')
        add_hostent(
            r, gethostbyname2(name, question[2] == '4' ? AF_INET : AF_INET6));
    else if (inet_pton(AF_INET, name, address) == 1)
        add_hostent(r, gethostbyaddr(address, 4, AF_INET));
    else if (inet_pton(AF_INET6, name, address) == 1)
        add_hostent(r, gethostbyaddr(address, 16, AF_INET6));
    else
        abort();
}

/* ---- services and nsswitch.conf ---- */

static void ask_services(struct reading *r, char **fields)
{
    char *protocol = strchr(fields[2], ' ');
    const struct servent *service;
    char *end;
    unsigned long port;

    bj_etc_put("nsswitch.conf", "services: files\n", 16);
    put_text("services", fields[1]);
    *protocol++ = '\0';
    if (strcmp(protocol, "-") == 0)
        protocol = NULL;
    port = strtoul(fields[2], &end, 10);
    service = *end == '\0' ? getservbyport(htons((uint16_t)port), protocol)
                           : getservbyname(fields[2], protocol);
    if (service == NULL) {
        add(r, " none");
        return;
    }
    add(r, " %s", service->s_name);
    for (char **alias = service->s_aliases; *alias != NULL; alias++)
        add(r, "%s%s%s", alias == service->s_aliases ? " [" : " ", *alias,
            alias[1] == NULL ? "]" : "");
    add(r, " %u/%s", ntohs((uint16_t)service->s_port), service->s_proto);
}

static void ask_nsswitch(struct reading *r, char **fields)
{
    bj_etc_put("resolv.conf", "nameserver 192.0.2.1\n", 21);
    bj_etc_put("hosts", "10.0.0.1 there\n", 15);
    put_text("nsswitch.conf", fields[1]);
    add(r, gethostbyname2(fields[2], AF_INET) == NULL ? " none" : " found");
}

/* ---- the tables ---- */

/* The reading with octets that are not visible as \\xHH, as in the table. */
static const char *visible(const struct reading *r)
{
    static char out[4 * READING_MAX];
    size_t n = 0;

    for (size_t i = r->text[0] == ' '; i < r->len; i++) {
        unsigned char octet = (unsigned char)r->text[i];

        if (octet >= 32 && octet < 127 && octet != '|')
            out[n++] = (char)octet;
        else
            n += (size_t)sprintf(out + n, "\\x%02x", octet);
    }
    out[n] = '\0';
    return out;
}

/* Compares each line of a table with what glibc says; the number of lines
 * that are not so. `glibc` is the field with its reading. */
static int check_table(const char *name, size_t fields, int glibc,
                       ask_function *ask)
{
    struct bj_vectors v;
    int wrong = 0, asked = 0, left = 0;

    bj_vectors_open(&v, name);
    if (printing)
        printf("== %s\n", name);
    while (bj_vectors_next(&v, fields)) {
        struct reading r;
        const char *said;

        if (strcmp(v.fields[glibc], "-") == 0 && !printing) {
            left++;
            continue;
        }
        if (strcmp(v.fields[glibc], "-") == 0)
            continue;
        ask_child(ask, v.fields, &r);
        set_host_name("bell", 4);
        said = visible(&r);
        asked++;
        if (printing)
            printf("%s\t%s\n", v.fields[0], said);
        else if (strcmp(said, v.fields[glibc]) != 0) {
            printf("%s:%zu: %s\n  table: %s\n  glibc: %s\n", name,
                   v.line_number, v.fields[0], v.fields[glibc], said);
            wrong++;
        }
    }
    if (!printing)
        printf("%s: %d texts asked, %d left out, %d read otherwise\n", name,
               asked, left, wrong);
    return wrong;
}

static void resolvconf_table(void **state)
{
    (void)state;
    assert_int_equal(check_table("config_resolvconf.txt", 6, 3, ask_resolvconf),
                     0);
}

static void hosts_table(void **state)
{
    (void)state;
    assert_int_equal(check_table("config_hosts.txt", 6, 3, ask_hosts), 0);
}

static void services_table(void **state)
{
    (void)state;
    assert_int_equal(check_table("config_services.txt", 6, 3, ask_services), 0);
}

static void nsswitch_table(void **state)
{
    (void)state;
    assert_int_equal(check_table("config_nsswitch.txt", 6, 3, ask_nsswitch), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolvconf_table),
        cmocka_unit_test(hosts_table),
        cmocka_unit_test(services_table),
        cmocka_unit_test(nsswitch_table),
    };
    const char *why;

    printing = argc > 1 && strcmp(argv[1], "--print") == 0;
    if (!printing && strcmp(gnu_get_libc_version(), GLIBC_READ) != 0) {
        printf("skipped: the tables hold the readings of glibc " GLIBC_READ
               ", this is %s\n",
               gnu_get_libc_version());
        return SKIPPED;
    }
    why = bj_etc_enter(bound, BOUND);
    (void)unsetenv("LOCALDOMAIN");
    (void)unsetenv("RES_OPTIONS");
    if (why != NULL) {
        printf("skipped: %s (%s)\n", why, strerror(errno));
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
