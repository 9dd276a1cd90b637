#include "sandbox/serve/shed.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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
        from = from / page * page;
        if (from < to)
            (void)madvise((void *)from, to - from, MADV_DONTFORK);
    }
    return 0;
}

void bj_serve_shed(void)
{
    size_t sanitizer;

    /* ThreadSanitizer has read-only shadow for them, and dies of what a role
     * maps into the hole. */
    (void)bj_role_sanitizer_rows(&sanitizer);
    if (sanitizer == 0)
        dl_iterate_phdr(shed, NULL);
}
