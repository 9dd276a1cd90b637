#include "tests/chaos/books.h"

#include <inttypes.h>

#include "tests/chaos/chaos.h"

/* A process that is killed has written at most this much uncounted. */
#define UNCOUNTED_MAX 65536

uint64_t books_counter(const json_t *totals, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(totals, name));
}

void books_compare(const struct books *books, const char *server,
                   const json_t *total)
{
    uint64_t slack =
        (books->cut_excused + books_counter(total, "killed")) * UNCOUNTED_MAX;
    uint64_t in = books_counter(total, "bytes_in");
    uint64_t out = books_counter(total, "bytes_out");
    uint64_t handled =
        books_counter(total, "connections") + books_counter(total, "refused");

    if (handled > books->made_most)
        unaccounted("%s: %" PRIu64 " connections, but at most %" PRIu64
                    " were made",
                    server, handled, books->made_most);
    if (handled + books->role_kills + books->open_at_end < books->made_least)
        unaccounted("%s: %" PRIu64 " connections, but at least %" PRIu64
                    " were made",
                    server, handled, books->made_least);
    if (books->cut > books->cut_excused + books->open_at_end +
                         books_counter(total, "refused") +
                         books_counter(total, "killed"))
        unaccounted("%s: %" PRIu64 " connections were cut, %" PRIu64
                    " of them by us",
                    server, books->cut, books->cut_excused);
    if (books_counter(total, "killed") > books->killed)
        unaccounted("%s: %" PRIu64 " children were killed, %" PRIu64
                    " of them by us",
                    server, books_counter(total, "killed"), books->killed);
    if (books_counter(total, "restarts") > books->role_kills)
        unaccounted("%s: %" PRIu64 " restarts, %" PRIu64 " of them by us",
                    server, books_counter(total, "restarts"),
                    books->role_kills);
    if (in > books->sent_most || out > in ||
        books->received_least > out + slack)
        unaccounted("%s: octets: sent %" PRIu64 ", in %" PRIu64 ", out %" PRIu64
                    ", received %" PRIu64 ", slack %" PRIu64,
                    server, books->sent_most, in, out, books->received_least,
                    slack);
}

void books_compare_datagrams(const struct books *books, const char *server,
                             const json_t *total)
{
    uint64_t answered = books_counter(total, "datagrams");

    if (answered > books->asked_most ||
        answered + books->lost_excused < books->answered_least)
        unaccounted("%s: %" PRIu64 " datagrams answered of %" PRIu64
                    ", %" PRIu64 " came back",
                    server, answered, books->asked_most, books->answered_least);
    if (books_counter(total, "restarts") > books->lost_excused)
        unaccounted("%s: its datagram role died", server);
    if (books->lost > books->lost_excused)
        unaccounted("%s: %" PRIu64 " datagrams lost, %" PRIu64 " by us", server,
                    books->lost, books->lost_excused);
}
