#include "sandbox/resolve/control.h"

#include <string.h>

enum bj_status bj_control_write(struct bj_writer *w,
                                const struct bj_control *control)
{
    if (control->resolv_conf_len > BJ_CONTROL_TEXT_MAX ||
        control->gai_conf_len > BJ_CONTROL_TEXT_MAX)
        return BJ_LIMIT;
    bj_writer_u32(w, (uint32_t)control->kind);
    bj_writer_u32(w, control->number);
    bj_writer_u32(w, (uint32_t)(control->generation >> 32));
    bj_writer_u32(w, (uint32_t)(control->generation & UINT32_MAX));
    bj_writer_u32(w, (uint32_t)control->resolv_conf_len);
    bj_writer_u32(w, (uint32_t)control->gai_conf_len);
    bj_writer_bytes(w, control->resolv_conf, control->resolv_conf_len);
    bj_writer_bytes(w, control->gai_conf, control->gai_conf_len);
    return bj_writer_end(w);
}

enum bj_status bj_control_read(struct bj_cursor *c, struct bj_control *control)
{
    uint32_t kind;
    enum bj_status status;

    memset(control, 0, sizeof(*control));
    kind = bj_cursor_u32(c);
    control->number = bj_cursor_u32(c);
    control->generation = (uint64_t)bj_cursor_u32(c) << 32;
    control->generation += bj_cursor_u32(c);
    control->resolv_conf_len = bj_cursor_u32(c);
    control->gai_conf_len = bj_cursor_u32(c);
    control->resolv_conf = bj_cursor_bytes(c, control->resolv_conf_len);
    control->gai_conf = bj_cursor_bytes(c, control->gai_conf_len);
    if (kind == BJ_CONTROL_NONE || kind >= BJ_CONTROL_COUNT)
        bj_cursor_fail(c, BJ_BAD);
    else
        control->kind = (enum bj_control_kind)kind;
    status = bj_cursor_end(c);
    if (status != BJ_OK)
        memset(control, 0, sizeof(*control));
    return status;
}
