#ifndef BJ_HARNESSES_SUPPORT_NAIVE_JSON_H
#define BJ_HARNESSES_SUPPORT_NAIVE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether `text` is exactly one JSON value (RFC 8259), in ASCII without
 * control characters, nested at most 32 deep. Recursive and naive: for
 * harnesses. */
bool naive_json_is_value(const uint8_t *text, size_t len);

#endif
