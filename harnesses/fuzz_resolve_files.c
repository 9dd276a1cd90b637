/*
 * Configuration in chunks: records of which text (3 bits of an octet), a
 * length of two octets, and that many octets; 7 for no more; then what is
 * asked of the services. Oracles: a chunk is refused exactly when it comes out
 * of order or over what was announced; each text is its chunks, one behind the
 * other; the memory suffices for whatever the texts hold; what is found is what
 * an index of its own finds; no domain that is no host name.
 */
#include "core/bytes/cursor.h"
#include "core/netdb/hostname.h"
#include "core/resolve/files.h"
#include "harnesses/harness.h"

struct model {
    uint8_t *text[BJ_CONFIG_COUNT];
    size_t len[BJ_CONFIG_COUNT];
    bool there[BJ_CONFIG_COUNT];
    unsigned latest;
    size_t total;
};

static enum bj_status model_add(struct model *m, unsigned config,
                                const uint8_t *bytes, size_t len, size_t cap)
{
    if (m->there[config] && m->latest != config)
        return BJ_BAD;
    if (m->total + len > cap)
        return BJ_SPACE;
    m->there[config] = true;
    m->latest = config;
    m->text[config] = realloc(m->text[config], m->len[config] + len + 1);
    if (m->text[config] == NULL)
        abort();
    if (len > 0)
        memcpy(m->text[config] + m->len[config], bytes, len);
    m->len[config] += len;
    m->total += len;
    return BJ_OK;
}

static void add_all(struct bj_files *files, struct model *m,
                    struct bj_cursor *c, size_t cap)
{
    /* Ends: each turn takes at least one octet. */
    while (bj_cursor_left(c) > 0) {
        unsigned config = bj_cursor_u8(c) % 8U;
        struct bj_cursor part;
        uint8_t *exact;
        size_t len;

        if (config >= BJ_CONFIG_COUNT)
            break;
        len = bj_cursor_u16(c);
        if (len > bj_cursor_left(c))
            len = bj_cursor_left(c);
        bj_cursor_narrow(c, len, &part);
        exact = bj_exact_copy(part.base, len);
        BJ_CHECK(bj_files_add(files, (enum bj_frame_config)config, exact,
                              len) == model_add(m, config, exact, len, cap),
                 "taken-or-refused");
        free(exact);
    }
    for (unsigned i = 0; i < BJ_CONFIG_COUNT; i++) {
        BJ_CHECK((files->text[i].text != NULL) == m->there[i], "there");
        BJ_CHECK(files->text[i].len == m->len[i] &&
                     (m->len[i] == 0 ||
                      memcmp(files->text[i].text, m->text[i], m->len[i]) == 0),
                 "whole");
    }
}

/* The port of a name in one protocol, by an index of the text alone. */
static long port_of(const struct model *m, const struct bj_hash_key *key,
                    const struct bj_text *name, const char *protocol)
{
    const uint8_t *text = m->text[BJ_CONFIG_SERVICES];
    size_t len = m->len[BJ_CONFIG_SERVICES];
    size_t count = bj_index_words(len);
    uint32_t *words = calloc(count + 1, sizeof(*words));
    struct bj_field n = {(const uint8_t *)name->text, name->len};
    struct bj_field p = {(const uint8_t *)protocol, strlen(protocol)};
    struct bj_services services;
    struct bj_services_walk walk;
    struct bj_service service;
    size_t needed;
    long port = -1;

    if (words == NULL)
        abort();
    BJ_CHECK(bj_services_build(&services, text, len, key, words, count + 1,
                               &needed) == BJ_OK,
             "model-built");
    bj_services_find_name(&services, key, &n, &p, &walk);
    if (bj_services_next(&walk, &service))
        port = service.port;
    free(words);
    return port;
}

static void check_service(const struct bj_files *files, const struct model *m,
                          struct bj_cursor *c)
{
    size_t len = bj_cursor_u8(c) % 16U;
    struct bj_lookup lookup = {.protocols = 3};
    struct bj_result result = {.ports_known = 0};
    bool asks = files->nsswitch.services.count == 1 &&
                files->nsswitch.services.sources[0].service == BJ_NSS_FILES;

    if (len == 0 || len > bj_cursor_left(c))
        return;
    lookup.service.text = (const char *)bj_cursor_bytes(c, len);
    lookup.service.len = len;
    bj_files_service(files, &lookup, &result);
    if (!asks)
        return;
    for (unsigned i = 0; i < 2; i++) {
        long port = port_of(m, &files->key, &lookup.service,
                            bj_protocol_text((enum bj_protocol)i));
        bool known = (result.ports_known >> i & 1) != 0;

        /* Not known == (port >= 0), which gcc 12 with both sanitizers at -O1
         * says is false of 1 and 53. */
        if (known)
            BJ_CHECK(port == result.ports[i], "port");
        else
            BJ_CHECK(port == -1, "port-known");
    }
}

static void check_port(const struct bj_files *files, struct bj_cursor *c)
{
    struct bj_lookup lookup = {
        .asks_port = true, .protocols = 1, .port = bj_cursor_u16(c)};
    struct bj_result result = {.ports_known = 0};

    bj_files_service(files, &lookup, &result);
    if (result.service.len == 0)
        return;
    BJ_CHECK(result.service.len <= UINT8_MAX, "service-fits");
    BJ_CHECK((const uint8_t *)result.service.text >= files->texts &&
                 (const uint8_t *)result.service.text + result.service.len <=
                     files->texts + files->texts_len,
             "service-in-the-texts");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t entropy[16] = {7, 1, 9};
    struct bj_hash_key key = bj_hash_key_make(entropy);
    /* Mostly enough for all. */
    size_t cap = size > 0 && data[0] % 4 == 0 ? size / 4 : size;
    size_t memory_len = bj_files_memory(cap);
    uint64_t *memory = calloc(memory_len / 8 + 1, 8);
    struct model m = {.total = 0};
    struct bj_files files;
    struct bj_cursor c;

    if (memory == NULL)
        abort();
    bj_cursor_init(&c, data, size);
    bj_cursor_skip(&c, size > 0 ? 1 : 0);
    bj_files_init(&files, memory, cap);
    add_all(&files, &m, &c, cap);
    BJ_CHECK(bj_files_read(&files, &key) == BJ_OK, "memory-suffices");
    BJ_CHECK(files.domain.len == 0 ||
                 bj_hostname_valid(files.domain.text, files.domain.len),
             "domain-valid");
    bj_digest(files.domain.text, files.domain.len);
    check_service(&files, &m, &c);
    check_port(&files, &c);
    for (unsigned i = 0; i < BJ_CONFIG_COUNT; i++)
        free(m.text[i]);
    free(memory);
    return 0;
}
