#include "tests/support/dns_build.h"

#include <stdlib.h>
#include <string.h>

void bj_build_init(struct bj_build *b, uint8_t *out, size_t cap, uint16_t id,
                   uint16_t flags)
{
    memset(b, 0, sizeof(*b));
    b->names = calloc(BJ_BUILD_NAMES, sizeof(*b->names));
    if (b->names == NULL)
        abort();
    bj_writer_init(&b->w, out, cap);
    bj_writer_u16(&b->w, id);
    bj_writer_u16(&b->w, flags);
    bj_writer_zero(&b->w, 8);
}

static void write_name(struct bj_build *b, const char *text)
{
    struct bj_name *name = &b->names[b->name_count++];

    if (b->name_count > BJ_BUILD_NAMES ||
        bj_name_parse(text, strlen(text), name, NULL) != BJ_OK)
        abort();
    bj_name_write_compressed(&b->w, name, &b->known);
}

void bj_build_question(struct bj_build *b, const char *name, unsigned type)
{
    write_name(b, name);
    bj_writer_u16(&b->w, (uint16_t)type);
    bj_writer_u16(&b->w, BJ_CLASS_IN);
    b->counts[BJ_SECTION_QUESTION]++;
}

/* Up to RDLENGTH, whose offset is returned. */
static size_t write_front(struct bj_build *b, enum bj_section section,
                          const char *owner, unsigned type,
                          unsigned class_number, uint32_t ttl)
{
    write_name(b, owner);
    bj_writer_u16(&b->w, (uint16_t)type);
    bj_writer_u16(&b->w, (uint16_t)class_number);
    bj_writer_u32(&b->w, ttl);
    bj_writer_u16(&b->w, 0);
    b->counts[section]++;
    return b->w.len - 2;
}

static void write_rdlength(struct bj_build *b, size_t at)
{
    bj_writer_patch_u16(&b->w, at, (uint16_t)(b->w.len - at - 2));
}

void bj_build_record(struct bj_build *b, enum bj_section section,
                     const char *owner, unsigned type, unsigned class_number,
                     uint32_t ttl, const void *rdata, size_t rdata_len)
{
    size_t at = write_front(b, section, owner, type, class_number, ttl);

    bj_writer_bytes(&b->w, rdata, rdata_len);
    write_rdlength(b, at);
}

void bj_build_name_record(struct bj_build *b, enum bj_section section,
                          const char *owner, unsigned type,
                          unsigned class_number, uint32_t ttl,
                          const char *target)
{
    size_t at = write_front(b, section, owner, type, class_number, ttl);

    write_name(b, target);
    write_rdlength(b, at);
}

size_t bj_build_end(struct bj_build *b)
{
    for (size_t i = 0; i < 4; i++)
        bj_writer_patch_u16(&b->w, 4 + 2 * i, (uint16_t)b->counts[i]);
    free(b->names);
    if (bj_writer_end(&b->w) != BJ_OK)
        abort();
    return b->w.len;
}
