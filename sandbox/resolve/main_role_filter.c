/*
 * role_filter ROLE
 *
 * Writes the filter of a role as the members of a C array. Run by the build, so
 * that the resolver's worker and its spawner have theirs without the library
 * that compiles them.
 */
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/policy/filter.h"

/* What libseccomp allocates is its own: see cli/main.c. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

int main(int argc, char **argv)
{
    enum bj_role role = argc == 2 ? bj_role_find(argv[1]) : BJ_ROLE_COUNT;
    struct bj_filter_source source;
    struct bj_program program;
    struct bj_trouble trouble = {"the rows do not fit"};

    if (role == BJ_ROLE_COUNT) {
        fprintf(stderr, "role_filter: there is no such role\n");
        return 64;
    }
    memset(&source, 0, sizeof(source));
    source.action = bj_filter_action(role, BJ_MODE_ENFORCE);
    if (!bj_role_collect(role, 0, &source.rows) ||
        !bj_filter_compile(&source, &program, &trouble)) {
        fprintf(stderr, "role_filter: %s\n", trouble.text);
        return 1;
    }
    for (size_t i = 0; i < program.fprog->len; i++) {
        const struct sock_filter *line = &program.fprog->filter[i];

        printf("{0x%04x, %u, %u, 0x%08x},\n", line->code, line->jt, line->jf,
               line->k);
    }
    bj_filter_free(&program);
    return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}
