/* Linked with fuzzing engines, where nobody compares digests. */
#include "harnesses/harness.h"

void bj_digest(const void *bytes, size_t len)
{
    (void)bytes;
    (void)len;
}
