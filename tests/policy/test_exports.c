/*
 * The exports that hold from before the exec, put to use: a launcher of ours
 * reads them as a container's runtime or systemd would, installs what they
 * say, and executes a real server or client, which must start, tighten to its
 * role, serve, and end in order. And what they do not list kills.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/policy/export.h"
#include "sandbox/policy/startup.h"
#include "tests/support/scratch.h"

/* ---- reading the exports ---- */

/* A whole export as text; the caller frees it. */
static char *export_text(bool (*to)(enum bj_role role, FILE *out,
                                    struct bj_trouble *trouble),
                         enum bj_role role)
{
    struct bj_trouble trouble;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    if (!to(role, out, &trouble))
        fail_msg("%s", trouble.text);
    assert_int_equal(fclose(out), 0);
    return text;
}

static scmp_filter_ctx new_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    assert_non_null(filter);
    assert_int_equal(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
                                      SCMP_ACT_KILL_PROCESS),
                     0);
    return filter;
}

static void add_oci_rule(scmp_filter_ctx filter, json_t *rule)
{
    const char *action = json_string_value(json_object_get(rule, "action"));
    json_t *args = json_object_get(rule, "args");
    struct scmp_arg_cmp compare[6];
    unsigned count = 0;
    uint32_t act = SCMP_ACT_ALLOW;
    size_t i;
    json_t *arg;
    json_t *name;

    if (strcmp(action, "SCMP_ACT_ERRNO") == 0)
        act = SCMP_ACT_ERRNO(
            (uint32_t)json_integer_value(json_object_get(rule, "errnoRet")));
    else
        assert_string_equal(action, "SCMP_ACT_ALLOW");
    json_array_foreach(args, i, arg)
    {
        bool masked = strcmp(json_string_value(json_object_get(arg, "op")),
                             "SCMP_CMP_MASKED_EQ") == 0;

        compare[count].arg =
            (unsigned)json_integer_value(json_object_get(arg, "index"));
        compare[count].op = masked ? SCMP_CMP_MASKED_EQ : SCMP_CMP_EQ;
        compare[count].datum_a =
            (uint64_t)json_integer_value(json_object_get(arg, "value"));
        compare[count].datum_b =
            (uint64_t)json_integer_value(json_object_get(arg, "valueTwo"));
        count += 1;
    }
    json_array_foreach(json_object_get(rule, "names"), i, name)
    {
        int number = seccomp_syscall_resolve_name(json_string_value(name));

        assert_int_not_equal(number, __NR_SCMP_ERROR);
        assert_int_equal(
            seccomp_rule_add_array(filter, act, number, count, compare), 0);
    }
}

static scmp_filter_ctx read_oci(enum bj_role role)
{
    char *text = export_text(bj_export_oci, role);
    json_t *profile = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    scmp_filter_ctx filter = new_filter();
    json_t *rule;
    size_t i;

    assert_non_null(profile);
    assert_string_equal(
        json_string_value(json_object_get(profile, "defaultAction")),
        "SCMP_ACT_KILL_PROCESS");
    json_array_foreach(json_object_get(profile, "syscalls"), i, rule)
        add_oci_rule(filter, rule);
    json_decref(profile);
    free(text);
    return filter;
}

/* The names of SystemCallFilter= lines. */
static scmp_filter_ctx read_systemd(enum bj_role role)
{
    static const char key[] = "SystemCallFilter=";
    char *text = export_text(bj_export_systemd, role);
    scmp_filter_ctx filter = new_filter();
    char *lines = NULL;
    char *words = NULL;
    char *line;
    char *word;

    for (line = strtok_r(text, "\n", &lines); line != NULL;
         line = strtok_r(NULL, "\n", &lines)) {
        if (strncmp(line, key, sizeof(key) - 1) != 0)
            continue;
        for (word = strtok_r(line + sizeof(key) - 1, " ", &words); word != NULL;
             word = strtok_r(NULL, " ", &words)) {
            assert_int_equal(
                seccomp_rule_add(filter, SCMP_ACT_ALLOW,
                                 seccomp_syscall_resolve_name(word), 0),
                0);
        }
    }
    free(text);
    return filter;
}

/* ---- putting them to use ---- */

/* Executes under the filter; standard error, or output, goes to a pipe. */
static pid_t launch(scmp_filter_ctx filter, char *const argv[], int watch,
                    int *from)
{
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(30);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], watch);
        close(ends[0]);
        close(ends[1]);
        /* Sockets for somebody else: to be looked at, not to be taken. */
        setenv("LISTEN_PID", "1", 1);
        setenv("LISTEN_FDS", "1", 1);
        if (seccomp_load(filter) == 0)
            execv(argv[0], argv);
        _exit(99);
    }
    close(ends[1]);
    *from = ends[0];
    return pid;
}

static void read_until(int from, const char *word, char *out, size_t cap)
{
    size_t len = 0;
    ssize_t got;

    out[0] = '\0';
    while (strstr(out, word) == NULL && len < cap - 1) {
        got = read(from, out + len, cap - 1 - len);
        if (got <= 0)
            fail_msg("no \"%s\" in: %s", word, out);
        len += (size_t)got;
        out[len] = '\0';
    }
}

static int connect_to(unsigned port, int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    struct timeval patience = {10, 0};
    int fd = socket(AF_INET, type, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
        0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void echoes(unsigned port, int type)
{
    char back[8] = "";
    int fd = connect_to(port, type);

    assert_int_equal(write(fd, "glass", 5), 5);
    assert_int_equal(recv(fd, back, 5, MSG_WAITALL), 5);
    assert_string_equal(back, "glass");
    close(fd);
}

/* Start to end of a server: three echoes, SIGTERM, exit 0. */
static void serve_under(scmp_filter_ctx filter, const char *mode)
{
    bool udp = strcmp(mode, "--udp") == 0;
    char text[4096];
    char *argv[] = {
        (char *)(uintptr_t)BJ_BELLJAR, "serve", "--listen", "127.0.0.1:0",
        (char *)(uintptr_t)mode,       NULL};
    const char *at;
    unsigned port;
    int status;
    int from;
    pid_t pid = launch(filter, argv, STDERR_FILENO, &from);
    int i;

    read_until(from, "pid=", text, sizeof(text));
    at = strstr(text, "listen=127.0.0.1:");
    assert_non_null(at);
    port = (unsigned)strtoul(at + strlen("listen=127.0.0.1:"), NULL, 10);
    for (i = 0; i < 3; i += 1)
        echoes(port, udp ? SOCK_DGRAM : SOCK_STREAM);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("%s: status %#x", mode, status);
    close(from);
    seccomp_release(filter);
}

static bool sanitized(void)
{
    size_t count;

    (void)bj_role_sanitizer_rows(&count);
    return count != 0;
}

static const char *const modes[] = {"--mode=process", "--mode=iterative",
                                    "--mode=thread", "--udp"};

static void a_server_under_the_oci_profile(void **state)
{
    size_t i;

    (void)state;
    if (sanitized()) /* its run-time library starts with more */
        skip();
    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i += 1)
        serve_under(read_oci(BJ_ROLE_KEEPER), modes[i]);
}

static void a_server_under_systemds_lines(void **state)
{
    size_t i;

    (void)state;
    if (sanitized())
        skip();
    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i += 1)
        serve_under(read_systemd(BJ_ROLE_KEEPER), modes[i]);
}

/* The connection of a client, unless it ends before it has made one: nobody
 * else would ever come. */
static int accept_from(int listener, pid_t client)
{
    struct pollfd came = {listener, POLLIN, 0};
    int status = 0;

    while (poll(&came, 1, 100) == 0) {
        if (waitpid(client, &status, WNOHANG) != 0)
            fail_msg("no connection: status %#x", status);
    }
    return accept(listener, NULL, NULL);
}

/* The client against a listener of ours, which echoes one line. */
static void client_under(scmp_filter_ctx filter)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t at_len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char port[8];
    char text[64];
    char *argv[] = {(char *)(uintptr_t)BJ_BELLJAR, "connect", "localhost", port,
                    NULL};
    int status;
    int from;
    pid_t pid;
    int fd;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &at_len), 0);
    snprintf(port, sizeof(port), "%u", ntohs(at.sin_port));
    pid = launch(filter, argv, STDOUT_FILENO, &from);
    fd = accept_from(listener, pid);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "under glass\n", 12), 12);
    close(fd);
    read_until(from, "glass", text, sizeof(text));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(from);
    close(listener);
    seccomp_release(filter);
}

static void a_client_under_both(void **state)
{
    (void)state;
    if (sanitized())
        skip();
    client_under(read_oci(BJ_ROLE_CONNECT));
    client_under(read_systemd(BJ_ROLE_CONNECT));
}

/* A super-server's child: the connection is its standard input. */
static void inetd_under(scmp_filter_ctx filter)
{
    char *argv[] = {(char *)(uintptr_t)BJ_BELLJAR,
                    "serve",
                    "--inetd",
                    "--max-time",
                    "20",
                    NULL};
    char back[8] = "";
    int ends[2];
    int status;
    pid_t pid;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDIN_FILENO);
        if (seccomp_load(filter) == 0)
            execv(argv[0], argv);
        _exit(99);
    }
    close(ends[1]);
    assert_int_equal(write(ends[0], "glass", 5), 5);
    assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
    assert_int_equal(recv(ends[0], back, 5, MSG_WAITALL), 5);
    assert_string_equal(back, "glass");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(ends[0]);
    seccomp_release(filter);
}

static void a_connection_under_both(void **state)
{
    (void)state;
    if (sanitized())
        skip();
    inetd_under(read_oci(BJ_ROLE_SERVE_INETD));
    inetd_under(read_systemd(BJ_ROLE_SERVE_INETD));
}

/* The decoder, which makes a process for each file. */
static void decode_under(scmp_filter_ctx filter)
{
    char path[64];
    char *argv[] = {(char *)(uintptr_t)BJ_BELLJAR, "decode", path, path, NULL};
    char text[4096];
    int file;
    int status;
    int from;
    pid_t pid;

    snprintf(path, sizeof(path), "%s/message", bj_scratch());
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, "\x12\x34\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1", 17),
                     17);
    close(file);
    pid = launch(filter, argv, STDOUT_FILENO, &from);
    read_until(from, "QUESTION SECTION", text, sizeof(text));
    while (read(from, text, sizeof(text)) > 0)
        continue;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(from);
    seccomp_release(filter);
}

static void a_decoder_under_both(void **state)
{
    (void)state;
    if (sanitized())
        skip();
    decode_under(read_oci(BJ_ROLE_DECODE));
    decode_under(read_systemd(BJ_ROLE_DECODE));
}

/* Another program under the same profile: killed at its first odd call. */
static void another_program_is_killed(void **state)
{
    char made[64];
    const char *const programs[][3] = {
        {"/bin/ls", "/", NULL},
        {"/bin/mkdir", made, NULL},
        {"/bin/uname", "-a", NULL},
    };
    unsigned killed = 0;
    size_t i;
    int status;
    int from;
    pid_t pid;

    (void)state;
    snprintf(made, sizeof(made), "%s/made", bj_scratch());
    for (i = 0; i < 3; i += 1) {
        scmp_filter_ctx filter = read_oci(BJ_ROLE_DECODE);

        pid = launch(filter, (char *const *)(uintptr_t)programs[i],
                     STDOUT_FILENO, &from);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        close(from);
        seccomp_release(filter);
    }
    assert_true(killed >= 2);
}

static void only_roles_that_a_program_enters(void **state)
{
    struct bj_trouble trouble;
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        FILE *out = fopen("/dev/null", "w");

        assert_non_null(out);
        assert_int_equal(bj_export_oci((enum bj_role)role, out, &trouble),
                         bj_startup_has((enum bj_role)role));
        assert_int_equal(bj_export_systemd((enum bj_role)role, out, &trouble),
                         bj_startup_has((enum bj_role)role));
        fclose(out);
    }
    assert_false(bj_startup_has(BJ_ROLE_SERVE_PROCESS_CHILD));
    assert_false(bj_export_oci(BJ_ROLE_SERVE_PROCESS_CHILD, stdout, &trouble));
    assert_non_null(strstr(trouble.text, "entered from another role"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_under_the_oci_profile),
        cmocka_unit_test(a_server_under_systemds_lines),
        cmocka_unit_test(a_client_under_both),
        cmocka_unit_test(a_connection_under_both),
        cmocka_unit_test(a_decoder_under_both),
        cmocka_unit_test(another_program_is_killed),
        cmocka_unit_test(only_roles_that_a_program_enters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
