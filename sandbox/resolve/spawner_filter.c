#include <linux/filter.h>
#include <stdint.h>

#include "sandbox/resolve/spawner_state.h"

/* Of the role spawner, as the build compiled it. */
static const struct sock_filter filter[] = {
#include "sandbox/resolve/spawner_filter.inc"
};

static const struct sock_fprog program = {
    .len = sizeof(filter) / sizeof(filter[0]),
    .filter = (struct sock_filter *)(uintptr_t)filter,
};

const struct sock_fprog *bj_spawner_filter(void)
{
    return &program;
}
