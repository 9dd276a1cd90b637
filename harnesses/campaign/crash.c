#include "harnesses/campaign/crash.h"

#include <stdio.h>
#include <string.h>

static void copy(char *out, size_t cap, const char *text, size_t len)
{
    if (len >= cap)
        len = cap - 1;
    memcpy(out, text, len);
    out[len] = '\0';
}

/* The first words of `text`, up to what varies from run to run. */
static void take_kind(struct bj_crash *crash, const char *text)
{
    static const char *const ends[] = {" on ", " for ", " in ",    " at ",
                                       " (",   ": ",    " of type"};
    size_t len = strcspn(text, "0123456789'\"\t");
    const char *end;
    size_t i;

    if (strncmp(text, "index ", 6) == 0) {
        copy(crash->kind, sizeof(crash->kind), "index-out-of-bounds", 19);
        return;
    }
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i += 1) {
        end = strstr(text, ends[i]);
        if (end != NULL && end != text && (size_t)(end - text) < len)
            len = (size_t)(end - text);
    }
    while (len > 0 && strchr(" :-", text[len - 1]) != NULL)
        len -= 1;
    if (len > 3 && strncmp(text + len - 3, " of", 3) == 0)
        len -= 3;
    copy(crash->kind, sizeof(crash->kind), text, len);
    for (i = 0; crash->kind[i] != '\0'; i += 1) {
        if (crash->kind[i] == ' ')
            crash->kind[i] = '-';
    }
}

static void say(struct bj_crash *crash, const char *line)
{
    copy(crash->text, sizeof(crash->text), line, strlen(line));
    crash->stack = BJ_STACK_NONE;
    crash->frame_count = 0;
}

/* The engine's own reports, by the words behind "libFuzzer: ". */
static const struct {
    const char *words;
    const char *kind;
} engine_kinds[] = {
    {"timeout", "timeout"},
    {"out-of-memory", "out-of-memory"},
    {"deadly signal", "deadly-signal"},
    {"fuzz target exited", "exit"},
    {"fuzz target overwrites its const input", "overwrites-const-input"},
    {"file size exceeded", "file-size-exceeded"},
};

static bool take_engine(struct bj_crash *crash, const char *line)
{
    const char *at = strstr(line, "ERROR: libFuzzer: ");
    size_t i;

    if (at == NULL)
        return false;
    at += strlen("ERROR: libFuzzer: ");
    /* An oracle or a sanitizer that aborts has said more than the signal. */
    if (crash->kind[0] != '\0' && strncmp(at, "deadly", 6) == 0)
        return true;
    say(crash, line);
    take_kind(crash, at);
    for (i = 0; i < sizeof(engine_kinds) / sizeof(engine_kinds[0]); i += 1) {
        if (strncmp(at, engine_kinds[i].words, strlen(engine_kinds[i].words)) ==
            0)
            copy(crash->kind, sizeof(crash->kind), engine_kinds[i].kind,
                 strlen(engine_kinds[i].kind));
    }
    return true;
}

static bool take_oracle(struct bj_crash *crash, const char *line)
{
    const char *end;
    size_t len;

    if (strncmp(line, "ORACLE ", 7) != 0)
        return false;
    end = strstr(line, " violated at ");
    if (end == NULL)
        return false;
    say(crash, line);
    len = (size_t)(end - line) - 7;
    memcpy(crash->kind, "oracle ", 7);
    copy(crash->kind + 7, sizeof(crash->kind) - 7, line + 7, len);
    return true;
}

/* "==12==ERROR: AddressSanitizer: heap-buffer-overflow on address ..." */
static bool take_sanitizer(struct bj_crash *crash, const char *line)
{
    static const char *const names[] = {
        "ERROR: AddressSanitizer: ", "WARNING: MemorySanitizer: ",
        "ERROR: MemorySanitizer: ",  "ERROR: UndefinedBehaviorSanitizer: ",
        "ERROR: ThreadSanitizer: ",  "ERROR: HWAddressSanitizer: "};
    const char *at;
    size_t i;

    if (strstr(line, "ERROR: LeakSanitizer: ") != NULL) {
        say(crash, line);
        memcpy(crash->kind, "leak", sizeof("leak"));
        return true;
    }
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        at = strstr(line, names[i]);
        if (at == NULL)
            continue;
        at += strlen(names[i]);
        if (strncmp(at, "attempting ", 11) == 0)
            at += 11;
        say(crash, line);
        take_kind(crash, at);
        return true;
    }
    return false;
}

/* "core/x.c:12:3: runtime error: signed integer overflow: 1 + 2 cannot ..." */
static bool take_undefined(struct bj_crash *crash, const char *line)
{
    const char *at = strstr(line, ": runtime error: ");

    if (at == NULL)
        return false;
    say(crash, line);
    take_kind(crash, at + strlen(": runtime error: "));
    return true;
}

/* "    #3 0x55d9d1  (/path/fuzz_x+0x3c04f) (BuildId: ..)": false if it is no
 * frame. */
static bool read_frame(const char *line, struct bj_frame *frame,
                       unsigned *number)
{
    unsigned long long offset;
    const char *open;
    const char *plus;
    const char *at;

    if (sscanf(line, " #%4u 0x%*x ", number) != 1)
        return false;
    memset(frame, 0, sizeof(*frame));
    open = strstr(line, " (/");
    if (open == NULL)
        return true; /* a frame, of which nothing is known */
    plus = NULL;
    for (at = strstr(open, "+0x"); at != NULL; at = strstr(at + 1, "+0x"))
        plus = at; /* the last: a path may hold one */
    if (plus == NULL || sscanf(plus, "+0x%16llx", &offset) != 1)
        return true;
    copy(frame->module, sizeof(frame->module), open + 2,
         (size_t)(plus - open) - 2);
    frame->offset = offset;
    return true;
}

static void take_frame(struct bj_crash *crash, const char *line)
{
    struct bj_frame frame;
    unsigned number;

    if (crash->stack == BJ_STACK_DONE)
        return;
    if (!read_frame(line, &frame, &number)) {
        if (crash->stack == BJ_STACK_READING && crash->frame_count > 0)
            crash->stack = BJ_STACK_DONE;
        return;
    }
    if (number == 0 && crash->stack == BJ_STACK_READING) {
        crash->stack = BJ_STACK_DONE;
        return;
    }
    crash->stack = BJ_STACK_READING;
    if (crash->frame_count < BJ_FRAMES_MAX && frame.module[0] != '\0') {
        crash->frame[crash->frame_count] = frame;
        crash->frame_count += 1;
    }
}

void bj_crash_line(struct bj_crash *crash, const char *line)
{
    /* The first report is the cause; the rest are of the same death. */
    if (crash->kind[0] == '\0' || strstr(line, "ERROR: libFuzzer: ") != NULL) {
        if (take_oracle(crash, line) || take_sanitizer(crash, line) ||
            take_undefined(crash, line) || take_engine(crash, line))
            return;
    }
    if (crash->kind[0] != '\0')
        take_frame(crash, line);
}

bool bj_crash_of_limit(const char *kind)
{
    return strcmp(kind, "timeout") == 0 || strcmp(kind, "out-of-memory") == 0;
}

bool bj_crash_same_kind(const char *a, const char *b)
{
    size_t i;

    for (i = 0; a[i] != '\0' && b[i] != '\0'; i += 1) {
        if (a[i] != b[i] &&
            !((a[i] == '-' || a[i] == ' ') && (b[i] == '-' || b[i] == ' ')))
            return false;
    }
    return a[i] == b[i];
}
