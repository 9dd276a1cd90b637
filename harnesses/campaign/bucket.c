#include "harnesses/campaign/bucket.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Beginnings of functions that stand between our code and a report, and of
 * files of the engine and the sanitizers. */
static const char *const foreign_functions[] = {
    "__asan",      "__ubsan",      "__msan",         "__lsan",
    "__sanitizer", "__tsan",       "___interceptor", "__interceptor",
    "fuzzer::",    "__libc_start", "_start",         "main",
    "malloc",      "calloc",       "realloc",        "free",
    "mem",         "str",          "abort",          "raise",
};
static const char *const foreign_files[] = {
    "compiler-rt", "/llvm", "sanitizer_common", "/sysdeps/", "libFuzzer"};

/* "mem" and "str" mean libc's, which have no underscore and no file. */
static bool foreign_function(const struct bj_frame *frame)
{
    size_t i;

    for (i = 0; i < sizeof(foreign_functions) / sizeof(foreign_functions[0]);
         i += 1) {
        if (strncmp(frame->function, foreign_functions[i],
                    strlen(foreign_functions[i])) != 0)
            continue;
        if (foreign_functions[i][0] == '_' ||
            strstr(foreign_functions[i], "::") != NULL ||
            frame->file[0] == '\0')
            return true;
    }
    return false;
}

bool bj_bucket_own(const struct bj_frame *frame, const char *program)
{
    size_t i;

    if (strcmp(frame->module, program) != 0)
        return false;
    if (foreign_function(frame))
        return false;
    for (i = 0; i < sizeof(foreign_files) / sizeof(foreign_files[0]); i += 1) {
        if (strstr(frame->file, foreign_files[i]) != NULL)
            return false;
    }
    return true;
}

/* FNV-1a, over texts and the NUL that ends each. */
static uint32_t hash(uint32_t sum, const char *text)
{
    size_t i = 0;

    do {
        sum = (sum ^ (uint8_t)text[i]) * UINT32_C(16777619);
        i += 1;
    } while (text[i - 1] != '\0');
    return sum;
}

void bj_bucket_of(const char *target, const char *program,
                  const struct bj_crash *crash, struct bj_bucket *out)
{
    uint32_t sum = UINT32_C(2166136261);
    size_t count = 0;
    size_t i;

    memset(out, 0, sizeof(*out));
    for (i = 0; i < crash->frame_count && count < BJ_BUCKET_FRAMES; i += 1) {
        const struct bj_frame *frame = &crash->frame[i];

        if (!bj_bucket_own(frame, program))
            continue;
        if (count == 0) {
            memcpy(out->file, frame->file, sizeof(out->file));
            out->line = frame->line;
        }
        if (frame->function[0] != '\0')
            snprintf(out->frame[count], sizeof(out->frame[count]), "%s",
                     frame->function);
        else
            snprintf(out->frame[count], sizeof(out->frame[count]), "+0x%llx",
                     (unsigned long long)frame->offset);
        count += 1;
    }
    sum = hash(hash(sum, target), crash->kind);
    for (i = 0; i < count && !bj_crash_of_limit(crash->kind); i += 1)
        sum = hash(sum, out->frame[i]);
    snprintf(out->id, sizeof(out->id), "%.20s-%08x", target, sum);
}
