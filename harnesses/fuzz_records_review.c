/*
 * The verdict on a whole message. Oracles: a naive walk that knows names
 * (harnesses/support/naive_dns.c) and lengths agrees on messages of types it
 * knows; no accepted message is accepted with an octet less or more; a fault
 * has its status, a clause, and a place inside the message.
 */
#include "core/records/review.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_dns.h"

static unsigned pair(const uint8_t *p)
{
    return p[0] * 256U + p[1];
}

/* RDATA of the types that RFC 1035 and RFC 3596 define with names and
 * addresses, and of numbers that are no type: 1 good, 0 bad, -1 not asked. */
static int naive_rdata(const uint8_t *b, size_t at, size_t end, unsigned type)
{
    struct naive_name name;
    size_t names = 1, octets = 0, before = 0;

    switch (type) {
    case 2:
    case 5:
    case 12:
        break;
    case 15:
        before = 2;
        break;
    case 6:
        names = 2;
        octets = 20;
        break;
    default:
        return type >= 65280 ? 1 : -1;
    }
    if (end - at < before)
        return 0;
    at += before;
    for (; names > 0; names--) {
        if (!naive_name_read(b, end, at, true, &name))
            return 0;
        at = name.after;
    }
    return end - at == octets;
}

/* The whole message: 1 good, 0 bad, -1 not asked. RFC 1035 section 4.1. */
static int naive_message(const uint8_t *b, size_t len)
{
    struct naive_name name;
    size_t at = 12;
    int verdict = 1;

    if (len < 12)
        return 0;
    for (size_t section = 0; section < 4; section++) {
        for (unsigned i = pair(b + 4 + 2 * section); i > 0; i--) {
            size_t fixed = section == 0 ? 4 : 10;
            size_t rdata;
            int one;

            if (!naive_name_read(b, len, at, true, &name) ||
                len - name.after < fixed)
                return verdict < 0 ? -1 : 0;
            at = name.after + fixed;
            if (section == 0)
                continue;
            rdata = pair(b + at - 2);
            if (rdata > len - at)
                return verdict < 0 ? -1 : 0;
            one = b[2] >> 3 & 15
                      ? -1
                      : naive_rdata(b, at, at + rdata, pair(b + name.after));
            if (one == 0)
                return verdict < 0 ? -1 : 0;
            if (one < 0)
                verdict = -1;
            at += rdata;
        }
    }
    return at != len && verdict == 1 ? 0 : verdict;
}

static void check_fault(const struct bj_review *r, enum bj_status status,
                        size_t size)
{
    BJ_CHECK(status == bj_fault_status(r->fault.kind) && status != BJ_OK,
             "status-of-the-fault");
    BJ_CHECK(strncmp(r->clause, "RFC ", 4) == 0, "clause");
    BJ_CHECK(r->fault.at <= size, "place-inside");
    BJ_CHECK(r->place != BJ_REVIEW_ITEM || r->item > 0, "item-from-1");
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = bj_exact_copy(data, size);
    struct bj_review r, other;
    enum bj_status status = bj_review_message(bytes, size, &r);
    int wanted = naive_message(bytes, size);

    BJ_CHECK(wanted < 0 || wanted == (status == BJ_OK), "accepted");
    bj_digest(&r.fault, sizeof(r.fault));
    if (status != BJ_OK) {
        check_fault(&r, status, size);
        free(bytes);
        return 0;
    }
    BJ_CHECK(bj_review_message(bytes, size - 1, &other) != BJ_OK, "no-less");
    free(bytes);
    bytes = calloc(size + 1, 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, data, size);
    BJ_CHECK(size == 65535 ||
                 (bj_review_message(bytes, size + 1, &other) == BJ_BAD &&
                  other.fault.kind == BJ_FAULT_TRAILING &&
                  other.fault.at == size),
             "no-more");
    free(bytes);
    return 0;
}
