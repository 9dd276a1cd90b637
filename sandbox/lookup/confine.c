#include "sandbox/lookup/confine.h"

#include <errno.h>
#include <jansson.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* musl's stdio prints by writev, which the list has not. */
#ifdef __GLIBC__
#define PRINTS_BY_WRITE true
#else
#define PRINTS_BY_WRITE false
#endif

/* Of standard output: stdio would ask what it is (fstat, ioctl) to choose. */
static char buffer[BUFSIZ];

bool bj_lookup_confine_prepare(struct bj_lockdown *lockdown)
{
    struct bj_lockdown_setup setup = {.mode = BJ_MODE_ENFORCE};
    struct bj_trouble trouble;

    memset(lockdown, 0, sizeof(*lockdown));
    if (!PRINTS_BY_WRITE)
        return true;
    if (!bj_lockdown_prepare(BJ_ROLE_DRIVER, &setup, lockdown, &trouble)) {
        fprintf(stderr, "belljar: %s\n", trouble.text);
        return false;
    }
    setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    json_object_seed(0);
    (void)strerror(ECONNREFUSED);
    (void)gai_strerror(EAI_NONAME);
    return true;
}

void bj_lookup_confine_enter(const struct bj_lockdown *lockdown)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0) {
        fprintf(stderr, "belljar: no_new_privs: %s\n", strerror(errno));
        exit(BJ_EXIT_LOCKDOWN);
    }
    bj_lockdown_tighten(lockdown);
}
