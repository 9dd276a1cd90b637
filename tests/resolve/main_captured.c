/*
 * A worker that has been taken over: it speaks the frames of
 * core/resolve/frame.h, is honest up to its first packet, and then does what
 * the configuration tells it to, in a line of resolv.conf of its own:
 *
 *     #captured MODE [MARK]
 *
 * With MARK, the path of a file, only the first worker that finds it missing
 * does it, and makes it, for which the spawner must be unfiltered; those after
 * it are honest. Its answers are made of the
 * last octets of a reply, so that a test server need not speak DNS well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/bytes/ascii.h"
#include "core/dns/query.h"
#include "core/resolve/frame.h"
#include "core/resolve/lookup.h"

enum { BUFFER_LEN = 1 << 20, LOOKUPS = 4096, WAIT_MS = 3000, SLOW_MS = 300 };

/* What it knows of a lookup. */
struct known {
    uint32_t id;
    unsigned open; /* questions that are not answered */
    bool ip6[2];   /* what each socket asks */
    struct bj_lookup lookup;
    char name[256];
    struct bj_address addresses[2];
    size_t count;
};

static struct known known[LOOKUPS];
static uint8_t input[BUFFER_LEN];
static uint8_t output[BUFFER_LEN];
static char mode[32];
static char mark[256];
static size_t written;

static void flush_output(void)
{
    size_t at = 0;

    while (at < written) {
        ssize_t n = write(1, output + at, written - at);

        if (n <= 0)
            _exit(0);
        at += (size_t)n;
    }
    written = 0;
}

static void say(const struct bj_frame *frame)
{
    struct bj_writer w;

    bj_writer_init(&w, output + written, BUFFER_LEN - written);
    if (bj_frame_write(&w, frame) != BJ_OK)
        _exit(3);
    written += w.len;
    if (written > BUFFER_LEN / 2)
        flush_output();
}

static bool is(const char *what)
{
    return strcmp(mode, what) == 0;
}

/* ppoll, which the spawner has, under whose filter this is. */
static void wait_ms(uint64_t time_ms)
{
    struct timespec time = {(time_t)(time_ms / 1000),
                            (long)(time_ms % 1000) * 1000000};

    ppoll(NULL, 0, time_ms == UINT64_MAX ? NULL : &time, NULL);
}

/* ---- what a captured worker does ---- */

static void flood(const struct bj_frame *event)
{
    static const uint8_t packet[BJ_QUERY_MAX];
    struct bj_frame frame = {.type = BJ_FRAME_SEND,
                             .lookup = event->lookup,
                             .payload = packet,
                             .payload_len = sizeof(packet)};

    for (;;) {
        frame.socket ^= 1;
        say(&frame);
    }
}

static void oversize(const struct bj_frame *event)
{
    /* A RESULT of 16 MiB by its own account. */
    uint8_t octets[] = {1, BJ_FRAME_RESULT, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};

    octets[4] = (uint8_t)(event->lookup >> 24);
    octets[5] = (uint8_t)(event->lookup >> 16);
    octets[6] = (uint8_t)(event->lookup >> 8);
    octets[7] = (uint8_t)event->lookup;
    memcpy(output + written, octets, sizeof(octets));
    written += sizeof(octets);
    flush_output();
    wait_ms(UINT64_MAX);
}

static void malformed(void)
{
    memset(output + written, 0xa5, 4096);
    written += 4096;
    flush_output();
    wait_ms(UINT64_MAX);
}

static void answer_with(const struct bj_frame *event, const uint8_t *payload,
                        size_t len)
{
    struct bj_frame frame = {.type = BJ_FRAME_RESULT,
                             .lookup = event->lookup,
                             .payload = payload,
                             .payload_len = len};

    say(&frame);
    flush_output();
}

static void wait_until(const struct bj_frame *event, uint64_t time_ms)
{
    struct bj_frame frame = {
        .type = BJ_FRAME_WAIT, .lookup = event->lookup, .time_ms = time_ms};

    say(&frame);
    flush_output();
}

static void send_to(const struct bj_frame *event, unsigned server)
{
    static const uint8_t packet[12];
    struct bj_frame frame = {.type = BJ_FRAME_SEND,
                             .lookup = event->lookup,
                             .server = (uint8_t)server,
                             .payload = packet,
                             .payload_len = sizeof(packet)};

    say(&frame);
}

/* A connection is for one query: it is no pipe to the server. */
static void write_twice(const struct bj_frame *event)
{
    static const uint8_t packet[14];
    struct bj_frame frame = {.type = BJ_FRAME_WRITE,
                             .lookup = event->lookup,
                             .payload = packet,
                             .payload_len = sizeof(packet)};

    say(&frame);
    say(&frame);
    wait_until(event, event->time_ms);
}

static void connect_to(const struct bj_frame *event)
{
    struct bj_frame frame = {.type = BJ_FRAME_CONNECT, .lookup = event->lookup};

    say(&frame);
    wait_until(event, event->time_ms + WAIT_MS);
}

static void name_with_space(const struct bj_frame *event)
{
    static const uint8_t lie[] = {0, 0,   0,   0,   0,   0,   0, 60,
                                  5, 'a', ' ', 'b', ';', 'c', 0, 0,
                                  0, 1,   4,   192, 0,   2,   1};

    answer_with(event, lie, sizeof(lie));
}

/* Everything that a process might try. Each of them kills one that is
 * confined; here each only has to fail to do the caller harm. */
static void misbehave(const struct bj_frame *event)
{
    struct bj_frame other = *event;

    if (is("flood"))
        flood(event);
    if (is("oversize"))
        oversize(event);
    if (is("malformed"))
        malformed();
    if (is("wrong-lookup")) {
        other.lookup += 256;
        wait_until(&other, event->time_ms);
    }
    if (is("wrong-server")) {
        send_to(event, 2);
        wait_until(event, event->time_ms + WAIT_MS);
    }
    if (is("unasked")) {
        wait_until(event, event->time_ms + WAIT_MS);
        send_to(event, 0);
        flush_output();
    }
    if (is("storm"))
        wait_until(event, 0);
    if (is("twice"))
        connect_to(event);
    if (is("bad-name"))
        name_with_space(event);
    if (is("truncated"))
        answer_with(event, (const uint8_t *)"\0\0", 2);
    if (is("death"))
        _exit(1);
    if (is("crash"))
        raise(SIGKILL);
    if (is("silence"))
        wait_ms(UINT64_MAX);
    if (is("for-ever"))
        wait_until(event, UINT64_MAX);
    if (is("deaf"))
        for (;;)
            wait_ms(UINT64_MAX);
}

/* Whether it is this worker's turn to be bad. */
static bool is_captured(void)
{
    static int turn = -1;

    if (mode[0] == '\0' || is("dead-start") || is("slow-start"))
        return false;
    if (mark[0] == '\0')
        return true;
    if (turn < 0)
        turn = open(mark, O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0;
    return turn == 1;
}

/* ---- what an honest one does ---- */

static struct known *find(uint32_t id)
{
    for (size_t i = 0; i < LOOKUPS; i++)
        if (known[i].id == id)
            return &known[i];
    return NULL;
}

static void conclude(struct known *k, enum bj_outcome outcome)
{
    uint8_t payload[2048];
    struct bj_writer w;
    struct bj_result result;
    struct bj_frame frame = {.type = BJ_FRAME_RESULT, .lookup = k->id};

    memset(&result, 0, sizeof(result));
    result.outcome = outcome;
    if (outcome == BJ_FOUND) {
        result.answer.canonical = k->lookup.name;
        result.answer.addresses = k->addresses;
        result.answer.address_count = k->count;
    }
    bj_writer_init(&w, payload, sizeof(payload));
    if (bj_result_write(&w, &result) != BJ_OK)
        _exit(4);
    frame.payload = payload;
    frame.payload_len = w.len;
    say(&frame);
    k->id = 0;
}

static void ask(const struct known *k, unsigned socket,
                const struct bj_frame *event)
{
    struct bj_frame frame = {
        .type = BJ_FRAME_SEND, .lookup = k->id, .socket = (uint8_t)socket};
    struct bj_query_entropy entropy;
    struct bj_query query;
    struct bj_name name;
    bool absolute;

    memset(&entropy, 0, sizeof(entropy));
    entropy.id = (uint16_t)(event->entropy[0] * 256U + event->entropy[1]);
    if (bj_name_parse(k->name, strlen(k->name), &name, &absolute) != BJ_OK ||
        bj_query_build(&query, &name, k->ip6[socket] ? 28 : 1, false,
                       &entropy) != BJ_OK)
        _exit(5);
    frame.payload = query.octets;
    frame.payload_len = query.len;
    say(&frame);
}

static void on_lookup(const struct bj_frame *event)
{
    struct bj_cursor c;
    struct known *k = find(0);

    bj_cursor_init(&c, event->payload, event->payload_len);
    if (k == NULL || bj_lookup_read(&c, &k->lookup) != BJ_OK)
        _exit(6);
    k->id = event->lookup;
    k->count = 0;
    k->open = 0;
    memcpy(k->name, k->lookup.name.text, k->lookup.name.len);
    k->name[k->lookup.name.len] = '\0';
    k->lookup.name.text = k->name;
    if (k->lookup.name.len == 0) {
        conclude(k, BJ_NO_NAME);
        return;
    }
    /* As if from a hosts file. */
    if (strncmp(k->name, "local.", 6) == 0) {
        k->addresses[0].family = BJ_FAMILY_IP4;
        memset(k->addresses[0].octets, 0, 16);
        memcpy(k->addresses[0].octets, "\x7f\0\0\x07", 4);
        k->count = 1;
        conclude(k, BJ_FOUND);
        return;
    }
    if (k->lookup.ip4)
        k->ip6[k->open++] = false;
    if (k->lookup.ip6)
        k->ip6[k->open++] = true;
    for (unsigned i = 0; i < k->open; i++)
        ask(k, i, event);
    wait_until(event, event->time_ms + WAIT_MS);
}

static void on_datagram(struct known *k, const struct bj_frame *event)
{
    struct bj_frame closing = {
        .type = BJ_FRAME_CLOSE, .lookup = k->id, .socket = event->socket};
    bool ip6 = k->ip6[event->socket];
    size_t len = ip6 ? 16 : 4;
    struct bj_address *address = &k->addresses[k->count];

    memset(address, 0, sizeof(*address));
    address->family = ip6 ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4;
    if (event->type == BJ_FRAME_DATAGRAM && event->payload_len > len) {
        memcpy(address->octets, event->payload + event->payload_len - len, len);
        k->count += 1;
    }
    say(&closing);
    k->open -= 1;
    if (k->open > 0)
        wait_until(event, event->time_ms + WAIT_MS);
    else
        conclude(k, k->count > 0 ? BJ_FOUND : BJ_UNREACHABLE);
}

static void handle(const struct bj_frame *event)
{
    struct known *k = find(event->lookup);

    if (k == NULL && event->type != BJ_FRAME_LOOKUP)
        return;
    switch (event->type) {
    case BJ_FRAME_LOOKUP:
        on_lookup(event);
        break;
    case BJ_FRAME_DATAGRAM:
        if (is_captured())
            misbehave(event);
        else
            on_datagram(k, event);
        break;
    case BJ_FRAME_CONNECTED:
        write_twice(event);
        break;
    case BJ_FRAME_FAILED:
        on_datagram(k, event);
        break;
    case BJ_FRAME_TIMER:
        if (is("storm") && is_captured())
            wait_until(event, 0);
        else
            conclude(k, BJ_TIMED_OUT);
        break;
    case BJ_FRAME_CANCEL:
        k->id = 0;
        break;
    default:
        _exit(7);
    }
}

/* ---- its start ---- */

static void copy_word(struct bj_cursor *c, char *out, size_t cap)
{
    size_t len = 0;

    while (bj_cursor_peek(c) == ' ')
        bj_cursor_skip(c, 1);
    while (bj_cursor_peek(c) > ' ' && len + 1 < cap)
        out[len++] = (char)bj_cursor_u8(c);
    out[len] = '\0';
}

static void read_mode(const struct bj_frame *frame)
{
    static const char word[] = "#captured";
    const size_t len = sizeof(word) - 1;
    struct bj_cursor c;

    bj_cursor_init(&c, frame->payload, frame->payload_len);
    while (bj_cursor_left(&c) > len) {
        struct bj_cursor at = c;

        if (memcmp(bj_cursor_bytes(&at, len), word, len) == 0) {
            copy_word(&at, mode, sizeof(mode));
            copy_word(&at, mark, sizeof(mark));
            return;
        }
        bj_cursor_skip(&c, 1);
    }
}

static void load(const struct bj_frame *frame)
{
    struct bj_frame ready = {.type = BJ_FRAME_READY};

    if (frame->type == BJ_FRAME_CONFIG) {
        if (frame->config == BJ_CONFIG_RESOLV_CONF)
            read_mode(frame);
        return;
    }
    if (is("dead-start"))
        _exit(9);
    if (is("slow-start"))
        wait_ms(SLOW_MS);
    say(&ready);
    flush_output();
}

int main(int argc, char **argv)
{
    enum bj_frame_phase phase = BJ_FRAME_LOADING;
    size_t len = 0;

    if (argc != 2 || atol(argv[1]) < 0)
        return 2;
    for (;;) {
        struct bj_cursor c;
        ssize_t got = read(0, input + len, BUFFER_LEN - len);

        if (got <= 0)
            return 0;
        len += (size_t)got;
        bj_cursor_init(&c, input, len);
        for (;;) {
            struct bj_frame frame;
            enum bj_status status = bj_frame_read(&c, phase, &frame);

            if (status == BJ_MORE)
                break;
            if (status != BJ_OK)
                return 8;
            if (phase == BJ_FRAME_SERVING) {
                handle(&frame);
            } else {
                load(&frame);
                if (frame.type == BJ_FRAME_BEGIN)
                    phase = BJ_FRAME_SERVING;
            }
        }
        flush_output();
        len -= c.pos;
        memmove(input, input + c.pos, len);
    }
}
