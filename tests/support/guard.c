#include "tests/support/guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct bj_guard map_guarded(size_t len, int at_end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (len + page - 1) / page * page;
    struct bj_guard guard = {.len = len, .map_len = body + page};
    uint8_t *map = mmap(NULL, guard.map_len, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *fence = at_end ? map + body : map;

    if (map == MAP_FAILED || mprotect(fence, page, PROT_NONE) != 0)
        abort();
    guard.map = map;
    guard.bytes = at_end ? map + body - len : map + page;
    return guard;
}

struct bj_guard bj_guard_end(size_t len)
{
    return map_guarded(len, 1);
}

struct bj_guard bj_guard_start(size_t len)
{
    return map_guarded(len, 0);
}

struct bj_guard bj_guard_copy(const void *bytes, size_t len)
{
    struct bj_guard guard = bj_guard_end(len);

    if (len > 0)
        memcpy(guard.bytes, bytes, len);
    return guard;
}

void bj_guard_free(struct bj_guard *guard)
{
    munmap(guard->map, guard->map_len);
    memset(guard, 0, sizeof(*guard));
}
