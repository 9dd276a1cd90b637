#include "sandbox/resolve/reply.h"

#include <stdlib.h>
#include <string.h>

void bj_reply_init(struct bj_reply *reply)
{
    reply->outcome = BJ_FOUND;
    reply->error = 0;
    memset(&reply->result, 0, sizeof(reply->result));
    reply->bytes = reply->small_bytes;
    reply->lists = reply->small_lists;
}

void bj_reply_clear(struct bj_reply *reply)
{
    if (reply->bytes != reply->small_bytes)
        free(reply->bytes);
    if (reply->lists != reply->small_lists)
        free(reply->lists);
    bj_reply_init(reply);
}

void bj_reply_fail(struct bj_reply *reply, enum bj_outcome outcome, int error)
{
    bj_reply_clear(reply);
    reply->outcome = outcome;
    reply->error = error;
}

enum bj_outcome bj_reply_outcome(const struct bj_reply *reply)
{
    return reply->outcome != BJ_FOUND ? reply->outcome : reply->result.outcome;
}

/* Reads with `cap` octets for the lists; *needed is what would do. */
static enum bj_status read_into(struct bj_reply *reply, size_t len, size_t cap,
                                size_t *needed)
{
    struct bj_cursor c;
    struct bj_arena arena;
    enum bj_status status;

    bj_cursor_init(&c, reply->bytes, len);
    bj_arena_init(&arena, reply->lists, cap);
    status = bj_result_read(&c, &arena, &reply->result);
    *needed = arena.len;
    return status;
}

enum bj_status bj_reply_read(struct bj_reply *reply, const uint8_t *payload,
                             size_t len)
{
    size_t needed;
    enum bj_status status;

    bj_reply_clear(reply);
    if (len > sizeof(reply->small_bytes)) {
        reply->bytes = malloc(len);
        if (reply->bytes == NULL) {
            reply->bytes = reply->small_bytes;
            return BJ_SPACE;
        }
    }
    memcpy(reply->bytes, payload, len);
    status = read_into(reply, len, sizeof(reply->small_lists), &needed);
    if (status == BJ_SPACE) {
        reply->lists = malloc(needed);
        if (reply->lists == NULL)
            reply->lists = reply->small_lists;
        else
            status = read_into(reply, len, needed, &needed);
    }
    if (status != BJ_OK)
        bj_reply_clear(reply);
    return status;
}
