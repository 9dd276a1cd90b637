#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/files.h"

static struct bj_files files;
static uint64_t memory[65536];

static enum bj_status add(enum bj_frame_config config, const char *text)
{
    return bj_files_add(&files, config, (const uint8_t *)text, strlen(text));
}

static void begin(size_t text_len)
{
    assert_in_range(bj_files_memory(text_len), 1, sizeof(memory));
    bj_files_init(&files, memory, text_len);
}

static enum bj_status read_all(void)
{
    struct bj_hash_key key = {{1, 2}};

    return bj_files_read(&files, &key);
}

static void texts_come_in_chunks(void **state)
{
    (void)state;
    begin(100);
    assert_int_equal(add(BJ_CONFIG_HOST_NAME, "box."), BJ_OK);
    assert_int_equal(add(BJ_CONFIG_HOST_NAME, "example.com"), BJ_OK);
    assert_int_equal(add(BJ_CONFIG_LOCALDOMAIN, ""), BJ_OK);
    assert_int_equal(add(BJ_CONFIG_HOST_NAME, "x"), BJ_BAD);
    assert_int_equal(read_all(), BJ_OK);
    assert_int_equal(files.domain.len, 11);
    assert_memory_equal(files.domain.text, "example.com", 11);
    /* There, and empty: no search list at all. */
    assert_non_null(files.text[BJ_CONFIG_LOCALDOMAIN].text);
    assert_null(files.text[BJ_CONFIG_HOSTS].text);
}

static void no_more_than_was_announced(void **state)
{
    (void)state;
    begin(4);
    assert_int_equal(add(BJ_CONFIG_HOSTS, "12345"), BJ_SPACE);
    assert_int_equal(add(BJ_CONFIG_HOSTS, "1234"), BJ_OK);
    assert_int_equal(add(BJ_CONFIG_SERVICES, "5"), BJ_SPACE);
    assert_int_equal(bj_files_memory((size_t)BJ_FILES_TEXTS_MAX + 1), 0);
}

/* The densest texts that there are: the memory is enough, exactly as said. */
static void R30_memory_suffices_for_the_densest_texts(void **state)
{
    static char hosts[20001];
    static char services[20001];

    (void)state;
    for (size_t len = 0; len < 200; len++) {
        memset(hosts, 0, sizeof(hosts));
        memset(services, 0, sizeof(services));
        for (size_t i = 0; i < len; i++) {
            hosts[i] = ":: a b c d\n"[i % 11];
            services[i] = "a 1/t b c\n"[i % 10];
        }
        begin(2 * len);
        assert_int_equal(add(BJ_CONFIG_HOSTS, hosts), BJ_OK);
        assert_int_equal(add(BJ_CONFIG_SERVICES, services), BJ_OK);
        assert_int_equal(read_all(), BJ_OK);
    }
    strcpy(hosts, "::");
    for (size_t i = 2; i + 2 < sizeof(hosts); i += 2)
        memcpy(hosts + i, " a", 2);
    begin(sizeof(hosts));
    assert_int_equal(add(BJ_CONFIG_HOSTS, hosts), BJ_OK);
    assert_int_equal(read_all(), BJ_OK);
}

static struct bj_result ask(const char *name, uint8_t protocols)
{
    struct bj_lookup lookup = {.service = {name, strlen(name)},
                               .protocols = protocols};
    struct bj_result result = {.ports_known = 0};

    bj_files_service(&files, &lookup, &result);
    return result;
}

static void services_by_name_and_by_port(void **state)
{
    struct bj_lookup lookup = {.asks_port = true, .port = 53, .protocols = 2};
    struct bj_result result;

    (void)state;
    begin(200);
    assert_int_equal(add(BJ_CONFIG_SERVICES, "domain 53/tcp ns\n"
                                             "domain 54/udp\n"
                                             "zone 53/udp\n"),
                     BJ_OK);
    assert_int_equal(read_all(), BJ_OK);
    result = ask("domain", 3);
    assert_int_equal(result.ports_known, 3);
    assert_int_equal(result.ports[BJ_PROTOCOL_TCP], 53);
    assert_int_equal(result.ports[BJ_PROTOCOL_UDP], 54);
    assert_int_equal(ask("ns", 2).ports_known, 0);
    assert_int_equal(ask("Domain", 3).ports_known, 0);
    memset(&result, 0, sizeof(result));
    bj_files_service(&files, &lookup, &result);
    assert_int_equal(result.service.len, 4);
    assert_memory_equal(result.service.text, "zone", 4);
}

/* A frame says no more than 255 octets of a service's name. */
static void a_service_too_long_for_a_frame_is_none(void **state)
{
    struct bj_lookup lookup = {.asks_port = true, .port = 1, .protocols = 1};
    struct bj_result result = {.ports_known = 0};
    char text[300];

    (void)state;
    begin(sizeof(text));
    memset(text, 'a', 256);
    strcpy(text + 256, " 1/tcp\n");
    assert_int_equal(add(BJ_CONFIG_SERVICES, text), BJ_OK);
    assert_int_equal(read_all(), BJ_OK);
    bj_files_service(&files, &lookup, &result);
    assert_int_equal(result.service.len, 0);
}

static size_t domain_len(const char *host_name, const char *hosts)
{
    begin(200);
    assert_int_equal(add(BJ_CONFIG_HOST_NAME, host_name), BJ_OK);
    assert_int_equal(add(BJ_CONFIG_HOSTS, hosts), BJ_OK);
    assert_int_equal(read_all(), BJ_OK);
    return files.domain.len;
}

static void the_domain_is_one_or_none(void **state)
{
    (void)state;
    assert_int_equal(domain_len("box.a.test", ""), 6);
    assert_int_equal(domain_len("box", "127.0.1.1 box.b.test box\n"), 6);
    assert_int_equal(domain_len("box", "127.0.1.1 box box.b.test\n"), 0);
    assert_int_equal(domain_len("box", ""), 0);
    assert_int_equal(domain_len("", "127.0.1.1 box.b.test\n"), 0);
    assert_int_equal(domain_len("box.", ""), 0);
    assert_int_equal(domain_len("box.a b", ""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_in_chunks),
        cmocka_unit_test(no_more_than_was_announced),
        cmocka_unit_test(R30_memory_suffices_for_the_densest_texts),
        cmocka_unit_test(services_by_name_and_by_port),
        cmocka_unit_test(a_service_too_long_for_a_frame_is_none),
        cmocka_unit_test(the_domain_is_one_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
