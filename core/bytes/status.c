#include "core/bytes/status.h"

const char *bj_status_text(enum bj_status status)
{
    switch (status) {
#define BJ_STATUS_CASE(name, text) \
    case name:                     \
        return text;
        BJ_STATUS_TABLE(BJ_STATUS_CASE)
#undef BJ_STATUS_CASE
    }
    return "unknown status";
}
