#include "harnesses/campaign/symbols.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harnesses/campaign/tool.h"

#define OUTPUT_MAX ((size_t)1 << 20)

/* "/path/name.c:12:3" from its end: the path may hold a colon. */
static void take_place(const char *text, size_t len, struct bj_frame *frame)
{
    size_t end = len;
    unsigned colons = 0;
    size_t i;

    for (i = len; i > 0 && colons < 2; i -= 1) {
        if (text[i - 1] == ':') {
            colons += 1;
            end = i - 1;
        }
    }
    if (colons < 2 || (end >= 2 && strncmp(text, "??", 2) == 0))
        return;
    frame->line = (uint32_t)strtoul(text + end + 1, NULL, 10);
    snprintf(frame->file, sizeof(frame->file), "%.*s", (int)end, text);
}

void bj_symbols_take(const char *text, const struct bj_crash *from,
                     struct bj_crash *out)
{
    struct bj_frame *frame;
    size_t at = 0;
    size_t len;

    *out = *from;
    out->frame_count = 0;
    /* Pairs of lines, function and place, for each inlined call and the
     * frame itself; an empty line ends a frame. */
    while (*text != '\0' && at < from->frame_count) {
        len = strcspn(text, "\n");
        if (len == 0) {
            at += 1;
            text += 1;
            continue;
        }
        if (out->frame_count == BJ_FRAMES_MAX)
            return;
        frame = &out->frame[out->frame_count];
        *frame = from->frame[at];
        if (strncmp(text, "??", 2) != 0)
            snprintf(frame->function, sizeof(frame->function), "%.*s", (int)len,
                     text);
        text += len + (text[len] == '\n');
        len = strcspn(text, "\n");
        take_place(text, len, frame);
        text += len + (text[len] == '\n');
        out->frame_count += 1;
    }
}

bool bj_symbols_add(struct bj_crash *crash)
{
    static struct bj_crash named;
    char address[BJ_FRAMES_MAX][300];
    const char *argv[BJ_FRAMES_MAX + 4];
    size_t argc = 0;
    char *tool = bj_tool_llvm("llvm-symbolizer");
    char *text;
    int status;

    if (tool == NULL || crash->frame_count == 0) {
        free(tool);
        return false;
    }
    argv[argc++] = tool;
    argv[argc++] = "--inlines";
    for (size_t i = 0; i < crash->frame_count; i += 1) {
        snprintf(address[i], sizeof(address[i]), "\"%s\" 0x%llx",
                 crash->frame[i].module,
                 (unsigned long long)crash->frame[i].offset);
        argv[argc++] = address[i];
    }
    argv[argc] = NULL;
    text = bj_tool_output(argv, NULL, false, OUTPUT_MAX, &status);
    free(tool);
    if (text != NULL && status == 0) {
        bj_symbols_take(text, crash, &named);
        if (named.frame_count > 0)
            *crash = named;
    }
    free(text);
    return status == 0;
}
