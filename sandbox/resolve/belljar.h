#ifndef BELLJAR_H
#define BELLJAR_H

#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * libbelljar: names resolved in a process that can only read, write and end.
 *
 * Whatever a name server says is parsed by a worker process of three system
 * calls. This library, in the caller, owns the sockets, never looks inside a
 * packet, and takes the worker's answers for hostile too. Link with
 * `pkg-config --libs belljar`; compile with _GNU_SOURCE or _DEFAULT_SOURCE, as
 * <netdb.h> wants it.
 *
 * PROCESSES. Opening a resolver starts a spawner, a child that wait(2),
 * waitpid(-1) and SIGCHLD do not show (only __WALL and __WCLONE do), and under
 * it the worker. The spawner keeps a copy-on-write image of the caller and
 * never reads an octet from the network. Both end when the caller ends or
 * closes the resolver. If the spawner is killed by somebody it is a zombie
 * until the resolver finds out and reaps it, and its workers then show to a
 * caller that is PID 1 or a subreaper. A caller that execs another program gets
 * one SIGCHLD there.
 *
 * SYSTEM CALLS. After bj_resolver_open a lookup makes only the calls that
 * `belljar policy driver` lists, so that a program may resolve names from
 * inside its own seccomp filter. If the spawner is gone, or after fork, a
 * resolver is opened anew, which takes more; where that is refused, lookups
 * fail with EAI_SYSTEM and errno (see `once` below). Closing takes more, too.
 * A spawner that is stopped (SIGSTOP) when a worker is wanted is replaced after
 * two seconds; where it may not be, lookups fail with EAI_AGAIN while it stays
 * so.
 *
 * FILTERS. The spawner, and with it each worker from its birth, is under a
 * seccomp filter of its own (`belljar policy spawner`), and a worker then under
 * a narrower one. Where the kernel has no seccomp, or the caller's own filter,
 * or a container's, refuses seccomp(2), nothing is resolved: opening fails with
 * what the kernel said, ENOSYS, EINVAL or EPERM. EPERM says too that one of the
 * two was killed for a call that its filter does not know, as with a libc whose
 * start it has never seen (the trace says "spawner-violation", or "no-worker"
 * with EPERM); see `unfiltered` below.
 *
 * THREADS. Every function may be called from any thread at any time, but that
 * a resolver may not be closed while another thread uses it, and that the calls
 * of an event loop (below) are for one thread at a time. Lookups of many
 * threads are in flight together. No function here is a cancellation point, or
 * may be called from a signal handler.
 *
 * FORK. A child may use every resolver that its parent had: it is opened anew
 * there when first used. Calls (below) are the parent's: a child can end them,
 * and has EAI_AGAIN for their result. A child of vfork may use nothing. A fork
 * waits while another thread opens the default resolver, with the first lookup
 * that needs it.
 *
 * DESCRIPTORS. A resolver keeps a few, all close-on-exec and none below 3. A
 * caller that closes or reuses them (closefrom) loses the lookups in flight,
 * with EAI_AGAIN, and never has anything written to what is there now; the
 * resolver opens itself anew. They are known by their inodes. Before Linux 6.9
 * all pidfds share one: a caller that has closed ours, and has one of its own
 * under the same number when the resolver is closed or opened anew, may lose
 * it, and what it stands for is taken for the spawner, waited for, and killed
 * if it does not end within a second.
 *
 * SOCKETS. Queries have a port of their own each, but a socket may serve many:
 * one that was made before the caller changed its user, its cgroup or its
 * network namespace sends as before. Who changes one of these and goes by it
 * closes the resolver and opens another.
 *
 * The library prints nothing and never ends its host; it changes no signal
 * disposition and no environment.
 */

struct bj_resolver;

/* ---- the functions that these are named after ---- */

/*
 * As their namesakes in <netdb.h>: getaddrinfo(3), getnameinfo(3),
 * gethostbyname(3), in arguments, flags, results and errors, with glibc's
 * semantics (the differences are a table in core/README.md). They use a default
 * resolver, which is opened by the first of them that needs it. gai_strerror
 * and hstrerror have texts for what they return. EAI_SYSTEM: errno says why.
 *
 * A list of bj_getaddrinfo goes to bj_freeaddrinfo, never to freeaddrinfo; any
 * sublist may, in any order. The results of the last three, and of no others,
 * are the thread's own and stay until its next call of one of the three or its
 * end; they set h_errno.
 */
int bj_getaddrinfo(const char *node, const char *service,
                   const struct addrinfo *hints, struct addrinfo **list);
void bj_freeaddrinfo(struct addrinfo *list);
int bj_getnameinfo(const struct sockaddr *address, socklen_t address_len,
                   char *host, socklen_t host_len, char *service,
                   socklen_t service_len, int flags);
int bj_gethostbyname2_r(const char *name, int family, struct hostent *host,
                        char *buf, size_t buf_len, struct hostent **result,
                        int *h_errnop);
int bj_gethostbyaddr_r(const void *address, socklen_t address_len, int family,
                       struct hostent *host, char *buf, size_t buf_len,
                       struct hostent **result, int *h_errnop);
struct hostent *bj_gethostbyname(const char *name);
struct hostent *bj_gethostbyname2(const char *name, int family);
struct hostent *bj_gethostbyaddr(const void *address, socklen_t address_len,
                                 int family);

/* ---- a resolver of one's own ---- */

/* What a trace tells. */
enum bj_trace_kind {
    BJ_TRACE_TO_WORKER,   /* an event, `what` its name: "LOOKUP", "DATAGRAM" */
    BJ_TRACE_FROM_WORKER, /* an action: "SEND", "CONNECT", "WAIT", "RESULT" */
    BJ_TRACE_PACKET_OUT,  /* a DNS message that was sent to a server */
    BJ_TRACE_PACKET_IN,   /* a datagram, or octets of a TCP stream, from one */
    BJ_TRACE_STATE        /* anything else: "retry", "worker-died", and last
                             the outcome: "found", "no such name" */
};

struct bj_trace {
    enum bj_trace_kind kind;
    const char *what;  /* a static string */
    uint32_t lookup;   /* which one: a number that does not come again until
                          the worker is replaced; 0: none in particular */
    unsigned question; /* 0 or 1: A and AAAA have a socket each */
    int error;         /* errno of a system call that failed, else 0 */
    int tcp;           /* of packets: over TCP, with the length before each */
    const struct sockaddr *server; /* of packets, else NULL */
    socklen_t server_len;
    const void *bytes; /* of packets and frames: their payload, as it is */
    size_t len;
    uint64_t time_ms; /* CLOCK_BOOTTIME */
};

/* How long a worker lives. */
enum bj_isolate {
    BJ_ISOLATE_RESOLVER, /* with the resolver, and has a cache */
    BJ_ISOLATE_LOOKUP    /* for one lookup: what a server has done to it ends
                            there. Costs the start of a process each time */
};

/*
 * Everything may be left zero but `size`:
 *
 *     struct bj_resolver_options options = {.size = sizeof(options)};
 *
 * Texts are copied. Files that are not there, are no regular files, or have
 * more than 64 MiB, count as empty; of the last the trace tells, as with
 * "hosts-left-out" and EFBIG. Of resolv_conf and gai_conf the first 32 KiB are
 * read.
 */
struct bj_resolver_options {
    size_t size; /* sizeof(struct bj_resolver_options), so that it can grow */

    /* NULL: /etc/resolv.conf, /etc/hosts, /etc/services, /etc/nsswitch.conf,
     * /etc/gai.conf. Each is watched, and read again when it changes, is
     * replaced, or a link or folder on the way to it is; not when something is
     * mounted over one. */
    const char *resolv_conf;
    const char *hosts;
    const char *services;
    const char *nsswitch;
    const char *gai_conf;

    /* Servers in place of those of resolv_conf, at most three: an address and
     * perhaps a port, "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:5353". */
    const char *const *servers;
    size_t server_count;

    /* The worker program. NULL: the variable BELLJAR_WORKER (not in a
     * set-user-ID program), else where it was installed. */
    const char *worker;

    enum bj_isolate isolate;

    /* A lookup is over after so long, with EAI_AGAIN; 0: when all servers have
     * had their time, by resolv.conf's timeout, attempts and search. */
    unsigned lookup_timeout_ms;

    /* A worker that has not answered for so long is replaced; 0: 2000. */
    unsigned worker_timeout_ms;

    /*
     * Not 0: never opened anew, after a fork or when its processes were killed:
     * lookups then fail with EAI_SYSTEM, EPERM. For a program whose own seccomp
     * filter kills; one that has got its first filter since the resolver was
     * opened is spared anyway.
     */
    int once;

    /*
     * Is told of every state and packet, in the order they come, by whichever
     * thread is at work. It must not call this library; what it is given is
     * gone when it returns.
     */
    void (*trace)(const struct bj_trace *event, void *trace_arg);
    void *trace_arg;

    /*
     * Not 0: the spawner has no filter of its own, and a worker none until it
     * confines itself. For a worker that is linked with a libc whose start the
     * spawner's filter does not know; it still reads what servers send under
     * its three calls.
     */
    int unfiltered;
};

/*
 * Opens a resolver; `options` may be NULL. Returns 0, or an errno value with
 * *resolver NULL: EINVAL for options that make no sense, ENOENT or EACCES for
 * a worker that cannot be executed, ETIMEDOUT or EPROTO for one that does not
 * get ready, and what the kernel refused (EMFILE, ENOMEM, EAGAIN, EPERM).
 *
 * LOCALDOMAIN and RES_OPTIONS are taken from the environment, and the host's
 * own name from uname(2), at this time.
 */
int bj_resolver_open(const struct bj_resolver_options *options,
                     struct bj_resolver **resolver);

/* Ends it, its processes and its calls (below), whose handles are gone. It may
 * be called from a completion. NULL does nothing. */
void bj_resolver_close(struct bj_resolver *resolver);

/* The functions above, by this resolver; NULL is the default one. */
int bj_resolver_getaddrinfo(struct bj_resolver *resolver, const char *node,
                            const char *service, const struct addrinfo *hints,
                            struct addrinfo **list);
int bj_resolver_getnameinfo(struct bj_resolver *resolver,
                            const struct sockaddr *address,
                            socklen_t address_len, char *host,
                            socklen_t host_len, char *service,
                            socklen_t service_len, int flags);
int bj_resolver_gethostbyname2_r(struct bj_resolver *resolver, const char *name,
                                 int family, struct hostent *host, char *buf,
                                 size_t buf_len, struct hostent **result,
                                 int *h_errnop);
int bj_resolver_gethostbyaddr_r(struct bj_resolver *resolver,
                                const void *address, socklen_t address_len,
                                int family, struct hostent *host, char *buf,
                                size_t buf_len, struct hostent **result,
                                int *h_errnop);

/* ---- for event loops: lookups that do not block ---- */

/*
 *     bj_call_getaddrinfo(resolver, "example.org", "http", &hints, done, arg,
 *                         &call);
 *     while (...) {
 *         count = bj_resolver_pollfds(resolver, fds, cap, &timeout_ms);
 *         poll(fds, count, timeout_ms);
 *         bj_resolver_advance(resolver);        // may call done(call, arg)
 *     }
 *
 * A call is a lookup in progress, then its result, until bj_call_end. Blocking
 * lookups on the same resolver may go on in other threads meanwhile.
 */
struct bj_call;

/* Is told, once, by bj_resolver_advance and never by the function that starts
 * the call, that the result is there. It may start and end calls, this one and
 * any other, and close the resolver. */
typedef void bj_call_done(struct bj_call *call, void *arg);

/*
 * Start a lookup. Arguments are copied; `done` may be NULL. They return 0, or
 * an EAI_* value (EAI_MEMORY, EAI_SYSTEM) with *call NULL if it could not even
 * be started. What is wrong with its arguments is a result like any other.
 */
int bj_call_getaddrinfo(struct bj_resolver *resolver, const char *node,
                        const char *service, const struct addrinfo *hints,
                        bj_call_done *done, void *arg, struct bj_call **call);
int bj_call_getnameinfo(struct bj_resolver *resolver,
                        const struct sockaddr *address, socklen_t address_len,
                        int flags, bj_call_done *done, void *arg,
                        struct bj_call **call);
int bj_call_gethostbyname2(struct bj_resolver *resolver, const char *name,
                           int family, bj_call_done *done, void *arg,
                           struct bj_call **call);
int bj_call_gethostbyaddr(struct bj_resolver *resolver, const void *address,
                          socklen_t address_len, int family, bj_call_done *done,
                          void *arg, struct bj_call **call);

/*
 * Fills in which descriptors to wait for, and in *timeout_ms (may be NULL) how
 * long at most, -1 for ever, as poll(2) takes them. Returns how many there are;
 * if that is more than `cap`, only `cap` were filled in. They change with every
 * start, advance and end.
 */
size_t bj_resolver_pollfds(struct bj_resolver *resolver, struct pollfd *fds,
                           size_t cap, int *timeout_ms);

/* Does what can be done without waiting, whatever made the caller think so,
 * and then calls the completions that are due. */
void bj_resolver_advance(struct bj_resolver *resolver);

/*
 * The result, as the function returns it that the call is named after, which
 * must be of that kind (else EAI_FAIL, or EINVAL); EAI_INPROGRESS, or
 * EINPROGRESS, while it is not there. A list is the caller's from then on, and
 * is had only once: EAI_FAIL after that. Texts and hostents can be had again,
 * such as with a larger buffer after EAI_OVERFLOW or ERANGE.
 */
int bj_call_addrinfo(struct bj_call *call, struct addrinfo **list);
int bj_call_nameinfo(struct bj_call *call, char *host, socklen_t host_len,
                     char *service, socklen_t service_len);
int bj_call_hostent(struct bj_call *call, struct hostent *host, char *buf,
                    size_t buf_len, struct hostent **result, int *h_errnop);

/* Ends a call, which is cancelled if it is in progress: its completion is then
 * not called any more. From anywhere, a completion included, once for each
 * call. NULL does nothing. */
void bj_call_end(struct bj_call *call);

#ifdef __cplusplus
}
#endif

#endif
