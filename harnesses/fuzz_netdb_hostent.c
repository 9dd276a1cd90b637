/*
 * Packs an answer into a block whose capacity and misalignment the last
 * three bytes choose, and into the exact size, one less and none. Oracles:
 * it succeeds exactly when the capacity suffices (R02) and the answer may be
 * handed out (R07); the hostent says what the answer says and nothing is
 * dropped; every pointer lies inside the block (R36); every octet is
 * initialised; nothing outside is written.
 */
#include <netdb.h>
#include <sys/socket.h>

#include "core/netdb/hostent.h"
#include "harnesses/harness.h"
#include "harnesses/support/answers.h"

enum { FENCE = 32 };

/* What is expected of one answer and one family. */
struct expected {
    const struct bj_answer *answer;
    enum bj_family family;
    enum bj_status status;
    size_t first_alias;
    struct bj_text name;
};

BJ_UNTRACED_BEGIN

static struct expected expect(const struct bj_answer *answer,
                              enum bj_family family)
{
    struct expected e = {answer, family, BJ_NONE, 0, answer->canonical};

    if (e.name.len == 0 && answer->alias_count > 0) {
        e.name = answer->aliases[0];
        e.first_alias = 1;
    }
    for (size_t i = 0; i < answer->address_count; i++)
        if (answer->addresses[i].family == family)
            e.status = BJ_OK;
    if (e.status == BJ_NONE)
        return e;
    if (!bj_naive_presentable(e.name.text, e.name.len))
        e.status = BJ_BAD;
    for (size_t i = e.first_alias; i < answer->alias_count; i++)
        if (!bj_naive_presentable(answer->aliases[i].text,
                                  answer->aliases[i].len))
            e.status = BJ_BAD;
    return e;
}

static void check_text(const char *got, struct bj_text want,
                       const uint8_t *block, size_t cap)
{
    BJ_CHECK(bj_inside(got, want.len + 1, block, cap), "text-inside");
    BJ_CHECK(memcmp(got, want.text, want.len) == 0 && got[want.len] == '\0',
             "text-same");
}

static void check_content(const struct hostent *h, const struct expected *e,
                          const uint8_t *block, size_t cap)
{
    const struct bj_answer *answer = e->answer;
    size_t aliases = answer->alias_count - e->first_alias;
    size_t len = e->family == BJ_FAMILY_IP4 ? 4 : 16;
    size_t n = 0;

    BJ_CHECK(h->h_addrtype == (e->family == BJ_FAMILY_IP4 ? AF_INET : AF_INET6),
             "family");
    BJ_CHECK(h->h_length == (int)len, "length");
    check_text(h->h_name, e->name, block, cap);
    BJ_CHECK(
        bj_inside(h->h_aliases, (aliases + 1) * sizeof(char *), block, cap) &&
            (uintptr_t)h->h_aliases % _Alignof(char *) == 0,
        "aliases-inside");
    for (size_t i = 0; i < aliases; i++)
        check_text(h->h_aliases[i], answer->aliases[e->first_alias + i], block,
                   cap);
    BJ_CHECK(h->h_aliases[aliases] == NULL, "aliases-end");
    BJ_CHECK((uintptr_t)h->h_addr_list % _Alignof(char *) == 0,
             "addresses-aligned");
    for (size_t i = 0; i < answer->address_count; i++) {
        if (answer->addresses[i].family != e->family)
            continue;
        BJ_CHECK(bj_inside(&h->h_addr_list[n], sizeof(char *), block, cap),
                 "addresses-inside");
        BJ_CHECK(bj_inside(h->h_addr_list[n], len, block, cap) &&
                     (uintptr_t)h->h_addr_list[n] % 4 == 0,
                 "address-inside");
        BJ_CHECK(memcmp(h->h_addr_list[n], answer->addresses[i].octets, len) ==
                     0,
                 "address-same");
        n += 1;
    }
    BJ_CHECK(h->h_addr_list[n] == NULL, "addresses-end");
}

static bool all_are(const uint8_t *bytes, size_t n, uint8_t value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static bool is_zero(const struct hostent *h)
{
    return h->h_name == NULL && h->h_aliases == NULL && h->h_addrtype == 0 &&
           h->h_length == 0 && h->h_addr_list == NULL;
}

/* Builds at `block`, which has `cap` octets and a fence on either side.
 * Returns the size that was asked for. */
static size_t build(const struct expected *e, uint8_t *block, size_t cap,
                    uint8_t fill)
{
    struct bj_arena arena;
    struct hostent h;
    enum bj_status status;

    memset(block - FENCE, fill, cap + 2 * FENCE);
    memset(&h, fill, sizeof(h));
    bj_arena_init(&arena, block, cap);
    status = bj_hostent_build(e->answer, e->family, &arena, &h);
    BJ_CHECK(all_are(block - FENCE, FENCE, fill), "fence-before");
    BJ_CHECK(all_are(block + cap, FENCE, fill), "fence-behind");
    if (e->status != BJ_OK) {
        BJ_CHECK(status == e->status, "refused");
    } else {
        BJ_CHECK(status == (arena.len <= cap ? BJ_OK : BJ_SPACE), "space-iff");
    }
    if (status == BJ_OK)
        check_content(&h, e, block, arena.len);
    else
        BJ_CHECK(is_zero(&h), "zero-on-failure");
    return arena.len;
}

static void check_initialised(const struct expected *e, uint8_t *block,
                              size_t needed)
{
    uint8_t *first = bj_exact_copy(block, needed);

    (void)build(e, block, needed, 0x5a);
    BJ_CHECK(memcmp(first, block, needed) == 0, "initialised");
    free(first);
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t shift = bj_take_tail(data, &size);
    size_t cap = bj_take_tail(data, &size);
    struct bj_answer_input in;
    struct expected e;
    struct bj_cursor c;
    size_t needed;
    uint8_t *room;

    cap += (size_t)256 * bj_take_tail(data, &size);
    bj_cursor_init(&c, data, size);
    bj_answer_input_read(&c, &in);
    e = expect(&in.answer, shift >= 128 ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4);
    shift %= 16;
    cap %= 4096;
    room = malloc(4096 + 2 * FENCE + 16);
    if (room == NULL)
        abort();
    needed = build(&e, room + FENCE + shift, cap, 0xa5);
    BJ_CHECK(build(&e, room + FENCE + shift, 0, 0xa5) == needed, "measures");
    if (e.status == BJ_OK) {
        BJ_CHECK(needed < 4096, "bounded");
        (void)build(&e, room + FENCE + shift, needed - 1, 0xa5);
        (void)build(&e, room + FENCE + shift, needed, 0xa5);
        check_initialised(&e, room + FENCE + shift, needed);
    }
    bj_digest(&needed, sizeof(needed));
    free(room);
    return 0;
}
