#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/inquiry.h"

static struct bj_files files;
static struct bj_search_rules rules;
static struct bj_fetch_desk desk;
static struct bj_answer_scratch scratch;
static struct bj_inquiry inquiry;
static struct bj_inquiry_means means;
static struct bj_result result;
static uint64_t files_memory[4096];
static _Alignas(16) uint8_t block[262144];
static uint8_t buffers[BJ_INQUIRY_FETCHES * BJ_FETCH_BUFFER_LEN];

static void configure(const char *nsswitch, const char *hosts,
                      const char *resolv_conf)
{
    struct bj_hash_key key = {{1, 2}};

    bj_files_init(&files, files_memory, 1000);
    assert_int_equal(bj_files_add(&files, BJ_CONFIG_NSSWITCH,
                                  (const uint8_t *)nsswitch, strlen(nsswitch)),
                     BJ_OK);
    assert_int_equal(bj_files_add(&files, BJ_CONFIG_HOSTS,
                                  (const uint8_t *)hosts, strlen(hosts)),
                     BJ_OK);
    assert_int_equal(bj_files_add(&files, BJ_CONFIG_RESOLV_CONF,
                                  (const uint8_t *)resolv_conf,
                                  strlen(resolv_conf)),
                     BJ_OK);
    assert_int_equal(bj_files_read(&files, &key), BJ_OK);
    rules.domains = files.resolvconf.search;
    rules.domain_count = files.resolvconf.search_count;
    rules.ndots = files.resolvconf.ndots;
    desk.scratch = &scratch;
    means = (struct bj_inquiry_means){
        .files = &files,
        .rules = &rules,
        .desk = &desk,
        .memory = block,
        .memory_len = sizeof(block),
    };
}

/* Begins; true if the DNS is to be asked. */
static bool look_up(const struct bj_lookup *lookup)
{
    uint8_t octets[BJ_LOOKUP_MAX];
    struct bj_writer w;

    bj_writer_init(&w, octets, sizeof(octets));
    assert_int_equal(bj_lookup_write(&w, lookup), BJ_OK);
    assert_int_equal(bj_inquiry_begin(&inquiry, &means, octets, w.len), BJ_OK);
    memset(octets, 0xff, sizeof(octets)); /* they were copied */
    return bj_inquiry_advance(&inquiry, &means, 1000, buffers);
}

static bool look_up_name(const char *name)
{
    struct bj_lookup lookup = {
        .name = {name, strlen(name)}, .ip4 = true, .ip6 = true};

    return look_up(&lookup);
}

static enum bj_outcome end(void)
{
    bj_inquiry_result(&inquiry, &means, &result);
    return result.outcome;
}

static void the_hosts_file_answers(void **state)
{
    (void)state;
    configure("hosts: files dns\n", "192.0.2.1 a.test\n::1 a.test\n", "");
    assert_false(look_up_name("a.test"));
    assert_int_equal(end(), BJ_FOUND);
    assert_int_equal(result.answer.address_count, 2);
}

static void both_questions_of_each_name_on_the_list(void **state)
{
    (void)state;
    configure("hosts: files dns\n", "", "search one.test two.test\n");
    assert_true(look_up_name("a"));
    assert_int_equal(inquiry.fetch_count, 2);
    assert_int_equal(inquiry.fetches[0].type, BJ_TYPE_A);
    assert_int_equal(inquiry.fetches[1].type, BJ_TYPE_AAAA);
    bj_fetch_settle(&inquiry.fetches[0], BJ_NO_NAME);
    /* Half of it says nothing yet. */
    assert_true(bj_inquiry_advance(&inquiry, &means, 1000, buffers));
    assert_int_equal(inquiry.fetches[1].state, BJ_FETCH_PENDING);
    bj_fetch_settle(&inquiry.fetches[1], BJ_NO_DATA);
    assert_true(bj_inquiry_advance(&inquiry, &means, 1000, buffers));
    assert_memory_equal(inquiry.fetches[0].name.octets, "\1a\3two\4test", 12);
    bj_fetch_settle(&inquiry.fetches[0], BJ_UNREACHABLE);
    bj_fetch_settle(&inquiry.fetches[1], BJ_NO_DATA);
    assert_false(bj_inquiry_advance(&inquiry, &means, 1000, buffers));
    assert_int_equal(end(), BJ_UNREACHABLE);
}

static void special_names_are_not_asked_for(void **state)
{
    (void)state;
    configure("hosts: dns\n", "", "search onion\n");
    assert_false(look_up_name("localhost"));
    assert_int_equal(end(), BJ_FOUND);
    assert_int_equal(result.answer.address_count, 2);
    assert_string_equal(result.answer.canonical.text, "localhost");
    assert_false(look_up_name("a.invalid"));
    assert_int_equal(end(), BJ_NO_NAME);
    assert_true(look_up_name("a"));
    assert_memory_equal(inquiry.fetches[0].name.octets, "\1a", 3);
}

/* A lookup of services alone asks nobody about hosts. */
static void services_alone(void **state)
{
    struct bj_lookup lookup = {.service = {"echo", 4}, .protocols = 1};

    (void)state;
    configure("hosts: dns\n", "", "");
    assert_false(look_up(&lookup));
    assert_int_equal(end(), BJ_FOUND);
    assert_int_equal(result.ports_known, 0);
    assert_int_equal(result.answer.address_count, 0);
}

static void what_is_no_lookup_is_refused(void **state)
{
    static uint8_t octets[BJ_LOOKUP_MAX + 1];

    (void)state;
    configure("", "", "");
    assert_int_equal(bj_inquiry_begin(&inquiry, &means, octets, 3), BJ_MORE);
    octets[0] = 0xff;
    assert_int_equal(bj_inquiry_begin(&inquiry, &means, octets, 7), BJ_BAD);
    assert_int_equal(bj_inquiry_begin(&inquiry, &means, octets, sizeof(octets)),
                     BJ_BAD);
}

/* More lines for one name than an answer may have is a failure, not half an
 * answer. */
static void R04_too_many_addresses_are_a_failure(void **state)
{
    enum { LINES = BJ_ANSWER_ADDRESSES_MAX + 1 };
    static char text[LINES * 16];
    static uint64_t memory[LINES * 64];
    struct bj_hash_key key = {{1, 2}};
    size_t len = 0;

    (void)state;
    configure("", "", "");
    for (int i = 0; i < LINES; i++)
        len += (size_t)sprintf(text + len, "10.0.%d.%d a\n", i / 256, i % 256);
    assert_in_range(bj_files_memory(len), 1, sizeof(memory));
    bj_files_init(&files, memory, len);
    assert_int_equal(
        bj_files_add(&files, BJ_CONFIG_HOSTS, (const uint8_t *)text, len),
        BJ_OK);
    assert_int_equal(bj_files_read(&files, &key), BJ_OK);
    assert_false(look_up_name("a"));
    assert_int_equal(end(), BJ_FAILED);
    assert_int_equal(result.answer.address_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hosts_file_answers),
        cmocka_unit_test(both_questions_of_each_name_on_the_list),
        cmocka_unit_test(special_names_are_not_asked_for),
        cmocka_unit_test(services_alone),
        cmocka_unit_test(what_is_no_lookup_is_refused),
        cmocka_unit_test(R04_too_many_addresses_are_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
