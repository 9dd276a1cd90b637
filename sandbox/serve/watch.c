#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "sandbox/serve/keeper.h"

/* Whether the pid in a slot, which any child could have written, is a member
 * of the role's own process group. */
static bool is_ours(pid_t pid, pid_t role)
{
    return pid > 1 && role > 1 && getpgid(pid) == role;
}

static void end_stay(const struct bj_ward *ward, struct bj_slot *slot,
                     uint32_t serial)
{
    pid_t pid = atomic_load(&slot->pid);

    atomic_store(&slot->expired, serial);
    switch (ward->role.mode) {
    case BJ_SERVE_PROCESS:
        if (is_ours(pid, ward->pid))
            kill(pid, SIGALRM);
        break;
    case BJ_SERVE_ITERATIVE:
        /* Its read returns EINTR, and it sees the mark. Should the signal
         * come just before the read, the next tick sends another. */
        kill(ward->pid, SIGUSR2);
        break;
    case BJ_SERVE_THREAD: /* looks after each slice of its wait */
    case BJ_SERVE_UDP:
        break;
    }
}

void bj_watch_stays(struct bj_keeper *keeper, struct bj_ward *ward,
                    uint64_t now_ms)
{
    struct bj_shared *shared = ward->role.shared;
    uint32_t max_ms = keeper->options->max_ms;

    if (max_ms == 0)
        return;
    for (size_t i = 0; ward->pid != 0 && i < shared->slot_count; i++) {
        uint32_t serial = atomic_load(&shared->slots[i].serial);
        struct bj_seen *seen = &ward->seen[i];

        if (seen->serial != serial) {
            seen->serial = serial;
            seen->since_ms = now_ms;
        }
        if (serial % 2 == 1 && now_ms - seen->since_ms >= max_ms)
            end_stay(ward, &shared->slots[i], serial);
    }
    for (size_t i = 0; i < ward->orphan_cap; i++) {
        struct bj_orphan *orphan = &ward->orphans[i];

        if (orphan->pid != 0 && now_ms - orphan->since_ms >= max_ms)
            kill(orphan->pid, SIGALRM);
    }
}

static void adopt(struct bj_ward *ward, pid_t pid, pid_t group, uint64_t now_ms)
{
    for (size_t i = 0; i < ward->orphan_cap; i++) {
        if (ward->orphans[i].pid == 0) {
            ward->orphans[i] = (struct bj_orphan){pid, group, now_ms};
            return;
        }
    }
    /* More than the limit allows, over several deaths: no place to let it
     * finish in. It is counted when it is reaped, as killed. */
    kill(pid, SIGKILL);
}

void bj_watch_adopt(struct bj_ward *ward, pid_t role, uint64_t now_ms)
{
    struct bj_shared *shared = ward->role.shared;
    uint32_t live = 0;

    for (size_t i = 0; i < ward->orphan_cap; i++)
        live += ward->orphans[i].pid != 0;
    for (size_t i = 0; i < shared->slot_count; i++) {
        struct bj_slot *slot = &shared->slots[i];
        pid_t pid = atomic_load(&slot->pid);

        if (atomic_load(&slot->serial) % 2 == 0)
            continue;
        if (is_ours(pid, role)) {
            adopt(ward, pid, role, now_ms);
            live += 1;
        }
        bj_slot_end(slot);
    }
    atomic_store(&shared->live, live);
}

/* In the slots of a role that is dying but not reaped yet. */
static bool reaped_in_slot(struct bj_shared *shared, pid_t pid, int wait_status)
{
    for (size_t i = 0; i < shared->slot_count; i++) {
        if (atomic_load(&shared->slots[i].pid) != pid)
            continue;
        bj_slot_end(&shared->slots[i]);
        bj_shared_child_ended(shared, wait_status);
        return true;
    }
    return false;
}

void bj_watch_reaped(struct bj_keeper *keeper, pid_t pid, int wait_status)
{
    for (size_t w = 0; w < keeper->count; w++) {
        struct bj_ward *ward = &keeper->wards[w];

        for (size_t i = 0; i < ward->orphan_cap; i++) {
            if (ward->orphans[i].pid == pid) {
                ward->orphans[i].pid = 0;
                bj_shared_child_ended(ward->role.shared, wait_status);
                return;
            }
        }
        /* A tracer is told of every end, and so is the role, which counts. */
        if (ward->role.mode == BJ_SERVE_PROCESS &&
            keeper->options->sandbox != BJ_MODE_LOG &&
            reaped_in_slot(ward->role.shared, pid, wait_status))
            return;
    }
}

void bj_watch_kill_all(const struct bj_keeper *keeper)
{
    for (size_t w = 0; w < keeper->count; w++) {
        const struct bj_ward *ward = &keeper->wards[w];

        /* The role itself too: it may not have made its group yet. */
        if (ward->pid != 0) {
            kill(-ward->pid, SIGKILL);
            kill(ward->pid, SIGKILL);
        }
        for (size_t i = 0; i < ward->orphan_cap; i++) {
            if (ward->orphans[i].pid != 0)
                kill(ward->orphans[i].pid, SIGKILL);
        }
    }
}
