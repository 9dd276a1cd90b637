#include <errno.h>
#include <jansson.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/policy/export.h"
#include "sandbox/policy/startup.h"

/* How OCI names the architectures that we do. */
static const struct {
    uint32_t arch;
    const char *name;
} archs[] = {
    {AUDIT_ARCH_X86_64, "SCMP_ARCH_X86_64"},
    {AUDIT_ARCH_AARCH64, "SCMP_ARCH_AARCH64"},
    {AUDIT_ARCH_RISCV64, "SCMP_ARCH_RISCV64"},
};

static bool explain(struct bj_trouble *trouble, const char *what)
{
    snprintf(trouble->text, sizeof(trouble->text), "%s", what);
    return false;
}

static bool rows_of(enum bj_role role, struct bj_role_rows *rows,
                    struct bj_trouble *trouble)
{
    if (!bj_startup_has(role)) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "%s is entered from another role, after the exec that this "
                 "format is for",
                 bj_role_policy(role)->name);
        return false;
    }
    return bj_startup_collect(role, rows) ||
           explain(trouble, "the rows are too many");
}

/* A row says nothing that an unconditional one of its call does not. */
static bool wider_exists(const struct bj_role_rows *rows, size_t row)
{
    size_t i;

    for (i = 0; i < rows->count; i += 1) {
        if (i != row && rows->row[i]->when[0].text == NULL &&
            strcmp(rows->row[i]->call, rows->row[row]->call) == 0)
            return true;
    }
    return false;
}

/* ---- oci ---- */

/* Conditions on a prepared filter are left out: its address is unknown. */
static json_t *oci_args(const struct bj_row *row)
{
    json_t *args = json_array();
    const struct bj_condition *when;
    unsigned i;
    json_t *arg;

    for (i = 0; i < BJ_CONDITIONS_MAX && row->when[i].text != NULL; i += 1) {
        when = &row->when[i];
        if (when->source == BJ_PROGRAM)
            continue;
        if (when->mask == UINT64_MAX)
            arg = json_pack("{s:i, s:I, s:s}", "index", (int)when->arg, "value",
                            (json_int_t)when->value, "op", "SCMP_CMP_EQ");
        else
            arg =
                json_pack("{s:i, s:I, s:I, s:s}", "index", (int)when->arg,
                          "value", (json_int_t)when->mask, "valueTwo",
                          (json_int_t)when->value, "op", "SCMP_CMP_MASKED_EQ");
        if (json_array_append_new(args, arg) != 0)
            return NULL;
    }
    return args;
}

static json_t *oci_rule(const struct bj_row *row)
{
    if (row->answer != 0)
        return json_pack("{s:[s], s:s, s:i}", "names", row->call, "action",
                         "SCMP_ACT_ERRNO", "errnoRet", row->answer);
    return json_pack("{s:[s], s:s, s:o}", "names", row->call, "action",
                     "SCMP_ACT_ALLOW", "args", oci_args(row));
}

static json_t *oci_rules(const struct bj_role_rows *rows)
{
    json_t *rules = json_array();
    json_t *names = json_array();
    size_t i;

    for (i = 0; i < rows->count; i += 1) {
        const struct bj_row *row = rows->row[i];

        if (row->answer == 0 && row->when[0].text == NULL) {
            if (json_array_append_new(names, json_string(row->call)) != 0)
                return NULL;
        } else if (!wider_exists(rows, i)) {
            if (json_array_append_new(rules, oci_rule(row)) != 0)
                return NULL;
        }
    }
    if (json_array_append_new(rules, json_pack("{s:o, s:s}", "names", names,
                                               "action", "SCMP_ACT_ALLOW")) !=
        0)
        return NULL;
    return rules;
}

bool bj_export_oci(enum bj_role role, FILE *out, struct bj_trouble *trouble)
{
    struct bj_role_rows rows;
    json_t *profile;
    size_t i = 0;
    bool good;

    if (!rows_of(role, &rows, trouble))
        return false;
    while (i < sizeof(archs) / sizeof(archs[0]) &&
           archs[i].arch != seccomp_arch_native())
        i += 1;
    if (i == sizeof(archs) / sizeof(archs[0]))
        return explain(trouble, "OCI's name of this architecture is unknown");
    profile =
        json_pack("{s:s, s:[s], s:o}", "defaultAction", "SCMP_ACT_KILL_PROCESS",
                  "architectures", archs[i].name, "syscalls", oci_rules(&rows));
    good = profile != NULL && json_dumpf(profile, out, JSON_INDENT(2)) == 0 &&
           fputc('\n', out) != EOF;
    json_decref(profile);
    return good || explain(trouble, "out of memory, or the output is full");
}

/* ---- systemd ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* SystemCallFilter= lines of at most 79 columns. */
static void list_names(const char *const *names, size_t count, FILE *out)
{
    static const char key[] = "SystemCallFilter=";
    size_t column = 0;
    size_t i;

    for (i = 0; i < count; i += 1) {
        if (i > 0 && strcmp(names[i], names[i - 1]) == 0)
            continue;
        if (column == 0 || column + 1 + strlen(names[i]) > 79) {
            fprintf(out, "%s%s%s", i == 0 ? "" : "\n", key, names[i]);
            column = sizeof(key) - 1 + strlen(names[i]);
        } else {
            fprintf(out, " %s", names[i]);
            column += 1 + strlen(names[i]);
        }
    }
    fputc('\n', out);
}

/* An allow-list of systemd's cannot answer a call with an errno, so those
 * that we answer are let through, up to the filter of ours that does. */
bool bj_export_systemd(enum bj_role role, FILE *out, struct bj_trouble *trouble)
{
    const char *names[BJ_ROWS_MAX];
    struct bj_role_rows rows;
    size_t i;

    if (!rows_of(role, &rows, trouble))
        return false;
    for (i = 0; i < rows.count; i += 1)
        names[i] = rows.row[i]->call;
    qsort(names, rows.count, sizeof(names[0]), compare_names);
    fprintf(out, "# For [Service]: the role %s and the start before it.\n",
            bj_role_policy(role)->name);
    fputs("NoNewPrivileges=yes\nSystemCallArchitectures=native\n", out);
    list_names(names, rows.count, out);
    fputs("LimitCORE=0\n", out);
    return true;
}
