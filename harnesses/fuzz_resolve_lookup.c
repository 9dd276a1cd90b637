/*
 * A lookup, a result, or an answer to be written, by the last byte, as the
 * other side of the worker's socket may send it (R40). Oracles: writing what
 * was read gives the same octets; names are names by a second reading (R07);
 * everything lies in the input or in the arena; memory stays in proportion
 * to the input (R11); the arena suffices exactly from what it asked for on;
 * a failure leaves zeroes; an answer that was written reads the same.
 */
#include "core/resolve/lookup.h"
#include "harnesses/harness.h"
#include "harnesses/support/answers.h"

static bool is_name(struct bj_text text)
{
    return text.len > 0 && bj_naive_presentable(text.text, text.len) &&
           memchr(text.text, ':', text.len) == NULL;
}

static bool all_zero(const void *p, size_t n)
{
    const uint8_t *octets = p;

    for (size_t i = 0; i < n; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static void check_lookup(const uint8_t *bytes, size_t size)
{
    uint8_t again[BJ_LOOKUP_MAX];
    struct bj_lookup l;
    struct bj_writer w;
    struct bj_cursor c;

    bj_cursor_init(&c, bytes, size);
    if (bj_lookup_read(&c, &l) != BJ_OK) {
        BJ_CHECK(all_zero(&l, sizeof(l)), "lookup-zero");
        return;
    }
    BJ_CHECK(size <= BJ_LOOKUP_MAX, "lookup-bounded");
    BJ_CHECK(l.name.len == 0 ? !l.ip4 && !l.ip6
                             : is_name(l.name) && (l.ip4 || l.ip6) &&
                                   l.address.family == BJ_FAMILY_ANY,
             "lookup-of-hosts");
    BJ_CHECK(l.service.len == 0 ? l.asks_port == (l.protocols != 0)
                                : l.protocols != 0 && l.protocols < 32 &&
                                      !l.asks_port && l.port == 0,
             "lookup-of-services");
    BJ_CHECK(!l.asks_port || __builtin_popcount(l.protocols) == 1,
             "one-protocol-of-a-port");
    for (size_t i = 0; i < l.service.len; i++)
        BJ_CHECK(l.service.text[i] > ' ' && l.service.text[i] < 0x7f,
                 "service-visible");
    bj_writer_init(&w, again, sizeof(again));
    BJ_CHECK(bj_lookup_write(&w, &l) == BJ_OK && w.len == size &&
                 memcmp(again, bytes, size) == 0,
             "lookup-writes-the-same");
    for (size_t cap = 0; cap < size; cap += 1 + size / 8) {
        bj_writer_init(&w, again, cap);
        BJ_CHECK(bj_lookup_write(&w, &l) == BJ_SPACE && w.len == size,
                 "lookup-space");
    }
}

static void check_answer(const struct bj_answer *a, const uint8_t *bytes,
                         size_t size, const void *block, size_t cap)
{
    BJ_CHECK(a->canonical.len == 0 ||
                 (is_name(a->canonical) &&
                  bj_inside(a->canonical.text, a->canonical.len, bytes, size)),
             "canonical");
    if (a->alias_count > 0)
        BJ_CHECK(bj_inside(a->aliases, a->alias_count * sizeof(*a->aliases),
                           block, cap),
                 "aliases-inside");
    for (size_t i = 0; i < a->alias_count; i++)
        BJ_CHECK(
            is_name(a->aliases[i]) &&
                bj_inside(a->aliases[i].text, a->aliases[i].len, bytes, size),
            "alias");
    if (a->address_count > 0)
        BJ_CHECK(bj_inside(a->addresses,
                           a->address_count * sizeof(*a->addresses), block,
                           cap),
                 "addresses-inside");
    for (size_t i = 0; i < a->address_count; i++)
        BJ_CHECK(a->addresses[i].family == BJ_FAMILY_IP6 ||
                     (a->addresses[i].family == BJ_FAMILY_IP4 &&
                      a->addresses[i].scope == 0 &&
                      all_zero(a->addresses[i].octets + 4, 12)),
                 "address");
}

static enum bj_status read_result(const uint8_t *bytes, size_t size,
                                  void *block, size_t cap, struct bj_result *r,
                                  size_t *needed)
{
    struct bj_arena arena;
    struct bj_cursor c;
    enum bj_status status;

    bj_cursor_init(&c, bytes, size);
    bj_arena_init(&arena, block, cap);
    memset(r, 0xa5, sizeof(*r));
    status = bj_result_read(&c, &arena, r);
    *needed = arena.len;
    if (status != BJ_OK)
        BJ_CHECK(all_zero(r, sizeof(*r)), "result-zero");
    return status;
}

static void check_result(const uint8_t *bytes, size_t size)
{
    size_t needed;
    size_t again;
    struct bj_result r;
    struct bj_writer w;
    enum bj_status status = read_result(bytes, size, NULL, 0, &r, &needed);
    uint8_t *block;
    uint8_t *octets;

    BJ_CHECK(needed <= 16 * size + 64, "in-proportion");
    if (status != BJ_OK && status != BJ_SPACE)
        return;
    block = malloc(needed + 1);
    octets = malloc(size);
    if (block == NULL || octets == NULL)
        abort();
    if (needed > 0)
        BJ_CHECK(read_result(bytes, size, block, needed - 1, &r, &again) ==
                     BJ_SPACE,
                 "arena-one-short");
    status = read_result(bytes, size, block, needed, &r, &again);
    if (status == BJ_OK) {
        BJ_CHECK(bj_outcome_eai(r.outcome) <= 0 && r.ports_known < 32,
                 "outcome");
        BJ_CHECK(r.domain.len == 0 || is_name(r.domain), "domain");
        check_answer(&r.answer, bytes, size, block, needed);
        bj_writer_init(&w, octets, size);
        BJ_CHECK(bj_result_write(&w, &r) ==
                         (size > BJ_RESULT_MAX ? BJ_LIMIT : BJ_OK) &&
                     w.len == size && memcmp(octets, bytes, size) == 0,
                 "result-writes-the-same");
    } else {
        BJ_CHECK(status == BJ_BAD, "arena-suffices");
    }
    bj_digest(&status, sizeof(status));
    free(octets);
    free(block);
}

static bool same_text(struct bj_text a, struct bj_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static void check_same(const struct bj_answer *a, const struct bj_answer *b)
{
    BJ_CHECK(a->ttl == b->ttl && same_text(a->canonical, b->canonical),
             "same-name");
    BJ_CHECK(a->alias_count == b->alias_count &&
                 a->address_count == b->address_count,
             "same-counts");
    for (size_t i = 0; i < a->alias_count; i++)
        BJ_CHECK(same_text(a->aliases[i], b->aliases[i]), "same-alias");
    for (size_t i = 0; i < a->address_count; i++)
        BJ_CHECK(bj_address_equal(&a->addresses[i], &b->addresses[i]),
                 "same-address");
}

/* From a value to octets and back. */
static void check_writing(const uint8_t *bytes, size_t size)
{
    uint8_t octets[4096];
    _Alignas(16) uint8_t block[1024];
    struct bj_answer_input in;
    struct bj_answer back;
    struct bj_arena arena;
    struct bj_writer w;
    struct bj_cursor c;
    bool names = true;
    enum bj_status status;

    bj_cursor_init(&c, bytes, size);
    bj_answer_input_read(&c, &in);
    names = in.answer.canonical.len == 0 || is_name(in.answer.canonical);
    for (size_t i = 0; i < in.answer.alias_count; i++)
        names = names && is_name(in.aliases[i]);
    bj_writer_init(&w, octets, sizeof(octets));
    status = bj_result_write_answer(&w, &in.answer);
    BJ_CHECK(status == (names ? BJ_OK : BJ_BAD), "writes-names-only");
    if (status != BJ_OK)
        return;
    bj_cursor_init(&c, octets, w.len);
    bj_arena_init(&arena, block, sizeof(block));
    BJ_CHECK(bj_result_read_answer(&c, &arena, &back) == BJ_OK, "reads-back");
    check_same(&in.answer, &back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t kind = bj_take_tail(data, &size) % 3U;
    uint8_t *bytes = bj_exact_copy(data, size);

    if (kind == 0)
        check_lookup(bytes, size);
    else if (kind == 1)
        check_result(bytes, size);
    else
        check_writing(bytes, size);
    free(bytes);
    return 0;
}
