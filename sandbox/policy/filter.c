#include "sandbox/policy/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The kernel's own bound, BPF_MAXINSNS. */
#define INSTRUCTIONS_MAX 4096

uint32_t bj_filter_action(enum bj_role role, enum bj_mode mode)
{
    if (mode == BJ_MODE_ENFORCE)
        return SECCOMP_RET_KILL_PROCESS;
    if (role == BJ_ROLE_KEEPER)
        return SECCOMP_RET_LOG;
    return SECCOMP_RET_TRACE | (uint32_t)role;
}

static bool fail(struct bj_trouble *trouble, const char *what, int error)
{
    snprintf(trouble->text, sizeof(trouble->text),
             "cannot compile the filter: %s: %s (--without seccomp accepts "
             "going without)",
             what, strerror(error));
    return false;
}

/* One rule; `program` replaces the value of a condition on a program. */
static int add_rule(scmp_filter_ctx context, const struct bj_row *row,
                    uint64_t program)
{
    struct scmp_arg_cmp compare[BJ_CONDITIONS_MAX];
    unsigned count = 0;
    int number = seccomp_syscall_resolve_name(row->call);
    const struct bj_condition *when;
    uint64_t value;

    if (number == __NR_SCMP_ERROR)
        return -EINVAL;
    while (count < BJ_CONDITIONS_MAX && row->when[count].text != NULL) {
        when = &row->when[count];
        value = when->source == BJ_PROGRAM ? program : when->value;
        compare[count] = (struct scmp_arg_cmp){
            .arg = when->arg,
            .op = SCMP_CMP_MASKED_EQ,
            .datum_a = when->mask,
            .datum_b = value,
        };
        count += 1;
    }
    return seccomp_rule_add_array(context,
                                  row->answer == 0
                                      ? SCMP_ACT_ALLOW
                                      : SCMP_ACT_ERRNO((uint32_t)row->answer),
                                  number, count, compare);
}

static bool names_program(const struct bj_row *row)
{
    unsigned i;

    for (i = 0; i < BJ_CONDITIONS_MAX && row->when[i].text != NULL; i += 1) {
        if (row->when[i].source == BJ_PROGRAM)
            return true;
    }
    return false;
}

static bool add_rows(scmp_filter_ctx context,
                     const struct bj_filter_source *source,
                     struct bj_trouble *trouble)
{
    size_t i;
    size_t k;
    size_t repeat;
    int error;

    for (i = 0; i < source->rows.count; i += 1) {
        repeat = names_program(source->rows.row[i]) ? source->program_count : 1;
        for (k = 0; k < repeat; k += 1) {
            error = add_rule(context, source->rows.row[i], source->programs[k]);
            if (error != 0)
                return fail(trouble, source->rows.row[i]->call, -error);
        }
    }
    return true;
}

static int set_up(scmp_filter_ctx context, uint32_t action, uint32_t arch)
{
    int error = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, action);

    if (error == 0 && arch != 0 && arch != seccomp_arch_native()) {
        error = seccomp_arch_add(context, arch);
        if (error == 0)
            error = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
    }
    return error;
}

#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 6)
static int export_program(scmp_filter_ctx context, void *out, size_t *len)
{
    return -seccomp_export_bpf_mem(context, out, len);
}
#else
/* Before libseccomp 2.6 the way into memory leads through a descriptor. */
static int export_program(scmp_filter_ctx context, void *out, size_t *len)
{
    int fd = memfd_create("belljar-filter", MFD_CLOEXEC);
    ssize_t got = -1;
    int error;

    if (fd < 0)
        return errno;
    error = -seccomp_export_bpf(context, fd);
    if (error == 0)
        got = pread(fd, out, *len, 0);
    if (error == 0 && got < 0)
        error = errno;
    close(fd);
    if (error == 0)
        *len = (size_t)got;
    return error;
}
#endif

/* The fprog first, its instructions behind it, in pages of their own. */
static bool seal(const struct sock_filter *code, size_t len,
                 struct bj_program *out, struct bj_trouble *trouble)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t need = sizeof(struct sock_fprog) + len;
    size_t mapped = (need + page - 1) / page * page;
    struct sock_fprog *fprog = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (fprog == MAP_FAILED)
        return fail(trouble, "mmap", errno);
    fprog->len = (unsigned short)(len / sizeof(*code));
    fprog->filter = (struct sock_filter *)(void *)(fprog + 1);
    memcpy(fprog->filter, code, len);
    if (mprotect(fprog, mapped, PROT_READ) != 0) {
        fail(trouble, "mprotect", errno);
        munmap(fprog, mapped);
        return false;
    }
    out->fprog = fprog;
    out->mapped = mapped;
    return true;
}

/* The context with all rows in it, or NULL. */
static scmp_filter_ctx build(const struct bj_filter_source *source,
                             struct bj_trouble *trouble)
{
    scmp_filter_ctx context = seccomp_init(source->action);
    int error;

    if (context == NULL) {
        fail(trouble, "seccomp_init", ENOSYS);
        return NULL;
    }
    error = set_up(context, source->action, source->arch);
    if (error != 0)
        fail(trouble, "architecture", -error);
    else if (add_rows(context, source, trouble))
        return context;
    seccomp_release(context);
    return NULL;
}

bool bj_filter_compile(const struct bj_filter_source *source,
                       struct bj_program *out, struct bj_trouble *trouble)
{
    struct sock_filter code[INSTRUCTIONS_MAX];
    size_t len = sizeof(code);
    scmp_filter_ctx context = build(source, trouble);
    int error;

    memset(out, 0, sizeof(*out));
    if (context == NULL)
        return false;
    error = export_program(context, code, &len);
    seccomp_release(context);
    if (error == 0 && (len == 0 || len % sizeof(code[0]) != 0))
        error = EINVAL;
    if (error == 0 && len == sizeof(code)) /* it may have been cut off */
        error = E2BIG;
    return error == 0 ? seal(code, len, out, trouble)
                      : fail(trouble, "export", error);
}

bool bj_filter_describe(const struct bj_filter_source *source, int fd,
                        struct bj_trouble *trouble)
{
    scmp_filter_ctx context = build(source, trouble);
    int error;

    if (context == NULL)
        return false;
    error = seccomp_export_pfc(context, fd);
    seccomp_release(context);
    return error == 0 || fail(trouble, "export", -error);
}

void bj_filter_free(struct bj_program *program)
{
    if (program->fprog != NULL)
        munmap((void *)(uintptr_t)program->fprog, program->mapped);
    memset(program, 0, sizeof(*program));
}
