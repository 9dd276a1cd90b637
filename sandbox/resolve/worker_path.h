#ifndef BJ_SANDBOX_RESOLVE_WORKER_PATH_H
#define BJ_SANDBOX_RESOLVE_WORKER_PATH_H

/* Where the worker is if nobody says otherwise: in the build tree for what
 * runs there, else where it is installed. A static string. */
const char *bj_worker_path(void);

#endif
