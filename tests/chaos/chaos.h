#ifndef BJ_TESTS_CHAOS_CHAOS_H
#define BJ_TESTS_CHAOS_CHAOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What the parts of the chaos program share: its settings, a clock, dice, the
 * list of what could not be accounted for, and the descriptors that are
 * waited for. One thread, one loop; nothing here blocks.
 */

/* Nothing takes longer without being stuck: stops last under two seconds, a
 * role that dies again and again is started after ten. */
#define CHAOS_PATIENCE_MS 60000

/* A conversation by datagrams has at most so many on their way. */
#define CHAOS_DATAGRAMS_MAX 20

/* Faults that the program commits and keeps out of its books, to see that it
 * notices: chaos --plant NAME. */
enum chaos_plant {
    CHAOS_PLANT_NONE,
    CHAOS_PLANT_OCTET, /* one octet is sent that differs from the books */
    CHAOS_PLANT_CUT,   /* children are killed that nobody writes down */
    CHAOS_PLANT_COUNT  /* a connection is made that nobody writes down */
};

struct chaos_settings {
    const char *program; /* belljar */
    const char *seeds;   /* the corpus, for decode; NULL: no decode */
    uint64_t seed;
    uint64_t run_ms;
    enum chaos_plant plant;
    bool sanitized; /* the program has a sanitizer: no limit on memory */
};

extern struct chaos_settings chaos;

/* Milliseconds of the monotonic clock. */
uint64_t chaos_now(void);

/* Numbers that follow from a seed (splitmix64). */
struct dice {
    uint64_t state;
};

uint64_t dice_next(struct dice *dice);
uint32_t dice_below(struct dice *dice, uint32_t n);

/* One of several, whose chances are these in hundredths. */
unsigned dice_choose(struct dice *dice, const uint8_t *chances);

/* Something that the books do not explain; the first twenty are printed. */
__attribute__((format(printf, 1, 2))) void unaccounted(const char *format, ...);
size_t unaccounted_count(void);

/* Waits for a descriptor in this turn of the loop only. */
void loop_add(int fd, short events, void (*ready)(void *context, short events),
              void *context);

/* Waits up to so long and calls whatever is ready. */
void loop_turn(int timeout_ms);

/* A child with these arguments and descriptors (-1: /dev/null), all others
 * closed; its pid. Ends the program if there can be none. */
struct chaos_limits {
    uint64_t memory; /* RLIMIT_AS; 0: as it is */
    uint64_t files;  /* RLIMIT_NOFILE; 0: as it is */
};
pid_t chaos_spawn(const char *const *arguments, const int fds[static 3],
                  const struct chaos_limits *limits);

/* The children of a process, at most `cap` of them; how many. */
size_t chaos_children(pid_t pid, pid_t *out, size_t cap);

#endif
