/*
 * The input is a message. Its last octets say where in it the wanted name
 * stands, at which offset a name is asked about first and how much further on
 * each next one, past the end and round again, so that they come in any order;
 * and whether the wanted name's letters change their case and its place is
 * told. Oracles: what is accepted, and what is the same name, is what a naive
 * second reading says; what is refused is what reading refuses, and why; and
 * what was looked at once is not looked at again.
 */
#include "core/dns/matcher.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

enum { ASKED = 64, TAIL = 7, CHANGE_CASE = 1, TELL_PLACE = 2 };

struct asking {
    const uint8_t *message;
    size_t size;
    struct naive_name wanted; /* len 0: none */
    size_t told;              /* where the matcher knows that it stands, or 0 */
    struct bj_matcher *matcher;
    size_t in_place; /* octets that stand where names were asked about */
};

/* RFC 4343: the other case, of letters only. */
static void change_case(struct naive_name *name)
{
    for (size_t at = 0; at < name->len; at += name->octets[at] + 1U)
        for (size_t i = 1; i <= name->octets[at]; i++) {
            uint8_t *octet = &name->octets[at + i];

            if ((*octet >= 65 && *octet <= 90) ||
                (*octet >= 97 && *octet <= 122))
                *octet ^= 0x20;
        }
}

static struct bj_name as_ours(const struct naive_name *naive)
{
    struct bj_name name = {.len = (uint8_t)naive->len};

    memcpy(name.octets, naive->octets, naive->len);
    for (size_t at = 0; at + 1 < naive->len; at += naive->octets[at] + 1U)
        name.label_count += 1;
    return name;
}

/* Whether that is a pointer to the place that was told: what is there is
 * taken for the wanted name however many pointers led to it. */
static bool is_told(const struct asking *a, size_t at)
{
    return a->told >= 12 && a->told < at && at + 1 < a->size &&
           a->message[at] == 0xc0 + a->told / 256 &&
           a->message[at + 1] == a->told % 256;
}

/* Asks about the name at `at`; how much that cost. */
static size_t ask(struct asking *a, size_t at, bool accepted, bool same)
{
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_fault why = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_cursor read;
    struct bj_name name;
    enum bj_status status;
    uint32_t before = a->matcher->steps;
    bool is_same = !same;

    bj_cursor_init(&c, a->message, a->size);
    bj_cursor_skip(&c, at);
    read = c;
    status = bj_matcher_match(a->matcher, &c, &is_same, &why);
    BJ_CHECK((status == BJ_OK) == accepted, "accepted");
    BJ_CHECK(is_same == same, "same");
    BJ_CHECK(status == bj_name_read(&read, &name, &fault) &&
                 c.pos == read.pos && why.kind == fault.kind &&
                 why.at == fault.at,
             "as-read");
    bj_digest(&is_same, sizeof(is_same));
    return a->matcher->steps - before;
}

static void ask_twice(struct asking *a, size_t at)
{
    struct naive_name naive;
    bool accepted = naive_name_read(a->message, a->size, at, true, &naive);
    bool same = accepted && naive_name_equal(&naive, &a->wanted);

    if (!accepted && is_told(a, at))
        return;
    ask(a, at, accepted, same);
    if (!accepted)
        return;
    /* The second time, what a pointer leads to is known. */
    BJ_CHECK(ask(a, at, true, same) <= naive.after - at, "again-steps");
    a->in_place += 2 * (naive.after - at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bj_matcher matcher;
    struct asking a = {.matcher = &matcher};
    struct bj_name wanted;
    const uint8_t *tail;
    uint8_t *message;
    size_t at;

    if (size <= TAIL || size - TAIL > BJ_MESSAGE_MAX)
        return 0;
    a.size = size - TAIL;
    tail = data + a.size;
    a.message = message = bj_exact_copy(data, a.size);
    at = naive_number(tail, 2);
    if (naive_name_read(message, a.size, at, true, &a.wanted) &&
        (tail[6] & TELL_PLACE) != 0 && at < BJ_NAME_OFFSETS)
        a.told = at;
    if ((tail[6] & CHANGE_CASE) != 0)
        change_case(&a.wanted);
    wanted = as_ours(&a.wanted);
    /* As if left by another message. */
    memset(matcher.suffix_len, 0xa5, sizeof(matcher.suffix_len));
    bj_matcher_init(&matcher, a.size, &wanted, a.told);
    for (size_t i = 0; i < ASKED; i++)
        ask_twice(&a,
                  (naive_number(tail + 2, 2) + i * naive_number(tail + 4, 2)) %
                      a.size);
    BJ_CHECK(matcher.steps <= a.size + a.in_place, "steps");
    free(message);
    return 0;
}
