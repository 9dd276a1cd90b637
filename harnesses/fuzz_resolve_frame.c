/*
 * Octets from the other side of the worker's socket, read in the phase that
 * the last byte chooses until they end or are refused (R40). Oracles: a
 * second reading of the wire format, by a table of words; writing what was
 * read gives the same octets; the length is known from the header alone, and
 * each prefix says the same of it or asks for more; a payload lies in place;
 * a failure moves nothing and leaves zeroes.
 */
#include "core/resolve/frame.h"
#include "harnesses/harness.h"

/* Of each type: its phase, the fields it has (l lookup, s socket, v server,
 * c config, t time, e entropy), and the least and most of its payload. */
static const struct words {
    unsigned type;
    unsigned phase;
    const char *fields;
    size_t least;
    size_t most;
} words[] = {
    {1, 0, "c", 0, 65536},    {2, 0, "t", 16, 16},     {3, 1, "lte", 1, 536},
    {4, 1, "lste", 0, 65535}, {5, 1, "lste", 0, 0},    {6, 1, "lste", 0, 65536},
    {7, 1, "lste", 0, 0},     {8, 1, "lte", 0, 0},     {9, 1, "l", 0, 0},
    {16, 2, "", 0, 0},        {17, 3, "lsv", 12, 282}, {18, 3, "lsv", 0, 0},
    {19, 3, "ls", 14, 284},   {20, 3, "ls", 0, 0},     {21, 3, "lt", 0, 0},
    {22, 3, "l", 1, 262144},
};

static bool has(const struct words *row, char field)
{
    return strchr(row->fields, field) != NULL;
}

static size_t number(const uint8_t *p, size_t n)
{
    size_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

static const struct words *find(unsigned type, unsigned phase)
{
    if (type == 0 || type > 22)
        return NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].type == type && words[i].phase == phase)
            return &words[i];
    return NULL;
}

/* The naive verdict on the header of what has `len` octets. */
static enum bj_status verdict(const uint8_t *p, size_t len, unsigned phase,
                              size_t *size)
{
    const struct words *row;
    size_t fixed;
    size_t rest;

    *size = 0;
    if (len >= 1 && p[0] != 1)
        return BJ_UNSUPPORTED;
    row = len >= 2 ? find(p[1], phase) : NULL;
    if (len >= 2 && row == NULL)
        return BJ_BAD;
    if (len < 12)
        return BJ_MORE;
    if (p[2] >= (has(row, 's') ? 2 : 1) ||
        p[3] >= (has(row, 'c')   ? 7
                 : has(row, 'v') ? 3
                                 : 1) ||
        (!has(row, 'l') && number(p + 4, 4) != 0))
        return BJ_BAD;
    fixed = (has(row, 't') ? 8U : 0U) + (has(row, 'e') ? 68U : 0U);
    rest = number(p + 8, 4);
    if (rest < fixed + row->least)
        return BJ_BAD;
    if (rest > fixed + row->most)
        return BJ_LIMIT;
    *size = 12 + rest;
    return BJ_OK;
}

/* The prefixes with which the header says more: none, the version, the type,
 * nearly all, all. */
static void check_prefixes(const uint8_t *p, size_t len, unsigned phase)
{
    static const size_t lens[] = {0, 1, 2, 11, 12};

    for (size_t i = 0; i < 5 && lens[i] <= len; i++) {
        size_t n = lens[i];
        size_t size;
        size_t expected;
        enum bj_status status =
            bj_frame_measure(p, n, (enum bj_frame_phase)phase, &size);

        BJ_CHECK(status == verdict(p, n, phase, &expected), "measure");
        BJ_CHECK(size == expected, "size");
    }
}

static bool is_zero(const struct bj_frame *f)
{
    return f->type == BJ_FRAME_NONE && f->lookup == 0 && f->socket == 0 &&
           f->server == 0 && f->config == 0 && f->time_ms == 0 &&
           f->entropy == NULL && f->payload == NULL && f->payload_len == 0;
}

static void check_fields(const struct bj_frame *f, const uint8_t *p,
                         size_t size, unsigned phase)
{
    const struct words *row = find(p[1], phase);
    size_t at = 12;

    BJ_CHECK((unsigned)f->type == p[1], "type");
    BJ_CHECK(f->lookup == number(p + 4, 4) && f->socket == p[2], "numbers");
    BJ_CHECK((has(row, 'c') ? (unsigned)f->config : f->server) == p[3],
             "server");
    BJ_CHECK(f->time_ms == (has(row, 't') ? number(p + at, 8) : 0), "time");
    at += has(row, 't') ? 8 : 0;
    BJ_CHECK(f->entropy == (has(row, 'e') ? p + at : NULL), "entropy");
    at += has(row, 'e') ? 68 : 0;
    BJ_CHECK(f->payload == p + at && at + f->payload_len == size, "payload");
    BJ_CHECK(size <= bj_frame_max(f->type), "max");
}

static void check_written(const struct bj_frame *f, const uint8_t *p,
                          size_t size)
{
    uint8_t *block = malloc(size);
    struct bj_writer w;

    if (block == NULL)
        abort();
    bj_writer_init(&w, block, size);
    BJ_CHECK(bj_frame_write(&w, f) == BJ_OK && w.len == size, "writes");
    BJ_CHECK(memcmp(block, p, size) == 0, "writes-the-same");
    bj_writer_init(&w, block, size - 1);
    BJ_CHECK(bj_frame_write(&w, f) == BJ_SPACE && w.len == size, "one-short");
    free(block);
}

/* Reads one frame; false if there is none. */
static bool read_one(struct bj_cursor *c, unsigned phase)
{
    const uint8_t *p = c->base + c->pos;
    size_t left = bj_cursor_left(c);
    size_t before = c->pos;
    size_t size;
    enum bj_status expected = verdict(p, left, phase, &size);
    struct bj_frame f;
    enum bj_status status;

    check_prefixes(p, left, phase);
    memset(&f, 0xa5, sizeof(f));
    status = bj_frame_read(c, (enum bj_frame_phase)phase, &f);
    if (expected == BJ_OK && left < size)
        expected = BJ_MORE;
    BJ_CHECK(status == expected, "verdict");
    if (status != BJ_OK) {
        BJ_CHECK(c->pos == before && bj_cursor_ok(c), "not-moved");
        BJ_CHECK(is_zero(&f), "zero-on-failure");
        return false;
    }
    BJ_CHECK(c->pos == before + size, "moved");
    check_fields(&f, p, size, phase);
    check_written(&f, p, size);
    bj_digest(&f.type, sizeof(f.type));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned phase = bj_take_tail(data, &size) % 4U;
    uint8_t *bytes = bj_exact_copy(data, size);
    struct bj_cursor c;

    bj_cursor_init(&c, bytes, size);
    while (bj_cursor_left(&c) > 0)
        if (!read_one(&c, phase))
            break;
    free(bytes);
    return 0;
}
