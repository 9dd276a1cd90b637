#include "sandbox/policy/export.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/policy/filter.h"

static const char *owner_name(unsigned owner)
{
    if (owner == BJ_ROW_OF_LOCKDOWN)
        return "lockdown";
    if (owner == BJ_ROW_OF_SANITIZER)
        return "sanitizer";
    if (owner == BJ_ROW_OF_STARTUP)
        return "startup";
    if (owner == BJ_ROW_OF_LOADER)
        return "loader";
    return bj_role_policy((enum bj_role)owner)->name;
}

static const struct {
    const char *name;
    size_t offset;
} limit_names[] = {
    {"core", offsetof(struct bj_limits, core)},
    {"fsize", offsetof(struct bj_limits, fsize)},
    {"nofile", offsetof(struct bj_limits, nofile)},
    {"nproc", offsetof(struct bj_limits, nproc)},
};
#define LIMIT_COUNT (sizeof(limit_names) / sizeof(limit_names[0]))

/* A limit as text: a number, "caller" or "as it was". */
static const char *limit_text(const struct bj_limits *limits, size_t i,
                              char out[static 24])
{
    uint64_t value;

    memcpy(&value, (const char *)limits + limit_names[i].offset, sizeof(value));
    if (value == BJ_LIMIT_KEEP)
        return "kept";
    if (value == BJ_LIMIT_CALLER)
        return "set by the caller";
    snprintf(out, 24, "%" PRIu64, value);
    return out;
}

/* ---- table ---- */

/* landlock_restrict_self has 22 characters. */
#define CALL_WIDTH 24

static void table_row(const struct bj_row *row, FILE *out)
{
    unsigned i;

    fprintf(out, "  %-*s", CALL_WIDTH, row->call);
    if (row->answer != 0)
        fprintf(out, "answers %s: ", strerrorname_np(row->answer));
    fprintf(out, "%s\n", row->why);
    for (i = 0; i < BJ_CONDITIONS_MAX && row->when[i].text != NULL; i += 1)
        fprintf(out, "  %-*s  %s %s\n", CALL_WIDTH, "", i == 0 ? "if" : " &",
                row->when[i].text);
}

static void table_layers(const struct bj_role_policy *policy, FILE *out)
{
    char text[24];
    unsigned fd;
    size_t i;

    if (policy->layers != NULL) {
        fprintf(out, "  other layers: %s\n", policy->layers);
        return;
    }
    if (policy->tightens) {
        fputs("  other layers: those of the role it is entered from\n", out);
        return;
    }
    fputs("  descriptors:", out);
    for (fd = 0; fd < 64; fd += 1) {
        if (policy->keeps >> fd & 1)
            fprintf(out, " %u", fd);
    }
    fputs("\n  limits:", out);
    for (i = 0; i < LIMIT_COUNT; i += 1)
        fprintf(out, "%s %s %s", i == 0 ? "" : ",", limit_names[i].name,
                limit_text(&policy->limits, i, text));
    fprintf(out, "\n  Landlock: no access to files, no TCP bind%s\n",
            policy->rights & BJ_RIGHT_CONNECT_TCP ? "" : " or connect");
}

void bj_export_table(enum bj_role role, FILE *out)
{
    const struct bj_role_policy *policy = bj_role_policy(role);
    struct bj_role_rows rows;
    unsigned owner = role;
    size_t i;

    if (!bj_role_collect(role, policy->below, &rows))
        return;
    fprintf(out, "%s: entered %s\n%zu calls in %zu rows\n\n", policy->name,
            policy->entered, bj_role_count_calls(&rows), rows.count);
    fprintf(out, "  %-*s%s\n", CALL_WIDTH, "CALL",
            "WHY, AND ON WHAT CONDITION");
    for (i = 0; i < rows.count; i += 1) {
        if (rows.owner[i] != owner) {
            owner = rows.owner[i];
            fprintf(out, "  for %s:\n", owner_name(owner));
        }
        table_row(rows.row[i], out);
    }
    fputs("\n", out);
    table_layers(policy, out);
    fputs("\n", out);
}

bool bj_export_totals(FILE *out, struct bj_trouble *trouble)
{
    struct bj_filter_source source;
    struct bj_program program;
    unsigned role;

    fprintf(out, "%-22s%8s%8s%16s\n", "ROLE", "CALLS", "ROWS", "INSTRUCTIONS");
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (!bj_export_source((enum bj_role)role, &source, trouble) ||
            !bj_filter_compile(&source, &program, trouble))
            return false;
        fprintf(out, "%-22s%8zu%8zu%16u\n",
                bj_role_policy((enum bj_role)role)->name,
                bj_role_count_calls(&source.rows), source.rows.count,
                program.fprog->len);
        bj_filter_free(&program);
    }
    return true;
}

/* ---- json ---- */

static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%" PRIx64, value);
    return json_string(text);
}

/* Every json_*_new below takes over the reference, and a NULL anywhere comes
 * out as a NULL or a failure at the end: json_pack checks for us. */
static json_t *json_conditions(const struct bj_row *row)
{
    json_t *list = json_array();
    const struct bj_condition *when;
    unsigned i;

    for (i = 0; i < BJ_CONDITIONS_MAX && row->when[i].text != NULL; i += 1) {
        when = &row->when[i];
        if (json_array_append_new(
                list, json_pack("{s:i, s:o, s:o, s:s}", "arg", (int)when->arg,
                                "mask", hex(when->mask), "value",
                                when->source == BJ_PROGRAM ? json_null()
                                                           : hex(when->value),
                                "text", when->text)) != 0)
            return NULL;
    }
    return list;
}

static json_t *json_rows(const struct bj_role_rows *rows)
{
    json_t *list = json_array();
    const struct bj_row *row;
    size_t i;

    for (i = 0; i < rows->count; i += 1) {
        row = rows->row[i];
        if (json_array_append_new(
                list, json_pack("{s:s, s:s, s:o, s:s, s:s}", "call", row->call,
                                "verdict",
                                row->answer == 0 ? "allow"
                                                 : strerrorname_np(row->answer),
                                "when", json_conditions(row), "why", row->why,
                                "for", owner_name(rows->owner[i]))) != 0)
            return NULL;
    }
    return list;
}

static json_t *json_limits(const struct bj_limits *limits)
{
    json_t *object = json_object();
    char text[24];
    size_t i;

    for (i = 0; i < LIMIT_COUNT; i += 1) {
        if (json_object_set_new(object, limit_names[i].name,
                                json_string(limit_text(limits, i, text))) != 0)
            return NULL;
    }
    return object;
}

static json_t *json_keeps(uint64_t keeps)
{
    json_t *list = json_array();
    int fd;

    for (fd = 0; fd < 64; fd += 1) {
        if ((keeps >> fd & 1) != 0 &&
            json_array_append_new(list, json_integer(fd)) != 0)
            return NULL;
    }
    return list;
}

static json_t *json_role(enum bj_role role)
{
    const struct bj_role_policy *policy = bj_role_policy(role);
    struct bj_role_rows rows;

    if (!bj_role_collect(role, policy->below, &rows))
        return NULL;
    return json_pack(
        "{s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:{s:b, s:b, s:b}}", "role",
        policy->name, "entered", policy->entered, "tightens",
        (int)policy->tightens, "calls", (json_int_t)bj_role_count_calls(&rows),
        "rows", json_rows(&rows), "limits", json_limits(&policy->limits),
        "descriptors", json_keeps(policy->keeps), "landlock", "files", 0,
        "connect_tcp", (policy->rights & BJ_RIGHT_CONNECT_TCP) != 0, "bind_tcp",
        (policy->rights & BJ_RIGHT_BIND_TCP) != 0);
}

bool bj_export_json(unsigned first, unsigned end, FILE *out)
{
    json_t *list = json_array();
    bool good = list != NULL;
    unsigned role;

    for (role = first; good && role < end; role += 1)
        good = json_array_append_new(list, json_role((enum bj_role)role)) == 0;
    if (good)
        good = json_dumpf(list, out, JSON_INDENT(2)) == 0 &&
               fputc('\n', out) != EOF;
    json_decref(list);
    return good;
}

/* ---- the filter itself ---- */

bool bj_export_source(enum bj_role role, struct bj_filter_source *out,
                      struct bj_trouble *trouble)
{
    memset(out, 0, sizeof(*out));
    if (!bj_role_collect(role, bj_role_policy(role)->below, &out->rows)) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "the rows of %s are too many", bj_role_policy(role)->name);
        return false;
    }
    out->program_count = 1;
    out->action = SECCOMP_RET_KILL_PROCESS;
    return true;
}

static bool cannot_write(struct bj_trouble *trouble)
{
    snprintf(trouble->text, sizeof(trouble->text), "cannot write: %s",
             strerror(errno));
    return false;
}

/* libseccomp writes to a descriptor and does not tell if that fails: into
 * memory first. */
bool bj_export_pfc(enum bj_role role, FILE *out, struct bj_trouble *trouble)
{
    struct bj_filter_source source;
    char text[4096];
    off_t at = 0;
    ssize_t n = 0;
    int fd;
    bool good;

    if (!bj_export_source(role, &source, trouble))
        return false;
    fd = memfd_create("belljar-pfc", MFD_CLOEXEC);
    if (fd < 0)
        return cannot_write(trouble);
    good = bj_filter_describe(&source, fd, trouble);
    while (good && (n = pread(fd, text, sizeof(text), at)) > 0) {
        good = fwrite(text, 1, (size_t)n, out) == (size_t)n ||
               cannot_write(trouble);
        at += n;
    }
    close(fd);
    return good && (n == 0 || cannot_write(trouble));
}

bool bj_export_bpf(enum bj_role role, FILE *out, struct bj_trouble *trouble)
{
    struct bj_filter_source source;
    struct bj_program program;
    bool good;

    if (!bj_export_source(role, &source, trouble) ||
        !bj_filter_compile(&source, &program, trouble))
        return false;
    good = fwrite(program.fprog->filter, sizeof(program.fprog->filter[0]),
                  program.fprog->len, out) == program.fprog->len;
    if (!good)
        cannot_write(trouble);
    bj_filter_free(&program);
    return good;
}
