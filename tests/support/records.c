#include "tests/support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/types.h"

static unsigned lookup(const char *text, size_t len, const char *prefix,
                       const char *(*name_of)(unsigned))
{
    for (unsigned number = 0; number < 65536; number++) {
        const char *name = name_of(number);

        if (name != NULL && strlen(name) == len && memcmp(name, text, len) == 0)
            return number;
    }
    if (strncmp(text, prefix, strlen(prefix)) != 0)
        fail_msg("there is no %.*s", (int)len, text);
    return (unsigned)strtoul(text + strlen(prefix), NULL, 10);
}

size_t bj_one_record(const char *what, const uint8_t *rdata, size_t rdata_len,
                     uint8_t *out)
{
    static const uint8_t owner[] = "\3www\7example";
    size_t type_len = strcspn(what, "/");
    unsigned type = lookup(what, type_len, "TYPE", bj_type_text);
    unsigned class_number = BJ_CLASS_IN;
    unsigned opcode = BJ_OPCODE_QUERY;
    size_t owner_len = type == BJ_TYPE_OPT ? 1 : sizeof(owner);
    size_t at = 12 + owner_len;

    if (what[type_len] == '/') {
        const char *text = what + type_len + 1;

        class_number = lookup(text, strcspn(text, "/"), "CLASS", bj_class_text);
        if (strchr(text, '/') != NULL)
            opcode = BJ_OPCODE_UPDATE;
    }
    assert_true(at + 10 + rdata_len <= BJ_ONE_RECORD_CAP);
    memset(out, 0, at + 10);
    out[2] = (uint8_t)(0x80 | opcode << 3);
    out[type == BJ_TYPE_OPT ? 11 : 7] = 1;
    memcpy(out + 12, type == BJ_TYPE_OPT ? (const uint8_t *)"" : owner,
           owner_len);
    out[at] = (uint8_t)(type / 256);
    out[at + 1] = (uint8_t)type;
    out[at + 2] = (uint8_t)(class_number / 256);
    out[at + 3] = (uint8_t)class_number;
    out[at + 7] = 60;
    if (type == BJ_TYPE_OPT) /* 1232 octets, DO */
        memcpy(out + at + 2, "\x04\xd0\x00\x00\x80\x00", 6);
    out[at + 8] = (uint8_t)(rdata_len / 256);
    out[at + 9] = (uint8_t)rdata_len;
    if (rdata_len > 0)
        memcpy(out + at + 10, rdata, rdata_len);
    return at + 10 + rdata_len;
}

const char *bj_fault_name(enum bj_fault_kind kind)
{
    switch (kind) {
#define NAME_CASE(name, status, text, clause) \
    case name:                                \
        return &#name[sizeof("BJ_FAULT_") - 1];
        BJ_FAULT_TABLE(NAME_CASE)
#undef NAME_CASE
    }
    return "?";
}
