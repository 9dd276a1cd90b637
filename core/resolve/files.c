#include "core/resolve/files.h"

#include <string.h>

#include "core/netdb/hostname.h"
#include "core/netdb/local.h"

enum {
    WORD = sizeof(uint32_t),
    /* An index has at most 4.5 words for each entry, and one. Each entry has
     * two octets of text of its own: a name and the blank before it, the
     * address of hosts(5), the port of services(5). So 4.5 / 2 words for an
     * octet are enough, with what is lost in rounding and the one of each. */
    WORDS_EXTRA = 8
};

static size_t words_for(size_t text_len)
{
    return text_len / 4 * 9 + 9 + WORDS_EXTRA;
}

/* Octets of text, padded so that words may follow. */
static size_t padded(size_t text_len)
{
    return text_len + (WORD - text_len % WORD) % WORD;
}

size_t bj_files_memory(size_t text_len)
{
    if (text_len > BJ_FILES_TEXTS_MAX)
        return 0;
    return padded(text_len) + words_for(text_len) * WORD;
}

void bj_files_init(struct bj_files *files, void *memory, size_t text_len)
{
    memset(files, 0, sizeof(*files));
    files->texts = memory;
    files->texts_cap = text_len;
    files->words = (uint32_t *)memory + padded(text_len) / WORD;
    files->word_count = words_for(text_len);
}

enum bj_status bj_files_add(struct bj_files *files, enum bj_frame_config config,
                            const uint8_t *bytes, size_t len)
{
    struct bj_field *text = &files->text[config];

    if (text->text != NULL && files->latest != config)
        return BJ_BAD;
    if (len > files->texts_cap - files->texts_len)
        return BJ_SPACE;
    if (text->text == NULL)
        text->text = files->texts + files->texts_len;
    if (len > 0)
        memcpy(files->texts + files->texts_len, bytes, len);
    text->len += len;
    files->texts_len += len;
    files->latest = config;
    return BJ_OK;
}

/* What is behind the first dot of a name, if that can be a domain. */
static struct bj_text domain_of(const char *name, size_t len)
{
    struct bj_text domain = {NULL, 0};
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)name, len);
    bj_cursor_skip(&c, bj_cursor_until(&c, '.'));
    if (bj_cursor_left(&c) < 2)
        return domain;
    bj_cursor_skip(&c, 1);
    domain.len = bj_cursor_left(&c);
    domain.text = (const char *)bj_cursor_bytes(&c, domain.len);
    if (!bj_hostname_valid(domain.text, domain.len))
        domain.len = 0;
    return domain;
}

/*
 * This host's domain: of its name if that has one, else of the canonical name
 * that the hosts file has for it, as in glibc.
 */
static struct bj_text own_domain(const struct bj_files *files)
{
    const struct bj_field *name = &files->text[BJ_CONFIG_HOST_NAME];
    struct bj_text domain = domain_of((const char *)name->text, name->len);
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    struct bj_field first;

    if (domain.len > 0)
        return domain;
    bj_hosts_find_name(&files->hosts, &files->key, name->text, name->len,
                       BJ_FAMILY_ANY, &walk);
    if (!bj_hosts_next(&walk, &line) || !bj_hosts_name(&line, &first))
        return domain;
    return domain_of((const char *)first.text, first.len);
}

enum bj_status bj_files_read(struct bj_files *files,
                             const struct bj_hash_key *key)
{
    struct bj_resolvconf_input in = {
        .text = files->text[BJ_CONFIG_RESOLV_CONF].text,
        .len = files->text[BJ_CONFIG_RESOLV_CONF].len,
        .local_domain = files->text[BJ_CONFIG_LOCALDOMAIN],
        .res_options = files->text[BJ_CONFIG_RES_OPTIONS],
        .host_name = files->text[BJ_CONFIG_HOST_NAME],
    };
    const struct bj_field *nsswitch = &files->text[BJ_CONFIG_NSSWITCH];
    const struct bj_field *hosts = &files->text[BJ_CONFIG_HOSTS];
    const struct bj_field *services = &files->text[BJ_CONFIG_SERVICES];
    size_t used, needed;
    enum bj_status status;

    files->key = *key;
    bj_resolvconf_parse(&in, &files->resolvconf);
    bj_nsswitch_parse(nsswitch->text, nsswitch->len, &files->nsswitch);
    status = bj_hosts_build(&files->hosts, hosts->text, hosts->len, key,
                            files->words, files->word_count, &used);
    if (status == BJ_OK)
        status = bj_services_build(&files->services, services->text,
                                   services->len, key, files->words + used,
                                   files->word_count - used, &needed);
    if (status == BJ_OK)
        files->domain = own_domain(files);
    return status;
}

static struct bj_field protocol_field(enum bj_protocol protocol)
{
    const char *text = bj_protocol_text(protocol);
    struct bj_field field = {(const uint8_t *)text, strlen(text)};

    return field;
}

/* The port of the name in each protocol of the set. */
static bool find_ports(const struct bj_files *files,
                       const struct bj_lookup *lookup, struct bj_result *result)
{
    struct bj_field name = {(const uint8_t *)lookup->service.text,
                            lookup->service.len};

    for (unsigned i = 0; i < BJ_PROTOCOL_COUNT; i++) {
        struct bj_field protocol = protocol_field((enum bj_protocol)i);
        struct bj_services_walk walk;
        struct bj_service service;

        if ((lookup->protocols & 1U << i) == 0)
            continue;
        bj_services_find_name(&files->services, &files->key, &name, &protocol,
                              &walk);
        if (!bj_services_next(&walk, &service))
            continue;
        result->ports[i] = service.port;
        result->ports_known |= (uint8_t)(1U << i);
    }
    return result->ports_known != 0;
}

/* The name of the port in the one protocol of the set. */
static bool find_service(const struct bj_files *files,
                         const struct bj_lookup *lookup,
                         struct bj_result *result)
{
    struct bj_field protocol;
    struct bj_services_walk walk;
    struct bj_service service;
    unsigned i = 0;

    while (i < BJ_PROTOCOL_COUNT && (lookup->protocols & 1U << i) == 0)
        i += 1;
    if (i == BJ_PROTOCOL_COUNT)
        return false;
    protocol = protocol_field((enum bj_protocol)i);
    bj_services_find_port(&files->services, &files->key, lookup->port,
                          &protocol, &walk);
    /* A frame has no room for a longer one. */
    if (!bj_services_next(&walk, &service) || service.name.len > UINT8_MAX)
        return false;
    result->service.text = (const char *)service.name.text;
    result->service.len = service.name.len;
    return true;
}

void bj_files_service(const struct bj_files *files,
                      const struct bj_lookup *lookup, struct bj_result *result)
{
    struct bj_nss_walk walk;
    enum bj_nss_step step;

    if (lookup->service.len == 0 && !lookup->asks_port)
        return;
    step = bj_nss_walk_begin(&walk, &files->nsswitch.services);
    /* Ends: each turn passes over a source. The DNS has no services. */
    while (step != BJ_NSS_DONE) {
        enum bj_nss_result found = BJ_NSS_UNAVAIL;

        if (step == BJ_NSS_ASK_FILES && lookup->asks_port)
            found = find_service(files, lookup, result) ? BJ_NSS_SUCCESS
                                                        : BJ_NSS_NOTFOUND;
        else if (step == BJ_NSS_ASK_FILES)
            found = find_ports(files, lookup, result) ? BJ_NSS_SUCCESS
                                                      : BJ_NSS_NOTFOUND;
        step = bj_nss_walk_step(&walk, found);
    }
}
