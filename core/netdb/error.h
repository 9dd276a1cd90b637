#ifndef BJ_CORE_NETDB_ERROR_H
#define BJ_CORE_NETDB_ERROR_H

#include <stddef.h>

#include "core/bytes/status.h"

/*
 * How a lookup ended, and the one place that knows the numbers which the
 * outside has for it: EAI_* of getaddrinfo and getnameinfo, h_errno of the
 * gethostby family, and the rcode of a DNS reply. Everywhere else in core an
 * outcome is one of these names.
 *
 * The columns: name, EAI_* value, h_errno value, text.
 */
#define BJ_OUTCOME_TABLE(X)                                                  \
    X(BJ_FOUND, 0, NETDB_SUCCESS, "found")                                   \
    X(BJ_NO_NAME, EAI_NONAME, HOST_NOT_FOUND, "no such name")                \
    X(BJ_NO_DATA, EAI_NODATA, NO_DATA, "the name has no such data")          \
    X(BJ_SERVER_FAILED, EAI_AGAIN, TRY_AGAIN, "the name server failed")      \
    X(BJ_TIMED_OUT, EAI_AGAIN, TRY_AGAIN, "no name server answered in time") \
    X(BJ_UNREACHABLE, EAI_AGAIN, TRY_AGAIN, "no name server is reachable")   \
    X(BJ_FAILED, EAI_FAIL, NO_RECOVERY, "the lookup failed for good")        \
    X(BJ_NO_SERVICE, EAI_SERVICE, NO_RECOVERY,                               \
      "no such service for this kind of socket")                             \
    X(BJ_WRONG_FAMILY, EAI_ADDRFAMILY, NO_DATA,                              \
      "the address is not of the family asked for")                          \
    X(BJ_BAD_FLAGS, EAI_BADFLAGS, NO_RECOVERY, "invalid flags")              \
    X(BJ_BAD_FAMILY, EAI_FAMILY, NO_RECOVERY, "unknown address family")      \
    X(BJ_BAD_SOCKTYPE, EAI_SOCKTYPE, NO_RECOVERY,                            \
      "no such socket type with this protocol")                              \
    X(BJ_BAD_IDN, EAI_IDN_ENCODE, NO_RECOVERY,                               \
      "international names are not converted")                               \
    X(BJ_NO_ROOM, EAI_OVERFLOW, NETDB_INTERNAL,                              \
      "the caller's buffer is too small")                                    \
    X(BJ_NO_MEMORY, EAI_MEMORY, NETDB_INTERNAL, "out of memory")             \
    X(BJ_SYSTEM, EAI_SYSTEM, NETDB_INTERNAL, "a system call failed")

enum bj_outcome {
#define BJ_OUTCOME_ENUM(name, eai, herrno, text) name,
    BJ_OUTCOME_TABLE(BJ_OUTCOME_ENUM)
#undef BJ_OUTCOME_ENUM
        BJ_OUTCOME_COUNT
};

/* The outcome's own name, "BJ_NO_NAME", and its text; a static string, also
 * for a value outside the enum. */
const char *bj_outcome_name(enum bj_outcome outcome);
const char *bj_outcome_text(enum bj_outcome outcome);

/* What getaddrinfo and getnameinfo return for it; a value outside the enum
 * is EAI_FAIL. */
int bj_outcome_eai(enum bj_outcome outcome);

/* What the gethostby family leaves in h_errno; a value outside the enum is
 * NO_RECOVERY. */
int bj_outcome_h_errno(enum bj_outcome outcome);

/* How a failure of core's own shows in a lookup; BJ_OK is BJ_FOUND. */
enum bj_outcome bj_outcome_of_status(enum bj_status status);

/*
 * What a DNS reply with this rcode (RFC 1035 section 4.1.1, extended ones
 * of RFC 6891 too) and so many usable records says about its name.
 */
enum bj_outcome bj_outcome_of_reply(unsigned rcode, size_t records);

/*
 * What the two halves of one question, A and AAAA, say together: data if
 * either has any; else the first that is more than a mere absence of data.
 */
enum bj_outcome bj_outcome_join(enum bj_outcome first, enum bj_outcome second);

#endif
