/*
 * Writes a scripted sequence of items twice: once into unlimited room, once
 * into an exact heap block of the capacity that the last byte chooses.
 * Oracles: the second is a prefix of the first, it counts the same length,
 * and it succeeds exactly when the capacity suffices.
 */
#include "core/bytes/cursor.h"
#include "core/bytes/writer.h"
#include "harnesses/harness.h"

enum { ROOM = 65536 };

static void play(struct bj_writer *w, const uint8_t *script, size_t len)
{
    struct bj_cursor c;

    bj_cursor_init(&c, script, len);
    while (bj_cursor_left(&c) > 0) {
        uint8_t op = bj_cursor_u8(&c);
        size_t n = op >> 4;

        switch (op & 7) {
        case 0:
            bj_writer_u8(w, op);
            break;
        case 1:
            bj_writer_u16(w, bj_cursor_u16(&c));
            break;
        case 2:
            bj_writer_u32(w, bj_cursor_u32(&c));
            break;
        case 3:
            bj_writer_dec(w, bj_cursor_u32(&c) * UINT64_C(4294967295));
            break;
        case 4:
            bj_writer_hex(w, bj_cursor_u16(&c), (unsigned)n + 1);
            break;
        case 5:
            bj_writer_zero(w, n);
            break;
        case 6:
            bj_writer_text(w, &"bell jar"[n % 8]);
            break;
        default:
            if (w->len >= 2)
                bj_writer_patch_u16(w, w->len - 2, 0x4a4a);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    struct bj_writer full;
    struct bj_writer tight;
    size_t cap;
    uint8_t *block;
    enum bj_status end;

    cap = bj_take_tail(data, &size);
    if (size > 4096)
        size = 4096; /* 20 octets an item at most: always within ROOM */
    block = malloc(cap > 0 ? cap : 1);
    if (block == NULL)
        abort();
    memset(block, 0xa5, cap > 0 ? cap : 1);
    bj_writer_init(&full, room, sizeof(room));
    play(&full, data, size);
    BJ_CHECK(bj_writer_end(&full) == BJ_OK, "room-suffices");
    bj_writer_init(&tight, cap > 0 ? block : NULL, cap);
    play(&tight, data, size);
    end = bj_writer_end(&tight);
    BJ_CHECK(tight.len == full.len, "measures");
    BJ_CHECK((end == BJ_OK) == (full.len <= cap), "space-iff");
    if (end == BJ_OK)
        BJ_CHECK(memcmp(block, room, full.len) == 0, "same-bytes");
    end = bj_writer_end_text(&tight);
    BJ_CHECK((end == BJ_OK) == (full.len < cap), "text-iff");
    if (end != BJ_OK && cap > 0)
        BJ_CHECK(block[0] == 0, "text-empty");
    bj_digest(room, full.len);
    free(block);
    return 0;
}
