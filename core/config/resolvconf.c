#include "core/config/resolvconf.h"

#include <string.h>

#include "core/addr/ip4.h"
#include "core/bytes/ascii.h"
#include "core/dns/name.h"

/* RFC 1035 section 4.2. */
enum { DNS_PORT = 53 };

static const char *const flag_words[BJ_RESOLV_FLAG_COUNT] = {
#define FLAG_WORD(name, word) [name] = word,
    BJ_RESOLV_FLAGS(FLAG_WORD)
#undef FLAG_WORD
};

const char *bj_resolv_flag_word(enum bj_resolv_flag flag)
{
    return flag < BJ_RESOLV_FLAG_COUNT ? flag_words[flag] : NULL;
}

/*
 * The next value on a line. One that begins with "#" or ";" begins a
 * comment, which resolv.conf(5) does not promise but people write.
 */
static bool next_value(struct bj_cursor *line, struct bj_field *value)
{
    struct bj_cursor c;

    if (!bj_line_field(line, value))
        return false;
    bj_field_cursor(value, &c);
    return bj_cursor_peek(&c) != '#' && bj_cursor_peek(&c) != ';';
}

enum bj_status bj_nameserver_parse(const uint8_t *text, size_t len,
                                   struct bj_nameserver *out)
{
    enum bj_status status;

    status = bj_address_parse(text, len, &out->endpoint.address, &out->zone);
    out->endpoint.port = DNS_PORT;
    if (status != BJ_OK)
        status = bj_endpoint_parse(text, len, &out->endpoint, &out->zone);
    return status == BJ_OK && out->endpoint.port == 0 ? BJ_BAD : status;
}

static void read_nameserver(struct bj_cursor *line, struct bj_resolvconf *out)
{
    struct bj_nameserver server;
    struct bj_field value;

    if (!next_value(line, &value))
        return;
    if (bj_nameserver_parse(value.text, value.len, &server) != BJ_OK ||
        out->server_count == BJ_NAMESERVERS_MAX) {
        out->ignored += 1;
        return;
    }
    out->servers[out->server_count] = server;
    out->server_count += 1;
}

/*
 * A domain to search: one leading dot does not count, as in glibc, nor does
 * a final one, and "." is the root. Everything else must be a domain name.
 */
static void add_search(struct bj_field domain, struct bj_resolvconf *out)
{
    struct bj_name name;
    struct bj_cursor c;
    bool absolute = false;

    if (bj_field_is(&domain, "."))
        domain.len = 0;
    bj_field_cursor(&domain, &c);
    if (bj_cursor_peek(&c) == '.')
        bj_cursor_skip(&c, 1);
    domain.len = bj_cursor_left(&c);
    domain.text = bj_cursor_bytes(&c, domain.len);
    if (out->search_count == BJ_SEARCH_MAX ||
        (domain.len > 0 && (bj_name_parse((const char *)domain.text, domain.len,
                                          &name, &absolute) != BJ_OK ||
                            name.label_count == 0))) {
        out->ignored += 1;
        return;
    }
    if (absolute)
        domain.len -= 1;
    out->search[out->search_count] = domain;
    out->search_count += 1;
}

/* "domain" takes one name, "search" all there are; either replaces what an
 * earlier line said, unless it says nothing. */
static void read_search(struct bj_cursor *line, bool all,
                        struct bj_resolvconf *out)
{
    struct bj_field domain;
    bool any = next_value(line, &domain);

    if (any)
        out->search_count = 0;
    /* Ends: each turn consumes a field. */
    while (any) {
        add_search(domain, out);
        any = all && next_value(line, &domain);
    }
}

/* The mask of the address's class, for want of another. */
static void natural_mask(struct bj_sortlist_entry *entry)
{
    memset(entry->mask, 0, sizeof(entry->mask));
    entry->mask[0] = 255;
    if (entry->address[0] >= 128)
        entry->mask[1] = 255;
    if (entry->address[0] >= 192)
        entry->mask[2] = 255;
}

/* "255.255.240.0", or, which glibc reads as something odd, "20". */
static bool read_mask(const struct bj_field *text,
                      struct bj_sortlist_entry *entry)
{
    struct bj_cursor c;
    uint64_t bits;

    if (bj_ip4_parse(text->text, text->len, entry->mask) == BJ_OK)
        return true;
    bj_field_cursor(text, &c);
    bits = bj_ascii_read_dec(&c, 32);
    if (bj_cursor_end(&c) != BJ_OK)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        unsigned in_octet = bits < 8U ? (unsigned)bits : 8U;

        entry->mask[i] = (uint8_t)(256U - (1U << (8U - in_octet)));
        bits -= in_octet;
    }
    return true;
}

static void read_sortlist(struct bj_cursor *line, struct bj_resolvconf *out)
{
    struct bj_field address, mask;

    while (next_value(line, &address)) {
        struct bj_sortlist_entry entry;
        bool masked = bj_field_split(&address, '/', &mask) ||
                      bj_field_split(&address, '&', &mask);

        if (out->sortlist_count == BJ_SORTLIST_MAX ||
            bj_ip4_parse(address.text, address.len, entry.address) != BJ_OK) {
            out->ignored += 1;
            continue;
        }
        if (!masked || !read_mask(&mask, &entry))
            natural_mask(&entry);
        out->sortlist[out->sortlist_count] = entry;
        out->sortlist_count += 1;
    }
}

/* Whether a value begins with `word`, which it is then moved behind. */
static bool skip_word(struct bj_field *value, const char *word)
{
    struct bj_cursor c, start;
    size_t len = strlen(word);

    if (value->len < len)
        return false;
    bj_field_cursor(value, &c);
    bj_cursor_narrow(&c, len, &start);
    if (!bj_ascii_equal_text(start.base, start.len, word))
        return false;
    value->len = bj_cursor_left(&c);
    value->text = bj_cursor_bytes(&c, value->len);
    return true;
}

/*
 * A number as atoi reads it, so that "timeout:3," is 3, but clamped without
 * overflow on the way. False, and nothing changed, if there is no digit.
 */
static bool read_number(const struct bj_field *text, unsigned min, unsigned max,
                        unsigned *out)
{
    struct bj_cursor c;
    bool negative;
    uint64_t value;

    bj_field_cursor(text, &c);
    negative = bj_cursor_peek(&c) == '-';
    if (negative || bj_cursor_peek(&c) == '+')
        bj_cursor_skip(&c, 1);
    if (!bj_ascii_is_digit(bj_cursor_peek(&c)))
        return false;
    value = bj_ascii_read_dec(&c, max);
    if (c.status == BJ_LIMIT)
        value = max;
    if (negative || value < min)
        value = min;
    *out = (unsigned)value;
    return true;
}

/*
 * Flags are known by how a value begins, as in glibc, so that the commas
 * some people write do no harm.
 */
static bool read_flag(struct bj_field value, struct bj_resolvconf *out)
{
    for (int i = 0; i < BJ_RESOLV_FLAG_COUNT; i++)
        if (skip_word(&value, flag_words[i])) {
            out->flags[i] = true;
            return true;
        }
    /* How glibc 2.14 misspelt it, and still reads it. */
    if (!skip_word(&value, "no_tld_query"))
        return false;
    out->flags[BJ_RESOLV_NO_TLD] = true;
    return true;
}

static void read_options(struct bj_cursor *line, struct bj_resolvconf *out)
{
    struct bj_field value;

    while (next_value(line, &value)) {
        bool known;

        if (skip_word(&value, "ndots:"))
            known = read_number(&value, 0, BJ_NDOTS_MAX, &out->ndots);
        else if (skip_word(&value, "timeout:"))
            known = read_number(&value, 1, BJ_TIMEOUT_MAX, &out->timeout_s);
        else if (skip_word(&value, "attempts:"))
            known = read_number(&value, 1, BJ_ATTEMPTS_MAX, &out->attempts);
        else
            known = read_flag(value, out);
        if (!known)
            out->ignored += 1;
    }
}

/* The keyword must begin the line, as in glibc: an indented line is none. */
static void read_line(struct bj_cursor *line, bool search_is_set,
                      struct bj_resolvconf *out)
{
    struct bj_field keyword;

    if (bj_ascii_is_space(bj_cursor_peek(line)) ||
        !bj_line_field(line, &keyword))
        return;
    if (bj_field_is(&keyword, "nameserver"))
        read_nameserver(line, out);
    else if (bj_field_is(&keyword, "options"))
        read_options(line, out);
    else if (bj_field_is(&keyword, "sortlist"))
        read_sortlist(line, out);
    else if (bj_field_is(&keyword, "search") && !search_is_set)
        read_search(line, true, out);
    else if (bj_field_is(&keyword, "domain") && !search_is_set)
        read_search(line, false, out);
}

/* LOCALDOMAIN: blank-separated domains up to the end of its first line. Set
 * and empty it is a list of the root, that is, no searching. */
static void read_local_domain(const struct bj_field *value,
                              struct bj_resolvconf *out)
{
    struct bj_field nothing = {NULL, 0};
    struct bj_cursor c;

    bj_field_cursor(value, &c);
    bj_line_cut(&c, '\n');
    bj_line_cut(&c, '\0');
    read_search(&c, true, out);
    if (out->search_count == 0)
        add_search(nothing, out);
}

static void default_search(const struct bj_field *host_name,
                           struct bj_resolvconf *out)
{
    struct bj_field host, domain;
    struct bj_cursor c;

    bj_field_cursor(host_name, &c);
    bj_line_cut(&c, '\0');
    host.len = bj_cursor_left(&c);
    host.text = bj_cursor_bytes(&c, host.len);
    if (bj_field_split(&host, '.', &domain) && domain.len > 0)
        add_search(domain, out);
}

static void default_server(struct bj_resolvconf *out)
{
    struct bj_address *address = &out->servers[0].endpoint.address;

    address->family = BJ_FAMILY_IP4;
    address->octets[0] = 127;
    address->octets[3] = 1;
    out->servers[0].endpoint.port = DNS_PORT;
    out->server_count = 1;
}

void bj_resolvconf_parse(const struct bj_resolvconf_input *in,
                         struct bj_resolvconf *out)
{
    bool search_is_set = in->local_domain.text != NULL;
    struct bj_lines lines;
    struct bj_cursor line;

    memset(out, 0, sizeof(*out));
    out->ndots = 1;
    out->timeout_s = 5;
    out->attempts = 2;
    if (search_is_set)
        read_local_domain(&in->local_domain, out);
    bj_lines_init(&lines, in->text, in->len, 0);
    while (bj_lines_next(&lines, &line))
        read_line(&line, search_is_set, out);
    out->ignored += lines.skipped;
    if (out->server_count == 0)
        default_server(out);
    if (out->search_count == 0)
        default_search(&in->host_name, out);
    bj_field_cursor(&in->res_options, &line);
    bj_line_cut(&line, '\0');
    read_options(&line, out);
}
