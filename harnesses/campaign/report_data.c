/* The report for programs: JSON of our own, and SARIF 2.1.0. */
#include <stdlib.h>
#include <string.h>

#include "harnesses/campaign/report.h"
#include "harnesses/campaign/run.h"

#define SCHEMA                                                            \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
    "sarif-schema-2.1.0.json"

/* Measured files of ours; some 100 KiB. */
#define FILE_MAX ((size_t)64 << 20)

static json_t *load(const struct bj_folder *folder, const char *name)
{
    struct bj_path path = bj_path_of("%s/%s", folder->path, name);
    size_t len;
    char *text = bj_files_read(path.text, FILE_MAX, &len);
    json_t *made = text == NULL ? NULL : json_loadb(text, len, 0, NULL);

    free(text);
    return made;
}

void bj_report_open(const struct bj_folder *folder, const struct bj_campaign *c,
                    struct bj_report *out)
{
    *out = (struct bj_report){
        .folder = folder,
        .c = c,
        .coverage = load(folder, "coverage.json"),
        .mutants = load(folder, "mutants.json"),
    };
    out->status = (int)bj_run_judge(c);
    out->verdict =
        bj_run_words((enum bj_exit)out->status, bj_folder_busy(folder));
}

void bj_report_close(struct bj_report *report)
{
    json_decref(report->coverage);
    json_decref(report->mutants);
}

json_t *bj_report_json(const struct bj_report *report)
{
    char *text = bj_state_print(report->c);
    json_t *made = text == NULL ? NULL : json_loads(text, 0, NULL);

    free(text);
    if (made == NULL)
        return NULL;
    json_object_set_new(made, "verdict", json_string(report->verdict));
    json_object_set_new(made, "exit_status", json_integer(report->status));
    if (report->coverage != NULL)
        json_object_set(made, "coverage", report->coverage);
    if (report->mutants != NULL)
        json_object_set(made, "mutants", report->mutants);
    return made;
}

/* ---- SARIF ---- */

/* Texts that are not UTF-8 have been cleaned when the state was written, but
 * this may be a state that never was. */
static json_t *text_of(const char *text)
{
    json_t *made = json_string(text);

    return made != NULL ? made : json_string("?");
}

/* A path as a URI (RFC 3986 section 3.3): what no segment may have as it is
 * stands by its octets, and so does a colon, which would end a scheme. */
static json_t *uri_of(const char *before, const char *path, const char *after)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/!$&'()*+,;=@";
    char uri[3 * BJ_PATH_MAX];
    size_t len = 0;

    for (; *path != '\0' && len < sizeof(uri) - 3; path += 1)
        if (strchr(plain, *path) != NULL)
            uri[len++] = *path;
        else
            len += (size_t)snprintf(uri + len, 4, "%%%02X",
                                    (unsigned)(unsigned char)*path);
    uri[len] = '\0';
    return json_sprintf("%s%s%s", before, uri, after);
}

/* One rule for each kind of report. */
static json_t *rules_of(const struct bj_campaign *c)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < c->finding_count; i += 1) {
        bool seen = false;

        for (size_t k = 0; k < i; k += 1)
            seen = seen || strcmp(c->finding[k].kind, c->finding[i].kind) == 0;
        if (!seen)
            json_array_append_new(
                rules,
                json_pack("{s:o,s:{s:s}}", "id", text_of(c->finding[i].kind),
                          "shortDescription", "text",
                          "Reported while a fuzz target ran"));
    }
    return rules;
}

static json_t *location_of(const struct bj_finding *finding)
{
    bool absolute = finding->file[0] == '/';
    json_t *artifact = json_pack(
        "{s:o}", "uri", uri_of(absolute ? "file://" : "", finding->file, ""));

    if (!absolute)
        json_object_set_new(artifact, "uriBaseId", json_string("SRCROOT"));
    return json_pack("[{s:{s:o,s:{s:i}},s:[{s:o}]}]", "physicalLocation",
                     "artifactLocation", artifact, "region", "startLine",
                     finding->line > 0 ? (int)finding->line : 1,
                     "logicalLocations", "name", text_of(finding->frame[0]));
}

static json_t *result_of(const struct bj_finding *finding)
{
    json_t *made = json_pack(
        "{s:o,s:s,s:{s:o},s:{s:o},s:s,s:{s:s,s:I,s:i,s:i,s:s}}", "ruleId",
        text_of(finding->kind), "level", "error", "message", "text",
        text_of(finding->text), "partialFingerprints", "bucket/v1",
        text_of(finding->id), "baselineState",
        finding->known ? "unchanged" : "new", "properties", "target",
        finding->target, "inputOctets", (json_int_t)finding->input_len,
        "inputs", (int)finding->count, "reproducedOf3",
        (int)finding->reproduced, "input", finding->input);

    /* Without symbols there is no place to point to. */
    if (made != NULL && finding->file[0] != '\0')
        json_object_set_new(made, "locations", location_of(finding));
    return made;
}

json_t *bj_report_sarif(const struct bj_report *report)
{
    json_t *results = json_array();

    for (size_t i = 0; i < report->c->finding_count; i += 1)
        json_array_append_new(results, result_of(&report->c->finding[i]));
    return json_pack(
        "{s:s,s:s,s:[{s:{s:{s:s,s:s,s:o}},s:{s:{s:o}},s:[{s:b,s:i}],s:o}]}",
        "$schema", SCHEMA, "version", "2.1.0", "runs", "tool", "driver", "name",
        "belljar-fuzz", "semanticVersion", BJ_VERSION, "rules",
        rules_of(report->c), "originalUriBaseIds", "SRCROOT", "uri",
        uri_of("file://", report->c->source, "/"), "invocations",
        "executionSuccessful", report->c->finished ? 1 : 0, "exitCode",
        report->status, "results", results);
}

/* ---- on disk ---- */

static bool write_json(const struct bj_report *report, const char *name,
                       json_t *made)
{
    struct bj_path path =
        bj_path_of("%s/report/%s", report->folder->path, name);
    bool good = bj_files_replace_json(path.text, made);

    json_decref(made);
    return good;
}

bool bj_report_write(const struct bj_report *report)
{
    struct bj_path folder = bj_path_of("%s/report", report->folder->path);
    struct bj_path page = bj_path_of("%s/index.html", folder.text);
    char *text = NULL;
    size_t len = 0;
    bool good;
    FILE *out;

    if (!bj_files_folder(folder.text))
        return false;
    out = open_memstream(&text, &len);
    if (out == NULL)
        return false;
    bj_report_html(report, out);
    good = fclose(out) == 0 && bj_files_replace(page.text, text, len);
    free(text);
    return good && write_json(report, "report.json", bj_report_json(report)) &&
           write_json(report, "report.sarif", bj_report_sarif(report));
}
