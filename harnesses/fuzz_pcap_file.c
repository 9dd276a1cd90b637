/*
 * Reads the input as a capture twice: all at once, and through a window that
 * grows by as many octets a step as the last byte says. Oracles: both give
 * the same packets and the same end; a naive walk by indexes, written from
 * the two drafts' figures, finds the same packets at the same places; every
 * packet lies in the input; failures stay.
 */
#include "core/pcap/file.h"
#include "harnesses/harness.h"

enum { PACKETS_MAX = 300 };

struct found {
    uint64_t offset;
    uint64_t len;
    uint64_t link;
    uint64_t seconds;
    uint64_t nanoseconds;
};

struct list {
    struct found packets[PACKETS_MAX];
    size_t count;
    enum bj_status end;
};

static void add(struct list *list, const struct bj_pcap_record *r)
{
    struct found *next = &list->packets[list->count];

    if (list->count == PACKETS_MAX)
        return;
    next->offset = r->offset;
    next->len = r->len;
    next->link = r->link;
    next->seconds = r->seconds;
    next->nanoseconds = r->nanoseconds;
    list->count += 1;
}

/* The input in windows that end `step` octets later each time. */
static void read_by(const uint8_t *bytes, size_t size, size_t step,
                    struct list *list)
{
    struct bj_pcap_file *file = malloc(sizeof(*file));
    struct bj_pcap_record r;
    size_t from = 0;
    size_t to = 0;
    enum bj_status status = BJ_MORE;

    if (file == NULL)
        abort();
    bj_pcap_file_init(file);
    while (status == BJ_OK || (status == BJ_MORE && to < size)) {
        struct bj_cursor in;

        if (status == BJ_MORE)
            to = step > size - to ? size : to + step;
        bj_cursor_init(&in, bytes + from, to - from);
        status = bj_pcap_file_next(file, &in, &r);
        from += in.pos;
        BJ_CHECK(bj_cursor_ok(&in), "cursor-never-fails");
        BJ_CHECK(file->offset == from, "offset-is-what-was-consumed");
        if (status != BJ_OK) {
            BJ_CHECK(r.bytes == NULL && r.len == 0, "zero-on-failure");
            continue;
        }
        BJ_CHECK(r.bytes == bytes + r.offset && r.offset + r.len <= from,
                 "packet-inside");
        BJ_CHECK(r.nanoseconds < 1000000000, "under-a-second");
        add(list, &r);
    }
    list->end = status;
    if (status == BJ_MORE && bj_pcap_file_may_end(file, size - from))
        list->end = BJ_OK;
    if (status != BJ_MORE) {
        struct bj_cursor in;

        bj_cursor_init(&in, bytes, size);
        BJ_CHECK(bj_pcap_file_next(file, &in, &r) == status && in.pos == 0,
                 "failure-stays");
    }
    free(file);
}

/* The naive reading. */
struct naive {
    const uint8_t *bytes;
    size_t size;
    bool little;
};

static uint64_t number(const struct naive *n, size_t at, size_t octets)
{
    uint64_t value = 0;

    for (size_t i = 0; i < octets; i++)
        value = value << 8 | n->bytes[n->little ? at + octets - 1 - i : at + i];
    return value;
}

/* draft-ietf-opsawg-pcap figures 1 and 2. */
static void naive_classic(struct naive *n, struct list *list)
{
    size_t at = 24;
    bool nano;

    n->little = n->bytes[0] == 0xd4 || n->bytes[0] == 0x4d;
    if (n->size < 24 || number(n, 4, 2) != 2 || number(n, 6, 2) != 4)
        return;
    nano = (number(n, 0, 4) & 0xffff) == 0x3c4d;
    while (n->size - at >= 16 && list->count < PACKETS_MAX) {
        uint64_t len = number(n, at + 8, 4);
        uint64_t part = number(n, at + 4, 4);

        if (part >= (nano ? 1000000000 : 1000000) || len > 262144 ||
            len > n->size - at - 16)
            break;
        list->packets[list->count++] =
            (struct found){at + 16, len, number(n, 20, 4) & 0xffff,
                           number(n, at, 4), nano ? part : part * 1000};
        at += 16 + len;
    }
    list->end = at == n->size ? BJ_OK : BJ_MORE;
}

/* Packets of the blocks up to the first that is not whole or not as figures
 * 9 to 13 of draft-ietf-opsawg-pcapng have it. Interfaces' options are left
 * to the product: `links` and their number are all that is followed here. */
static void naive_ng(struct naive *n, struct list *list)
{
    uint64_t links[256], snaps[256];
    size_t interfaces = 0;
    size_t at = 0;

    while (n->size - at >= 12 && list->count < PACKETS_MAX) {
        uint64_t type = number(n, at, 4);
        uint64_t total, body;

        if (type == 0x0a0d0d0a) {
            n->little = n->bytes[at + 8] == 0x4d;
            interfaces = 0;
        }
        total = number(n, at + 4, 4);
        if (total < 12 || total % 4 != 0 || total > n->size - at ||
            number(n, at + total - 4, 4) != total)
            return;
        body = total - 12;
        if (type == 1 && body >= 8 && interfaces < 256) {
            links[interfaces] = number(n, at + 8, 2);
            snaps[interfaces++] = number(n, at + 12, 4);
        }
        if (type == 3 && body >= 4 && interfaces > 0) {
            uint64_t len = number(n, at + 8, 4);

            if (snaps[0] != 0 && len > snaps[0])
                len = snaps[0];
            if (len <= body - 4)
                list->packets[list->count++] =
                    (struct found){at + 12, len, links[0], 0, 0};
        }
        if ((type == 6 || type == 2) && body >= 20) {
            uint64_t which = number(n, at + 8, type == 6 ? 4 : 2);
            uint64_t len = number(n, at + 20, 4);

            if (which < interfaces && len <= body - 20)
                list->packets[list->count++] =
                    (struct found){at + 28, len, links[which], 0, 0};
        }
        at += total;
    }
}

static bool same_place(const struct found *a, const struct found *b)
{
    return a->offset == b->offset && a->len == b->len && a->link == b->link;
}

static void compare_naive(const uint8_t *bytes, size_t size,
                          const struct list *got, struct list *naive)
{
    struct naive n = {bytes, size, false};
    bool ng = size >= 4 && bytes[0] == 0x0a;

    naive->count = 0;
    if (!bj_pcap_file_is(bytes, size)) {
        BJ_CHECK(got->count == 0 && got->end != BJ_OK, "no-magic-no-capture");
        return;
    }
    if (ng)
        naive_ng(&n, naive);
    else
        naive_classic(&n, naive);
    /* The product may stop a pcapng earlier: it reads options too. */
    BJ_CHECK(ng ? got->count <= naive->count : got->count == naive->count,
             "count");
    BJ_CHECK(!ng || got->end != BJ_OK || got->count == naive->count,
             "count-of-a-whole-pcapng");
    for (size_t i = 0; i < got->count; i++) {
        BJ_CHECK(same_place(&got->packets[i], &naive->packets[i]), "place");
        BJ_CHECK(ng || memcmp(&got->packets[i], &naive->packets[i],
                              sizeof(struct found)) == 0,
                 "time");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t step = bj_take_tail(data, &size) + 1U;
    uint8_t *bytes = bj_exact_copy(data, size);
    struct list both[2];
    struct list *whole = &both[0];
    struct list *other = &both[1];

    whole->count = 0;
    other->count = 0;
    read_by(bytes, size, size > 0 ? size : 1, whole);
    read_by(bytes, size, step, other);
    BJ_CHECK(whole->end == other->end && whole->count == other->count,
             "any-window-same-end");
    BJ_CHECK(memcmp(whole->packets, other->packets,
                    whole->count * sizeof(struct found)) == 0,
             "any-window-same-packets");
    compare_naive(bytes, size, whole, other);
    bj_digest(whole->packets, whole->count * sizeof(struct found));
    free(bytes);
    return 0;
}
