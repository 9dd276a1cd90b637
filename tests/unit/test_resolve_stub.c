#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/ascii.h"
#include "core/resolve/stub.h"
#include "harnesses/support/network.h"
#include "tests/support/dns.h"
#include "tests/support/dns_build.h"
#include "tests/support/vectors.h"

/*
 * Conversations with a stub, in tests/vectors/resolve_stub.txt: what happens
 * on the left, what the stub says to it on the right.
 */
enum { CONFIG_LEN = 400000, LOOKUPS = 512, TEXT_MAX = 4096 };

struct conversation {
    struct bj_stub stub;
    void *memory;
    uint64_t now_ms;
    uint8_t entropy[BJ_FRAME_ENTROPY_LEN];
    /* By lookup and socket: the query last sent. */
    uint8_t query[LOOKUPS][2][BJ_QUERY_MAX];
    size_t query_len[LOOKUPS][2];
    uint64_t until_ms[LOOKUPS];
    char said[TEXT_MAX]; /* what the stub said, as the vectors write it */
};

static struct conversation t;

static void begin_anew(void)
{
    free(t.memory);
    memset(&t, 0, sizeof(t));
    t.memory = malloc(bj_stub_memory(CONFIG_LEN));
    assert_non_null(t.memory);
    bj_stub_init(&t.stub, t.memory, CONFIG_LEN);
    t.now_ms = 1000000;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    size_t len = strlen(t.said);
    va_list list;

    va_start(list, format);
    vsnprintf(t.said + len, sizeof(t.said) - len, format, list);
    va_end(list);
}

static void say_query(const uint8_t *query, size_t len)
{
    char text[BJ_NAME_TEXT_MAX];
    struct bj_name name;
    struct bj_cursor c;
    unsigned type;

    bj_cursor_init(&c, query, len);
    bj_cursor_skip(&c, 12);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
    type = bj_cursor_u16(&c);
    bj_test_name(&name, text);
    for (size_t i = 0; text[i] != '\0'; i++)
        text[i] = (char)bj_ascii_lower((uint8_t)text[i]);
    say(" %s %s", text,
        type == BJ_TYPE_A      ? "A"
        : type == BJ_TYPE_AAAA ? "AAAA"
                               : "PTR");
}

static void say_answer(const struct bj_answer *answer)
{
    say(" %.*s", (int)answer->canonical.len, answer->canonical.text);
    for (size_t i = 0; i < answer->alias_count; i++)
        say(" (%.*s)", (int)answer->aliases[i].len, answer->aliases[i].text);
    for (size_t i = 0; i < answer->address_count; i++) {
        char text[BJ_ADDRESS_TEXT_MAX];
        struct bj_writer w;

        bj_writer_init(&w, (uint8_t *)text, sizeof(text));
        bj_address_write(&w, &answer->addresses[i]);
        assert_int_equal(bj_writer_end_text(&w), BJ_OK);
        say(" %s", text);
    }
    say(" ttl %u", (unsigned)answer->ttl);
}

static void say_result(const struct bj_frame *frame)
{
    static _Alignas(16) uint8_t block[65536];
    struct bj_result result;
    struct bj_arena arena;
    struct bj_cursor c;

    bj_cursor_init(&c, frame->payload, frame->payload_len);
    bj_arena_init(&arena, block, sizeof(block));
    assert_int_equal(bj_result_read(&c, &arena, &result), BJ_OK);
    say(" %s", bj_outcome_name(result.outcome) + 3);
    for (unsigned i = 0; i < BJ_PROTOCOL_COUNT; i++)
        if ((result.ports_known & 1U << i) != 0)
            say(" %s %u", bj_protocol_text((enum bj_protocol)i),
                (unsigned)result.ports[i]);
    if (result.service.len > 0)
        say(" %.*s", (int)result.service.len, result.service.text);
    if (result.domain.len > 0)
        say(" domain %.*s", (int)result.domain.len, result.domain.text);
    if (result.answer.canonical.len > 0)
        say_answer(&result.answer);
}

static void keep_query(const struct bj_frame *f, size_t prefix)
{
    assert_in_range(f->payload_len, prefix + 12, prefix + BJ_QUERY_MAX);
    t.query_len[f->lookup][f->socket] = f->payload_len - prefix;
    memcpy(t.query[f->lookup][f->socket], f->payload + prefix,
           f->payload_len - prefix);
    say_query(f->payload + prefix, f->payload_len - prefix);
}

static void hear(const struct bj_frame *f)
{
    if (t.said[0] != '\0')
        say("; ");
    switch (f->type) {
    case BJ_FRAME_READY:
        say("ready");
        break;
    case BJ_FRAME_SEND:
        say("send %u.%u server %u", f->lookup, f->socket, f->server);
        keep_query(f, 0);
        break;
    case BJ_FRAME_CONNECT:
        say("connect %u.%u server %u", f->lookup, f->socket, f->server);
        break;
    case BJ_FRAME_WRITE:
        say("write %u.%u", f->lookup, f->socket);
        keep_query(f, 2);
        break;
    case BJ_FRAME_CLOSE:
        say("close %u.%u", f->lookup, f->socket);
        break;
    case BJ_FRAME_WAIT:
        t.until_ms[f->lookup] = f->time_ms;
        say("wait %u %u", f->lookup, (unsigned)(f->time_ms - t.now_ms));
        break;
    default:
        say("result %u", f->lookup);
        say_result(f);
        break;
    }
}

/* Every frame must pass the reader that the driver has. */
static void check_frame(const struct bj_frame *action)
{
    static uint8_t octets[BJ_RESULT_MAX + 64];
    enum bj_frame_phase phase =
        action->type == BJ_FRAME_READY ? BJ_FRAME_STARTING : BJ_FRAME_DRIVING;
    struct bj_frame again;
    struct bj_writer w;
    struct bj_cursor c;

    bj_writer_init(&w, octets, sizeof(octets));
    assert_int_equal(bj_frame_write(&w, action), BJ_OK);
    bj_cursor_init(&c, octets, w.len);
    assert_int_equal(bj_frame_read(&c, phase, &again), BJ_OK);
    assert_int_equal(bj_cursor_left(&c), 0);
}

static void step(struct bj_frame *event)
{
    struct bj_frame action;
    enum bj_status status;

    for (size_t i = 0; i < sizeof(t.entropy); i++)
        t.entropy[i] = (uint8_t)(t.entropy[i] * 5U + 11U + i);
    t.said[0] = '\0';
    status = bj_stub_step(&t.stub, event, &action);
    while (status == BJ_OK) {
        check_frame(&action);
        hear(&action);
        status = bj_stub_step(&t.stub, NULL, &action);
    }
    if (status != BJ_NONE)
        say("%s", bj_status_text(status));
    if (t.said[0] == '\0')
        say("nothing");
}

static void load(enum bj_frame_config config, const char *escaped)
{
    uint8_t text[TEXT_MAX];
    struct bj_frame event = {
        .type = BJ_FRAME_CONFIG, .config = config, .payload = text};

    event.payload_len = bj_vector_text(escaped, text, sizeof(text));
    step(&event);
}

static void ready(void)
{
    static const uint8_t key[BJ_FRAME_KEY_LEN] = {1, 2, 3};
    struct bj_frame event = {.type = BJ_FRAME_BEGIN,
                             .time_ms = t.now_ms,
                             .payload = key,
                             .payload_len = sizeof(key)};

    step(&event);
}

static void ask(uint32_t id, const struct bj_lookup *lookup)
{
    uint8_t octets[BJ_LOOKUP_MAX];
    struct bj_frame event = {.type = BJ_FRAME_LOOKUP,
                             .lookup = id,
                             .time_ms = t.now_ms,
                             .entropy = t.entropy,
                             .payload = octets};
    struct bj_writer w;

    bj_writer_init(&w, octets, sizeof(octets));
    assert_int_equal(bj_lookup_write(&w, lookup), BJ_OK);
    event.payload_len = w.len;
    step(&event);
}

static struct bj_text text_of(const char *word)
{
    struct bj_text text = {word, strlen(word)};

    return text;
}

/* lookup ID NAME 4|6|46 */
static void do_lookup(uint32_t id, const char *name, const char *families)
{
    struct bj_lookup lookup = {.name = text_of(name)};

    lookup.ip4 = strchr(families, '4') != NULL;
    lookup.ip6 = strchr(families, '6') != NULL;
    ask(id, &lookup);
}

static void do_reverse(uint32_t id, const char *address)
{
    struct bj_lookup lookup = {.port = 0};
    struct bj_zone zone;

    assert_int_equal(bj_address_parse((const uint8_t *)address, strlen(address),
                                      &lookup.address, &zone),
                     BJ_OK);
    ask(id, &lookup);
}

static uint8_t protocols_of(const char *list)
{
    uint8_t set = 0;

    for (unsigned i = 0; i < BJ_PROTOCOL_COUNT; i++) {
        const char *text = bj_protocol_text((enum bj_protocol)i);
        const char *at = strstr(list, text);

        if (at != NULL && (at[strlen(text)] == '\0' || at[strlen(text)] == ','))
            set |= (uint8_t)(1U << i);
    }
    return set;
}

static void do_service(uint32_t id, const char *name, const char *protocols)
{
    struct bj_lookup lookup = {.service = text_of(name),
                               .protocols = protocols_of(protocols)};

    ask(id, &lookup);
}

static void do_port(uint32_t id, const char *port, const char *protocol)
{
    struct bj_lookup lookup = {.asks_port = true,
                               .port = (uint16_t)atoi(port),
                               .protocols = protocols_of(protocol)};

    ask(id, &lookup);
}

static void do_event(enum bj_frame_type type, uint32_t id, unsigned socket,
                     const uint8_t *payload, size_t len)
{
    struct bj_frame event = {.type = type,
                             .lookup = id,
                             .socket = (uint8_t)socket,
                             .time_ms = t.now_ms,
                             .entropy = t.entropy,
                             .payload = payload,
                             .payload_len = len};

    if (type == BJ_FRAME_CANCEL) {
        event.time_ms = 0;
        event.entropy = NULL;
    }
    step(&event);
}

static const struct {
    const char *word;
    enum bj_network_reply kind;
} kinds[] = {
    {"honest", BJ_NETWORK_HONEST},
    {"nxdomain", BJ_NETWORK_NO_NAME},
    {"truncated", BJ_NETWORK_TRUNCATED},
    {"rcode", BJ_NETWORK_RCODE},
    {"wrong-id", BJ_NETWORK_WRONG_ID},
    {"wrong-case", BJ_NETWORK_WRONG_CASE},
    {"wrong-type", BJ_NETWORK_WRONG_TYPE},
    {"query", BJ_NETWORK_QUERY},
    {"wrong-count", BJ_NETWORK_WRONG_COUNT},
    {"short", BJ_NETWORK_SHORT},
    {"wrong-class", BJ_NETWORK_WRONG_CLASS},
};

/* The reply behind its length, as TCP has it. */
static size_t make_reply(uint32_t id, unsigned socket, const char *word,
                         unsigned detail, uint8_t out[2 + BJ_NETWORK_MAX])
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, word) == 0) {
            size_t len =
                bj_network_reply(kinds[i].kind, detail, t.query[id][socket],
                                 t.query_len[id][socket], out + 2);

            out[0] = (uint8_t)(len >> 8);
            out[1] = (uint8_t)len;
            return len;
        }
    fail_msg("no such reply: %s", word);
    return 0;
}

static void do_reply(bool stream, uint32_t id, unsigned socket,
                     const char *word, const char *detail)
{
    uint8_t reply[2 + BJ_NETWORK_MAX];
    size_t len = make_reply(id, socket, word, (unsigned)atoi(detail), reply);

    if (stream)
        do_event(BJ_FRAME_STREAM, id, socket, reply, len + 2);
    else
        do_event(BJ_FRAME_DATAGRAM, id, socket, reply + 2, len);
}

static bool perform_config(const char *verb, const char *rest)
{
    static const char *const words[BJ_CONFIG_COUNT] = {
        "resolv.conf", "hosts",       "services",   "nsswitch",
        "hostname",    "localdomain", "res_options"};

    for (unsigned i = 0; i < BJ_CONFIG_COUNT; i++)
        if (strcmp(verb, words[i]) == 0) {
            load((enum bj_frame_config)i, rest);
            return true;
        }
    return false;
}

/* What the driver tells that has no payload. */
static bool perform_event(const char *verb, uint32_t id, unsigned socket)
{
    static const struct {
        const char *word;
        enum bj_frame_type type;
    } events[] = {
        {"connected", BJ_FRAME_CONNECTED}, {"eof", BJ_FRAME_STREAM},
        {"failed", BJ_FRAME_FAILED},       {"cancel", BJ_FRAME_CANCEL},
        {"timer", BJ_FRAME_TIMER},         {"early", BJ_FRAME_TIMER},
    };

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(verb, events[i].word) == 0) {
            if (verb[0] == 't')
                t.now_ms = t.until_ms[id];
            do_event(events[i].type, id, socket, NULL, 0);
            return true;
        }
    return false;
}

static void perform(char *line)
{
    char words[3][256] = {"", "", ""};
    char *verb = line;
    char *rest = strchr(line, ' ');
    uint32_t id = 0;
    unsigned socket = 0;

    if (rest != NULL)
        *rest++ = '\0';
    if (perform_config(verb, rest != NULL ? rest : ""))
        return;
    if (rest != NULL)
        sscanf(rest, "%255s %255s %255s", words[0], words[1], words[2]);
    sscanf(words[0], "%u.%u", &id, &socket);
    if (strcmp(verb, "pass") == 0) {
        t.now_ms += id;
        strcpy(t.said, "nothing");
        return;
    }
    assert_in_range(id, 0, LOOKUPS - 1);
    if (strcmp(verb, "begin") == 0)
        ready();
    else if (strcmp(verb, "lookup") == 0)
        do_lookup(id, words[1], words[2]);
    else if (strcmp(verb, "reverse") == 0)
        do_reverse(id, words[1]);
    else if (strcmp(verb, "service") == 0)
        do_service(id, words[1], words[2]);
    else if (strcmp(verb, "port") == 0)
        do_port(id, words[1], words[2]);
    else if (strcmp(verb, "datagram") == 0 || strcmp(verb, "stream") == 0)
        do_reply(verb[0] == 's', id, socket, words[1], words[2]);
    else if (!perform_event(verb, id, socket))
        fail_msg("no such event: %s", verb);
}

static void conversations(void **state)
{
    struct bj_vectors v;
    size_t wrong = 0;

    (void)state;
    bj_vectors_open(&v, "resolve_stub.txt");
    while (bj_vectors_next(&v, 2)) {
        if (strcmp(v.fields[0], "conversation") == 0) {
            begin_anew();
            continue;
        }
        perform(v.fields[0]);
        if (strcmp(t.said, v.fields[1]) != 0) {
            print_error("line %zu\n  says     %s\n  expected %s\n",
                        v.line_number, t.said, v.fields[1]);
            wrong += 1;
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- what a text cannot say well ---- */

/* A reply of the server's to the query that the socket last sent, built
 * record by record by `fill`. */
static size_t build_reply(uint32_t id, unsigned socket, uint8_t *out,
                          size_t cap, unsigned rcode,
                          void (*fill)(struct bj_build *))
{
    const uint8_t *query = t.query[id][socket];
    struct bj_build b;
    struct bj_name name;
    struct bj_cursor c;
    char text[BJ_NAME_TEXT_MAX];
    unsigned type;

    bj_cursor_init(&c, query, t.query_len[id][socket]);
    bj_cursor_skip(&c, 12);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
    type = bj_cursor_u16(&c);
    bj_build_init(&b, out, cap, (uint16_t)(query[0] * 256 + query[1]),
                  (uint16_t)(0x8180U + rcode));
    bj_build_question(&b, bj_test_name(&name, text), type);
    fill(&b);
    return bj_build_end(&b);
}

/* The reply to a lookup's first question, in a datagram. */
static void do_built_reply(uint32_t id, unsigned rcode,
                           void (*fill)(struct bj_build *))
{
    uint8_t reply[1024];
    size_t len = build_reply(id, 0, reply, sizeof(reply), rcode, fill);

    do_event(BJ_FRAME_DATAGRAM, id, 0, reply, len);
}

static void load_and_begin(const char *resolv_conf)
{
    begin_anew();
    load(BJ_CONFIG_RESOLV_CONF, resolv_conf);
    ready();
    assert_string_equal(t.said, "ready");
}

static void with_aliases(struct bj_build *b)
{
    static const uint8_t a[][4] = {{10, 9, 0, 1}, {10, 1, 0, 1}, {10, 1, 0, 2}};

    bj_build_name_record(b, BJ_SECTION_ANSWER, "www.a.test.", BJ_TYPE_CNAME, 1,
                         30, "Host.a.test.");
    for (size_t i = 0; i < 3; i++)
        bj_build_record(b, BJ_SECTION_ANSWER, "host.a.test.", BJ_TYPE_A, 1, 300,
                        a[i], 4);
}

static void sort_list_and_aliases(void **state)
{
    (void)state;
    load_and_begin("nameserver 192.0.2.1\\nsortlist 10.1.0.0/255.255.0.0\\n");
    do_lookup(1, "www.a.test", "4");
    do_built_reply(1, 0, with_aliases);
    assert_string_equal(t.said,
                        "close 1.0; result 1 FOUND host.a.test (www.a.test) "
                        "10.1.0.1 10.1.0.2 10.9.0.1 ttl 30");
    do_lookup(2, "www.a.test", "4");
    assert_string_equal(t.said, "result 2 FOUND host.a.test (www.a.test) "
                                "10.1.0.1 10.1.0.2 10.9.0.1 ttl 30");
}

/* SOA with MINIMUM 20 (RFC 2308). */
static void with_soa(struct bj_build *b)
{
    static const uint8_t soa[22] = {[21] = 20};

    bj_build_record(b, BJ_SECTION_AUTHORITY, "a.test.", BJ_TYPE_SOA, 1, 40, soa,
                    sizeof(soa));
}

static void absence_is_kept_as_long_as_the_zone_says(void **state)
{
    (void)state;
    load_and_begin("nameserver 192.0.2.1\\n");
    do_lookup(1, "no.a.test", "4");
    do_built_reply(1, 3, with_soa);
    assert_string_equal(t.said, "close 1.0; result 1 NO_NAME");
    do_lookup(2, "no.a.test", "46");
    assert_string_equal(t.said, "result 2 NO_NAME");
    t.now_ms += 20000;
    do_lookup(3, "no.a.test", "4");
    assert_string_equal(t.said, "send 3.0 server 0 no.a.test. A; wait 3 5000");
}

static size_t padding; /* octets of RDATA behind the answer */

static void with_padding(struct bj_build *b)
{
    static const uint8_t nothing[65535];
    static const uint8_t address[16] = {0x20, 1, [15] = 7};
    bool six = padding % 2 == 1;

    bj_build_record(b, BJ_SECTION_ANSWER, "a.test.",
                    six ? BJ_TYPE_AAAA : BJ_TYPE_A, 1, 60, address,
                    six ? 16 : 4);
    if (padding > 40)
        bj_build_record(b, BJ_SECTION_ADDITIONAL, ".", 10, 1, 60, nothing,
                        padding);
}

/* R03: long replies on either of the two, over UDP and over TCP, in either
 * order. Odd padding is AAAA's. */
static void R03_long_replies_on_either_socket(void **state)
{
    static const size_t lengths[] = {40, 2048, 2049, 4096, 4097, 65400};
    static uint8_t reply[2 + 65535];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (unsigned way = 0; way < 4; way++) {
            bool tcp = (way & 1) != 0;
            unsigned first = way >> 1;

            load_and_begin(tcp ? "options use-vc\\n" : "");
            do_lookup(1, "a.test", "46");
            for (unsigned k = 0; k < 2; k++) {
                unsigned socket = k == 0 ? first : 1 - first;
                size_t len;

                if (tcp)
                    do_event(BJ_FRAME_CONNECTED, 1, socket, NULL, 0);
                padding = (lengths[i] & ~(size_t)1) + socket;
                len = build_reply(1, socket, reply + 2, 65535, 0, with_padding);
                reply[0] = (uint8_t)(len >> 8);
                reply[1] = (uint8_t)len;
                if (tcp && len > 60000)
                    do_event(BJ_FRAME_STREAM, 1, socket, reply, 30000);
                if (tcp && len > 60000)
                    do_event(BJ_FRAME_STREAM, 1, socket, reply + 30000,
                             len + 2 - 30000);
                else if (tcp)
                    do_event(BJ_FRAME_STREAM, 1, socket, reply, len + 2);
                else
                    do_event(BJ_FRAME_DATAGRAM, 1, socket, reply + 2, len);
            }
            assert_non_null(strstr(t.said, "result 1 FOUND a.test 32.1.0.0 "
                                           "2001::7 ttl 60"));
        }
}

/* Room for so many; one more is told to come again. */
static void no_more_lookups_than_there_are_places(void **state)
{
    char name[32];

    (void)state;
    load_and_begin("options attempts:1\\n");
    for (uint32_t i = 0; i < BJ_STUB_LOOKUPS; i++) {
        snprintf(name, sizeof(name), "h%u.test", i);
        do_lookup(i, name, "4");
        assert_memory_equal(t.said, "send", 4);
    }
    do_lookup(BJ_STUB_LOOKUPS, "more.test", "4");
    assert_string_equal(t.said, "result 256 UNREACHABLE");
    do_reply(false, 17, 0, "honest", "0");
    do_lookup(BJ_STUB_LOOKUPS, "more.test", "4");
    assert_string_equal(t.said,
                        "send 256.0 server 0 more.test. A; wait 256 5000");
}

/* R35: as many as there is room for, one query, and all at once at the end. */
static void R35_a_crowd_asks_once(void **state)
{
    size_t results = 0;

    (void)state;
    load_and_begin("");
    for (uint32_t i = 0; i < 50; i++) {
        do_lookup(i, "crowd.test", "4");
        assert_string_equal(
            t.said, i == 0 ? "send 0.0 server 0 crowd.test. A; wait 0 5000"
                           : "nothing");
    }
    do_reply(false, 0, 0, "honest", "0");
    for (const char *at = t.said; (at = strstr(at, "result")) != NULL; at++)
        results += 1;
    assert_int_equal(results, 50);
}

static void R34_each_query_has_its_own_id_and_case(void **state)
{
    (void)state;
    load_and_begin("");
    do_lookup(1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", "46");
    assert_memory_not_equal(t.query[1][0], t.query[1][1], 2);
    assert_memory_not_equal(t.query[1][0] + 12, t.query[1][1] + 12, 40);
}

static void what_is_no_lookup_is_a_breach(void **state)
{
    static const uint8_t bad[] = {0xff, 0, 0, 0, 0, 0, 0};
    struct bj_frame event = {.type = BJ_FRAME_LOOKUP,
                             .lookup = 1,
                             .entropy = t.entropy,
                             .payload = bad,
                             .payload_len = sizeof(bad)};

    (void)state;
    load_and_begin("");
    step(&event);
    assert_string_equal(t.said, bj_status_text(BJ_BAD));
    event.type = BJ_FRAME_SEND;
    step(&event);
    assert_string_equal(t.said, bj_status_text(BJ_BAD));
}

static void more_than_was_announced(void **state)
{
    static const uint8_t text[CONFIG_LEN + 1];
    struct bj_frame event = {.type = BJ_FRAME_CONFIG,
                             .config = BJ_CONFIG_HOSTS,
                             .payload = text,
                             .payload_len = sizeof(text)};

    (void)state;
    begin_anew();
    step(&event);
    assert_string_equal(t.said, bj_status_text(BJ_SPACE));
    assert_int_equal(bj_stub_memory((size_t)BJ_FILES_TEXTS_MAX + 1), 0);
    assert_true(bj_stub_memory(0) > 0);
}

/* An answer that a frame cannot hold is a failure, not a part of itself. */
static void more_aliases_than_a_frame_holds(void **state)
{
    static uint8_t text[6 * 60000];
    struct bj_frame event = {.type = BJ_FRAME_CONFIG,
                             .config = BJ_CONFIG_HOSTS,
                             .payload = text,
                             .payload_len = sizeof(text)};

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 20 == 19 ? ' ' : 'a';
    for (size_t i = 0; i < sizeof(text); i += 60000) {
        memcpy(text + i, "10.0.0.1 big        ", 20);
        text[i + 59999] = '\n';
    }
    begin_anew();
    step(&event);
    assert_string_equal(t.said, "nothing");
    ready();
    do_lookup(1, "big", "4");
    assert_string_equal(t.said, "result 1 FAILED");
    do_lookup(2, "localhost", "4");
    assert_string_equal(t.said, "result 2 FOUND localhost 127.0.0.1 ttl 0");
}

/* All actions are due before the next event: a caller's mistake is told. */
static void an_event_before_the_last_was_answered(void **state)
{
    uint8_t octets[BJ_LOOKUP_MAX];
    struct bj_lookup lookup = {.name = text_of("a.test"), .ip4 = true};
    struct bj_frame event = {.type = BJ_FRAME_LOOKUP,
                             .lookup = 1,
                             .entropy = t.entropy,
                             .payload = octets};
    struct bj_frame action;
    struct bj_writer w;

    (void)state;
    load_and_begin("");
    bj_writer_init(&w, octets, sizeof(octets));
    assert_int_equal(bj_lookup_write(&w, &lookup), BJ_OK);
    event.payload_len = w.len;
    assert_int_equal(bj_stub_step(&t.stub, &event, &action), BJ_OK);
    assert_int_equal(action.type, BJ_FRAME_SEND);
    event.lookup = 2;
    assert_int_equal(bj_stub_step(&t.stub, &event, &action), BJ_BUG);
}

static int tear_down(void **state)
{
    (void)state;
    free(t.memory);
    t.memory = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversations),
        cmocka_unit_test(sort_list_and_aliases),
        cmocka_unit_test(absence_is_kept_as_long_as_the_zone_says),
        cmocka_unit_test(R03_long_replies_on_either_socket),
        cmocka_unit_test(no_more_lookups_than_there_are_places),
        cmocka_unit_test(R35_a_crowd_asks_once),
        cmocka_unit_test(R34_each_query_has_its_own_id_and_case),
        cmocka_unit_test(what_is_no_lookup_is_a_breach),
        cmocka_unit_test(more_than_was_announced),
        cmocka_unit_test(more_aliases_than_a_frame_holds),
        cmocka_unit_test(an_event_before_the_last_was_answered),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
