#include "core/pcap/file.h"

#include <string.h>

/* Magics, read as big-endian numbers: draft-ietf-opsawg-pcap section 4,
 * draft-ietf-opsawg-pcapng section 4.1. */
#define MAGIC_MICRO UINT32_C(0xa1b2c3d4)
#define MAGIC_NANO UINT32_C(0xa1b23c4d)
#define MAGIC_MICRO_LITTLE UINT32_C(0xd4c3b2a1)
#define MAGIC_NANO_LITTLE UINT32_C(0x4d3cb2a1)
#define MAGIC_NG UINT32_C(0x0a0d0d0a) /* the same in both orders */
#define MAGIC_ORDER UINT32_C(0x1a2b3c4d)
#define MAGIC_ORDER_LITTLE UINT32_C(0x4d3c2b1a)

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
};
enum { OPTION_END = 0, OPTION_UNIT = 9, OPTION_OFFSET = 14 };

/* Framing of a block: type and length before the body, the length after. */
enum { BLOCK_FRAME = 12 };

static const uint64_t powers_of_ten[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

enum { DECIMAL_UNIT_MAX = 19, BINARY_UNIT = 128, BINARY_UNIT_MAX = 63 };

void bj_pcap_file_init(struct bj_pcap_file *file)
{
    memset(file, 0, sizeof(*file));
}

static enum bj_pcap_format format_of(uint32_t magic)
{
    switch (magic) {
    case MAGIC_MICRO:
    case MAGIC_NANO:
    case MAGIC_MICRO_LITTLE:
    case MAGIC_NANO_LITTLE:
        return BJ_PCAP_CLASSIC;
    case MAGIC_NG:
        return BJ_PCAP_NG;
    default:
        return BJ_PCAP_UNKNOWN;
    }
}

bool bj_pcap_file_is(const uint8_t *bytes, size_t len)
{
    struct bj_cursor c;
    uint32_t magic;

    bj_cursor_init(&c, bytes, len);
    magic = bj_cursor_u32(&c);
    return bj_cursor_ok(&c) && format_of(magic) != BJ_PCAP_UNKNOWN;
}

/* Numbers in the section's byte order. */
static uint16_t file_u16(const struct bj_pcap_file *file, struct bj_cursor *c)
{
    unsigned value = bj_cursor_u16(c);

    if (file->little)
        value = value % 256U * 256U + value / 256U;
    return (uint16_t)value;
}

static uint32_t file_u32(const struct bj_pcap_file *file, struct bj_cursor *c)
{
    uint32_t first = file_u16(file, c);
    uint32_t second = file_u16(file, c);

    return file->little ? second * UINT32_C(65536) + first
                        : first * UINT32_C(65536) + second;
}

static uint64_t file_u64(const struct bj_pcap_file *file, struct bj_cursor *c)
{
    uint64_t first = file_u32(file, c);
    uint64_t second = file_u32(file, c);

    return file->little ? second * UINT64_C(4294967296) + first
                        : first * UINT64_C(4294967296) + second;
}

/* Classic pcap is one interface whose unit the magic tells. */
static enum bj_status read_classic_header(struct bj_pcap_file *file,
                                          struct bj_cursor *c)
{
    uint32_t magic = bj_cursor_u32(c);
    uint16_t major;
    uint16_t minor;

    file->little = magic == MAGIC_MICRO_LITTLE || magic == MAGIC_NANO_LITTLE;
    major = file_u16(file, c);
    minor = file_u16(file, c);
    bj_cursor_skip(c, 4 + 4); /* two unused fields */
    file->interfaces[0].snap = file_u32(file, c);
    /* Section 4: the upper half describes a frame check sequence. */
    file->interfaces[0].link = file_u32(file, c) % 65536U;
    file->interfaces[0].unit =
        magic == MAGIC_NANO || magic == MAGIC_NANO_LITTLE ? 9 : 6;
    if (!bj_cursor_ok(c))
        return c->status;
    /* Before 2.4 a packet's two lengths came in the other order, or in
     * either. */
    if (major != 2 || minor != 4)
        return BJ_UNSUPPORTED;
    file->interface_count = 1;
    file->format = BJ_PCAP_CLASSIC;
    return BJ_OK;
}

static enum bj_status read_classic_packet(const struct bj_pcap_file *file,
                                          struct bj_cursor *c,
                                          struct bj_pcap_record *out)
{
    uint32_t seconds = file_u32(file, c);
    uint32_t fraction = file_u32(file, c);
    uint32_t kept = file_u32(file, c);
    uint32_t sent = file_u32(file, c);
    bool nano = file->interfaces[0].unit == 9;

    if (!bj_cursor_ok(c))
        return c->status;
    /* Section 5: the fraction is of a second. */
    if (fraction >= (nano ? 1000000000U : 1000000U))
        return BJ_BAD;
    if (kept > BJ_PCAP_PACKET_MAX)
        return BJ_LIMIT;
    out->offset = file->offset + c->pos;
    out->bytes = bj_cursor_bytes(c, kept);
    out->len = kept;
    out->sent_len = sent;
    out->link = file->interfaces[0].link;
    out->seconds = seconds;
    out->nanoseconds = nano ? fraction : fraction * 1000U;
    return c->status;
}

/* Section 4.2: if_tsresol. Powers of two beyond 2^-32 lose what a
 * nanosecond cannot show, so that the product stays within 64 bits. */
static void set_time(const struct bj_pcap_interface *from, uint64_t ticks,
                     struct bj_pcap_record *out)
{
    uint64_t second;
    uint64_t fraction;

    if (from->unit < BINARY_UNIT) {
        second = powers_of_ten[from->unit];
        fraction = ticks % second;
        if (from->unit <= 9)
            fraction *= powers_of_ten[9 - from->unit];
        else
            fraction /= powers_of_ten[from->unit - 9];
    } else {
        second = UINT64_C(1) << (from->unit - BINARY_UNIT);
        fraction = ticks % second;
        if (second > UINT64_C(4294967296))
            fraction = fraction / (second / UINT64_C(4294967296)) *
                       UINT64_C(1000000000) / UINT64_C(4294967296);
        else
            fraction = fraction * UINT64_C(1000000000) / second;
    }
    out->seconds = ticks / second + from->offset;
    out->nanoseconds = (uint32_t)fraction;
}

static enum bj_status read_interface(struct bj_pcap_file *file,
                                     struct bj_cursor *body)
{
    struct bj_pcap_interface next = {.unit = 6};
    bool more = true;

    next.link = file_u16(file, body);
    bj_cursor_skip(body, 2);
    next.snap = file_u32(file, body);
    /* Options: ends, for each takes at least four of the octets left. */
    while (more && bj_cursor_left(body) > 0) {
        struct bj_cursor value;
        uint16_t code = file_u16(file, body);
        uint16_t len = file_u16(file, body);

        bj_cursor_narrow(body, len, &value);
        bj_cursor_skip(body, (4U - len % 4U) % 4U);
        if (code == OPTION_UNIT)
            next.unit = bj_cursor_u8(&value);
        else if (code == OPTION_OFFSET)
            next.offset = file_u64(file, &value);
        else
            bj_cursor_skip(&value, len);
        if (bj_cursor_end(&value) != BJ_OK)
            return BJ_BAD;
        more = code != OPTION_END;
    }
    if (!bj_cursor_ok(body) || next.unit % BINARY_UNIT > BINARY_UNIT_MAX ||
        (next.unit < BINARY_UNIT && next.unit > DECIMAL_UNIT_MAX))
        return BJ_BAD;
    if (file->interface_count >= BJ_PCAP_INTERFACES_MAX)
        return BJ_LIMIT;
    file->interfaces[file->interface_count] = next;
    file->interface_count += 1;
    return BJ_OK;
}

/* A packet block names an interface that its section has described. */
static enum bj_status take_packet(const struct bj_pcap_file *file,
                                  struct bj_cursor *body, uint32_t interface,
                                  uint32_t kept, struct bj_pcap_record *out)
{
    if (!bj_cursor_ok(body) || interface >= file->interface_count)
        return BJ_BAD;
    if (kept > BJ_PCAP_PACKET_MAX)
        return BJ_LIMIT;
    out->offset = body->pos;
    out->bytes = bj_cursor_bytes(body, kept);
    out->len = kept;
    out->link = file->interfaces[interface].link;
    return bj_cursor_ok(body) ? BJ_OK : BJ_BAD;
}

/* Section 4.3, and appendix A for the packet block that came before it: its
 * interface has 16 bits, and as many count drops. */
static enum bj_status read_enhanced(const struct bj_pcap_file *file,
                                    uint32_t type, struct bj_cursor *body,
                                    struct bj_pcap_record *out)
{
    bool old = type == BLOCK_PACKET;
    uint32_t interface = old ? file_u16(file, body) : file_u32(file, body);
    enum bj_status status;
    uint64_t high, low;
    uint32_t kept;

    if (old)
        bj_cursor_skip(body, 2);
    high = file_u32(file, body);
    low = file_u32(file, body);
    kept = file_u32(file, body);
    out->sent_len = file_u32(file, body);
    status = take_packet(file, body, interface, kept, out);
    if (status == BJ_OK)
        set_time(&file->interfaces[interface],
                 high * UINT64_C(4294967296) + low, out);
    return status;
}

/* Section 4.4: no time, the first interface, and no length of its own: the
 * shorter of what was sent and what that interface keeps. */
static enum bj_status read_simple(const struct bj_pcap_file *file,
                                  struct bj_cursor *body,
                                  struct bj_pcap_record *out)
{
    uint32_t kept = file_u32(file, body);
    uint32_t snap = file->interfaces[0].snap;

    out->sent_len = kept;
    if (snap != 0 && kept > snap)
        kept = snap;
    return take_packet(file, body, 0, kept, out);
}

/* Section 4.1. The order mark decides how the block's length is read, so
 * it is looked at first. */
static enum bj_status read_section(struct bj_pcap_file *file,
                                   struct bj_cursor *body)
{
    bj_cursor_skip(body, 4); /* the order mark, read already */
    if (file_u16(file, body) != 1)
        return bj_cursor_ok(body) ? BJ_UNSUPPORTED : BJ_BAD;
    bj_cursor_skip(body, 2 + 8); /* minor version, section length */
    if (!bj_cursor_ok(body))
        return BJ_BAD;
    file->interface_count = 0;
    memset(&file->interfaces[0], 0, sizeof(file->interfaces[0]));
    return BJ_OK;
}

static enum bj_status read_order(struct bj_pcap_file *file, struct bj_cursor c)
{
    bj_cursor_skip(&c, 4);
    switch (bj_cursor_u32(&c)) {
    case MAGIC_ORDER:
        file->little = false;
        return BJ_OK;
    case MAGIC_ORDER_LITTLE:
        file->little = true;
        return BJ_OK;
    default:
        return bj_cursor_ok(&c) ? BJ_BAD : BJ_MORE;
    }
}

static enum bj_status read_body(struct bj_pcap_file *file, uint32_t type,
                                struct bj_cursor *body,
                                struct bj_pcap_record *out)
{
    switch (type) {
    case MAGIC_NG:
        return read_section(file, body);
    case BLOCK_INTERFACE:
        return read_interface(file, body);
    case BLOCK_SIMPLE:
        return read_simple(file, body, out);
    default:
        return read_enhanced(file, type, body, out);
    }
}

static bool is_known(uint32_t type)
{
    return type == MAGIC_NG || type == BLOCK_INTERFACE ||
           type == BLOCK_PACKET || type == BLOCK_SIMPLE ||
           type == BLOCK_ENHANCED;
}

/* The length at a block's end must be the one at its start (section 3.1):
 * readers use it to walk backward. */
static enum bj_status read_trailer(const struct bj_pcap_file *file,
                                   struct bj_cursor *c, uint32_t total)
{
    uint32_t again = file_u32(file, c);

    if (!bj_cursor_ok(c))
        return c->status;
    return again == total ? BJ_OK : BJ_BAD;
}

/*
 * One block from `c`, a copy of the window. A block of unknown type is begun
 * here and passed over by pass_over, so that it need not fit the window.
 */
static enum bj_status read_block(struct bj_pcap_file *file, struct bj_cursor *c,
                                 struct bj_pcap_record *out)
{
    struct bj_cursor body;
    size_t body_at;
    uint32_t type;
    uint32_t total;
    enum bj_status status = BJ_OK;

    type = file_u32(file, c);
    if (type == MAGIC_NG)
        status = read_order(file, *c);
    total = file_u32(file, c);
    if (!bj_cursor_ok(c) || status != BJ_OK)
        return bj_cursor_ok(c) ? status : c->status;
    if (total < BLOCK_FRAME || total % 4U != 0)
        return BJ_BAD;
    if (!is_known(type)) {
        file->skip = total - BLOCK_FRAME;
        file->skip_total = total;
        return BJ_OK;
    }
    if (total > BJ_PCAP_BLOCK_MAX)
        return BJ_LIMIT;
    body_at = c->pos;
    bj_cursor_narrow(c, total - BLOCK_FRAME, &body);
    status = read_trailer(file, c, total);
    if (status != BJ_OK)
        return status;
    status = read_body(file, type, &body, out);
    out->offset += file->offset + body_at;
    return status;
}

/* Passes over what the window holds of an unknown block. */
static enum bj_status pass_over(struct bj_pcap_file *file, struct bj_cursor *c)
{
    size_t left = bj_cursor_left(c);
    uint32_t n = file->skip < left ? file->skip : (uint32_t)left;
    enum bj_status status;

    if (n > 0) {
        bj_cursor_skip(c, n);
        file->skip -= n;
        return BJ_OK;
    }
    if (file->skip > 0)
        return BJ_MORE;
    status = read_trailer(file, c, file->skip_total);
    if (status == BJ_OK)
        file->skip_total = 0;
    return status;
}

/* One record, whichever kind comes next: a header, a packet, a block. */
static enum bj_status read_one(struct bj_pcap_file *file, struct bj_cursor *c,
                               struct bj_pcap_record *out)
{
    struct bj_cursor magic = *c;

    if (file->format == BJ_PCAP_UNKNOWN) {
        uint32_t number = bj_cursor_u32(&magic);

        if (!bj_cursor_ok(&magic))
            return magic.status;
        if (format_of(number) == BJ_PCAP_UNKNOWN)
            return BJ_BAD;
        if (format_of(number) == BJ_PCAP_CLASSIC)
            return read_classic_header(file, c);
        file->format = BJ_PCAP_NG;
    }
    if (file->format == BJ_PCAP_CLASSIC)
        return read_classic_packet(file, c, out);
    if (file->skip_total != 0)
        return pass_over(file, c);
    return read_block(file, c, out);
}

enum bj_status bj_pcap_file_next(struct bj_pcap_file *file,
                                 struct bj_cursor *in,
                                 struct bj_pcap_record *out)
{
    /* Ends: each turn that goes on consumes at least one octet. */
    while (file->status == BJ_OK) {
        struct bj_cursor c;
        size_t before = in->pos;
        enum bj_status status;

        memset(out, 0, sizeof(*out));
        bj_cursor_init(&c, in->base == NULL ? NULL : in->base + before,
                       bj_cursor_left(in));
        status = read_one(file, &c, out);
        if (status == BJ_OK) {
            bj_cursor_skip(in, c.pos);
            file->offset += c.pos;
            if (out->bytes != NULL)
                return BJ_OK;
            continue;
        }
        memset(out, 0, sizeof(*out));
        if (status == BJ_MORE)
            return BJ_MORE;
        file->status = status;
    }
    memset(out, 0, sizeof(*out));
    return file->status;
}

bool bj_pcap_file_may_end(const struct bj_pcap_file *file, size_t left)
{
    return left == 0 && file->status == BJ_OK &&
           file->format != BJ_PCAP_UNKNOWN && file->skip_total == 0;
}
