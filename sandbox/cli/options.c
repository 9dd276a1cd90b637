#include "sandbox/cli/options.h"

#include <stdarg.h>
#include <string.h>

#include "core/bytes/ascii.h"

/* --help: where the explanations start, and where lines end. */
#define HELP_INDENT 28
#define HELP_WIDTH 79

void bj_options_init(struct bj_options *o, const struct bj_command *command,
                     int argc, char **argv)
{
    *o = (struct bj_options){
        .command = command, .argv = argv, .argc = argc, .operands = argv};
}

static const char *program_of(const struct bj_command *command)
{
    return command->program == NULL ? "belljar" : command->program;
}

int bj_options_exit(int result)
{
    if (result != BJ_OPTIONS_HELP)
        return BJ_EXIT_USAGE;
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}

int bj_options_usage(const struct bj_options *o, const char *format, ...)
{
    va_list list;

    fprintf(stderr, "%s %s: ", program_of(o->command), o->command->name);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "\nTry '%s %s --help'.\n", program_of(o->command),
            o->command->name);
    return BJ_EXIT_USAGE;
}

/* "-c" or "--count", as the user wrote it, for messages. */
struct spelling {
    char text[64];
};

static struct spelling spell(const struct bj_option *row, bool by_letter)
{
    struct spelling s;

    if (by_letter)
        snprintf(s.text, sizeof(s.text), "-%c", row->letter);
    else
        snprintf(s.text, sizeof(s.text), "--%s", row->name);
    return s;
}

/* Digits, and after a point up to three more, as thousandths. */
static bool read_seconds(struct bj_cursor *c, uint64_t *ms)
{
    uint64_t scale = 100;

    *ms = bj_ascii_read_dec(c, UINT32_MAX) * 1000;
    if (bj_cursor_peek(c) != '.')
        return bj_cursor_end(c) == BJ_OK;
    bj_cursor_skip(c, 1);
    for (; scale > 0 && bj_ascii_is_digit(bj_cursor_peek(c)); scale /= 10)
        *ms += (uint64_t)(bj_cursor_u8(c) - '0') * scale;
    return scale < 100 && bj_cursor_end(c) == BJ_OK;
}

static int bad_number(const struct bj_options *o, const struct bj_option *row,
                      const char *option)
{
    if (row->kind == BJ_OPTION_NUMBER)
        bj_options_usage(o, "%s: \"%s\" is not a number from %llu to %llu",
                         option, o->text, (unsigned long long)row->min,
                         (unsigned long long)row->max);
    else
        bj_options_usage(o,
                         "%s: \"%s\" is not a time in seconds from %g to %g, "
                         "like 30 or 0.5",
                         option, o->text, (double)row->min / 1000,
                         (double)row->max / 1000);
    return BJ_OPTIONS_USAGE;
}

static int take_number(struct bj_options *o, const struct bj_option *row,
                       const char *option)
{
    struct bj_cursor c;
    bool good;

    bj_cursor_init(&c, (const uint8_t *)o->text, strlen(o->text));
    if (row->kind == BJ_OPTION_NUMBER) {
        o->number = bj_ascii_read_dec(&c, row->max);
        good = bj_cursor_end(&c) == BJ_OK;
    } else {
        good = read_seconds(&c, &o->number);
    }
    if (!good || o->number < row->min || o->number > row->max)
        return bad_number(o, row, option);
    return (int)(row - o->command->options);
}

static int take_choice(struct bj_options *o, const struct bj_option *row,
                       const char *option)
{
    char list[200] = "";
    size_t at = 0;

    for (size_t i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], o->text) == 0) {
            o->number = i;
            return (int)(row - o->command->options);
        }
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                               i == 0 ? "" : ", ", row->choices[i]);
        if (at >= sizeof(list))
            at = sizeof(list) - 1;
    }
    bj_options_usage(o, "%s: \"%s\" is none of %s", option, o->text, list);
    return BJ_OPTIONS_USAGE;
}

/* The argument stands in o->text: checks it, and gives the row's index. */
static int take(struct bj_options *o, const struct bj_option *row,
                const char *option)
{
    switch (row->kind) {
    case BJ_OPTION_NUMBER:
    case BJ_OPTION_SECONDS:
        return take_number(o, row, option);
    case BJ_OPTION_CHOICE:
        return take_choice(o, row, option);
    case BJ_OPTION_TEXT:
        if (o->text[0] == '\0') {
            bj_options_usage(o, "%s: %s must not be empty", option,
                             row->argument);
            return BJ_OPTIONS_USAGE;
        }
        break;
    case BJ_OPTION_FLAG:
        break;
    }
    return (int)(row - o->command->options);
}

/* For an option with an argument that was not attached: the next word. */
static bool next_word(struct bj_options *o, const struct bj_option *row,
                      const char *option)
{
    if (o->next == o->argc) {
        bj_options_usage(o, "%s needs an argument: %s", option, row->argument);
        return false;
    }
    o->text = o->argv[o->next];
    o->next += 1;
    return true;
}

static int help_asked(const struct bj_options *o)
{
    bj_command_help(o->command, stdout);
    return BJ_OPTIONS_HELP;
}

/* `word` is what follows the two dashes. */
static int long_option(struct bj_options *o, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    struct spelling option;

    if (strcmp(word, "help") == 0)
        return help_asked(o);
    for (size_t i = 0; i < o->command->option_count; i++) {
        const struct bj_option *row = &o->command->options[i];

        if (strlen(row->name) != len || memcmp(row->name, word, len) != 0)
            continue;
        option = spell(row, false);
        if (row->kind == BJ_OPTION_FLAG && equals != NULL) {
            bj_options_usage(o, "%s takes no argument", option.text);
            return BJ_OPTIONS_USAGE;
        }
        if (equals != NULL)
            o->text = equals + 1;
        else if (row->kind != BJ_OPTION_FLAG && !next_word(o, row, option.text))
            return BJ_OPTIONS_USAGE;
        return take(o, row, option.text);
    }
    bj_options_usage(o, "there is no option --%.*s", (int)len, word);
    return BJ_OPTIONS_USAGE;
}

/* The next letter of "-4vc3": a flag, or an option with the rest of the
 * word or the next word as its argument. */
static int short_option(struct bj_options *o)
{
    char letter = *o->bundle;
    struct spelling option;

    o->bundle += 1;
    if (letter == 'h')
        return help_asked(o);
    for (size_t i = 0; i < o->command->option_count; i++) {
        const struct bj_option *row = &o->command->options[i];

        if (row->letter != letter)
            continue;
        option = spell(row, true);
        if (row->kind == BJ_OPTION_FLAG)
            return take(o, row, option.text);
        if (*o->bundle != '\0')
            o->text = o->bundle;
        else if (!next_word(o, row, option.text))
            return BJ_OPTIONS_USAGE;
        o->bundle = NULL;
        return take(o, row, option.text);
    }
    bj_options_usage(o, "there is no option -%c", letter);
    return BJ_OPTIONS_USAGE;
}

static int finish(struct bj_options *o)
{
    const struct bj_command *command = o->command;

    if (o->operand_count < command->operands_min) {
        bj_options_usage(o, "%s missing; it takes: %s",
                         o->operand_count == 0 ? "operands are"
                                               : "an operand is",
                         command->operands);
        return BJ_OPTIONS_USAGE;
    }
    if (o->operand_count > command->operands_max) {
        bj_options_usage(o, "\"%s\" is one word too many%s%s",
                         o->operands[command->operands_max],
                         command->operands == NULL ? "" : "; it takes: ",
                         command->operands == NULL ? "" : command->operands);
        return BJ_OPTIONS_USAGE;
    }
    return BJ_OPTIONS_END;
}

int bj_options_next(struct bj_options *o)
{
    if (o->bundle != NULL && *o->bundle != '\0')
        return short_option(o);
    while (o->next < o->argc) {
        char *word = o->argv[o->next];

        o->next += 1;
        if (o->only_operands || word[0] != '-' || word[1] == '\0') {
            /* Operands gather at the front, over words already read. */
            o->operands[o->operand_count] = word;
            o->operand_count += 1;
        } else if (strcmp(word, "--") == 0) {
            o->only_operands = true;
        } else if (word[1] == '-') {
            return long_option(o, word + 2);
        } else {
            o->bundle = word + 1;
            return short_option(o);
        }
    }
    return finish(o);
}

/* Words of `text` in lines from HELP_INDENT to HELP_WIDTH, starting at
 * column `at`. */
static void print_wrapped(FILE *out, const char *text, int at)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (at > HELP_INDENT && at + 1 + (int)len > HELP_WIDTH) {
            fputc('\n', out);
            at = 0;
        }
        if (at < HELP_INDENT)
            fprintf(out, "%*s", HELP_INDENT - at, "");
        else if (at > HELP_INDENT)
            fputc(' ', out);
        at = (at > HELP_INDENT ? at + 1 : HELP_INDENT) + (int)len;
        fprintf(out, "%.*s", (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_row(FILE *out, const struct bj_option *row)
{
    char left[120];
    int at;

    at = snprintf(left, sizeof(left), "  %c%c%c --%s", row->letter ? '-' : ' ',
                  row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
                  row->name);
    if (row->kind == BJ_OPTION_CHOICE) {
        for (size_t i = 0; row->choices[i] != NULL; i++)
            at += snprintf(left + at, sizeof(left) - (size_t)at, "%c%s",
                           i == 0 ? ' ' : '|', row->choices[i]);
    } else if (row->kind != BJ_OPTION_FLAG) {
        at += snprintf(left + at, sizeof(left) - (size_t)at, " %s",
                       row->argument);
    }
    fputs(left, out);
    if (at >= HELP_INDENT) {
        fputc('\n', out);
        at = 0;
    }
    print_wrapped(out, row->help, at);
}

void bj_command_help(const struct bj_command *command, FILE *out)
{
    static const struct bj_option help = {
        .name = "help", .letter = 'h', .help = "Print this and end."};

    fprintf(out, "Usage: %s %s%s%s%s\n%s\n\nOptions:\n", program_of(command),
            command->name, " [OPTION]...", command->operands == NULL ? "" : " ",
            command->operands == NULL ? "" : command->operands,
            command->summary);
    for (size_t i = 0; i < command->option_count; i++)
        print_row(out, &command->options[i]);
    print_row(out, &help);
    if (command->about != NULL)
        fprintf(out, "\n%s", command->about);
}
