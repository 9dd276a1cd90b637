/* Reports, their kinds, their stacks, and which are one cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harnesses/campaign/bucket.h"
#include "harnesses/campaign/crash.h"
#include "harnesses/campaign/symbols.h"

static struct bj_crash read_lines(const char *const *lines)
{
    struct bj_crash crash = {.kind = ""};

    for (size_t i = 0; lines[i] != NULL; i += 1)
        bj_crash_line(&crash, lines[i]);
    return crash;
}

static void kinds(void **state)
{
    static const struct {
        const char *line;
        const char *kind;
    } rows[] = {
        {"==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602",
         "heap-buffer-overflow"},
        {"==1==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 "
         "(pc 0x55)",
         "SEGV"},
        {"==1==ERROR: AddressSanitizer: attempting double-free on 0x602",
         "double-free"},
        {"==1==ERROR: AddressSanitizer: requested allocation size 0x7fff "
         "exceeds",
         "requested-allocation-size"},
        {"==1==WARNING: MemorySanitizer: use-of-uninitialized-value",
         "use-of-uninitialized-value"},
        {"==7120==ERROR: LeakSanitizer: detected memory leaks", "leak"},
        {"crash.c:15:36: runtime error: signed integer overflow: 2147483600 + "
         "109 cannot be represented in type 'int'",
         "signed-integer-overflow"},
        {"a.c:1:2: runtime error: shift exponent 33 is too large for 32-bit "
         "type 'int'",
         "shift-exponent"},
        {"a.c:1:2: runtime error: left shift of negative value -1",
         "left-shift-of-negative-value"},
        {"a.c:1:2: runtime error: left shift of 1 by 31 places cannot",
         "left-shift"},
        {"a.c:1:2: runtime error: index 5 out of bounds for type 'int [4]'",
         "index-out-of-bounds"},
        {"a.c:1:2: runtime error: load of misaligned address 0x602 for type",
         "load-of-misaligned-address"},
        {"a.c:1:2: runtime error: division by zero", "division-by-zero"},
        {"ORACLE text-copied violated at harnesses/fuzz_bytes_arena.c:41: x",
         "oracle text-copied"},
        {"==12==ERROR: libFuzzer: timeout after 3 seconds", "timeout"},
        {"==12== ERROR: libFuzzer: timeout after 3 seconds", "timeout"},
        {"==12== ERROR: libFuzzer: out-of-memory (used: 2050Mb; limit: "
         "2048Mb)",
         "out-of-memory"},
        {"==12== ERROR: libFuzzer: deadly signal", "deadly-signal"},
        {"==12== ERROR: libFuzzer: fuzz target exited", "exit"},
        {"==12== ERROR: libFuzzer: fuzz target overwrites its const input",
         "overwrites-const-input"},
        {"#12\tNEW cov: 3 exec/s: 0", ""},
        {"ORACLE nothing", ""},
        {"the words runtime error alone", ""},
        {"SUMMARY: libFuzzer: timeout", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i += 1) {
        struct bj_crash crash = {.kind = ""};

        bj_crash_line(&crash, rows[i].line);
        assert_string_equal(crash.kind, rows[i].kind);
    }
}

static void an_oracle_says_more_than_its_signal(void **state)
{
    static const char *const lines[] = {
        "ORACLE my-id violated at crash.c:14: x",
        "==7106== ERROR: libFuzzer: deadly signal",
        "    #0 0x56204f205ce1  (/t/fuzz_t4+0xe8ce1) (BuildId: d3)",
        "    #1 0x7f31b837a04f  (/lib/libc.so.6+0x3c04f) (BuildId: 93)",
        "",
        "    #0 0x1  (/t/fuzz_t4+0x1)",
        NULL};
    struct bj_crash crash = read_lines(lines);

    (void)state;
    assert_string_equal(crash.kind, "oracle my-id");
    assert_string_equal(crash.text, lines[0]);
    assert_int_equal(crash.frame_count, 2);
    assert_string_equal(crash.frame[0].module, "/t/fuzz_t4");
    assert_int_equal(crash.frame[0].offset, 0xe8ce1);
    assert_string_equal(crash.frame[1].module, "/lib/libc.so.6");
}

/* Who freed or allocated is no part of the stack, even without a blank line
 * between. */
static void the_first_stack_counts(void **state)
{
    static const char *const lines[] = {
        "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x60",
        "READ of size 1 at 0x602 thread T0",
        "    #0 0x5a  (/t/x+0x10)",
        "    #1 0x5b  (/t/x (1)+0x20+0x30)",
        "freed by thread T0 here:",
        "    #0 0x5c  (/t/x+0x40)",
        "==1==ERROR: AddressSanitizer: SEGV on unknown address",
        NULL};
    struct bj_crash crash = read_lines(lines);

    (void)state;
    assert_string_equal(crash.kind, "heap-use-after-free");
    assert_int_equal(crash.frame_count, 2);
    assert_string_equal(crash.frame[1].module, "/t/x (1)+0x20");
    assert_int_equal(crash.frame[1].offset, 0x30);
}

static void frames_without_end(void **state)
{
    struct bj_crash crash = {.kind = ""};
    char line[400];

    (void)state;
    bj_crash_line(&crash, "==1== ERROR: libFuzzer: deadly signal");
    for (unsigned i = 0; i < 300; i += 1) {
        snprintf(line, sizeof(line), "    #%u 0x55  (/%0*d+0x%x)", i, 300, 0,
                 i);
        bj_crash_line(&crash, line);
    }
    assert_int_equal(crash.frame_count, BJ_FRAMES_MAX);
    assert_int_equal(strlen(crash.frame[0].module),
                     sizeof(crash.frame[0].module) - 1);
}

static void symbols(void **state)
{
    static const char text[] = "inner\n/src/core/a:b/c.c:12:3\n"
                               "outer\n/src/core/c.c:40:9\n"
                               "\n"
                               "??\n??:0:0\n"
                               "\n";
    struct bj_crash from = {.kind = "SEGV", .frame_count = 2};
    struct bj_crash out;

    (void)state;
    from.frame[0].offset = 7;
    from.frame[1].offset = 8;
    bj_symbols_take(text, &from, &out);
    assert_int_equal(out.frame_count, 3);
    assert_string_equal(out.frame[0].function, "inner");
    assert_string_equal(out.frame[0].file, "/src/core/a:b/c.c");
    assert_int_equal(out.frame[0].line, 12);
    assert_string_equal(out.frame[1].function, "outer");
    assert_int_equal(out.frame[1].offset, 7);
    assert_string_equal(out.frame[2].function, "");
    assert_string_equal(out.frame[2].file, "");
    assert_int_equal(out.frame[2].offset, 8);
    for (size_t len = 0; len < sizeof(text); len += 1) {
        char cut[sizeof(text)] = "";

        memcpy(cut, text, len);
        bj_symbols_take(cut, &from, &out);
        assert_true(out.frame_count <= 3);
    }
}

static void add(struct bj_crash *crash, const char *module,
                const char *function, const char *file)
{
    struct bj_frame *frame = &crash->frame[crash->frame_count];

    memset(frame, 0, sizeof(*frame));
    snprintf(frame->module, sizeof(frame->module), "%s", module);
    snprintf(frame->function, sizeof(frame->function), "%s", function);
    snprintf(frame->file, sizeof(frame->file), "%s", file);
    crash->frame_count += 1;
}

static void same_cause(void **state)
{
    struct bj_crash a = {.kind = "heap-buffer-overflow"};
    struct bj_crash b;
    struct bj_bucket x;
    struct bj_bucket y;

    (void)state;
    add(&a, "/t", "__asan_memcpy", "");
    add(&a, "/t", "memcpy", "");
    add(&a, "/libc", "abort", "abort.c");
    add(&a, "/t", "bj_name_read", "/s/core/dns/name.c");
    add(&a, "/t", "strong", "/s/core/dns/name.c"); /* begins with str */
    add(&a, "/t", "LLVMFuzzerTestOneInput", "/s/harnesses/fuzz_dns_name.c");
    add(&a, "/t", "fuzzer::Fuzzer::ExecuteCallback", "");
    bj_bucket_of("dns_name", "/t", &a, &x);
    assert_string_equal(x.frame[0], "bj_name_read");
    assert_string_equal(x.file, "/s/core/dns/name.c");
    assert_string_equal(x.frame[1], "strong");
    assert_string_equal(x.frame[2], "LLVMFuzzerTestOneInput");
    assert_int_equal(strncmp(x.id, "dns_name-", 9), 0);
    assert_int_equal(strlen(x.id), 9 + 8);

    b = a; /* other lines, and deeper below: the same */
    b.frame[3].line = 99;
    b.frame_count -= 1;
    bj_bucket_of("dns_name", "/t", &b, &y);
    assert_string_equal(x.id, y.id);
    snprintf(b.frame[3].function, sizeof(b.frame[3].function), "other");
    bj_bucket_of("dns_name", "/t", &b, &y);
    assert_string_not_equal(x.id, y.id);
    b = a;
    snprintf(b.kind, sizeof(b.kind), "SEGV");
    bj_bucket_of("dns_name", "/t", &b, &y);
    assert_string_not_equal(x.id, y.id);
    bj_bucket_of("dns_rdata", "/t", &a, &y);
    assert_string_not_equal(x.id, y.id);
}

static void where_the_alarm_rang_is_chance(void **state)
{
    struct bj_crash a = {.kind = "timeout"};
    struct bj_crash b = {.kind = "timeout"};
    struct bj_bucket x;
    struct bj_bucket y;

    (void)state;
    add(&a, "/t", "one", "/s/a.c");
    add(&b, "/t", "two", "/s/b.c");
    bj_bucket_of("a", "/t", &a, &x);
    bj_bucket_of("a", "/t", &b, &y);
    assert_string_equal(x.id, y.id);
}

static void without_symbols_offsets_tell(void **state)
{
    struct bj_crash a = {.kind = "SEGV"};
    struct bj_bucket x;

    (void)state;
    add(&a, "/t", "", "");
    a.frame[0].offset = 0x1234;
    bj_bucket_of("a", "/t", &a, &x);
    assert_string_equal(x.frame[0], "+0x1234");
}

static void kinds_are_compared_as_written_by_people(void **state)
{
    (void)state;
    assert_true(bj_crash_same_kind("signed integer overflow",
                                   "signed-integer-overflow"));
    assert_true(bj_crash_same_kind("oracle text-copied", "oracle text-copied"));
    assert_false(bj_crash_same_kind("leak", "leaks"));
    assert_false(bj_crash_same_kind("oracle a", "oracle b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(an_oracle_says_more_than_its_signal),
        cmocka_unit_test(the_first_stack_counts),
        cmocka_unit_test(frames_without_end),
        cmocka_unit_test(symbols),
        cmocka_unit_test(same_cause),
        cmocka_unit_test(where_the_alarm_rang_is_chance),
        cmocka_unit_test(without_symbols_offsets_tell),
        cmocka_unit_test(kinds_are_compared_as_written_by_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
