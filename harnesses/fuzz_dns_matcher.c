/*
 * The input is a message. Its last octets say where in it the wanted name
 * stands, at which offset a name is asked about first and how much further on
 * each next one, past the end and round again, so that they come in any order;
 * and whether the wanted name's letters change their case. Oracles: what is
 * accepted, and what is the same name, is what a naive second reading says;
 * what is refused is what reading refuses, and why; and each offset is looked
 * at once, when a pointer first leads there.
 */
#include "core/dns/matcher.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

enum { ASKED = 32, TAIL = 7, CHANGE_CASE = 1 };

struct asking {
    const uint8_t *message;
    size_t size;
    struct naive_name wanted; /* len 0: none */
    struct bj_matcher *matcher;
    bool seen[BJ_MESSAGE_MAX]; /* offsets that the matcher must know */
};

BJ_UNTRACED_BEGIN

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

/* How many offsets there are to look at, for the first time, behind the
 * pointer at the end of what stands in place at `at`. */
static size_t not_seen(struct asking *a, size_t at)
{
    struct naive_name naive;
    size_t count = 0;

    if (naive_name_skip(a->message, a->size, at) == 0)
        return 0;
    while (a->message[at] != 0 && a->message[at] < 0xc0)
        at += a->message[at] + 1U;
    if (a->message[at] == 0)
        return 0;
    at = (a->message[at] & 0x3fU) << 8 | a->message[at + 1];
    /* Nothing is learnt from a fault. */
    if (!naive_name_read(a->message, a->size, at, true, &naive))
        return 0;
    while (!a->seen[at]) {
        a->seen[at] = true;
        count += 1;
        if (a->message[at] == 0)
            break;
        if (a->message[at] >= 0xc0)
            at = (a->message[at] & 0x3fU) << 8 | a->message[at + 1];
        else
            at += a->message[at] + 1U;
    }
    return count;
}

BJ_UNTRACED_END

static void ask(struct asking *a, size_t at)
{
    struct naive_name naive;
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_fault why = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_cursor read;
    struct bj_name name;
    enum bj_status status;
    bool accepted = naive_name_read(a->message, a->size, at, true, &naive);
    uint32_t before = a->matcher->steps;
    bool same = !accepted;

    bj_cursor_init(&c, a->message, a->size);
    bj_cursor_skip(&c, at);
    read = c;
    status = bj_matcher_match(a->matcher, &c, &same, &why);
    BJ_CHECK((status == BJ_OK) == accepted, "accepted");
    BJ_CHECK(same == (accepted && naive_name_equal(&naive, &a->wanted)),
             "same");
    BJ_CHECK(status == bj_name_read(&read, &name, &fault) &&
                 c.pos == read.pos && why.kind == fault.kind &&
                 why.at == fault.at,
             "as-read");
    BJ_CHECK(a->matcher->steps - before == not_seen(a, at), "looked-at-once");
    bj_digest(&same, sizeof(same));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bj_matcher matcher;
    static struct asking a;
    struct bj_name wanted;
    const uint8_t *tail;
    uint8_t *message;
    size_t first;
    size_t step;

    if (size <= TAIL || size - TAIL > BJ_MESSAGE_MAX)
        return 0;
    a.matcher = &matcher;
    a.size = size - TAIL;
    memset(a.seen, 0, a.size);
    tail = data + a.size;
    a.message = message = bj_exact_copy(data, a.size);
    (void)naive_name_read(message, a.size, naive_number(tail, 2), true,
                          &a.wanted);
    if ((tail[6] & CHANGE_CASE) != 0)
        change_case(&a.wanted);
    wanted = as_ours(&a.wanted);
    first = naive_number(tail + 2, 2);
    step = naive_number(tail + 4, 2);
    /* As if left by another message. */
    memset(matcher.suffix_len, 0xa5, sizeof(matcher.suffix_len));
    bj_matcher_init(&matcher, a.size, &wanted);
    for (size_t i = 0; i < ASKED; i++)
        ask(&a, (first + i * step) % a.size);
    free(message);
    return 0;
}
