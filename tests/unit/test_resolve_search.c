#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/search.h"
#include "tests/support/guard.h"

#define FIELD(literal)                                  \
    {                                                   \
        (const uint8_t *)(literal), sizeof(literal) - 1 \
    }

static const struct bj_field domains[] = {FIELD("one.example"), FIELD("two"),
                                          FIELD("three.example")};

static struct bj_search_rules rules_of(size_t count, unsigned ndots)
{
    struct bj_search_rules rules = {domains, count, ndots, false};

    return rules;
}

/* What is asked for, each followed by a space, when question i comes to
 * outcomes[i]; then the outcome's name. */
static const char *play(const char *name, const struct bj_search_rules *rules,
                        const enum bj_outcome *outcomes, size_t count)
{
    static char out[4096];
    struct bj_writer w;
    struct bj_search search;
    struct bj_name asked;
    size_t n = 0;

    bj_writer_init(&w, (uint8_t *)out, sizeof(out));
    assert_int_equal(bj_search_init(&search, name, strlen(name), rules), BJ_OK);
    while (bj_search_next(&search, &asked)) {
        assert_true(n < rules->domain_count + 1);
        bj_name_format(&w, &asked);
        bj_writer_char(&w, ' ');
        bj_search_report(&search, n < count ? outcomes[n] : BJ_NO_NAME);
        n += 1;
    }
    assert_false(bj_search_next(&search, &asked));
    assert_int_equal(asked.len, 0);
    bj_writer_text(&w, bj_outcome_name(bj_search_outcome(&search)));
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    return out;
}

static const char *play_all(const char *name, size_t count, unsigned ndots)
{
    struct bj_search_rules rules = rules_of(count, ndots);

    return play(name, &rules, NULL, 0);
}

static void order_of_candidates(void **state)
{
    (void)state;
    assert_string_equal(play_all("www", 2, 1),
                        "www.one.example. www.two. www. BJ_NO_NAME");
    assert_string_equal(play_all("www.a", 2, 1),
                        "www.a. www.a.one.example. www.a.two. BJ_NO_NAME");
    assert_string_equal(play_all("www.a", 1, 2),
                        "www.a.one.example. www.a. BJ_NO_NAME");
    assert_string_equal(play_all("www.a.b", 1, 2),
                        "www.a.b. www.a.b.one.example. BJ_NO_NAME");
    assert_string_equal(play_all("www", 1, 0),
                        "www. www.one.example. BJ_NO_NAME");
    assert_string_equal(play_all("www", 0, 1), "www. BJ_NO_NAME");
    assert_string_equal(play_all("www.", 2, 1), "www. BJ_NO_NAME");
    assert_string_equal(play_all("www.a.", 2, 15), "www.a. BJ_NO_NAME");
    assert_string_equal(play_all(".", 2, 15), ". BJ_NO_NAME");
    /* A dot that is part of a label does not count. */
    assert_string_equal(play_all("a\\.b", 1, 1),
                        "a\\.b.one.example. a\\.b. BJ_NO_NAME");
}

static void found_ends_it(void **state)
{
    static const enum bj_outcome second[] = {BJ_NO_NAME, BJ_FOUND};
    struct bj_search_rules rules = rules_of(3, 1);

    (void)state;
    assert_string_equal(play("www", &rules, second, 2),
                        "www.one.example. www.two. BJ_FOUND");
    assert_string_equal(play("www.a", &rules, second, 2),
                        "www.a. www.a.one.example. BJ_FOUND");
    assert_string_equal(play("www.a", &rules, second + 1, 1),
                        "www.a. BJ_FOUND");
}

static void what_failures_do(void **state)
{
    static const struct {
        const char *name;
        enum bj_outcome outcomes[4];
        const char *text;
    } rows[] = {
        /* No data and a failing server: go on, and remember. */
        {"w",
         {BJ_NO_DATA, BJ_NO_NAME, BJ_NO_NAME},
         "w.one.example. w.two. w. BJ_NO_DATA"},
        {"w",
         {BJ_SERVER_FAILED, BJ_NO_NAME, BJ_NO_NAME},
         "w.one.example. w.two. w. BJ_SERVER_FAILED"},
        {"w",
         {BJ_SERVER_FAILED, BJ_NO_DATA, BJ_NO_NAME},
         "w.one.example. w.two. w. BJ_NO_DATA"},
        {"w",
         {BJ_NO_DATA, BJ_NO_NAME, BJ_TIMED_OUT},
         "w.one.example. w.two. w. BJ_NO_DATA"},
        {"w", {BJ_NO_DATA, BJ_FOUND}, "w.one.example. w.two. BJ_FOUND"},
        /* Other failures end the list, not the search. */
        {"w", {BJ_TIMED_OUT, BJ_NO_NAME}, "w.one.example. w. BJ_NO_NAME"},
        {"w", {BJ_FAILED, BJ_FOUND}, "w.one.example. w. BJ_FOUND"},
        {"w",
         {BJ_NO_DATA, BJ_FAILED, BJ_FAILED},
         "w.one.example. w.two. w. BJ_NO_DATA"},
        /* Without any server there is nothing to go on with. */
        {"w", {BJ_UNREACHABLE}, "w.one.example. BJ_UNREACHABLE"},
        {"w",
         {BJ_NO_DATA, BJ_UNREACHABLE},
         "w.one.example. w.two. BJ_UNREACHABLE"},
        {"w.a",
         {BJ_NO_NAME, BJ_UNREACHABLE},
         "w.a. w.a.one.example. BJ_UNREACHABLE"},
        /* Asked for as it is first: that is what it comes to. */
        {"w.a",
         {BJ_TIMED_OUT, BJ_NO_DATA, BJ_NO_NAME},
         "w.a. w.a.one.example. w.a.two. BJ_TIMED_OUT"},
        {"w.a",
         {BJ_NO_NAME, BJ_NO_DATA, BJ_SERVER_FAILED},
         "w.a. w.a.one.example. w.a.two. BJ_NO_NAME"},
        {"w.a", {BJ_SERVER_FAILED, BJ_FOUND}, "w.a. w.a.one.example. BJ_FOUND"},
        {"w.a", {BJ_NO_DATA, BJ_TIMED_OUT}, "w.a. w.a.one.example. BJ_NO_DATA"},
        {"w.a.", {BJ_SERVER_FAILED}, "w.a. BJ_SERVER_FAILED"},
    };
    struct bj_search_rules rules = rules_of(2, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(play(rows[i].name, &rules, rows[i].outcomes, 4),
                            rows[i].text);
}

static void no_tld_query(void **state)
{
    struct bj_search_rules rules = rules_of(1, 1);

    (void)state;
    rules.no_tld = true;
    assert_string_equal(play("w", &rules, NULL, 0),
                        "w.one.example. BJ_NO_NAME");
    assert_string_equal(play("w.a", &rules, NULL, 0),
                        "w.a. w.a.one.example. BJ_NO_NAME");
    rules.ndots = 2;
    assert_string_equal(play("w.a", &rules, NULL, 0),
                        "w.a.one.example. w.a. BJ_NO_NAME");
    rules.domain_count = 0;
    assert_string_equal(play("w", &rules, NULL, 0), "w. BJ_NO_NAME");
}

static void R29_the_root_on_the_list(void **state)
{
    static const struct bj_field with_root[] = {FIELD("one.example"), FIELD(""),
                                                FIELD("two")};
    struct bj_search_rules rules = {with_root, 3, 1, false};

    (void)state;
    assert_string_equal(play("w", &rules, NULL, 0),
                        "w.one.example. w. w.two. BJ_NO_NAME");
    assert_string_equal(play("w.a", &rules, NULL, 0),
                        "w.a. w.a.one.example. w.a.two. BJ_NO_NAME");
    rules.domains = with_root + 1;
    rules.domain_count = 1;
    assert_string_equal(play("w", &rules, NULL, 0), "w. BJ_NO_NAME");
}

static void R12_too_long_together_is_passed_over(void **state)
{
    static char label[64];
    static char name[256];
    struct bj_field some[] = {FIELD("abc"), FIELD(""), FIELD("ab")};
    struct bj_search_rules rules = {some, 3, 15, false};
    struct bj_search search;
    struct bj_name asked;

    (void)state;
    memset(label, 'x', 63);
    /* Three labels of 63 and one of 58: 252 octets with the root, so that
     * two more make a name of 255, three do not. */
    for (size_t i = 0; i < 3; i++) {
        memcpy(name + i * 64, label, 63);
        name[i * 64 + 63] = '.';
    }
    memcpy(name + 192, label, 58);
    assert_int_equal(bj_search_init(&search, name, 250, &rules), BJ_OK);
    assert_true(bj_search_next(&search, &asked));
    assert_int_equal(asked.len, 252);
    bj_search_report(&search, BJ_NO_NAME);
    assert_true(bj_search_next(&search, &asked));
    assert_int_equal(asked.len, 255);
    bj_search_report(&search, BJ_NO_NAME);
    assert_false(bj_search_next(&search, &asked));
}

static void nothing_that_can_be_asked_for(void **state)
{
    static const struct bj_field bad[] = {FIELD("a..b")};
    struct bj_search_rules rules = {bad, 1, 1, true};

    (void)state;
    assert_string_equal(play("w", &rules, NULL, 0), "BJ_NO_NAME");
}

static void R31_texts_that_are_no_names(void **state)
{
    static const char *const bad[] = {"",    "..",    "a..b",  ".a",
                                      "a\\", "a\\25", "a\\999"};
    struct bj_search_rules rules = rules_of(2, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bj_guard g = bj_guard_copy(bad[i], strlen(bad[i]));
        struct bj_search search;
        struct bj_name asked;

        assert_int_equal(
            bj_search_init(&search, (const char *)g.bytes, g.len, &rules),
            BJ_BAD);
        assert_false(bj_search_next(&search, &asked));
        assert_int_equal(asked.len, 0);
        assert_int_equal(bj_search_outcome(&search), BJ_NO_NAME);
        /* A report out of turn changes nothing. */
        bj_search_report(&search, BJ_NO_NAME);
        assert_false(bj_search_next(&search, &asked));
        bj_guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_candidates),
        cmocka_unit_test(found_ends_it),
        cmocka_unit_test(what_failures_do),
        cmocka_unit_test(no_tld_query),
        cmocka_unit_test(R29_the_root_on_the_list),
        cmocka_unit_test(R12_too_long_together_is_passed_over),
        cmocka_unit_test(nothing_that_can_be_asked_for),
        cmocka_unit_test(R31_texts_that_are_no_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
