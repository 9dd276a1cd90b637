/*
 * resolv.conf. The last byte says which of LOCALDOMAIN, RES_OPTIONS and the
 * host name are given (a newline: none); each that is takes the last line
 * off the text. Oracles: every value, against a reader of C strings written
 * for this file with strtok, inet_pton and strtoll; values stay within
 * glibc's clamps; domains lie in the input.
 */
#include "core/bytes/limits.h"
#include "core/config/resolvconf.h"
#include "harnesses/harness.h"
#include "harnesses/support/text_address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>

BJ_UNTRACED_BEGIN

static const char white[] = " \t\n\v\f\r";

/* What the reader here makes of the text; domains are strings. */
struct model {
    struct bj_resolvconf conf;
    char *zones[BJ_NAMESERVERS_MAX];
    char *search[BJ_SEARCH_MAX];
    /* Text, LOCALDOMAIN, RES_OPTIONS, host name, in one block: the first's. */
    char *copies[4];
};

/* The next value of a line, NULL at its end or at a comment. */
static char *value(char *text, char **state)
{
    char *token = strtok_r(text, white, state);

    return token != NULL && strchr("#;", token[0]) != NULL ? NULL : token;
}

static bool model_port(char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 5 || text[digits] != '\0' || text[0] == '0')
        return false;
    *port = (uint16_t)atoi(text);
    return atoi(text) <= 65535;
}

/* "address", "address:port" for IPv4, "[address]:port" for IPv6. */
static bool model_server(char *text, struct bj_nameserver *server, char **zone)
{
    char *colon = strrchr(text, ':');
    bool bracket = text[0] == '[';

    server->endpoint.port = 53;
    if (colon != NULL && (bracket || strchr(text, ':') == colon)) {
        if (!model_port(colon + 1, &server->endpoint.port))
            return false;
        *colon = '\0';
        if (bracket && (colon == text + 1 || colon[-1] != ']'))
            return false;
        if (bracket)
            colon[-1] = '\0';
        return bj_model_address(text + bracket, &server->endpoint.address,
                                zone) &&
               (server->endpoint.address.family == BJ_FAMILY_IP6) == bracket;
    }
    return bj_model_address(text, &server->endpoint.address, zone);
}

static void model_nameserver(char *line, struct model *m)
{
    struct bj_resolvconf *conf = &m->conf;
    char *state = NULL, *zone = NULL;
    struct bj_nameserver server;
    char *word = value(line, &state);

    if (word == NULL)
        return;
    if (!model_server(word, &server, &zone) ||
        conf->server_count == BJ_NAMESERVERS_MAX) {
        conf->ignored++;
        return;
    }
    m->zones[conf->server_count] = zone;
    conf->servers[conf->server_count++] = server;
}

/* Octets that one character or escape takes up in the text; 0 if it breaks
 * RFC 1035 section 5.1. */
static size_t model_escape(const char *at)
{
    char digits[4] = {0};

    if (*at != '\\')
        return 1;
    if (!isdigit((unsigned char)at[1]))
        return at[1] == '\0' ? 0 : 2;
    strncpy(digits, at + 1, 3);
    return strspn(digits, "0123456789") == 3 && atoi(digits) <= 255 ? 4 : 0;
}

/* Cuts off what does not count; false if no domain is left. */
static bool model_domain(char **domain)
{
    size_t wire = 1, label = 0;
    char *at;

    if (strcmp(*domain, ".") == 0 || **domain == '\0') {
        *domain += strlen(*domain);
        return true;
    }
    *domain += **domain == '.';
    for (at = *domain; *at != '\0';) {
        size_t n = model_escape(at);

        if (n == 0)
            return false;
        if (*at == '.') {
            if (label == 0)
                return false;
            wire += label + 1;
            label = 0;
            if (at[1] == '\0')
                *at-- = '\0';
            at++;
            continue;
        }
        label++;
        if (label > 63)
            return false;
        at += n;
    }
    wire += label > 0 ? label + 1 : 0;
    return wire > 1 && wire <= 255;
}

static void model_add_search(char *domain, struct model *m)
{
    struct bj_resolvconf *conf = &m->conf;

    if (conf->search_count == BJ_SEARCH_MAX || !model_domain(&domain))
        conf->ignored++;
    else
        m->search[conf->search_count++] = domain;
}

static void model_search(char *line, bool all, struct model *m)
{
    char *state = NULL;
    char *word = value(line, &state);

    if (word != NULL)
        m->conf.search_count = 0;
    for (; word != NULL; word = all ? value(NULL, &state) : NULL)
        model_add_search(word, m);
}

/* A number, clamped; false if there is none. */
static bool model_number(const char *text, long min, long max, unsigned *out)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10); /* goes to the limits on overflow */
    if (end == text)
        return false;
    number = number < min ? min : number > max ? max : number;
    *out = (unsigned)number;
    return true;
}

static bool starts(const char *text, const char *with)
{
    /* A call into libc for every word would be most of this model's time. */
    return *text == *with && strncmp(text, with, strlen(with)) == 0;
}

static bool model_option(const char *word, struct bj_resolvconf *conf)
{
    if (starts(word, "ndots:"))
        return model_number(word + 6, 0, 15, &conf->ndots);
    if (starts(word, "timeout:"))
        return model_number(word + 8, 1, 30, &conf->timeout_s);
    if (starts(word, "attempts:"))
        return model_number(word + 9, 1, 5, &conf->attempts);
    if (starts(word, "no_tld_query"))
        word = "no-tld-query";
    for (int i = 0; i < BJ_RESOLV_FLAG_COUNT; i++)
        if (starts(word, bj_resolv_flag_word((enum bj_resolv_flag)i)))
            return conf->flags[i] = true;
    return false;
}

static void model_options(char *line, struct model *m)
{
    char *state = NULL;

    for (char *word = value(line, &state); word != NULL;
         word = value(NULL, &state))
        if (!model_option(word, &m->conf))
            m->conf.ignored++;
}

static uint32_t class_mask(uint32_t address)
{
    return address >> 31 == 0   ? 0xff000000U
           : address >> 30 == 2 ? 0xffff0000U
                                : 0xffffff00U;
}

static void model_sort(char *word, struct model *m)
{
    struct bj_resolvconf *conf = &m->conf;
    char *slash = strchr(word, '/');
    struct in_addr address, mask;

    if (slash == NULL)
        slash = strchr(word, '&');
    if (slash != NULL)
        *slash++ = '\0';
    if (conf->sortlist_count == BJ_SORTLIST_MAX ||
        inet_pton(AF_INET, word, &address) != 1) {
        conf->ignored++;
        return;
    }
    mask.s_addr = htonl(class_mask(ntohl(address.s_addr)));
    if (slash != NULL && inet_pton(AF_INET, slash, &mask) != 1) {
        size_t digits = strspn(slash, "0123456789");
        unsigned long bits = strtoul(slash, NULL, 10);

        if (digits > 0 && slash[digits] == '\0' && bits <= 32)
            mask.s_addr = htonl(bits == 0 ? 0 : 0xffffffffU << (32 - bits));
    }
    memcpy(conf->sortlist[conf->sortlist_count].address, &address, 4);
    memcpy(conf->sortlist[conf->sortlist_count].mask, &mask, 4);
    conf->sortlist_count++;
}

static void model_sortlist(char *line, struct model *m)
{
    char *state = NULL;

    for (char *word = value(line, &state); word != NULL;
         word = value(NULL, &state))
        model_sort(word, m);
}

static void model_line(char *line, bool search_is_set, struct model *m)
{
    size_t len = strcspn(line, white);
    char *rest = line + len + (line[len] != '\0');

    line[len] = '\0';
    if (strcmp(line, "nameserver") == 0)
        model_nameserver(rest, m);
    if (strcmp(line, "options") == 0)
        model_options(rest, m);
    if (strcmp(line, "sortlist") == 0)
        model_sortlist(rest, m);
    if (strcmp(line, "search") == 0 && !search_is_set)
        model_search(rest, true, m);
    if (strcmp(line, "domain") == 0 && !search_is_set)
        model_search(rest, false, m);
}

static void copy_all(const struct bj_resolvconf_input *in, struct model *m)
{
    const struct bj_field fields[4] = {
        {in->text, in->len}, in->local_domain, in->res_options, in->host_name};
    char *at = malloc(fields[0].len + fields[1].len + fields[2].len +
                      fields[3].len + 4);

    if (at == NULL)
        abort();
    for (size_t i = 0; i < 4; i++) {
        m->copies[i] = at;
        if (fields[i].len > 0)
            memcpy(at, fields[i].text, fields[i].len);
        at += fields[i].len;
        *at++ = '\0';
    }
}

static void model_lines(const struct bj_resolvconf_input *in, struct model *m)
{
    char *copy = m->copies[0];
    bool search_is_set = in->local_domain.text != NULL;

    for (size_t from = 0, to; from < in->len; from = to + 1) {
        const char *end = memchr(copy + from, '\n', in->len - from);

        to = end == NULL ? in->len : (size_t)(end - copy);
        copy[to] = '\0';
        if (to - from > BJ_CONFIG_LINE_MAX)
            m->conf.ignored++;
        else
            model_line(copy + from, search_is_set, m);
    }
}

/* The part of the host name behind its first dot. */
static void model_host_name(struct model *m)
{
    char *dot = strchr(m->copies[3], '.');

    if (m->conf.search_count == 0 && dot != NULL && dot[1] != '\0')
        model_add_search(dot + 1, m);
}

static void model_read(const struct bj_resolvconf_input *in, struct model *m)
{
    memset(m, 0, sizeof(*m));
    m->conf.ndots = 1;
    m->conf.timeout_s = 5;
    m->conf.attempts = 2;
    copy_all(in, m);
    if (in->local_domain.text != NULL) {
        m->copies[1][strcspn(m->copies[1], "\n")] = '\0';
        model_search(m->copies[1], true, m);
        if (m->conf.search_count == 0)
            m->search[m->conf.search_count++] =
                m->copies[1] + in->local_domain.len;
    }
    model_lines(in, m);
    if (m->conf.server_count == 0) {
        struct bj_nameserver *server = &m->conf.servers[0];

        server->endpoint.port = 53;
        server->endpoint.address.family = BJ_FAMILY_IP4;
        (void)inet_pton(AF_INET, "127.0.0.1", server->endpoint.address.octets);
        m->conf.server_count = 1;
    }
    model_host_name(m);
    model_options(m->copies[2], m);
}

static void check_servers(const struct bj_resolvconf *got,
                          const struct model *m)
{
    BJ_CHECK(got->server_count == m->conf.server_count, "server-count");
    for (size_t i = 0; i < got->server_count; i++) {
        const struct bj_nameserver *a = &got->servers[i];
        const struct bj_nameserver *b = &m->conf.servers[i];

        BJ_CHECK(bj_address_equal(&a->endpoint.address, &b->endpoint.address),
                 "server");
        BJ_CHECK(a->endpoint.port == b->endpoint.port, "port");
        BJ_CHECK(a->zone.len == (m->zones[i] == NULL ? 0 : strlen(m->zones[i])),
                 "zone-length");
        BJ_CHECK(a->zone.len == 0 ||
                     memcmp(a->zone.text, m->zones[i], a->zone.len) == 0,
                 "zone");
    }
}

static bool lies_in(const struct bj_field *field, const uint8_t *text,
                    size_t len)
{
    return text != NULL && field->text >= text &&
           field->text + field->len <= text + len;
}

static void check_search(const struct bj_resolvconf *got, const struct model *m,
                         const struct bj_resolvconf_input *in)
{
    BJ_CHECK(got->search_count == m->conf.search_count, "search-count");
    for (size_t i = 0; i < got->search_count; i++) {
        const struct bj_field *domain = &got->search[i];

        BJ_CHECK(domain->len == strlen(m->search[i]), "domain-length");
        if (domain->len == 0)
            continue;
        BJ_CHECK(memcmp(domain->text, m->search[i], domain->len) == 0,
                 "domain");
        BJ_CHECK(
            lies_in(domain, in->text, in->len) ||
                lies_in(domain, in->local_domain.text, in->local_domain.len) ||
                lies_in(domain, in->host_name.text, in->host_name.len),
            "domain-in-place");
        bj_digest(domain->text, domain->len);
    }
}

static void check_rest(const struct bj_resolvconf *got, const struct model *m)
{
    BJ_CHECK(got->sortlist_count == m->conf.sortlist_count, "sortlist-count");
    for (size_t i = 0; i < got->sortlist_count; i++)
        BJ_CHECK(memcmp(&got->sortlist[i], &m->conf.sortlist[i],
                        sizeof(got->sortlist[i])) == 0,
                 "sortlist");
    BJ_CHECK(got->ndots == m->conf.ndots && got->ndots <= 15, "ndots");
    BJ_CHECK(got->timeout_s == m->conf.timeout_s && got->timeout_s >= 1 &&
                 got->timeout_s <= 30,
             "timeout");
    BJ_CHECK(got->attempts == m->conf.attempts && got->attempts >= 1 &&
                 got->attempts <= 5,
             "attempts");
    BJ_CHECK(memcmp(got->flags, m->conf.flags, sizeof(got->flags)) == 0,
             "flags");
    BJ_CHECK(got->ignored == m->conf.ignored, "ignored");
    bj_digest(&got->ndots, sizeof(got->ndots));
}

/* Takes the last line off the text, for a variable. */
static struct bj_field take_line(const uint8_t *text, size_t *len, bool wanted,
                                 uint8_t **copy)
{
    size_t from = *len;
    struct bj_field field = {NULL, 0};

    *copy = NULL;
    if (!wanted)
        return field;
    while (from > 0 && text[from - 1] != '\n')
        from--;
    field.len = *len - from;
    *copy = bj_exact_copy(text + from, field.len);
    field.text = *copy;
    *len = from > 0 ? from - 1 : 0;
    return field;
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned given = bj_take_tail(data, &size) ^ '\n';
    struct bj_resolvconf_input in;
    struct bj_resolvconf got;
    uint8_t *copies[4];
    struct model m;

    in.local_domain = take_line(data, &size, given & 1, &copies[1]);
    in.res_options = take_line(data, &size, given & 2, &copies[2]);
    in.host_name = take_line(data, &size, given & 4, &copies[3]);
    copies[0] = bj_exact_copy(data, size);
    in.text = copies[0];
    in.len = size;
    bj_resolvconf_parse(&in, &got);
    model_read(&in, &m);
    check_servers(&got, &m);
    check_search(&got, &m, &in);
    check_rest(&got, &m);
    free(m.copies[0]);
    for (int i = 0; i < 4; i++)
        free(copies[i]);
    return 0;
}
