#include "tests/chaos/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define INETD_MAX 32

struct server servers[SERVER_COUNT] = {
    [SERVER_PROCESS] = {.kind = SERVER_PROCESS, .name = "process"},
    [SERVER_THREAD] = {.kind = SERVER_THREAD, .name = "thread"},
    [SERVER_ITERATIVE] = {.kind = SERVER_ITERATIVE, .name = "iterative"},
    [SERVER_INETD] = {.kind = SERVER_INETD, .name = "inetd"},
};

static struct {
    int listener;
    pid_t pids[INETD_MAX];
} inetd;

static void enter(struct server *server, enum server_state state)
{
    server->state = state;
    server->since_ms = chaos_now();
}

static void start(struct server *server)
{
    const char *arguments[] = {
        chaos.program,
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--mode",
        server->name,
        "--udp-rate",
        "0",
        server->kind == SERVER_ITERATIVE ? "--udp" : NULL,
        NULL};
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        perror("chaos: pipe");
        exit(2);
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    server->books = (struct books){0};
    server->lives += 1;
    server->role = server->udp_role = 0;
    server->port = server->udp_port = 0;
    server->keeper_killed = false;
    server->handled = 0;
    server->log = ends[0];
    server->line_len = 0;
    server->keeper = chaos_spawn(arguments, (int[3]){-1, -1, ends[1]},
                                 &(struct chaos_limits){0});
    close(ends[1]);
    enter(server, SERVER_STARTING);
}

static void start_inetd(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    inetd.listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (inetd.listener < 0 ||
        bind(inetd.listener, (struct sockaddr *)&address, len) != 0 ||
        listen(inetd.listener, 64) != 0 ||
        getsockname(inetd.listener, (struct sockaddr *)&address, &len) != 0) {
        perror("chaos: listen");
        exit(2);
    }
    server->port = ntohs(address.sin_port);
    server->lives = 1;
    enter(server, SERVER_SERVING);
}

void servers_start(void)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        if (i == SERVER_INETD)
            start_inetd(&servers[i]);
        else
            start(&servers[i]);
    }
}

/* ---- what it says ---- */

/* Once it is down and the last conversation with it has ended. */
static void close_books(struct server *server)
{
    const json_t *each = json_object_get(server->totals, "sockets");
    const json_t *all = json_object_get(server->totals, "total");

    if (books_counter(all, "violations") != 0)
        unaccounted("%s: %" PRIu64 " violations", server->name,
                    books_counter(all, "violations"));
    for (size_t i = 0; i < json_array_size(each); i++) {
        const json_t *one = json_array_get(each, i);
        const char *mode = json_string_value(json_object_get(one, "mode"));

        if (mode != NULL && strcmp(mode, "udp") == 0)
            books_compare_datagrams(&server->books, server->name, one);
        else
            books_compare(&server->books, server->name, one);
    }
    if (json_array_size(each) == 0)
        unaccounted("%s: totals without sockets", server->name);
    server->lives_counted += 1;
    json_decref(server->totals);
    server->totals = NULL;
}

static void hear_counters(struct server *server, const char *text)
{
    json_t *counters = json_loads(text, 0, NULL);
    const json_t *stream =
        json_array_get(json_object_get(counters, "sockets"), 0);

    server->handled =
        books_counter(stream, "connections") + books_counter(stream, "refused");
    json_decref(counters);
}

static void hear(struct server *server, const char *line)
{
    unsigned port;
    char mode[16];
    char rest[128];
    int pid;

    if (sscanf(line, "belljar: role-died %127[^p]pid=%d", rest, &pid) == 2 &&
        pid == server->role)
        server->role = 0;
    if (strstr(line, "name=SYS") != NULL)
        unaccounted("%s: a role died of its filter: %s", server->name, line);
    if (sscanf(line,
               "belljar: ready mode=%15s listen=127.0.0.1:%u %127[^p]pid=%d",
               mode, &port, rest, &pid) == 4) {
        if (strcmp(mode, "udp") == 0) {
            server->udp_role = pid;
            server->udp_port = (uint16_t)port;
        } else {
            server->role = pid;
            server->port = (uint16_t)port;
        }
        if (server->state == SERVER_STARTING && server->role != 0 &&
            (server->kind != SERVER_ITERATIVE || server->udp_role != 0))
            enter(server, SERVER_SERVING);
    }
    if (strncmp(line, "belljar: counters ", 18) == 0)
        hear_counters(server, line + 18);
    if (strncmp(line, "belljar: totals ", 16) == 0)
        server->totals = json_loads(line + 16, 0, NULL);
}

/* Everything that it has said; false once it will say no more. */
static bool read_some(struct server *server)
{
    ssize_t n = read(server->log, server->line + server->line_len,
                     sizeof(server->line) - 1 - server->line_len);
    char *end;

    if (n <= 0)
        return false;
    server->line_len += (size_t)n;
    server->line[server->line_len] = '\0';
    while ((end = strchr(server->line, '\n')) != NULL) {
        *end = '\0';
        hear(server, server->line);
        server->line_len -= (size_t)(end + 1 - server->line);
        memmove(server->line, end + 1, server->line_len + 1);
    }
    if (server->line_len == sizeof(server->line) - 1)
        server->line_len = 0; /* nothing of ours is so long */
    return true;
}

static void read_log(void *context, short events)
{
    (void)events;
    while (read_some(context))
        continue;
}

/* ---- inetd ---- */

static void hand_over(void *context, short events)
{
    const char *const arguments[] = {chaos.program, "serve", "--inetd", NULL};
    int fd;

    (void)context;
    (void)events;
    for (size_t i = 0; i < INETD_MAX; i++) {
        if (inetd.pids[i] != 0)
            continue;
        fd = accept4(inetd.listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        inetd.pids[i] = chaos_spawn(arguments, (int[3]){fd, -1, 2},
                                    &(struct chaos_limits){0});
        close(fd);
    }
}

static bool inetd_reaped(pid_t pid, int status)
{
    struct server *server = &servers[SERVER_INETD];

    for (size_t i = 0; i < INETD_MAX; i++) {
        if (inetd.pids[i] != pid)
            continue;
        inetd.pids[i] = 0;
        server->books.served += 1;
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            unaccounted("inetd: it died of signal %d", WTERMSIG(status));
        if (WIFEXITED(status) && WEXITSTATUS(status) > 1)
            unaccounted("inetd: it ended with status %d", WEXITSTATUS(status));
        return true;
    }
    return false;
}

static void close_inetd(struct server *server)
{
    const struct books *books = &server->books;

    if (books->served < books->made_least || books->served > books->made_most)
        unaccounted("inetd: %" PRIu64 " connections served, %" PRIu64 " made",
                    books->served, books->made_least);
    if (books->cut > books->cut_excused)
        unaccounted("inetd: %" PRIu64 " connections were cut, %" PRIu64
                    " of them by us",
                    books->cut, books->cut_excused);
    close(inetd.listener);
    server->lives_counted += 1;
    enter(server, SERVER_DOWN);
}

/* ---- the loop's part ---- */

void servers_enlist(void)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        struct server *server = &servers[i];
        bool room = false;

        if (i != SERVER_INETD) {
            if (server->state != SERVER_DOWN)
                loop_add(server->log, POLLIN, read_log, server);
            continue;
        }
        for (size_t k = 0; k < INETD_MAX; k++)
            room = room || inetd.pids[k] == 0;
        if (server->state == SERVER_SERVING && room)
            loop_add(inetd.listener, POLLIN, hand_over, NULL);
    }
}

bool servers_reaped(pid_t pid, int status)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        struct server *server = &servers[i];

        if (server->keeper != pid)
            continue;
        read_log(server, 0); /* the last that it said */
        close(server->log);
        server->keeper = 0;
        if (server->keeper_killed) {
            if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
                unaccounted("%s: killed, but it ended otherwise", server->name);
        } else if (server->state != SERVER_ENDING || !WIFEXITED(status) ||
                   WEXITSTATUS(status) != 0) {
            unaccounted("%s: its keeper ended with wait status %#x",
                        server->name, (unsigned)status);
        } else if (server->totals == NULL) {
            unaccounted("%s: it ended without totals", server->name);
        }
        enter(server, SERVER_DOWN);
        return true;
    }
    return inetd_reaped(pid, status);
}

void servers_look(bool again)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        struct server *server = &servers[i];

        /* Not before the last conversation with it has ended, which is
         * accounted for in one life. */
        if (server->state == SERVER_DOWN && server->live == 0) {
            if (server->totals != NULL)
                close_books(server);
            if (again && i != SERVER_INETD)
                start(server);
        }
        if ((server->state == SERVER_STARTING ||
             server->state == SERVER_ENDING) &&
            chaos_now() - server->since_ms > CHAOS_PATIENCE_MS) {
            unaccounted("%s: it neither starts nor ends", server->name);
            kill(server->keeper, SIGKILL);
            server->keeper_killed = true;
            enter(server, SERVER_ENDING);
        }
    }
}

bool server_caught_up(struct server *server)
{
    const struct books *books = &server->books;

    if (server->kind == SERVER_INETD)
        return books->served >= books->made_least;
    if (server->state != SERVER_SERVING)
        return true;
    kill(server->keeper, SIGUSR1);
    return server->handled + books->role_kills >= books->made_least;
}

void server_end(struct server *server)
{
    if (server->state != SERVER_SERVING)
        return;
    if (server->kind == SERVER_INETD) {
        close_inetd(server);
        return;
    }
    server_excuse(server);
    server->books.open_at_end = server->live + server->books.left;
    server->books.lost_excused += server->live * CHAOS_DATAGRAMS_MAX;
    kill(server->keeper, SIGTERM);
    enter(server, SERVER_ENDING);
}

void server_kill(struct server *server)
{
    if (server->state != SERVER_SERVING || server->kind == SERVER_INETD)
        return;
    server_excuse(server);
    server->keeper_killed = true;
    kill(server->keeper, SIGKILL);
    enter(server, SERVER_ENDING);
}

size_t server_children(const struct server *server, pid_t *out, size_t cap)
{
    size_t count = 0;

    if (server->kind != SERVER_INETD)
        return server->role == 0 ? 0 : chaos_children(server->role, out, cap);
    for (size_t i = 0; i < INETD_MAX && count < cap; i++) {
        if (inetd.pids[i] != 0)
            out[count++] = inetd.pids[i];
    }
    return count;
}

void server_excuse(struct server *server)
{
    server->excused_ms = chaos_now();
}

void server_trouble(struct server *server)
{
    server->excusing += 1;
}

void server_calm(struct server *server)
{
    server->excusing -= 1;
    server->excused_ms = chaos_now();
}

bool server_excuses(const struct server *server, uint64_t since_ms)
{
    return server->excusing != 0 || server->excused_ms >= since_ms;
}

bool servers_down(void)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        if (servers[i].state != SERVER_DOWN || servers[i].totals != NULL)
            return false;
    }
    return true;
}
