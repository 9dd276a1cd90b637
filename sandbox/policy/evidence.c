#include "sandbox/policy/evidence.h"

#include <string.h>

static const struct bj_evidence records[] = {
#ifdef __GLIBC__
#include "sandbox/policy/evidence.inc"
#else
#include "sandbox/policy/evidence_musl.inc"
#endif
};

const struct bj_evidence *bj_evidence_find(const char *role, size_t row,
                                           const char *call)
{
    size_t i;

    for (i = 0; i < sizeof(records) / sizeof(records[0]); i += 1) {
        if (records[i].row == row && strcmp(records[i].role, role) == 0 &&
            strcmp(records[i].call, call) == 0)
            return &records[i];
    }
    return NULL;
}

static void list(const char *name, const struct bj_row *rows, size_t count,
                 FILE *out)
{
    const struct bj_evidence *record;
    size_t i;

    for (i = 0; i < count; i += 1) {
        record = bj_evidence_find(name, i, rows[i].call);
        fprintf(out, "  %-24s%s\n", rows[i].call, rows[i].why);
        if (record == NULL) {
            fprintf(out, "  %-24s  not measured yet\n", "");
            continue;
        }
        if (record->seen > 0)
            fprintf(out, "  %-24s  seen %lu times, first with %s\n", "",
                    record->seen, record->args);
        fprintf(out, "  %-24s  without it: %s\n", "", record->without);
    }
}

void bj_evidence_table(enum bj_role role, FILE *out)
{
    const struct bj_role_policy *policy = bj_role_policy(role);
    const struct bj_row *lockdown;
    size_t count;

    fprintf(out, "%s: entered %s\n\n", policy->name, policy->entered);
    list(policy->name, policy->rows, policy->row_count, out);
    if (policy->takes_union) {
        lockdown = bj_role_lockdown_rows(&count);
        fputs("  for lockdown:\n", out);
        list("lockdown", lockdown, count, out);
    }
    fputc('\n', out);
}
