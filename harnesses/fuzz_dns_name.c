/*
 * The input is a message and, in its last two octets, where in it a name
 * stands; the same octets are read as text too. Oracles: a naive second
 * reading accepts the same and means the same; what is written, compressed
 * or not, or as text, reads back; a host name is what a naive table says.
 */
#include "core/dns/name.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

static void check_text(const struct bj_name *name, const struct naive_name *n)
{
    static char text[BJ_NAME_TEXT_MAX];
    char expected[256];
    struct bj_writer w;
    struct bj_name again;
    bool visible = true;
    bool absolute;

    bj_writer_init(&w, (uint8_t *)text, sizeof(text));
    bj_name_format(&w, name);
    BJ_CHECK(bj_writer_end_text(&w) == BJ_OK, "text-fits");
    BJ_CHECK(bj_name_parse(text, w.len, &again, &absolute) == BJ_OK &&
                 absolute && again.len == name->len &&
                 memcmp(again.octets, name->octets, name->len) == 0,
             "text-back");
    for (size_t i = 0; i < w.len; i++)
        visible = visible && text[i] > ' ' && text[i] < 127;
    BJ_CHECK(visible, "text-visible");
    bj_digest(text, w.len);
    bj_writer_init(&w, (uint8_t *)text, BJ_HOST_TEXT_MAX);
    bj_name_format_host(&w, name);
    if (naive_host(n, expected))
        BJ_CHECK(bj_name_is_host(name) && bj_writer_end_text(&w) == BJ_OK &&
                     strcmp(text, expected) == 0,
                 "host");
    else
        BJ_CHECK(!bj_name_is_host(name) && bj_writer_end_text(&w) == BJ_BAD,
                 "no-host");
}

/* Read straight into text: what reading and spelling come to. */
static void check_read_host(const uint8_t *message, size_t size, size_t at,
                            const struct naive_name *naive)
{
    char text[BJ_HOST_TEXT_MAX];
    char expected[256];
    struct bj_cursor c;
    size_t len;

    bj_cursor_init(&c, message, size);
    bj_cursor_skip(&c, at);
    len = bj_name_read_host(&c, text);
    if (naive == NULL || !naive_host(naive, expected)) {
        BJ_CHECK(len == 0 && c.pos == at, "read-no-host");
        return;
    }
    BJ_CHECK(len == strlen(expected) && strcmp(text, expected) == 0 &&
                 c.pos == naive->after,
             "read-host");
}

/* The name, its parent and the name again, in as few octets as can be. */
static void check_compressed(const struct bj_name *name)
{
    uint8_t out[12 + 2 * BJ_NAME_MAX + 4];
    struct bj_name_suffixes known = {.count = 0};
    struct bj_name parent = {.len = 0};
    struct bj_name back;
    struct bj_writer w;
    struct bj_cursor c;
    size_t label = name->octets[0] + 1U;

    bj_writer_init(&w, out, sizeof(out));
    bj_writer_zero(&w, 12);
    bj_name_write_compressed(&w, name, &known);
    if (name->len > 1) {
        parent.len = (uint8_t)(name->len - label);
        memcpy(parent.octets, name->octets + label, parent.len);
        bj_name_write_compressed(&w, &parent, &known);
    }
    bj_name_write_compressed(&w, name, &known);
    BJ_CHECK(bj_writer_end(&w) == BJ_OK, "compressed-fits");
    bj_cursor_init(&c, out, w.len);
    bj_cursor_skip(&c, 12);
    BJ_CHECK(bj_name_read(&c, &back, NULL) == BJ_OK &&
                 bj_name_equal(&back, name),
             "compressed-first");
    if (name->len > 1) {
        BJ_CHECK(bj_name_read(&c, &back, NULL) == BJ_OK &&
                     bj_name_equal(&back, &parent),
                 "compressed-parent");
        BJ_CHECK(bj_name_is_within(name, &parent) &&
                     !bj_name_is_within(&parent, name),
                 "within");
    }
    BJ_CHECK(bj_name_read(&c, &back, NULL) == BJ_OK &&
                 memcmp(back.octets, name->octets, name->len) == 0 &&
                 bj_cursor_end(&c) == BJ_OK,
             "compressed-again");
}

static void check_wire(const uint8_t *message, size_t size, size_t at)
{
    struct naive_name naive;
    struct bj_name name;
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_cursor skip;
    bool accepted = naive_name_read(message, size, at, true, &naive);
    size_t skipped = naive_name_skip(message, size, at);

    bj_cursor_init(&c, message, size);
    bj_cursor_skip(&c, at);
    skip = c;
    BJ_CHECK((bj_name_skip(&skip, NULL) == BJ_OK) == (skipped != 0),
             "skip-iff");
    BJ_CHECK(skip.pos == (skipped != 0 ? skipped : at), "skip-to");
    if (!accepted) {
        BJ_CHECK(bj_name_read(&c, &name, &fault) != BJ_OK && name.len == 0 &&
                     c.pos == at && fault.kind != BJ_FAULT_NONE,
                 "refused");
        check_read_host(message, size, at, NULL);
        return;
    }
    BJ_CHECK(bj_name_read(&c, &name, &fault) == BJ_OK &&
                 fault.kind == BJ_FAULT_NONE,
             "accepted");
    BJ_CHECK(c.pos == naive.after && name.len == naive.len &&
                 memcmp(name.octets, naive.octets, naive.len) == 0,
             "same-octets");
    check_text(&name, &naive);
    check_read_host(message, size, at, &naive);
    check_compressed(&name);
    c.pos = at;
    accepted = naive_name_read(message, size, at, false, &naive);
    BJ_CHECK((bj_name_read_plain(&c, &name, NULL) == BJ_OK) == accepted,
             "plain-iff");
}

static void check_parse(const uint8_t *text, size_t size)
{
    struct naive_name naive;
    struct bj_name name;
    bool naive_absolute;
    bool absolute;

    if (!naive_name_parse(text, size, &naive, &naive_absolute)) {
        BJ_CHECK(bj_name_parse((const char *)text, size, &name, &absolute) ==
                         BJ_BAD &&
                     name.len == 0 && !absolute,
                 "parse-refused");
        return;
    }
    BJ_CHECK(bj_name_parse((const char *)text, size, &name, &absolute) ==
                     BJ_OK &&
                 absolute == naive_absolute,
             "parse-accepted");
    BJ_CHECK(name.len == naive.len &&
                 memcmp(name.octets, naive.octets, naive.len) == 0,
             "parse-octets");
    check_text(&name, &naive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message;
    size_t at;

    if (size < 2 || size > BJ_MESSAGE_MAX)
        return 0;
    at = data[size - 2] * 256U + data[size - 1];
    size -= 2;
    message = bj_exact_copy(data, size);
    check_parse(message, size);
    if (at < size)
        check_wire(message, size, at);
    free(message);
    return 0;
}
