#include "sandbox/lookup/tried.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes/ascii.h"
#include "core/dns/message.h"
#include "core/dns/name.h"

/* The question of a query; false if it has none that can be read. */
static bool read_question(const uint8_t *bytes, size_t len, struct bj_try *try)
{
    struct bj_message m;
    struct bj_question question;
    struct bj_cursor at;
    struct bj_name name;
    struct bj_writer w;

    if (bj_message_init(&m, bytes, len) != BJ_OK ||
        bj_message_question(&m, &question) != BJ_OK)
        return false;
    at = bj_message_cursor(&m, question.name_at);
    if (bj_name_read(&at, &name, NULL) != BJ_OK)
        return false;
    bj_writer_init(&w, (uint8_t *)try->name, sizeof(try->name) - 1);
    bj_name_format(&w, &name);
    try->name[w.status == BJ_OK ? w.len : 0] = '\0';
    /* In small letters: those of the query are mixed to be hard to forge. */
    for (size_t i = 0; try->name[i] != '\0'; i++)
        try->name[i] = (char)bj_ascii_lower((uint8_t)try->name[i]);
    try->type = question.type;
    return true;
}

static bool same_question(const struct bj_try *a, const struct bj_try *b)
{
    return a->type == b->type && a->tcp == b->tcp &&
           strcmp(a->name, b->name) == 0 && a->server.port == b->server.port &&
           bj_address_equal(&a->server.address, &b->server.address);
}

static void note_sent(struct bj_tried *tried, const struct bj_trace *event)
{
    struct bj_try try = {.tcp = event->tcp != 0,
                         .lookup = event->lookup,
                         .question = event->question,
                         .sent = 1,
                         .error = event->error};
    size_t skip = try.tcp && event->len > 2 ? 2 : 0; /* RFC 1035, 4.2.2 */

    if (event->server == NULL ||
        bj_endpoint_from_sockaddr(event->server, event->server_len,
                                  &try.server) != BJ_OK ||
        !read_question((const uint8_t *)event->bytes + skip, event->len - skip,
                       &try))
        return;
    for (size_t i = 0; i < tried->count; i++)
        if (same_question(&tried->tries[i], &try)) {
            tried->tries[i].sent += 1;
            tried->tries[i].lookup = try.lookup;
            tried->tries[i].question = try.question;
            return;
        }
    if (tried->count == BJ_TRIED_MAX)
        tried->left_out += 1;
    else
        tried->tries[tried->count++] = try;
}

/* What came belongs to the latest query of its question. */
static void note_received(struct bj_tried *tried, const struct bj_trace *event)
{
    for (size_t i = tried->count; i > 0; i--) {
        struct bj_try *try = &tried->tries[i - 1];

        if (try->lookup != event->lookup || try->question != event->question)
            continue;
        if (event->error != 0)
            try->error = event->error;
        else if (event->kind == BJ_TRACE_PACKET_IN)
            try->received += 1;
        return;
    }
}

/* As xxd has it: `belljar decode --hex` reads it. */
static void print_octets(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (i % 16 == 0)
            fprintf(stderr, "%08zx:", i);
        fprintf(stderr, i % 2 == 0 ? " %02x" : "%02x", bytes[i]);
        if (i % 16 == 15 || i + 1 == len)
            fputc('\n', stderr);
    }
}

static void print_event(const struct bj_tried *tried,
                        const struct bj_trace *event)
{
    static const char *const kinds[] = {
        [BJ_TRACE_TO_WORKER] = "to the worker:",
        [BJ_TRACE_FROM_WORKER] = "from the worker:",
        [BJ_TRACE_PACKET_OUT] = "sent to",
        [BJ_TRACE_PACKET_IN] = "received from",
        [BJ_TRACE_STATE] = "state:",
    };
    bool packet =
        event->kind == BJ_TRACE_PACKET_OUT || event->kind == BJ_TRACE_PACKET_IN;
    struct bj_endpoint server;
    char text[BJ_ENDPOINT_TEXT_MAX] = "";

    if (event->server != NULL &&
        bj_endpoint_from_sockaddr(event->server, event->server_len, &server) ==
            BJ_OK)
        bj_endpoint_format(&server, text);
    fprintf(stderr, "# %llu ms, lookup %u, question %u, %s ",
            (unsigned long long)(event->time_ms - tried->start_ms),
            event->lookup, event->question, kinds[event->kind]);
    if (packet)
        fprintf(stderr, "%s over %s", text, event->tcp ? "TCP" : "UDP");
    else
        fputs(event->what == NULL ? "?" : event->what, stderr);
    if (event->len > 0)
        fprintf(stderr, ", %zu octets", event->len);
    if (event->error != 0)
        fprintf(stderr, ": %s", strerror(event->error));
    fputc('\n', stderr);
    if (packet)
        print_octets(event->bytes, event->len);
}

void bj_tried_trace(const struct bj_trace *event, void *context)
{
    struct bj_tried *tried = context;

    if (tried->start_ms == 0)
        tried->start_ms = event->time_ms;
    if (event->kind == BJ_TRACE_PACKET_OUT)
        note_sent(tried, event);
    else
        note_received(tried, event);
    if (tried->print)
        print_event(tried, event);
}

void bj_try_format(const struct bj_try *try, char *out, size_t cap)
{
    char server[BJ_ENDPOINT_TEXT_MAX];
    const char *type = bj_type_text(try->type);
    char packets[40];

    bj_endpoint_format(&try->server, server);
    snprintf(packets, sizeof(packets), "%u packet%s in return", try->received,
             try->received == 1 ? "" : "s");
    snprintf(out, cap, "%s %s at %s%s%s: %s", try->name,
             type == NULL ? "?" : type, server, try->tcp ? " over TCP" : "",
             try->sent > 1 ? ", again" : "",
             try->error != 0      ? strerror(try->error)
             : try->received == 0 ? "no reply"
                                  : packets);
}
