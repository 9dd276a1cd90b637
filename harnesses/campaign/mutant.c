#include "harnesses/campaign/mutant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[BJ_MUTANT_RESULTS] = {
    [BJ_MUTANT_KILLED] = "killed",     [BJ_MUTANT_REPLAYED] = "replayed",
    [BJ_MUTANT_MISTAKEN] = "mistaken", [BJ_MUTANT_ALWAYS] = "always",
    [BJ_MUTANT_SURVIVED] = "survived", [BJ_MUTANT_NOT_REACHED] = "not reached",
    [BJ_MUTANT_UNFIT] = "unfit",
};

const char *bj_mutant_word(enum bj_mutant_result result)
{
    return words[result];
}

static bool read_header(const char *line, struct bj_mutant *out)
{
    char harness[BJ_NAME_MAX];
    char report[sizeof(out->report)];

    if (sscanf(line, "# harness: %63[A-Za-z0-9_]; report: %127[^\n]", harness,
               report) != 2)
        return false;
    memcpy(out->harness, harness, sizeof(harness));
    memcpy(out->report, report, sizeof(report));
    return bj_state_name_ok(out->harness);
}

/* "+++ b/core/dns/name.c" and "@@ -97,3 +97,4 @@". */
static bool read_line(const char *line, char *file, size_t file_cap,
                      struct bj_mutant *out)
{
    size_t len = strcspn(line, "\t\r\n");
    unsigned at;

    if (strncmp(line, "+++ ", 4) == 0) {
        if (strncmp(line + 4, "b/", 2) != 0 || len - 6 >= file_cap || len == 6)
            return false;
        memcpy(file, line + 6, len - 6);
        file[len - 6] = '\0';
        return file[0] != '/' && strstr(file, "..") == NULL;
    }
    if (sscanf(line, "@@ -%9u", &at) != 1)
        return true;
    if (file[0] == '\0' || out->hunk_count == BJ_MUTANT_HUNKS_MAX)
        return false;
    snprintf(out->hunk[out->hunk_count].file,
             sizeof(out->hunk[out->hunk_count].file), "%s", file);
    out->hunk[out->hunk_count].line = at;
    out->hunk_count += 1;
    return true;
}

bool bj_mutant_read(const char *name, const char *patch, struct bj_mutant *out)
{
    char file[sizeof(out->hunk[0].file)] = "";
    bool good;

    memset(out, 0, sizeof(*out));
    good = bj_state_name_ok(name) && read_header(patch, out);
    if (good)
        snprintf(out->name, sizeof(out->name), "%s", name);
    while (good && *patch != '\0') {
        good = read_line(patch, file, sizeof(file), out);
        patch += strcspn(patch, "\n");
        patch += *patch == '\n';
    }
    return good && out->hunk_count > 0;
}

/* "oracle a|b" against "oracle b". */
static bool one_of_oracles(const char *announced, const char *kind)
{
    size_t len;

    if (strncmp(announced, "oracle ", 7) != 0 ||
        strncmp(kind, "oracle ", 7) != 0)
        return false;
    for (announced += 7; *announced != '\0'; announced += len) {
        announced += *announced == '|';
        len = strcspn(announced, "|");
        if (strlen(kind + 7) == len && strncmp(announced, kind + 7, len) == 0)
            return true;
    }
    return false;
}

static bool is_report(const char *announced, const struct bj_crash *crash)
{
    if (strcmp(announced, "undefined-behavior") == 0 &&
        strstr(crash->text, ": runtime error: ") != NULL)
        return true;
    return bj_crash_same_kind(announced, crash->kind) ||
           one_of_oracles(announced, crash->kind);
}

/* "timeout or oracle a": which comes first may be chance. */
bool bj_mutant_announced(const struct bj_mutant *mutant,
                         const struct bj_crash *crash)
{
    char report[sizeof(mutant->report)];
    char *next;

    memcpy(report, mutant->report, sizeof(report));
    for (char *one = report; one != NULL; one = next) {
        next = strstr(one, " or ");
        if (next != NULL) {
            *next = '\0';
            next += strlen(" or ");
        }
        if (is_report(one, crash))
            return true;
    }
    return false;
}

/* Whether a line of the account names a function of the hunk's file that
 * begins before it. */
static bool names(const char *line, const char *file, unsigned before)
{
    size_t len = strcspn(line, "\n");
    const char *at;

    if (strncmp(line, "COVERED_FUNC: ", 14) != 0)
        return false;
    for (at = strstr(line, file); at != NULL && at < line + len;
         at = strstr(at + 1, file)) {
        if (at[-1] == '/' && at[strlen(file)] == ':')
            return strtoul(at + strlen(file) + 1, NULL, 10) <= before;
    }
    return false;
}

bool bj_mutant_entered(const struct bj_mutant *mutant, const char *log)
{
    /* A hunk begins a line or two before what it changes. */
    const unsigned context = 3;

    for (; *log != '\0'; log += *log == '\n') {
        for (size_t i = 0; i < mutant->hunk_count; i += 1) {
            if (names(log, mutant->hunk[i].file,
                      mutant->hunk[i].line + context))
                return true;
        }
        log += strcspn(log, "\n");
    }
    return false;
}
