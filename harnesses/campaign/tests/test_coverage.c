/* Coverage as llvm-cov exports it, and the paths that compilers write. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "harnesses/campaign/coverage.h"
#include "harnesses/campaign/screen.h"

static const char exported[] =
    "{\"data\":[{\"files\":["
    "{\"filename\":\"/s/build/x/../../core/dns/name.c\",\"segments\":["
    /* counted and run, missed from 3 to 5, a gap, missed again 6 and 9 */
    "[1,1,7,true,true,false],[3,5,0,true,true,false],[5,6,7,true,false,false],"
    "[5,9,0,true,false,true],[6,1,0,true,true,false],[6,9,7,true,false,false],"
    "[9,1,0,true,true,false],[9,8,0,false,false,false]],"
    "\"summary\":{\"lines\":{\"count\":10,\"covered\":7},"
    "\"branches\":{\"count\":4,\"covered\":3}}},"
    "{\"filename\":\"/s/core/bytes/hash.c\",\"segments\":[],"
    "\"summary\":{\"lines\":{\"count\":30,\"covered\":30},"
    "\"branches\":{\"count\":0,\"covered\":0}}},"
    "{\"filename\":\"/s/harnesses/fuzz_dns_name.c\",\"segments\":[],"
    "\"summary\":{\"lines\":{\"count\":99,\"covered\":0}}},"
    "{\"filename\":\"/s2/core/x.c\"},{}]}]}";

static json_int_t at(const json_t *of, const char *name)
{
    return json_integer_value(json_object_get(of, name));
}

static void account(void **state)
{
    json_t *from = json_loads(exported, 0, NULL);
    json_t *made = bj_coverage_of(from, "/s");
    const json_t *files = json_object_get(made, "files");
    const json_t *file = json_array_get(files, 0);
    json_t *missed = json_pack("[[i,i],[i,i]]", 3, 6, 9, 9);

    (void)state;
    assert_int_equal(json_array_size(files), 2);
    assert_int_equal(at(made, "lines"), 40);
    assert_int_equal(at(made, "covered"), 37);
    assert_int_equal(at(made, "branches"), 4);
    assert_int_equal(at(made, "branches_covered"), 3);
    assert_int_equal(bj_coverage_rate(made), 9250);
    assert_string_equal(json_string_value(json_object_get(file, "name")),
                        "core/dns/name.c");
    assert_true(json_equal(json_object_get(file, "missed"), missed));
    assert_int_equal(bj_coverage_rate(file), 7000);
    json_decref(missed);
    json_decref(made);
    json_decref(from);
}

static void no_account(void **state)
{
    static const char *const texts[] = {"{}", "[]", "{\"data\":[]}",
                                        "{\"data\":[{\"files\":[7,null]}]}"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        json_t *from = json_loads(texts[i], 0, NULL);

        assert_non_null(from);
        assert_null(bj_coverage_of(from, "/s"));
        json_decref(from);
    }
}

static void paths(void **state)
{
    static const char *const rows[][2] = {
        {"/a/b/../c.c", "/a/c.c"},
        {"/a/build/x/../../core/d.c", "/a/core/d.c"},
        {"/a//b/./c.c", "/a/b/c.c"},
        {"a/../b", "b"},
        {"./b/c", "b/c"},
        {"/..", "/"},
        {"/a/..", "/"},
        {"", ""},
        {"crash.c", "crash.c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i += 1)
        assert_string_equal(bj_path_plain(rows[i][0]).text, rows[i][1]);
}

static void figures(void **state)
{
    static const struct {
        uint64_t count;
        const char *text;
    } counts[] = {
        {0, "0"},          {999, "999"},        {1000, "1.0k"},
        {99999, "99.9k"},  {100000, "100k"},    {999999, "999k"},
        {1000000, "1.0M"}, {123456789, "123M"}, {UINT64_MAX, "18.4E"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1)
        assert_string_equal(bj_figure_count(counts[i].count).text,
                            counts[i].text);
    assert_string_equal(bj_figure_time(59999).text, "59s");
    assert_string_equal(bj_figure_time(61000).text, "1m01");
    assert_string_equal(bj_figure_time(7261000).text, "2h01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account),
        cmocka_unit_test(no_account),
        cmocka_unit_test(paths),
        cmocka_unit_test(figures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
