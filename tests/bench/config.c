/*
 * The hosts file: 100 000 lines indexed, then looked up by name and by
 * address, and the memory it takes. Whoever has no index reads the file again
 * for each lookup: what that costs at least is measured by a loop over lines
 * that are in memory already.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/config/hosts.h"
#include "core/config/resolvconf.h"
#include "tests/bench/bench.h"

enum { LINES = 100000, NAMES = 1024, BUILDS = 21 };

static const struct bj_hash_key key = {{UINT64_C(0x243f6a8885a308d3), 1}};

static char *text;
static size_t text_len;
static char names[NAMES][40];
static struct bj_address addresses[NAMES];

/* Lines as hosts files of clusters and blocklists have them. */
static void make_text(void)
{
    uint64_t state = 1;

    text = malloc(LINES * 64);
    if (text == NULL)
        abort();
    for (unsigned i = 0; i < LINES; i++)
        text_len += (size_t)sprintf(
            text + text_len, "10.%u.%u.%u\tnode%05u.cluster.example node%05u\n",
            i >> 16, i >> 8 & 255, i & 255, i, i);
    for (unsigned i = 0; i < NAMES; i++) {
        unsigned n = (unsigned)(bj_bench_random(&state) % LINES);

        (void)sprintf(names[i], "Node%05u.cluster.example", n);
        addresses[i].family = BJ_FAMILY_IP4;
        addresses[i].octets[0] = 10;
        addresses[i].octets[1] = (uint8_t)(n >> 16);
        addresses[i].octets[2] = (uint8_t)(n >> 8);
        addresses[i].octets[3] = (uint8_t)n;
    }
}

static uint64_t by_name(const void *context, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = names[i % NAMES];
        struct bj_hosts_walk walk;
        struct bj_hosts_line line;

        bj_hosts_find_name(context, &key, (const uint8_t *)name, strlen(name),
                           BJ_FAMILY_IP4, &walk);
        while (bj_hosts_next(&walk, &line))
            sum += line.address.octets[3];
    }
    return sum;
}

static uint64_t by_address(const void *context, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct bj_hosts_walk walk;
        struct bj_hosts_line line;
        struct bj_field name;

        bj_hosts_find_address(context, &key, &addresses[i % NAMES], &walk);
        while (bj_hosts_next(&walk, &line))
            while (bj_hosts_name(&line, &name))
                sum += name.len;
    }
    return sum;
}

/* One name, by reading all lines as glibc does. */
static uint64_t by_reading(const void *context, size_t count)
{
    uint64_t sum = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        const char *name = names[i % NAMES];
        size_t len = strlen(name);

        for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
            const char *first = at + strcspn(at, "\t") + 1;

            if (strncasecmp(first, name, len) == 0)
                sum += (uint64_t)atoi(at + 3);
        }
    }
    return sum;
}

/* Processor time: nothing here waits, and the machine may be busy. */
static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Builds again and again, the median of the times. */
static void build(struct bj_hosts *hosts)
{
    double times[BUILDS];
    uint32_t *words;
    size_t needed;

    (void)!bj_hosts_build(hosts, (const uint8_t *)text, text_len, &key, NULL, 0,
                          &needed);
    words = malloc(4 * needed);
    if (words == NULL)
        abort();
    for (int i = 0; i < BUILDS; i++) {
        double start = now_ms();

        if (bj_hosts_build(hosts, (const uint8_t *)text, text_len, &key, words,
                           needed, &needed) != BJ_OK)
            abort();
        times[i] = now_ms() - start;
    }
    qsort(times, BUILDS, sizeof(times[0]), ascending);
    printf("hosts: %d lines, %zu octets, indexed in %.1f ms (median of %d)\n",
           LINES, text_len, times[BUILDS / 2], BUILDS);
    printf("hosts: index %zu octets, %.2f times the file; with it %.2f\n",
           4 * needed, 4.0 * (double)needed / (double)text_len,
           1 + 4.0 * (double)needed / (double)text_len);
}

static uint64_t read_resolvconf(const void *context, size_t count)
{
    static const char usual[] =
        "# Generated\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n"
        "search corp.example example.org\noptions ndots:2 timeout:3 edns0\n";
    struct bj_resolvconf_input in = {.text = (const uint8_t *)usual,
                                     .len = sizeof(usual) - 1};
    uint64_t sum = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        struct bj_resolvconf conf;

        bj_resolvconf_parse(&in, &conf);
        sum += conf.search_count + conf.ndots;
    }
    return sum;
}

int main(void)
{
    struct bj_hosts hosts;
    struct bj_bench_case cases[] = {
        {"hosts by name", by_name, NULL, NULL, &hosts, 1 << 12},
        {"hosts by address", by_address, NULL, NULL, &hosts, 1 << 12},
        {"resolv.conf of five lines", read_resolvconf, NULL, NULL, NULL, 256},
    };
    double start;
    uint64_t sum;

    make_text();
    build(&hosts);
    bj_bench_run(cases, sizeof(cases) / sizeof(cases[0]));
    start = now_ms();
    sum = by_reading(NULL, 16);
    printf("one name by reading all lines in memory: %.2f ms (%llu)\n",
           (now_ms() - start) / 16, (unsigned long long)sum);
    return 0;
}
