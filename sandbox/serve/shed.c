#include "sandbox/serve/shed.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/policy/role.h"

static bool is_shed(const char *path)
{
    return strstr(path, "/libseccomp.so") != NULL ||
           strstr(path, "/libjansson.so") != NULL;
}

/* Where the part that is read-only after relocation ends, the dynamic section
 * in it; 0 if there is none. */
static uintptr_t relocated_end(const struct dl_phdr_info *info)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
            return info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
                   info->dlpi_phdr[i].p_memsz;
    }
    return 0;
}

/* The pages from that of `from` on. ENOMEM: there is a hole in them, where
 * something is left out already; the others are done. */
static void leave_out(uintptr_t from, uintptr_t to)
{
    from -= from % (uintptr_t)sysconf(_SC_PAGESIZE);
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_DONTFORK);
}

static int shed(struct dl_phdr_info *info, size_t size, void *context)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t keep = relocated_end(info);

    (void)size;
    (void)context;
    for (size_t i = 0; is_shed(info->dlpi_name) && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + part->p_vaddr;
        uintptr_t to = from + part->p_memsz;

        /* The first part has the symbols. */
        if (part->p_type != PT_LOAD || part->p_offset == 0)
            continue;
        if ((part->p_flags & PF_W) != 0)
            from = keep == 0 ? to : (keep + page - 1) / page * page;
        leave_out(from, to);
    }
    return 0;
}

/* ThreadSanitizer has read-only shadow for them, and dies of what a role maps
 * into the hole. */
static bool is_sanitized(void)
{
    size_t rows;

    (void)bj_role_sanitizer_rows(&rows);
    return rows != 0;
}

void bj_serve_shed(void)
{
    if (!is_sanitized())
        dl_iterate_phdr(shed, NULL);
}

static bool contains(const struct dl_phdr_info *info, uintptr_t address)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_LOAD &&
            address - (info->dlpi_addr + part->p_vaddr) < part->p_memsz)
            return true;
    }
    return false;
}

/* The program, libc (musl's is its loader too) and what the kernel lends. */
static bool is_childs(const struct dl_phdr_info *info)
{
    return contains(info, (uintptr_t)&is_sanitized) ||
           contains(info, (uintptr_t)&read) ||
           contains(info, getauxval(AT_SYSINFO_EHDR));
}

static bool is_parents(const struct dl_phdr_info *info)
{
    return is_shed(info->dlpi_name) || contains(info, getauxval(AT_BASE));
}

static int needs_more(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    return !is_childs(info) && !is_parents(info);
}

static int shed_for_children(struct dl_phdr_info *info, size_t size,
                             void *context)
{
    (void)size;
    (void)context;
    if (is_childs(info))
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + part->p_vaddr;

        if (part->p_type == PT_LOAD)
            leave_out(from, from + part->p_memsz);
    }
    return 0;
}

void bj_serve_shed_for_children(void)
{
    if (!is_sanitized() && dl_iterate_phdr(needs_more, NULL) == 0)
        dl_iterate_phdr(shed_for_children, NULL);
}
