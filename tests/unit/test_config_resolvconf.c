#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/ip4.h"
#include "core/bytes/ascii.h"
#include "core/bytes/writer.h"
#include "core/config/resolvconf.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

enum { READING_MAX = 4096, TEXT_MAX = 100000 };

/* "word" before the first of a list, a comma before the others. */
static void add_word(struct bj_writer *w, const char *word, size_t i)
{
    bj_writer_text(w, i == 0 ? word : ",");
}

static void add_server(struct bj_writer *w, const struct bj_nameserver *server)
{
    if (server->endpoint.port != 53) {
        bj_endpoint_write(w, &server->endpoint);
        return;
    }
    bj_address_write(w, &server->endpoint.address);
    if (server->zone.len > 0) {
        bj_writer_char(w, '%');
        bj_writer_bytes(w, server->zone.text, server->zone.len);
    }
}

/* Octets that are not visible are \\xHH in the table. */
static void add_octets(struct bj_writer *w, const struct bj_field *field)
{
    for (size_t i = 0; i < field->len; i++) {
        if (bj_ascii_is_graph(field->text[i])) {
            bj_writer_u8(w, field->text[i]);
            continue;
        }
        bj_writer_text(w, "\\x");
        bj_writer_hex(w, field->text[i], 2);
    }
}

/* The reading as the table writes it: what differs from the defaults. */
static void add_reading(struct bj_writer *w, const struct bj_resolvconf *conf)
{
    static const uint8_t loopback[4] = {127, 0, 0, 1};

    if (conf->server_count > 1 ||
        memcmp(conf->servers[0].endpoint.address.octets, loopback, 4) != 0)
        for (size_t i = 0; i < conf->server_count; i++) {
            add_word(w, " server=", i);
            add_server(w, &conf->servers[i]);
        }
    for (size_t i = 0; i < conf->search_count; i++) {
        add_word(w, " search=", i);
        add_octets(w, &conf->search[i]);
        bj_writer_text(w, conf->search[i].len == 0 ? "." : "");
    }
    for (size_t i = 0; i < conf->sortlist_count; i++) {
        add_word(w, " sort=", i);
        bj_ip4_write(w, conf->sortlist[i].address);
        bj_writer_char(w, '/');
        bj_ip4_write(w, conf->sortlist[i].mask);
    }
    if (conf->ndots != 1) {
        bj_writer_text(w, " ndots=");
        bj_writer_dec(w, conf->ndots);
    }
    if (conf->timeout_s != 5) {
        bj_writer_text(w, " timeout=");
        bj_writer_dec(w, conf->timeout_s);
    }
    if (conf->attempts != 2) {
        bj_writer_text(w, " attempts=");
        bj_writer_dec(w, conf->attempts);
    }
    /* Those that nobody heeds are not of interest. */
    for (int i = 0; i < BJ_RESOLV_DEBUG; i++)
        if (conf->flags[i]) {
            bj_writer_char(w, ' ');
            bj_writer_text(w, bj_resolv_flag_word((enum bj_resolv_flag)i));
        }
}

/* A variable of the environment in a field of the table, in memory that ends
 * at a fence; not there if the field has no such name. */
static struct bj_guard variable(const char *field, const char *name,
                                struct bj_field *out)
{
    const char *at = strstr(field, name);
    uint8_t octets[READING_MAX];
    char value[READING_MAX];
    struct bj_guard guard;

    if (at == NULL) {
        out->text = NULL;
        out->len = 0;
        return bj_guard_end(0);
    }
    (void)snprintf(value, sizeof(value), "%s", at + strlen(name));
    value[strcspn(value, ";")] = '\0';
    guard =
        bj_guard_copy(octets, bj_vector_text(value, octets, sizeof(octets)));
    out->text = guard.bytes;
    out->len = guard.len;
    return guard;
}

static void read_row(char *const *fields, char got[BJ_READING_MAX])
{
    static uint8_t octets[TEXT_MAX];
    struct bj_guard text =
        bj_guard_copy(octets, bj_vector_text(fields[2], octets, TEXT_MAX));
    struct bj_resolvconf_input in = {.text = text.bytes, .len = text.len};
    struct bj_guard a = variable(fields[1], "LOCALDOMAIN=", &in.local_domain);
    struct bj_guard b = variable(fields[1], "RES_OPTIONS=", &in.res_options);
    struct bj_guard c = variable(fields[1], "HOST=", &in.host_name);
    struct bj_resolvconf conf;
    struct bj_writer w;

    bj_resolvconf_parse(&in, &conf);
    bj_writer_init(&w, (uint8_t *)got, BJ_READING_MAX);
    add_reading(&w, &conf);
    bj_writer_text(&w, w.len == 0 ? " default" : "");
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    /* Each item has a blank before it. */
    memmove(got, got + 1, w.len);
    bj_guard_free(&a);
    bj_guard_free(&b);
    bj_guard_free(&c);
    bj_guard_free(&text);
}

static void R29_table(void **state)
{
    (void)state;
    bj_vectors_readings("config_resolvconf.txt", 60, read_row);
}

/* What was read, as a file again: every value that is not passed over. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_resolvconf_input in = {.text = bytes, .len = len};
    struct bj_resolvconf conf;
    struct bj_writer w;

    bj_resolvconf_parse(&in, &conf);
    bj_writer_init(&w, out, cap);
    for (size_t i = 0; i < conf.server_count; i++) {
        bj_writer_text(&w, "nameserver ");
        add_server(&w, &conf.servers[i]);
        bj_writer_char(&w, '\n');
    }
    for (size_t i = 0; i < conf.search_count; i++) {
        bj_writer_text(&w, i == 0 ? "search " : " ");
        bj_writer_bytes(&w, conf.search[i].text, conf.search[i].len);
        bj_writer_text(&w, conf.search[i].len == 0 ? "." : "");
    }
    bj_writer_text(&w, "\noptions ndots:");
    bj_writer_dec(&w, conf.ndots);
    bj_writer_text(&w, " timeout:");
    bj_writer_dec(&w, conf.timeout_s);
    bj_writer_text(&w, " attempts:");
    bj_writer_dec(&w, conf.attempts);
    for (int i = 0; i < BJ_RESOLV_FLAG_COUNT; i++)
        if (conf.flags[i]) {
            bj_writer_char(&w, ' ');
            bj_writer_text(&w, bj_resolv_flag_word((enum bj_resolv_flag)i));
        }
    bj_writer_char(&w, '\n');
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void properties(void **state)
{
    static const char text[] =
        "# made by hand\r\nnameserver fe80::1%eth0 x\nnameserver 10.1\n"
        "nameserver [2001:DB8::1]:5353\nsearch a.example. . b\noptions "
        "debug,rotate timeout:99 attempts:0\noptions single-request-reopen";
    static const char wanted[] =
        "nameserver fe80::1%eth0\nnameserver [2001:db8::1]:5353\n"
        "search a.example . b\noptions ndots:1 timeout:30 attempts:1 "
        "single-request-reopen debug\n";

    (void)state;
    bj_property_canonical(reparse, text, sizeof(text) - 1, wanted,
                          sizeof(wanted) - 1);
    bj_property_prefixes(reparse, text, sizeof(text) - 1, 1);
}

static void parse(const char *text, struct bj_resolvconf *conf)
{
    struct bj_resolvconf_input in = {.text = (const uint8_t *)text,
                                     .len = strlen(text)};

    bj_resolvconf_parse(&in, conf);
}

/* Nothing is passed over without being counted. */
static void R29_ignored_is_counted(void **state)
{
    static const struct {
        const char *text;
        size_t ignored;
    } cases[] = {
        {"", 0},
        {"nonsense\n# x\nnameserver\nsearch\noptions\nsortlist", 0},
        {"nameserver 1", 1},
        {"nameserver 10.0.0.1:0\nnameserver 10.0.0.1:65536", 2},
        {"nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n"
         "nameserver 10.0.0.4",
         1},
        {"search a..b c", 1},
        {"options foo ndots:x timeout: attempts:3", 3},
        {"sortlist 10.0.0.0 10 x/8", 2},
    };
    struct bj_resolvconf conf;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(cases[i].text, &conf);
        if (conf.ignored != cases[i].ignored)
            fail_msg("%s: %zu", cases[i].text, conf.ignored);
    }
}

static void R29_one_search_domain_too_many(void **state)
{
    char text[200] = "search";
    struct bj_resolvconf conf;

    (void)state;
    for (int i = 0; i < BJ_SEARCH_MAX; i++)
        strcat(text, " a.b");
    parse(text, &conf);
    assert_int_equal(conf.search_count, BJ_SEARCH_MAX);
    assert_int_equal(conf.ignored, 0);
    strcat(text, " c");
    parse(text, &conf);
    assert_int_equal(conf.search_count, BJ_SEARCH_MAX);
    assert_int_equal(conf.ignored, 1);
}

static void prefix_lengths_as_masks(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= 33; bits++) {
        uint32_t mask = (uint32_t)(UINT64_C(0xffffffff00000000) >> bits);
        struct bj_resolvconf conf;
        char text[60];

        (void)snprintf(text, sizeof(text), "sortlist 10.0.0.0/%u", bits);
        parse(text, &conf);
        assert_int_equal(conf.sortlist_count, 1);
        /* 33 is no mask: that of the class counts. */
        if (bits == 33)
            mask = UINT32_C(0xff000000);
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(conf.sortlist[0].mask[i],
                             mask >> (24 - 8 * i) & 255);
    }
}

static void words_of_flags(void **state)
{
    struct bj_resolvconf conf;

    (void)state;
    for (int i = 0; i < BJ_RESOLV_FLAG_COUNT; i++) {
        char text[60];

        (void)snprintf(text, sizeof(text), "options %s",
                       bj_resolv_flag_word((enum bj_resolv_flag)i));
        parse(text, &conf);
        for (int other = 0; other < BJ_RESOLV_FLAG_COUNT; other++)
            assert_int_equal(conf.flags[other], other == i);
    }
    assert_null(bj_resolv_flag_word(BJ_RESOLV_FLAG_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R29_table),
        cmocka_unit_test(properties),
        cmocka_unit_test(R29_ignored_is_counted),
        cmocka_unit_test(R29_one_search_domain_too_many),
        cmocka_unit_test(prefix_lengths_as_masks),
        cmocka_unit_test(words_of_flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
