#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harnesses/campaign/coverage.h"
#include "harnesses/campaign/report.h"
#include "harnesses/campaign/run.h"
#include "harnesses/campaign/tool.h"

/* As much of an input as is shown, and of what is said about it. */
#define HEX_MAX 512
#define TEXT_MAX ((size_t)64 << 10)

void bj_html_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text += 1) {
        unsigned char ch = (unsigned char)*text;

        if (ch == '&')
            fputs("&amp;", out);
        else if (ch == '<')
            fputs("&lt;", out);
        else if (ch == '>')
            fputs("&gt;", out);
        else if (ch == '"')
            fputs("&quot;", out);
        else
            fputc((ch >= 0x20 && ch < 0x7f) || ch == '\n' ? ch : '?', out);
    }
}

static void element(FILE *out, const char *tag, const char *text)
{
    fprintf(out, "<%s>", tag);
    bj_html_text(out, text);
    /* "td class=x" ends as "td". */
    fprintf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static void fact(FILE *out, const char *name, const char *value)
{
    fputs("<div>", out);
    element(out, "dt", name);
    element(out, "dd", value);
    fputs("</div>", out);
}

static void fact_count(FILE *out, const char *name, uint64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    fact(out, name, text);
}

static void head(const struct bj_report *report, FILE *out)
{
    const struct bj_campaign *c = report->c;
    time_t started = (time_t)c->started;
    const char *tone = report->status == BJ_EXIT_CLEAN         ? "good"
                       : report->status == BJ_EXIT_INTERRUPTED ? "warn"
                                                               : "bad";
    char when[64] = "?";
    struct tm utc;
    uint64_t runs = 0;
    char text[64];

    for (size_t i = 0; i < c->target_count; i += 1)
        runs += c->target[i].runs;
    if (gmtime_r(&started, &utc) != NULL)
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &utc);
    fprintf(out,
            "<h1>Fuzz campaign</h1>\n<section class=\"verdict %s\">"
            "<strong>",
            tone);
    bj_html_text(out, report->verdict);
    fprintf(out,
            "</strong> <span class=\"dim\">exit status %d</span>"
            "<dl class=\"facts\">",
            report->status);
    fact(out, "started", when);
    snprintf(text, sizeof(text), "%s of %s", bj_figure_time(c->clock_ms).text,
             bj_figure_time(c->budget_ms).text);
    fact(out, "fuzzed", text);
    fact_count(out, "targets", c->target_count);
    fact(out, "executions", bj_figure_count(runs).text);
    fact_count(out, "findings", c->finding_count);
    if (report->coverage != NULL) {
        unsigned rate = bj_coverage_rate(report->coverage);

        snprintf(text, sizeof(text), "%u.%02u %%", rate / 100, rate % 100);
        fact(out, "lines of core", text);
    }
    fact(out, "targets were", c->confined ? "confined" : "NOT CONFINED");
    fputs("</dl></section>\n", out);
}

/* ---- findings ---- */

static void hex(FILE *out, const char *path)
{
    size_t len;
    char *bytes = bj_files_read(path, (size_t)16 << 20, &len);
    size_t shown = len < HEX_MAX ? len : HEX_MAX;

    if (bytes == NULL)
        return;
    fputs("<pre>", out);
    for (size_t at = 0; at < shown; at += 16) {
        fprintf(out, "%06zx ", at);
        for (size_t i = at; i < at + 16; i += 1) {
            if (i < shown)
                fprintf(out, " %02x", (unsigned char)bytes[i]);
            else
                fputs("   ", out);
        }
        fputs("  ", out);
        for (size_t i = at; i < at + 16 && i < shown; i += 1) {
            char one[2] = {bytes[i], '\0'};

            bj_html_text(out, bytes[i] < 0x20 || bytes[i] == 0x7f ? "." : one);
        }
        fputc('\n', out);
    }
    if (shown < len)
        fprintf(out, "and %zu octets more\n", len - shown);
    fputs("</pre>", out);
    free(bytes);
}

static void file(FILE *out, const char *path)
{
    size_t len;
    char *text = bj_files_read(path, TEXT_MAX, &len);

    if (text != NULL)
        element(out, "pre", text);
    free(text);
}

/* Harnesses whose input is a DNS message as it is on the wire. */
static bool of_dns(const char *target)
{
    static const char *const nouns[] = {"dns_", "diff_dns_", "records_",
                                        "netdb_answer", "diff_records_"};

    for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i += 1) {
        if (strncmp(target, nouns[i], strlen(nouns[i])) == 0)
            return true;
    }
    return false;
}

/* What belljar, which is installed beside us, makes of it. */
static void decoded(FILE *out, const char *path)
{
    char self[BJ_PATH_MAX] = "";
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    struct bj_path belljar;
    const char *argv[] = {NULL, "decode", "--", path, NULL};
    char *slash = len < 0 ? NULL : strrchr(self, '/');
    int status;
    char *text;

    if (slash == NULL)
        return;
    *slash = '\0';
    belljar = bj_path_of("%s/belljar", self);
    argv[0] = access(belljar.text, X_OK) == 0 ? belljar.text : "belljar";
    text = bj_tool_output(argv, NULL, true, TEXT_MAX, &status);
    if (text != NULL) {
        fputs("<details><summary>as a DNS message</summary>", out);
        element(out, "pre", text);
        fputs("</details>", out);
    }
    free(text);
}

static void finding(const struct bj_report *report,
                    const struct bj_finding *finding, FILE *out)
{
    struct bj_path input = bj_folder_shortest(report->folder, finding);
    struct bj_path said =
        bj_folder_finding(report->folder, finding, "report.txt");
    uint64_t len = bj_state_octets(finding);

    fprintf(out,
            "<article class=\"card %s\" id=\"%s\"><h3><span "
            "class=\"tone\">",
            finding->known ? "warn" : "bad", finding->id);
    bj_html_text(out, finding->kind);
    fputs("</span> in <code>", out);
    bj_html_text(out, bj_state_function(finding));
    fputs("</code></h3><p class=\"dim\">", out);
    bj_html_text(out, finding->target);
    if (finding->file[0] != '\0') {
        fputs(", <code>", out);
        bj_html_text(out, finding->file);
        fprintf(out, ":%u</code>", finding->line);
    }
    fprintf(out,
            ", after %s, %u input%s of this cause, reproduced %u of 3 "
            "times%s%s</p>",
            bj_figure_time(finding->first_ms).text, finding->count,
            finding->count == 1 ? "" : "s", finding->reproduced,
            finding->by_seed ? ", by a committed seed" : "",
            finding->known ? ", known to the baseline" : "");
    fprintf(out, "<pre>belljar-fuzz repro %s</pre>", finding->id);
    fprintf(out, "<details open><summary>%llu octet%s%s</summary>",
            (unsigned long long)len, len == 1 ? "" : "s",
            finding->minimized_len > 0 ? ", minimised" : "");
    hex(out, input.text);
    fputs("</details>", out);
    if (of_dns(finding->target))
        decoded(out, input.text);
    fputs("<details open><summary>report and stack</summary>", out);
    file(out, said.text);
    fputs("</details></article>\n", out);
}

static void findings(const struct bj_report *report, FILE *out)
{
    fputs("<h2>Findings</h2>\n", out);
    if (report->c->finding_count == 0)
        fputs("<p>None. A campaign shows bugs that were found, not that there "
              "are none.</p>\n",
              out);
    for (size_t i = 0; i < report->c->finding_count; i += 1)
        finding(report, &report->c->finding[i], out);
}

/* ---- targets ---- */

static void target_row(const struct bj_campaign *c,
                       const struct bj_target *target, FILE *out)
{
    struct bj_view v;

    bj_run_view(c, target, &v);
    fputs("<tr>", out);
    element(out, "td class=mono", v.name);
    fprintf(out, "<td class=\"l%s\">%s</td>",
            target->phase == BJ_PHASE_UNFIT ? " tone bad" : "", v.state);
    element(out, "td", bj_figure_count(v.runs).text);
    element(out, "td", bj_figure_count(v.rate).text);
    element(out, "td", bj_figure_count(v.edges).text);
    element(out, "td", bj_figure_count(v.corpus).text);
    element(out, "td", bj_figure_count(v.rss_mb).text);
    fprintf(out, "<td>%u</td>", v.finds);
    fputs("<td class=text>", out);
    if (v.warning != NULL)
        element(out, "span class=\"tone warn\"", v.warning);
    if (target->phase == BJ_PHASE_UNFIT && target->detail[0] != '\0') {
        fputs(" ", out);
        element(out, "code", target->detail);
    }
    fputs("</td></tr>\n", out);
}

static void targets(const struct bj_report *report, FILE *out)
{
    const struct bj_campaign *c = report->c;

    fputs("<h2>Targets</h2>\n<div class=wide><table><thead><tr><th>target"
          "<th class=l>state<th>executions<th>a second<th>edges<th>corpus"
          "<th>MiB<th>finds<th class=l>warning</tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < c->target_count; i += 1)
        target_row(c, &c->target[i], out);
    fputs("</tbody></table></div>\n<h2>Over time</h2>\n<p class=\"key dim\">"
          "<b class=e></b> edges covered, <b class=r></b> executions; each on "
          "a scale from 0 to the figure above it</p>\n<div class=grid>\n",
          out);
    for (size_t i = 0; i < c->target_count; i += 1) {
        fputs("<div class=card>", out);
        element(out, "h3 class=mono", c->target[i].name);
        bj_plot_target(out, &c->target[i]);
        fputs("</div>\n", out);
    }
    fputs("</div>\n", out);
}

/* ---- coverage and mutants ---- */

static void missed(const json_t *file, FILE *out)
{
    const json_t *list = json_object_get(file, "missed");

    for (size_t i = 0; i < json_array_size(list); i += 1) {
        const json_t *pair = json_array_get(list, i);
        json_int_t from = json_integer_value(json_array_get(pair, 0));
        json_int_t to = json_integer_value(json_array_get(pair, 1));

        fprintf(out, "%s%lld", i == 0 ? "" : ", ", (long long)from);
        if (to != from)
            fprintf(out, "&ndash;%lld", (long long)to);
    }
}

static const char *name_of(const json_t *of)
{
    const char *name = json_string_value(json_object_get(of, "name"));

    return name == NULL ? "?" : name;
}

static void coverage(const struct bj_report *report, FILE *out)
{
    const json_t *list = json_object_get(report->coverage, "files");

    fputs("<h2>Coverage</h2>\n", out);
    if (report->coverage == NULL) {
        fputs("<p>Not measured: <code>belljar-fuzz coverage</code>.</p>\n",
              out);
        return;
    }
    fputs("<p class=dim>Lines of core that the campaign's inputs reach, and "
          "those that no target reaches.</p>\n<div class=wide><table><thead>"
          "<tr><th>file<th>lines<th>reached<th class=l><th class=l>not reached"
          "</tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < json_array_size(list); i += 1) {
        const json_t *file_of = json_array_get(list, i);
        unsigned rate = bj_coverage_rate(file_of);

        fputs("<tr>", out);
        element(out, "td class=mono", name_of(file_of));
        fprintf(
            out,
            "<td>%lld<td>%u.%02u %%<td class=l><span class=bar><i "
            "style=\"width:%u%%\"></i></span><td class=\"text mono\">",
            (long long)json_integer_value(json_object_get(file_of, "lines")),
            rate / 100, rate % 100, rate / 100);
        missed(file_of, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void cell(FILE *out, const json_t *of, const char *name)
{
    const char *text = json_string_value(json_object_get(of, name));

    element(out, "td class=l", text == NULL ? "" : text);
}

static void mutants(const struct bj_report *report, FILE *out)
{
    const json_t *list = json_object_get(report->mutants, "mutants");

    fputs("<h2>Mutants</h2>\n", out);
    if (report->mutants == NULL) {
        fputs("<p>Not measured: <code>belljar-fuzz mutants</code>.</p>\n", out);
        return;
    }
    fputs("<p class=dim>Bugs that were planted, to see whether their harness "
          "finds them from the committed seeds.</p>\n<div class=wide><table>"
          "<thead><tr><th>mutant<th class=l>harness<th class=l>report expected"
          "<th class=l>result<th>seconds</tr></thead><tbody>\n",
          out);
    for (size_t i = 0; i < json_array_size(list); i += 1) {
        const json_t *one = json_array_get(list, i);
        const char *result = json_string_value(json_object_get(one, "result"));

        fputs("<tr>", out);
        element(out, "td class=mono", name_of(one));
        cell(out, one, "harness");
        cell(out, one, "report");
        element(out,
                result != NULL && strcmp(result, "killed") == 0
                    ? "td class=\"l tone good\""
                    : "td class=\"l tone bad\"",
                result == NULL ? "?" : result);
        fprintf(out, "<td>%.1f</tr>\n",
                json_number_value(json_object_get(one, "seconds")));
    }
    fputs("</tbody></table></div>\n", out);
}

void bj_report_html(const struct bj_report *report, FILE *out)
{
    fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
          "<meta name=viewport content=\"width=device-width,initial-scale=1\">"
          "<meta http-equiv=Content-Security-Policy content=\"default-src "
          "'none'; style-src 'unsafe-inline'\">"
          "<title>Fuzz campaign: ",
          out);
    bj_html_text(out, report->verdict);
    fputs("</title><style>\n", out);
    fputs(bj_report_style, out);
    fputs("</style></head><body>\n", out);
    head(report, out);
    findings(report, out);
    targets(report, out);
    coverage(report, out);
    mutants(report, out);
    fputs("</body></html>\n", out);
}
