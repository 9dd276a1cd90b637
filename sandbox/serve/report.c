#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "sandbox/serve/keeper.h"

void bj_serve_warn(const struct bj_serve_options *options)
{
    struct bj_line line;

    if (options->sandbox == BJ_MODE_ENFORCE)
        return;
    bj_line_start(&line, "warning");
    bj_line_text(&line, "sandbox", bj_lockdown_mode_name(options->sandbox));
    bj_line_text(&line, "what",
                 options->sandbox == BJ_MODE_OFF
                     ? "THE SANDBOX IS OFF: no filter, no Landlock, no limits"
                     : "nothing is enforced: forbidden calls are named and "
                       "go on");
    bj_line_end(&line, BJ_LOG_PROBLEM);
}

void bj_report_ready(const struct bj_keeper *keeper, const struct bj_ward *ward)
{
    struct bj_line line;

    bj_line_start(&line, "ready");
    bj_line_text(&line, "mode", bj_serve_mode_name(ward->role.mode));
    bj_line_text(&line, "listen", ward->role.listener->text);
    bj_line_text(&line, "sandbox",
                 bj_lockdown_mode_name(keeper->options->sandbox));
    bj_line_number(&line, "landlock", (uint64_t)keeper->landlock);
    bj_line_number(&line, "pid", (uint64_t)ward->pid);
    bj_line_end(&line, BJ_LOG_NOTE);
}

static void json_member(struct bj_writer *w, const char *name, uint64_t value)
{
    bj_writer_text(w, ",\"");
    bj_writer_text(w, name);
    bj_writer_text(w, "\":");
    bj_writer_dec(w, value);
}

static void json_ward(struct bj_writer *w, const struct bj_ward *ward)
{
    /* Names of modes, endpoints and counters need no escapes. */
    bj_writer_text(w, "{\"mode\":\"");
    bj_writer_text(w, bj_serve_mode_name(ward->role.mode));
    bj_writer_text(w, "\",\"listen\":\"");
    bj_writer_text(w, ward->role.listener->text);
    bj_writer_text(w, "\"");
    json_member(w, "live", atomic_load(&ward->role.shared->live));
    for (unsigned i = 0; i < BJ_COUNTER_COUNT; i++)
        json_member(w, bj_counter_name((enum bj_counter)i),
                    bj_counted(ward->role.shared, (enum bj_counter)i));
    bj_writer_text(w, "}");
}

void bj_report_counters(const struct bj_keeper *keeper, const char *event)
{
    /* A socket takes under 640 characters with every counter at its largest. */
    static uint8_t buf[(BJ_SERVE_SOCKETS_MAX + 2) * 640];
    struct bj_writer w;

    bj_writer_init(&w, buf, sizeof(buf));
    bj_writer_text(&w, "belljar: ");
    bj_writer_text(&w, event);
    bj_writer_text(&w, " {\"sockets\":[");
    for (size_t i = 0; i < keeper->count; i++) {
        if (i > 0)
            bj_writer_char(&w, ',');
        json_ward(&w, &keeper->wards[i]);
    }
    bj_writer_text(&w, "],\"total\":{\"sockets\":");
    bj_writer_dec(&w, keeper->count);
    for (unsigned i = 0; i < BJ_COUNTER_COUNT; i++) {
        uint64_t sum = 0;

        for (size_t k = 0; k < keeper->count; k++)
            sum += bj_counted(keeper->wards[k].role.shared, (enum bj_counter)i);
        json_member(&w, bj_counter_name((enum bj_counter)i), sum);
    }
    bj_writer_text(&w, "}}\n");
    if (bj_writer_end(&w) == BJ_OK)
        bj_log_line(buf, w.len, BJ_LOG_NOTE);
}

/* What a counter's growth is worth: BYTES_IN stands for all traffic. */
static const struct change {
    const char *event;
    enum bj_counter counter;
    enum bj_log_level level;
} changes[] = {
    {"violation", BJ_COUNT_VIOLATIONS, BJ_LOG_PROBLEM},
    {"pause", BJ_COUNT_PAUSES, BJ_LOG_PROBLEM},
    {"child-killed", BJ_COUNT_KILLED, BJ_LOG_NOTE},
    {"refused", BJ_COUNT_REFUSED, BJ_LOG_NOTE},
    {"timed-out", BJ_COUNT_TIMED_OUT, BJ_LOG_DETAIL},
    {"broken", BJ_COUNT_BROKEN, BJ_LOG_DETAIL},
    {"dropped", BJ_COUNT_DROPPED, BJ_LOG_DETAIL},
    {"datagrams", BJ_COUNT_DATAGRAMS, BJ_LOG_DETAIL},
    {"connections", BJ_COUNT_CONNECTIONS, BJ_LOG_DETAIL},
    {"traffic", BJ_COUNT_BYTES_IN, BJ_LOG_DETAIL},
};

static void change_line(struct bj_keeper *keeper, const struct bj_ward *ward,
                        const struct change *change, uint64_t grown)
{
    enum bj_role role = bj_serve_outer_role(ward->role.mode);
    struct bj_line line;

    /* A child's filter is the one that its connection can run into. */
    if (change->counter == BJ_COUNT_VIOLATIONS)
        role = bj_serve_inner_role(ward->role.mode);
    bj_line_start(&line, change->event);
    if (role != BJ_ROLE_COUNT)
        bj_line_text(&line, "role", bj_role_policy(role)->name);
    bj_line_text(&line, "listen", ward->role.listener->text);
    bj_line_number(&line, "count", grown);
    bj_line_number(&line, "live", atomic_load(&ward->role.shared->live));
    if (change->counter == BJ_COUNT_PAUSES)
        bj_line_text(&line, "error",
                     strerror(atomic_load(&ward->role.shared->last_error)));
    if (change->counter == BJ_COUNT_VIOLATIONS)
        bj_line_text(&line, "hint", "--sandbox=log names the call");
    if (keeper->limit.held_back > 0)
        bj_line_number(&line, "held_back", keeper->limit.held_back);
    keeper->limit.held_back = 0;
    bj_line_end(&line, change->level);
}

void bj_report_changes(struct bj_keeper *keeper, struct bj_ward *ward,
                       uint64_t now_ms)
{
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct change *change = &changes[i];
        uint64_t value = bj_counted(ward->role.shared, change->counter);
        uint64_t *told = &ward->told[change->counter];

        if (value == *told || !bj_log_shows(change->level))
            continue;
        /* One that is held back is told with the next of its kind. */
        if (!bj_log_limit_pass(&keeper->limit, now_ms))
            continue;
        change_line(keeper, ward, change, value - *told);
        *told = value;
    }
}

void bj_report_death(const struct bj_ward *ward, int wait_status,
                     uint32_t restart_ms)
{
    struct bj_line line;

    bj_line_start(&line, "role-died");
    bj_line_text(&line, "role",
                 bj_role_policy(bj_serve_outer_role(ward->role.mode))->name);
    bj_line_text(&line, "listen", ward->role.listener->text);
    bj_line_number(&line, "pid", (uint64_t)ward->pid);
    if (WIFSIGNALED(wait_status)) {
        const char *name = sigabbrev_np(WTERMSIG(wait_status));

        bj_line_number(&line, "signal", (uint64_t)WTERMSIG(wait_status));
        bj_line_text(&line, "name", name == NULL ? "?" : name);
        if (WTERMSIG(wait_status) == SIGSYS)
            bj_line_text(&line, "violation",
                         "its filter killed it; --sandbox=log names the call");
    } else {
        bj_line_number(&line, "status", (uint64_t)WEXITSTATUS(wait_status));
    }
    bj_line_number(&line, "restart_ms", restart_ms);
    bj_line_end(&line, BJ_LOG_PROBLEM);
}

void bj_report_forbidden(struct bj_keeper *keeper,
                         const struct bj_violation *violation)
{
    struct bj_forbidden *seen = keeper->forbidden;
    struct bj_line line;
    size_t i;

    for (i = 0; i < keeper->forbidden_count; i++) {
        if (seen[i].first.role == violation->role &&
            seen[i].first.number == violation->number &&
            seen[i].first.address == violation->address) {
            seen[i].times += 1;
            return;
        }
    }
    if (i < BJ_FORBIDDEN_MAX) {
        seen[i] = (struct bj_forbidden){*violation, 1};
        keeper->forbidden_count += 1;
    }
    bj_line_start(&line, "violation");
    bj_writer_char(&line.w, ' ');
    bj_violation_write(violation, &line.w);
    bj_line_end(&line, BJ_LOG_PROBLEM);
}

void bj_report_forbidden_again(const struct bj_keeper *keeper)
{
    struct bj_line line;

    for (size_t i = 0; i < keeper->forbidden_count; i++) {
        bj_line_start(&line, "violation-total");
        bj_line_number(&line, "times", keeper->forbidden[i].times);
        bj_writer_char(&line.w, ' ');
        bj_violation_write(&keeper->forbidden[i].first, &line.w);
        bj_line_end(&line, BJ_LOG_PROBLEM);
    }
}
