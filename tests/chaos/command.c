#include "tests/chaos/command.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/bytes/hash.h"
#include "tests/support/fill.h"

#define FILES_MAX 128
/* At once; what a role that is stopped finds must fit into its buffer. */
#define UDP_PINGS_MAX 2

static void words(struct tool *tool, const char *text)
{
    size_t count = 0;
    int used;

    while (count < ARGUMENTS_MAX &&
           sscanf(text, "%511s%n", tool->words[count], &used) == 1) {
        tool->arguments[count] = tool->words[count];
        count += 1;
        text += used;
    }
    tool->arguments[count] = NULL;
}

/* It ended otherwise than well, which only a fault explains. */
static void excuse(struct tool *tool)
{
    bool failed =
        WIFEXITED(tool->status) && WEXITSTATUS(tool->status) == COMMAND_FAILED;

    if (failed && tool->server != NULL &&
        server_excuses(tool->server, tool->since_ms)) {
        tool->command->excused += 1;
        return;
    }
    unaccounted("%s (%s): it ended with wait status %#x and %zu octets out",
                tool->command->name,
                tool->server != NULL ? tool->server->name : "-",
                (unsigned)tool->status, tool->output_len);
}

static bool ended_well(const struct tool *tool)
{
    return WIFEXITED(tool->status) && WEXITSTATUS(tool->status) == 0;
}

static struct server *any_server(struct dice *dice)
{
    struct server *server = &servers[dice_below(dice, SERVER_COUNT)];

    return server->state == SERVER_SERVING ? server : NULL;
}

/* ---- ping ---- */

static bool call_ping(struct tool *tool, struct dice *dice)
{
    char text[PATH_LEN];

    tool->server = any_server(dice);
    if (tool->server == NULL)
        return false;
    snprintf(text, sizeof(text),
             "%s ping -c %d -i 0.02 -s %u -t 40 -W 20 --json 127.0.0.1 %u",
             chaos.program, PINGS, 64 + dice_below(dice, 4000),
             tool->server->port);
    words(tool, text);
    return true;
}

static bool call_ping_udp(struct tool *tool, struct dice *dice)
{
    char text[PATH_LEN];
    tool->server = &servers[SERVER_ITERATIVE];
    if (tool->server->state != SERVER_SERVING ||
        tool->command->running >= UDP_PINGS_MAX)
        return false;
    snprintf(text, sizeof(text),
             "%s ping --udp -c %d -i 0.02 -s %u -t 40 -W 15 --json 127.0.0.1 "
             "%u",
             chaos.program, PINGS, 64 + dice_below(dice, 1300),
             tool->server->udp_port);
    words(tool, text);
    return true;
}

/* What it reports, which is zeroes if it has reported nothing. */
struct ping_report {
    uint64_t sent, received, lost, size, wrong;
};

static struct ping_report report_of(const struct tool *tool)
{
    json_t *json = json_loadb((const char *)tool->output, tool->output_len,
                              JSON_DISABLE_EOF_CHECK, NULL);
    struct ping_report report = {
        books_counter(json, "sent"),
        books_counter(json, "received"),
        books_counter(json, "lost"),
        books_counter(json, "size"),
        books_counter(json, "corrupt") + books_counter(json, "duplicates"),
    };

    json_decref(json);
    return report;
}

static void judge_ping(struct tool *tool)
{
    struct books *books = &tool->server->books;
    struct ping_report report = report_of(tool);

    books->made_most += 1;
    books->made_least += report.received > 0;
    books->sent_most += PINGS * (uint64_t)5000;
    books->received_least += report.received * report.size;
    if (report.wrong != 0)
        unaccounted("ping: %" PRIu64 " answers were wrong", report.wrong);
    if (!ended_well(tool)) {
        books->cut += report.received > 0 && report.lost > 0;
        excuse(tool);
    } else if (report.received != PINGS) {
        unaccounted("ping: well, with %" PRIu64 " of %d", report.received,
                    PINGS);
    } else {
        tool->command->done += 1;
    }
}

static void judge_ping_udp(struct tool *tool)
{
    struct books *books = &tool->server->books;
    struct ping_report report = report_of(tool);

    books->asked_most += PINGS;
    books->answered_least += report.received;
    books->lost += report.lost;
    if (report.wrong != 0)
        unaccounted("ping --udp: %" PRIu64 " answers were wrong", report.wrong);
    if (!ended_well(tool))
        excuse(tool);
    else
        tool->command->done += 1;
}

/* ---- connect ---- */

static bool call_connect(struct tool *tool, struct dice *dice)
{
    char text[PATH_LEN];

    tool->server = any_server(dice);
    if (tool->server == NULL)
        return false;
    snprintf(text, sizeof(text), "%s connect 127.0.0.1 %u", chaos.program,
             tool->server->port);
    words(tool, text);
    tool->size = 1 + dice_below(dice, INPUT_MAX);
    return true;
}

static void judge_connect(struct tool *tool)
{
    struct books *books = &tool->server->books;
    uint8_t *expected = malloc(tool->output_len + 1);

    books->made_most += 1;
    books->made_least += ended_well(tool) || tool->output_len > 0;
    books->sent_most += tool->sent;
    books->received_least += tool->output_len;
    bj_test_fill(expected, tool->output_len, tool->number, 0);
    if (tool->output_len > tool->sent ||
        memcmp(tool->output, expected, tool->output_len) != 0)
        unaccounted("connect: what came back is not what was sent");
    free(expected);
    /* A server that dies may end a connection in order, as far as its client
     * can see. */
    if (!ended_well(tool) || tool->output_len != tool->size) {
        books->cut += tool->output_len > 0;
        excuse(tool);
    } else {
        tool->command->done += 1;
    }
}

/* ---- decode ---- */

static struct {
    size_t count;
    struct {
        char path[PATH_LEN];
        int status; /* -1: not seen yet */
        size_t len;
        uint64_t hash;
    } file[FILES_MAX];
} decoded;

static void find_files(const char *folder, size_t up_to)
{
    char path[PATH_LEN];
    struct dirent **entries;
    int count;

    snprintf(path, sizeof(path), "%s/%s", chaos.seeds, folder);
    count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.' && decoded.count < up_to) {
            snprintf(decoded.file[decoded.count].path, PATH_LEN, "%s/%s/%s",
                     chaos.seeds, folder, entries[i]->d_name);
            decoded.file[decoded.count].status = -1;
            decoded.count += 1;
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static bool call_decode(struct tool *tool, struct dice *dice)
{
    char text[PATH_LEN + 64];

    if (chaos.seeds == NULL)
        return false;
    if (decoded.count == 0) {
        find_files("dns_message", FILES_MAX / 2);
        find_files("pcap_file", FILES_MAX);
    }
    if (decoded.count == 0)
        return false;
    tool->file = dice_below(dice, (uint32_t)decoded.count);
    snprintf(text, sizeof(text), "%s decode %s", chaos.program,
             decoded.file[tool->file].path);
    words(tool, text);
    return true;
}

/* The same file, the same text, each time. */
static void judge_decode(struct tool *tool)
{
    static const struct bj_hash_key key;
    uint64_t hash = bj_hash(&key, tool->output, tool->output_len);

    if (!WIFEXITED(tool->status) || WEXITSTATUS(tool->status) > 1) {
        excuse(tool);
        return;
    }
    if (decoded.file[tool->file].status == -1) {
        decoded.file[tool->file].status = tool->status;
        decoded.file[tool->file].len = tool->output_len;
        decoded.file[tool->file].hash = hash;
    }
    if (decoded.file[tool->file].status != tool->status ||
        decoded.file[tool->file].len != tool->output_len ||
        decoded.file[tool->file].hash != hash)
        unaccounted("decode: %s is another text than before",
                    decoded.file[tool->file].path);
    tool->command->done += 1;
}

/* ---- lookup ---- */

#define NAMES 256

/* Its hosts file: n0.chaos.example to n255.chaos.example, with addresses that
 * follow from their numbers. Made once; gone when this program is. */
static const char *hosts_file(void)
{
    static char path[64];
    FILE *file;
    int fd;

    if (path[0] != '\0')
        return path;
    fd = memfd_create("hosts", MFD_CLOEXEC);
    file = fdopen(fd, "w");
    if (file == NULL) {
        perror("chaos: the hosts file");
        exit(2);
    }
    for (unsigned i = 0; i < NAMES; i++)
        fprintf(file, "10.1.%u.%u n%u.chaos.example\n", i, 255 - i, i);
    fflush(file);
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
    return path;
}

static bool call_lookup(struct tool *tool, struct dice *dice)
{
    char text[PATH_LEN + 64];

    tool->file = dice_below(dice, NAMES);
    snprintf(text, sizeof(text), "%s lookup -4 --hosts %s n%zu.chaos.example",
             chaos.program, hosts_file(), tool->file);
    words(tool, text);
    return true;
}

static void judge_lookup(struct tool *tool)
{
    char expected[64];
    size_t len = (size_t)snprintf(expected, sizeof(expected), "10.1.%zu.%zu ",
                                  tool->file, NAMES - 1 - tool->file);

    if (!ended_well(tool))
        excuse(tool);
    else if (tool->output_len < len || memcmp(tool->output, expected, len) != 0)
        unaccounted("lookup: n%zu.chaos.example has another address: %.*s",
                    tool->file, (int)tool->output_len,
                    (const char *)tool->output);
    else
        tool->command->done += 1;
}

/* ---- the table ---- */

struct command commands[] = {
    {.name = "ping", .call = call_ping, .judge = judge_ping},
    {.name = "ping --udp", .call = call_ping_udp, .judge = judge_ping_udp},
    {.name = "connect", .call = call_connect, .judge = judge_connect},
    {.name = "decode", .call = call_decode, .judge = judge_decode},
    {.name = "lookup", .call = call_lookup, .judge = judge_lookup},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
