#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "core/config/nsswitch.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

static const char *const results[] = {"success", "notfound", "unavail",
                                      "tryagain"};
static const char *const services[] = {"files", "dns", "other"};

static void write_list(struct bj_writer *w, const char *name,
                       const struct bj_nss_list *list)
{
    bj_writer_text(w, name);
    for (size_t i = 0; i < list->count; i++) {
        bj_writer_text(w, " ");
        bj_writer_text(w, services[list->sources[i].service]);
        bj_writer_text(w, " [");
        for (int r = 0; r < BJ_NSS_RESULTS; r++) {
            bj_writer_text(w, r > 0 ? " " : "");
            bj_writer_text(w, results[r]);
            bj_writer_text(w, list->sources[i].returns[r] ? "=return"
                                                          : "=continue");
        }
        bj_writer_text(w, "]");
    }
    bj_writer_text(w, "\n");
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_nsswitch parsed;
    struct bj_writer w;

    bj_nsswitch_parse(bytes, len, &parsed);
    bj_writer_init(&w, out, cap);
    write_list(&w, "hosts:", &parsed.hosts);
    write_list(&w, "services:", &parsed.services);
    *out_len = w.len;
    return bj_writer_end(&w);
}

/* One letter for each service and each result that returns: "files [s]" is
 * "fs", a service that we lack is "o". */
static void reads(const char *text, size_t len, const char *wanted,
                  size_t ignored)
{
    struct bj_guard input = bj_guard_copy(text, len);
    struct bj_nsswitch parsed;
    char got[200] = "";

    bj_nsswitch_parse(input.bytes, input.len, &parsed);
    for (size_t i = 0; i < parsed.hosts.count; i++) {
        const struct bj_nss_source *source = &parsed.hosts.sources[i];

        strcat(got, i > 0 ? " " : "");
        strncat(got, &"fdo"[source->service], 1);
        for (int r = 0; r < BJ_NSS_RESULTS; r++)
            if (source->returns[r])
                strncat(got, &"SNUT"[r], 1);
    }
    assert_string_equal(got, wanted);
    assert_int_equal(parsed.ignored, ignored);
    bj_guard_free(&input);
    bj_property_prefixes(reparse, text, len, 1);
}

#define READS(text, wanted, ignored) \
    reads(text, sizeof(text) - 1, wanted, ignored)

static void lines(void **state)
{
    (void)state;
    READS("", "fS dS", 0);
    READS("hosts: files\n", "fS", 0);
    READS("hosts:dns files", "dS fS", 0);
    READS("  hosts:\tdns\t# files\n", "dS", 0);
    READS("hosts:\n", "", 0);
    READS("passwd: compat\nhosts: files nis mdns4_minimal\n", "fS oS oS", 0);
    READS("hosts: files\nhosts: dns\n", "dS", 0);
    READS("Hosts: files\nhost: files\nhostss: files\nhosts", "fS dS", 0);
    READS("hosts : files\n", "fS", 0);
    READS("hosts dns files\n", "dS fS", 0);
    READS("hosts \n", "", 0);
    READS("hosts", "fS dS", 0);
    READS(": files\n:\n", "fS dS", 0);
    READS("#hosts: dns\nhosts: files#dns", "fS", 0);
    READS("hosts: filesx FILES\r\n", "oS oS", 0);
}

static void criteria(void **state)
{
    (void)state;
    READS("hosts: mdns4_minimal [NOTFOUND=return] dns", "oSN dS", 0);
    READS("hosts: resolve [!UNAVAIL=return] files", "oSNT fS", 0);
    READS("hosts: files[notfound=Return]dns", "fSN dS", 0);
    READS("hosts: files [ NOTFOUND = return  UNAVAIL=return ] dns", "fSNU dS",
          0);
    READS("hosts: files [SUCCESS=continue] dns", "f dS", 0);
    READS("hosts: files [!SUCCESS=return SUCCESS=continue] dns", "fNUT dS", 0);
    READS("hosts: dns [!TRYAGAIN=continue] files", "d fS", 0);
    READS("hosts: dns [NOTFOUND=return] [UNAVAIL=return] files", "dSNU fS", 0);
    READS("hosts: dns [NOTFOUND=return]", "dSN", 0);
}

/* A line that breaks the grammar counts as absent, all of it. */
static void R30_malformed(void **state)
{
    static const char *const broken[] = {
        "hosts: [NOTFOUND=return] files",
        "hosts: dns [",
        "hosts: dns []",
        "hosts: dns [ ]",
        "hosts: dns [NOTFOUND]",
        "hosts: dns [NOTFOUND=]",
        "hosts: dns [NOTFOUND=return",
        "hosts: dns [NOTFOUND=return NOTFOUND",
        "hosts: dns [=return]",
        "hosts: dns [!=return]",
        "hosts: dns [! NOTFOUND=return]",
        "hosts: dns [!!NOTFOUND=return]",
        "hosts: dns [NOTFOUND==return]",
        "hosts: dns [NOTFOUND=return=]",
        "hosts: dns [NOTFOUN=return]",
        "hosts: dns [NOTFOUND=retur]",
        "hosts: dns [SUCCESS=merge] files",
        "hosts: dns ] files",
        "hosts: dns = files",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char text[100];

        reads(broken[i], strlen(broken[i]), "fS dS", 1);
        strcpy(text, "hosts: dns\n");
        strcat(text, broken[i]);
        reads(text, strlen(text), "dS", 1);
    }
    READS("hosts: dns [NOT\0FOUND=return]\n", "fS dS", 1);
    READS("hosts: dns\0 [\n", "dS", 0);
    READS("hos\0ts: dns\n", "fS dS", 0);
}

static void R30_too_many_services(void **state)
{
    char text[200] = "hosts:";
    struct bj_nsswitch parsed;

    (void)state;
    for (int i = 0; i < BJ_NSS_SERVICES_MAX; i++)
        strcat(text, " dns");
    bj_nsswitch_parse((const uint8_t *)text, strlen(text), &parsed);
    assert_int_equal(parsed.hosts.count, BJ_NSS_SERVICES_MAX);
    assert_int_equal(parsed.ignored, 0);
    strcat(text, " dns");
    bj_nsswitch_parse((const uint8_t *)text, strlen(text), &parsed);
    assert_int_equal(parsed.hosts.count, 2);
    assert_int_equal(parsed.ignored, 1);
}

static void canonical(void **state)
{
    static const char text[] =
        "# comment\nservices: db files\nhosts: dns[!UNAVAIL=return]files";
    static const char wanted[] =
        "hosts: dns [success=return notfound=return unavail=continue "
        "tryagain=return] files [success=return notfound=continue "
        "unavail=continue tryagain=continue]\nservices: other [success=return "
        "notfound=continue unavail=continue tryagain=continue] files "
        "[success=return notfound=continue unavail=continue "
        "tryagain=continue]\n";

    (void)state;
    bj_property_canonical(reparse, text, sizeof(text) - 1, wanted,
                          sizeof(wanted) - 1);
}

/* Walks `line` giving these results; the services asked, then the outcome:
 * "fdN" asked files and dns and found nothing. */
static void walks(const char *line, const char *given, const char *wanted)
{
    struct bj_nsswitch parsed;
    struct bj_nss_walk walk;
    enum bj_nss_step step;
    char got[20] = "";

    bj_nsswitch_parse((const uint8_t *)line, strlen(line), &parsed);
    step = bj_nss_walk_begin(&walk, &parsed.hosts);
    while (step != BJ_NSS_DONE) {
        strncat(got, &"fd"[step], 1);
        assert_true(*given != '\0');
        step = bj_nss_walk_step(
            &walk, (enum bj_nss_result)(strchr("SNUT", *given++) - "SNUT"));
    }
    strncat(got, &"SNUT"[walk.result], 1);
    assert_string_equal(got, wanted);
    assert_int_equal(bj_nss_walk_step(&walk, BJ_NSS_SUCCESS), BJ_NSS_DONE);
    assert_string_equal(got, wanted);
}

static void walking(void **state)
{
    (void)state;
    walks("hosts: files dns", "S", "fS");
    walks("hosts: files dns", "NS", "fdS");
    walks("hosts: files dns", "NN", "fdN");
    walks("hosts: files dns", "NT", "fdT");
    walks("hosts: files dns", "UU", "fdU");
    walks("hosts:", "", "U");
    walks("hosts: nis", "", "U");
    walks("hosts: nis [UNAVAIL=return] files", "", "U");
    walks("hosts: nis [NOTFOUND=return] files", "S", "fS");
    walks("hosts: files [NOTFOUND=return] dns", "N", "fN");
    walks("hosts: files [NOTFOUND=return] dns", "UT", "fdT");
    walks("hosts: dns [!UNAVAIL=return] files", "T", "dT");
    walks("hosts: dns [!UNAVAIL=return] files", "US", "dfS");
    /* An answer is not unsaid, nor is a failure that may pass. */
    walks("hosts: files [SUCCESS=continue] dns", "SN", "fdS");
    walks("hosts: dns files", "TN", "dfT");
    walks("hosts: dns myhostname", "N", "dN");
}

/* A result that is none of ours, from a caller that was lied to. */
static void R39_result_out_of_range(void **state)
{
    struct bj_nsswitch parsed;
    struct bj_nss_walk walk;

    (void)state;
    bj_nsswitch_parse((const uint8_t *)"hosts: dns files", 16, &parsed);
    assert_int_equal(bj_nss_walk_begin(&walk, &parsed.hosts), BJ_NSS_ASK_DNS);
    assert_int_equal(bj_nss_walk_step(&walk, BJ_NSS_RESULTS), BJ_NSS_ASK_FILES);
    assert_int_equal(walk.result, BJ_NSS_UNAVAIL);
}

enum { TEXT_MAX = 100000 };

/* The hosts file has "there", and no name server answers. */
static void read_row(char *const *fields, char got[BJ_READING_MAX])
{
    static uint8_t octets[TEXT_MAX];
    struct bj_guard text =
        bj_guard_copy(octets, bj_vector_text(fields[1], octets, TEXT_MAX));
    bool there = strcmp(fields[2], "there") == 0;
    struct bj_nsswitch parsed;
    struct bj_nss_walk walk;
    enum bj_nss_step step;

    bj_nsswitch_parse(text.bytes, text.len, &parsed);
    step = bj_nss_walk_begin(&walk, &parsed.hosts);
    while (step != BJ_NSS_DONE)
        step = bj_nss_walk_step(&walk, step == BJ_NSS_ASK_DNS ? BJ_NSS_TRYAGAIN
                                       : there                ? BJ_NSS_SUCCESS
                                               : BJ_NSS_NOTFOUND);
    strcpy(got, walk.result == BJ_NSS_SUCCESS ? "found" : "none");
    bj_guard_free(&text);
}

static void R30_table(void **state)
{
    (void)state;
    bj_vectors_readings("config_nsswitch.txt", 30, read_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(R30_table),
        cmocka_unit_test(criteria),
        cmocka_unit_test(R30_malformed),
        cmocka_unit_test(R30_too_many_services),
        cmocka_unit_test(canonical),
        cmocka_unit_test(walking),
        cmocka_unit_test(R39_result_out_of_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
