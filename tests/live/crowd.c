/*
 * Many lookups at once: THREADS threads, in PROCESSES processes forked once
 * the resolver has been used, ask COUNT names in all, each its own
 * (SUFFIX prefixed with a number that does not come again). Prints how many
 * came to what, as JSON: found, and each error by its text.
 *
 *   live_crowd PROCESSES THREADS COUNT SUFFIX
 */
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/resolve/belljar.h"

enum { ERRORS = 16, THREADS_MAX = 256, PROCESSES_MAX = 16 };

/* What a process found, by -EAI_*: [0] is found. */
struct tally {
    unsigned counts[ERRORS];
    unsigned other;
};

struct share {
    unsigned process;
    unsigned thread;
    unsigned count;
    const char *suffix;
    struct tally tally;
};

static void ask(struct share *share, unsigned number)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    char name[256];
    int error;

    snprintf(name, sizeof(name), "p%u-t%u-n%u.%s", share->process,
             share->thread, number, share->suffix);
    error = bj_getaddrinfo(name, NULL, &hints, &list);
    if (error == 0)
        bj_freeaddrinfo(list);
    if (error > 0 || error <= -ERRORS)
        share->tally.other += 1;
    else
        share->tally.counts[-error] += 1;
}

static void *work(void *arg)
{
    struct share *share = arg;

    for (unsigned i = 0; i < share->count; i++)
        ask(share, i);
    return NULL;
}

static void add(struct tally *sum, const struct tally *part)
{
    for (size_t i = 0; i < ERRORS; i++)
        sum->counts[i] += part->counts[i];
    sum->other += part->other;
}

static struct tally run(unsigned process, unsigned threads, unsigned count,
                        const char *suffix)
{
    static struct share shares[THREADS_MAX];
    static pthread_t ids[THREADS_MAX];
    struct tally sum = {{0}, 0};

    for (unsigned i = 0; i < threads; i++) {
        shares[i] = (struct share){.process = process,
                                   .thread = i,
                                   .count = count / threads,
                                   .suffix = suffix};
        if (pthread_create(&ids[i], NULL, work, &shares[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        add(&sum, &shares[i].tally);
    }
    return sum;
}

static void print(const struct tally *sum)
{
    printf("{\"found\": %u", sum->counts[0]);
    for (int i = 1; i < ERRORS; i++)
        if (sum->counts[i] > 0)
            printf(", \"%s\": %u", gai_strerror(-i), sum->counts[i]);
    printf(", \"other\": %u}\n", sum->other);
}

int main(int argc, char **argv)
{
    unsigned processes, threads, count;
    struct tally sum = {{0}, 0};
    int ends[2];

    if (argc != 5)
        return 2;
    processes = (unsigned)atoi(argv[1]);
    threads = (unsigned)atoi(argv[2]);
    count = (unsigned)atoi(argv[3]);
    if (processes < 1 || processes > PROCESSES_MAX || threads < 1 ||
        threads > THREADS_MAX || pipe(ends) != 0)
        return 2;
    sum = run(PROCESSES_MAX, 1, 1, argv[4]);
    for (unsigned i = 0; i < processes; i++) {
        struct tally part;

        if (fork() != 0)
            continue;
        part = run(i, threads, count / processes, argv[4]);
        _exit(write(ends[1], &part, sizeof(part)) == sizeof(part) ? 0 : 1);
    }
    close(ends[1]);
    for (unsigned i = 0; i < processes; i++) {
        struct tally part;
        int status;

        if (read(ends[0], &part, sizeof(part)) != sizeof(part) ||
            wait(&status) < 0 || status != 0)
            return 1;
        add(&sum, &part);
    }
    print(&sum);
    return 0;
}
