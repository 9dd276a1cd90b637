#include "sandbox/serve/shared.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

const char *bj_counter_name(enum bj_counter counter)
{
    static const char *const names[] = {
#define BJ_COUNTER_NAME(name, text) [BJ_COUNT_##name] = text,
        BJ_COUNTER_TABLE(BJ_COUNTER_NAME)
#undef BJ_COUNTER_NAME
    };

    return names[counter];
}

struct bj_shared *bj_shared_map(size_t slot_count)
{
    size_t size =
        sizeof(struct bj_shared) + slot_count * sizeof(struct bj_slot);
    struct bj_shared *shared;

    shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return NULL;
    shared->mapped = size;
    shared->slot_count = slot_count;
    return shared;
}

void bj_shared_child_ended(struct bj_shared *shared, int wait_status)
{
    atomic_fetch_sub(&shared->live, 1);
    if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSYS)
        bj_count(shared, BJ_COUNT_VIOLATIONS, 1);
    else if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGALRM)
        bj_count(shared, BJ_COUNT_TIMED_OUT, 1);
    else if (WIFSIGNALED(wait_status))
        bj_count(shared, BJ_COUNT_KILLED, 1);
    else if (WEXITSTATUS(wait_status) == BJ_CHILD_TIMED_OUT)
        bj_count(shared, BJ_COUNT_TIMED_OUT, 1);
    else if (WEXITSTATUS(wait_status) != BJ_CHILD_ENDED)
        bj_count(shared, BJ_COUNT_BROKEN, 1);
}

void bj_slot_begin(struct bj_slot *slot, pid_t pid)
{
    atomic_store(&slot->pid, pid);
    atomic_fetch_add(&slot->serial, 1);
}

void bj_slot_end(struct bj_slot *slot)
{
    atomic_fetch_add(&slot->serial, 1);
    atomic_store(&slot->pid, 0);
}
