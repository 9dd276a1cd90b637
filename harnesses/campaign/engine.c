#include "harnesses/campaign/engine.h"

#include <string.h>

size_t bj_lines_take(struct bj_lines *lines, const char *bytes, size_t len,
                     const char **line)
{
    size_t i;

    *line = NULL;
    for (i = 0; i < len; i += 1) {
        if (bytes[i] == '\n') {
            lines->text[lines->len] = '\0';
            lines->len = 0;
            *line = lines->text;
            return i + 1;
        }
        /* A NUL would hide what follows it. */
        if (lines->len + 1 < sizeof(lines->text)) {
            lines->text[lines->len] = bytes[i] == '\0' ? '?' : bytes[i];
            lines->len += 1;
        }
    }
    return len;
}

/* The digits at *text, which moves behind them; saturates. */
static bool read_number(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t value = 0;

    while (*at == ' ')
        at += 1;
    if (*at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at += 1) {
        if (value > (UINT64_MAX - 9) / 10)
            value = (UINT64_MAX - 9) / 10;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *text = at;
    *out = value;
    return true;
}

static bool number_behind(const char *line, const char *word, uint64_t *out)
{
    const char *at = strstr(line, word);

    if (at == NULL)
        return false;
    at += strlen(word);
    return read_number(&at, out);
}

/* "#1234\tNEW    cov: 12 ft: 15 corp: 4/23b exec/s: 0 rss: 31Mb ..." */
static void take_event(struct bj_engine *engine, const char *line)
{
    const char *at = line + 1;
    uint64_t runs;

    if (!read_number(&at, &runs) || *at != '\t')
        return;
    if (strstr(line, " exec/s: ") == NULL)
        return;
    engine->runs = runs;
    number_behind(line, " cov: ", &engine->edges);
    number_behind(line, " ft: ", &engine->features);
    number_behind(line, " corp: ", &engine->corpus);
    if (strncmp(at + 1, "NEW ", 4) == 0)
        engine->new_units += 1;
}

/* "artifact_prefix='DIR/'; Test unit written to DIR/crash-..." */
static void take_artifact(struct bj_engine *engine, const char *line)
{
    static const char words[] = "Test unit written to ";
    const char *at = strstr(line, words);
    const char *slash;
    size_t len;

    if (at == NULL)
        return;
    at += sizeof(words) - 1;
    slash = strrchr(at, '/');
    if (slash != NULL)
        at = slash + 1;
    len = strlen(at);
    if (len == 0 || len >= sizeof(engine->artifact) || at[0] == '.')
        return;
    memcpy(engine->artifact, at, len + 1);
}

static void take_stat(struct bj_engine *engine, const char *line)
{
    number_behind(line, "number_of_executed_units:", &engine->runs);
    number_behind(line, "new_units_added:", &engine->new_units);
    number_behind(line, "peak_rss_mb:", &engine->peak_rss_mb);
}

static void take_info(struct bj_engine *engine, const char *line)
{
    uint64_t counters;

    if (strncmp(line, "INFO: Seed: ", 12) == 0)
        engine->started = true;
    else if (strstr(line, "inline 8-bit counters)") != NULL &&
             number_behind(line, "(", &counters) && counters > 0)
        engine->instrumented = true;
}

void bj_engine_line(struct bj_engine *engine, const char *line)
{
    uint64_t runs;

    if (line[0] == '#') {
        take_event(engine, line);
    } else if (strncmp(line, "INFO: ", 6) == 0) {
        take_info(engine, line);
    } else if (strncmp(line, "stat::", 6) == 0) {
        take_stat(engine, line);
    } else if (strncmp(line, "Done ", 5) == 0) {
        if (number_behind(line, "Done ", &runs) &&
            strstr(line, " runs in ") != NULL) {
            engine->runs = runs;
            engine->done = true;
        }
    } else if (strncmp(line, "MERGE-OUTER: ", 13) == 0) {
        engine->merged =
            engine->merged || strstr(line, " new files with ") != NULL;
    } else if (strncmp(line, "ERROR: no interesting inputs", 28) == 0) {
        engine->uninteresting = true;
    } else {
        take_artifact(engine, line);
    }
}
