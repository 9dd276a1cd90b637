#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/limits.h"
#include "core/bytes/writer.h"
#include "core/config/services.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

static const struct bj_hash_key key = {{UINT64_C(0x0123456789abcdef), 42}};

static struct bj_field field(const char *text)
{
    struct bj_field f = {(const uint8_t *)text, strlen(text)};

    return f;
}

/* An index over exactly the words it asks for, a fence behind them; nothing
 * if there are none. */
static struct bj_guard build(struct bj_services *services, const uint8_t *text,
                             size_t len)
{
    struct bj_guard words;
    size_t needed = 0;
    size_t again = 0;
    enum bj_status status =
        bj_services_build(services, text, len, &key, NULL, 0, &needed);

    assert_int_equal(status, needed > 0 ? BJ_SPACE : BJ_OK);
    words = bj_guard_end(4 * needed);
    memset(words.bytes, 0xa5, words.len);
    assert_int_equal(
        bj_services_build(services, text, len, &key,
                          needed > 0 ? (uint32_t *)(void *)words.bytes : NULL,
                          needed, &again),
        BJ_OK);
    assert_int_equal(again, needed);
    return words;
}

static void write_service(struct bj_writer *w, struct bj_service *service)
{
    struct bj_field alias;

    bj_writer_bytes(w, service->name.text, service->name.len);
    bj_writer_char(w, ' ');
    bj_writer_dec(w, service->port);
    bj_writer_char(w, '/');
    bj_writer_bytes(w, service->protocol.text, service->protocol.len);
    while (bj_service_alias(service, &alias)) {
        bj_writer_char(w, ' ');
        bj_writer_bytes(w, alias.text, alias.len);
    }
    bj_writer_char(w, '\n');
}

/* All lines, by asking for every port in turn: the test's texts give ports
 * in ascending order. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_services services;
    struct bj_guard words = build(&services, bytes, len);
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    for (unsigned port = 0; port < 1024; port++) {
        struct bj_services_walk walk;
        struct bj_service service;

        bj_services_find_port(&services, &key, (uint16_t)port, NULL, &walk);
        while (bj_services_next(&walk, &service))
            write_service(&w, &service);
    }
    bj_guard_free(&words);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static const char file[] = "# Network services\n"
                           "tcpmux\t\t1/tcp\n"
                           "echo\t\t7/tcp\n"
                           "echo\t\t7/udp\r\n"
                           "discard\t9/tcp\tsink null\n"
                           "domain 53/tcp # name-domain server\n"
                           "domain 53/udp\n"
                           "http 80/tcp www www-http";

static const char canonical_file[] = "tcpmux 1/tcp\necho 7/tcp\necho 7/udp\n"
                                     "discard 9/tcp sink null\n"
                                     "domain 53/tcp\ndomain 53/udp\n"
                                     "http 80/tcp www www-http\n";

static void properties(void **state)
{
    (void)state;
    bj_property_canonical(reparse, file, sizeof(file) - 1, canonical_file,
                          sizeof(canonical_file) - 1);
    bj_property_prefixes(reparse, file, sizeof(file) - 1, 1);
}

static void finds_name(const struct bj_services *services, const char *name,
                       const char *protocol, const char *wanted)
{
    struct bj_field n = field(name), p = field(protocol);
    struct bj_services_walk walk;
    struct bj_service service;
    char got[200];
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)got, sizeof(got));
    bj_services_find_name(services, &key, &n, *protocol ? &p : NULL, &walk);
    while (bj_services_next(&walk, &service))
        write_service(&w, &service);
    assert_int_equal(service.name.len, 0);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal(got, wanted);
}

static void finds_port(const struct bj_services *services, unsigned port,
                       const char *protocol, const char *wanted)
{
    struct bj_field p = field(protocol);
    struct bj_services_walk walk;
    struct bj_service service;
    char got[200];
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)got, sizeof(got));
    bj_services_find_port(services, &key, (uint16_t)port, *protocol ? &p : NULL,
                          &walk);
    while (bj_services_next(&walk, &service))
        write_service(&w, &service);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal(got, wanted);
}

static void both_ways(void **state)
{
    struct bj_guard text = bj_guard_copy(file, sizeof(file) - 1);
    struct bj_services services;
    struct bj_guard words = build(&services, text.bytes, text.len);

    (void)state;
    finds_name(&services, "echo", "", "echo 7/tcp\necho 7/udp\n");
    finds_name(&services, "echo", "udp", "echo 7/udp\n");
    finds_name(&services, "echo", "UDP", "");
    finds_name(&services, "Echo", "", "");
    finds_name(&services, "www", "tcp", "http 80/tcp www www-http\n");
    finds_name(&services, "sink", "", "discard 9/tcp sink null\n");
    finds_name(&services, "name-domain", "", "");
    finds_name(&services, "#", "", "");
    finds_name(&services, "", "", "");
    finds_port(&services, 53, "", "domain 53/tcp\ndomain 53/udp\n");
    finds_port(&services, 53, "tcp", "domain 53/tcp\n");
    finds_port(&services, 53, "sctp", "");
    finds_port(&services, 0, "", "");
    bj_guard_free(&words);
    bj_guard_free(&text);
}

static void one_line(const char *line, size_t len, const char *wanted)
{
    uint8_t out[300];
    size_t out_len;

    assert_int_equal(
        reparse((const uint8_t *)line, len, out, sizeof(out), &out_len), BJ_OK);
    assert_int_equal(out_len, strlen(wanted));
    assert_memory_equal(out, wanted, out_len);
}

#define LINE(text, wanted) one_line(text, sizeof(text) - 1, wanted)

static void R30_missing_fields(void **state)
{
    (void)state;
    LINE("http", "");
    LINE("http 80", "");
    LINE("http 80/", "");
    LINE("http /tcp", "");
    LINE("http /", "");
    LINE("80/tcp", "");
    LINE("http 80 /tcp", "");
    LINE("http 80/ tcp", "");
    LINE("http x80/tcp", "");
    LINE("http 80x/tcp", "");
    LINE("http -1/tcp", "");
    LINE("http +80/tcp", "");
    LINE("http 0x50/tcp", "");
    LINE("http 65536/tcp", "");
    LINE("http 4294967376/tcp", "");
    LINE("http 99999999999999999999999/tcp", "");
    LINE("http 080/tcp", "http 80/tcp\n");
    LINE(" http\t0/a/b#", "http 0/a/b\n");
    LINE("http 80/tcp\0 www", "http 80/tcp\n");
    LINE("\0http 80/tcp", "");
}

/* No control character or octet over 0x7e is handed out. */
static void R07_names_are_visible(void **state)
{
    (void)state;
    LINE("ht\x1btp 80/tcp", "");
    LINE("http 80/t\x01p", "");
    LINE("http\xc3\xa9 80/tcp", "");
    LINE("http 80/tcp \x7f www a\x01 web", "http 80/tcp www web\n");
}

static void R30_duplicates(void **state)
{
    static const char text[] = "a 1/tcp a a\na 2/tcp a\na 1/tcp\n";
    struct bj_services services;
    struct bj_guard words =
        build(&services, (const uint8_t *)text, sizeof(text) - 1);

    (void)state;
    finds_name(&services, "a", "", "a 1/tcp a a\na 2/tcp a\na 1/tcp\n");
    finds_port(&services, 1, "", "a 1/tcp a a\na 1/tcp\n");
    bj_guard_free(&words);
}

static void R30_thousands_of_aliases(void **state)
{
    size_t count = 10000, n = 0;
    char *text = malloc(count * 8);
    struct bj_services services;
    struct bj_services_walk walk;
    struct bj_service service;
    struct bj_guard words;
    struct bj_field alias, last = field("a9999");

    (void)state;
    assert_non_null(text);
    n += (size_t)sprintf(text, "many 7/tcp");
    for (size_t i = 0; i < count; i++)
        n += (size_t)sprintf(text + n, " a%zu", i);
    assert_true(n <= BJ_CONFIG_LINE_MAX);
    words = build(&services, (const uint8_t *)text, n);
    bj_services_find_name(&services, &key, &last, NULL, &walk);
    assert_true(bj_services_next(&walk, &service));
    assert_int_equal(service.port, 7);
    for (n = 0; bj_service_alias(&service, &alias); n++)
        ;
    assert_int_equal(n, count);
    assert_false(bj_services_next(&walk, &service));
    bj_guard_free(&words);
    free(text);
}

/* Every number of words, flush against a fence: refused with nothing built
 * below what is needed, fine from there on. */
static void capacities(void **state)
{
    static const char text[] = "a 1/x b\nc 2/y";
    struct bj_services services;
    size_t needed;

    (void)state;
    for (size_t cap = 0; cap <= 30; cap++) {
        struct bj_guard words = bj_guard_end(4 * cap);
        enum bj_status status = bj_services_build(
            &services, (const uint8_t *)text, sizeof(text) - 1, &key,
            cap > 0 ? (uint32_t *)(void *)words.bytes : NULL, cap, &needed);

        /* Three names and two ports: 5 + 2 + 1 slots, 5 * 3 words. */
        assert_int_equal(needed, 23);
        assert_int_equal(status, cap < 23 ? BJ_SPACE : BJ_OK);
        finds_name(&services, "b", "", cap < 23 ? "" : "a 1/x b\n");
        bj_guard_free(&words);
    }
    assert_int_equal(bj_services_build(&services, NULL,
                                       (size_t)BJ_CONFIG_TEXT_MAX + 1, &key,
                                       NULL, 0, &needed),
                     BJ_LIMIT);
    assert_int_equal(needed, 0);
    finds_name(&services, "a", "", "");
    finds_port(&services, 1, "", "");
}

/* What a table of another key, or two keys that share 32 bits of hash, would
 * lead to: the line is read and looked at, never taken on trust. */
static void a_wrong_line_is_passed_over(void **state)
{
    /* The other line, one that is none, beyond the end, the other line. */
    static const uint32_t offsets[] = {8, 16, 999, 0};
    static const char text[] = "a 1/tcp\nb 2/tcp\nbroken\n";
    struct bj_services services;
    struct bj_guard words =
        build(&services, (const uint8_t *)text, sizeof(text) - 1);

    (void)state;
    for (size_t i = 0; i < services.index.count; i++)
        services.index.entries[3 * i + 1] = offsets[i];
    finds_name(&services, "a", "", "");
    finds_name(&services, "b", "", "");
    finds_port(&services, 1, "", "");
    finds_port(&services, 2, "", "");
    bj_guard_free(&words);
}

enum { TEXT_MAX = 100000 };

/* "name protocol" or "port protocol", "-" for any: the first line. */
static void ask(const struct bj_services *services, char *question,
                struct bj_service *service)
{
    char *protocol = strchr(question, ' ');
    struct bj_field p = field(protocol + 1), name;
    struct bj_services_walk walk;
    char *end;
    unsigned long port = strtoul(question, &end, 10);

    *protocol = '\0';
    name = field(question);
    if (end == protocol)
        bj_services_find_port(services, &key, (uint16_t)port,
                              *p.text == '-' ? NULL : &p, &walk);
    else
        bj_services_find_name(services, &key, &name, *p.text == '-' ? NULL : &p,
                              &walk);
    (void)bj_services_next(&walk, service);
}

static void read_row(char *const *fields, char got[BJ_READING_MAX])
{
    static uint8_t octets[TEXT_MAX];
    struct bj_guard text =
        bj_guard_copy(octets, bj_vector_text(fields[1], octets, TEXT_MAX));
    struct bj_services services;
    struct bj_guard words = build(&services, text.bytes, text.len);
    struct bj_service service;
    struct bj_field alias;
    struct bj_writer w;
    size_t aliases;

    ask(&services, fields[2], &service);
    bj_writer_init(&w, (uint8_t *)got, BJ_READING_MAX);
    bj_writer_bytes(&w, service.name.text, service.name.len);
    for (aliases = 0; bj_service_alias(&service, &alias); aliases++) {
        bj_writer_text(&w, aliases == 0 ? " [" : " ");
        bj_writer_bytes(&w, alias.text, alias.len);
    }
    bj_writer_text(&w, aliases > 0 ? "] " : " ");
    bj_writer_dec(&w, service.port);
    bj_writer_char(&w, '/');
    bj_writer_bytes(&w, service.protocol.text, service.protocol.len);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    if (service.name.len == 0)
        strcpy(got, "none");
    bj_guard_free(&words);
    bj_guard_free(&text);
}

static void R30_table(void **state)
{
    (void)state;
    bj_vectors_readings("config_services.txt", 30, read_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties),
        cmocka_unit_test(R30_table),
        cmocka_unit_test(both_ways),
        cmocka_unit_test(R30_missing_fields),
        cmocka_unit_test(R07_names_are_visible),
        cmocka_unit_test(R30_duplicates),
        cmocka_unit_test(R30_thousands_of_aliases),
        cmocka_unit_test(capacities),
        cmocka_unit_test(a_wrong_line_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
