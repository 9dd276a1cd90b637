#include "sandbox/resolve/worker_path.h"

/* Alone in its file, so that what is installed can have another. */
const char *bj_worker_path(void)
{
    return BJ_WORKER_PATH;
}
