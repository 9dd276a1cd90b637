#ifndef BJ_CORE_BYTES_STATUS_H
#define BJ_CORE_BYTES_STATUS_H

/*
 * The one closed set of results in core. A function that can fail returns
 * one of these; there is no errno and no second channel. Every value is
 * something a caller can act on differently.
 */
#define BJ_STATUS_TABLE(X)                                           \
    X(BJ_OK, "ok")                                                   \
    X(BJ_MORE, "more input is needed")                               \
    X(BJ_BAD, "the input breaks its format")                         \
    X(BJ_LIMIT, "the input is larger than we accept")                \
    X(BJ_SPACE, "the caller's buffer is too small")                  \
    X(BJ_NONE, "there is no such entry")                             \
    X(BJ_UNSUPPORTED, "well formed, but of a kind we do not handle") \
    X(BJ_BUG, "an invariant of ours is broken")

enum bj_status {
#define BJ_STATUS_ENUM(name, text) name,
    BJ_STATUS_TABLE(BJ_STATUS_ENUM)
#undef BJ_STATUS_ENUM
};

/*
 * The text of a status, a static string in lower case without a full stop;
 * "unknown status" for a value outside the enum. Any thread, any time.
 */
const char *bj_status_text(enum bj_status status);

/* A result that must be looked at. */
#define BJ_MUST_CHECK __attribute__((warn_unused_result))

/* Static, inline, and in fact so: for small functions in loops that have to
 * keep a position in registers, which compilers otherwise grant or not as the
 * number of callers has it. */
#define BJ_INLINE __attribute__((always_inline)) static inline

/* For the contracts of functions that take C strings: s has len characters
 * and then its NUL. */
/*@
  predicate is_string(char *s, integer len) =
    0 <= len && \valid_read(s + (0 .. len)) && s[len] == 0 &&
    \forall integer i; 0 <= i < len ==> s[i] != 0;
*/

#endif
