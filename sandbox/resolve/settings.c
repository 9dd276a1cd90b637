#include "sandbox/resolve/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/bytes/arena.h"
#include "core/bytes/writer.h"
#include "core/config/resolvconf.h"
#include "sandbox/resolve/worker_path.h"

enum {
    WORKER_TIMEOUT_MS = 2000,
    /* "nameserver ", an endpoint, a newline. */
    SERVER_LINE_MAX = 11 + BJ_ENDPOINT_TEXT_MAX + 1
};

static const char *const default_files[BJ_FILE_COUNT] = {
    [BJ_FILE_RESOLV_CONF] = "/etc/resolv.conf",
    [BJ_FILE_HOSTS] = "/etc/hosts",
    [BJ_FILE_SERVICES] = "/etc/services",
    [BJ_FILE_NSSWITCH] = "/etc/nsswitch.conf",
    [BJ_FILE_GAI_CONF] = "/etc/gai.conf",
};

/* What the texts are copied from: a value of it may be NULL. */
struct sources {
    const char *files[BJ_FILE_COUNT];
    const char *worker;
    const char *local_domain;
    const char *res_options;
    struct utsname host;
    char server_lines[BJ_NAMESERVERS_MAX * SERVER_LINE_MAX + 1];
};

/* An address, with or without port, as resolv.conf has it, too: the text goes
 * there, so it may hold nothing else. */
static bool is_server(const char *text)
{
    struct bj_nameserver server;
    size_t len = strlen(text);

    return len < BJ_ENDPOINT_TEXT_MAX &&
           bj_nameserver_parse((const uint8_t *)text, len, &server) == BJ_OK;
}

static int write_servers(const struct bj_resolver_options *options,
                         struct sources *from)
{
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)from->server_lines,
                   sizeof(from->server_lines));
    if (options->server_count > BJ_NAMESERVERS_MAX ||
        (options->server_count > 0 && options->servers == NULL))
        return EINVAL;
    for (size_t i = 0; i < options->server_count; i++) {
        if (options->servers[i] == NULL || !is_server(options->servers[i]))
            return EINVAL;
        bj_writer_text(&w, "nameserver ");
        bj_writer_text(&w, options->servers[i]);
        bj_writer_char(&w, '\n');
    }
    return bj_writer_end_text(&w) == BJ_OK ? 0 : EINVAL;
}

static int gather(const struct bj_resolver_options *options,
                  struct sources *from)
{
    const char *const given[BJ_FILE_COUNT] = {
        [BJ_FILE_RESOLV_CONF] = options->resolv_conf,
        [BJ_FILE_HOSTS] = options->hosts,
        [BJ_FILE_SERVICES] = options->services,
        [BJ_FILE_NSSWITCH] = options->nsswitch,
        [BJ_FILE_GAI_CONF] = options->gai_conf,
    };

    for (size_t i = 0; i < BJ_FILE_COUNT; i++)
        from->files[i] = given[i] != NULL ? given[i] : default_files[i];
    from->worker = options->worker;
    if (from->worker == NULL)
        from->worker = secure_getenv("BELLJAR_WORKER");
    if (from->worker == NULL)
        from->worker = bj_worker_path();
    from->local_domain = secure_getenv("LOCALDOMAIN");
    from->res_options = secure_getenv("RES_OPTIONS");
    if (uname(&from->host) != 0)
        from->host.nodename[0] = '\0';
    return write_servers(options, from);
}

/* Copies what there is, from the first octet of a block on; the arena measures
 * where it has no block yet. */
static void copy(const struct sources *from, struct bj_arena *arena,
                 struct bj_settings *to)
{
    struct {
        const char **to;
        const char *from;
    } texts[] = {
        {&to->worker, from->worker},
        {&to->local_domain, from->local_domain},
        {&to->res_options, from->res_options},
        {&to->host_name, from->host.nodename},
        {&to->server_lines,
         from->server_lines[0] != '\0' ? from->server_lines : NULL},
    };

    for (size_t i = 0; i < BJ_FILE_COUNT; i++) {
        to->files[i] =
            bj_arena_text(arena, from->files[i], strlen(from->files[i]));
        to->relative = to->relative || from->files[i][0] != '/';
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].from != NULL)
            *texts[i].to =
                bj_arena_text(arena, texts[i].from, strlen(texts[i].from));
}

static int make(const struct bj_resolver_options *options,
                const struct sources *from, struct bj_settings **out)
{
    struct bj_settings measured = {.worker = NULL};
    struct bj_settings *to;
    struct bj_arena arena;

    bj_arena_init(&arena, NULL, 0);
    copy(from, &arena, &measured);
    to = calloc(1, sizeof(*to) + arena.len);
    if (to == NULL)
        return ENOMEM;
    bj_arena_init(&arena, to + 1, arena.len);
    copy(from, &arena, to);
    to->isolate = options->isolate;
    to->lookup_timeout_ms = options->lookup_timeout_ms;
    to->worker_timeout_ms = options->worker_timeout_ms != 0
                                ? options->worker_timeout_ms
                                : WORKER_TIMEOUT_MS;
    to->once = options->once != 0;
    to->unfiltered = options->unfiltered != 0;
    to->trace = options->trace;
    to->trace_arg = options->trace_arg;
    *out = to;
    return 0;
}

int bj_settings_make(const struct bj_resolver_options *options,
                     struct bj_settings **out)
{
    struct bj_resolver_options known = {.size = sizeof(known)};
    struct sources from;
    int error;

    *out = NULL;
    /* A caller that was compiled against a later header has options that this
     * library does not know: they must not be lost in silence. */
    if (options != NULL) {
        if (options->size < sizeof(options->size) ||
            options->size > sizeof(known))
            return EINVAL;
        memcpy(&known, options, options->size);
    }
    if (known.isolate != BJ_ISOLATE_RESOLVER &&
        known.isolate != BJ_ISOLATE_LOOKUP)
        return EINVAL;
    memset(&from, 0, sizeof(from));
    error = gather(&known, &from);
    return error != 0 ? error : make(&known, &from, out);
}
