/*
 * libpcap reads the same captures. Of a file that we read to its end, libpcap
 * finds the same packets: octets, lengths, times. It is not asked where it
 * cannot say: it refuses a pcapng whose interfaces differ in link type or
 * snapshot length, sections after the first of another byte order, units of
 * time beyond its own, and packets longer than their link type's maximum. A
 * packet longer than the file's snapshot length it cuts; we give what is
 * there.
 * What we refuse, it may read: it looks at neither fractions of a second nor
 * at all lengths (core/pcap/file.h).
 */
#include <pcap/pcap.h>

#include "core/pcap/file.h"
#include "harnesses/harness.h"

enum { PACKETS_MAX = 256 };

static size_t read_all(const uint8_t *bytes, size_t size,
                       struct bj_pcap_record *records, bool *whole)
{
    struct bj_pcap_file *file = malloc(sizeof(*file));
    struct bj_cursor in;
    size_t count = 0;

    if (file == NULL)
        abort();
    bj_pcap_file_init(file);
    bj_cursor_init(&in, bytes, size);
    while (count < PACKETS_MAX &&
           bj_pcap_file_next(file, &in, &records[count]) == BJ_OK)
        count += 1;
    *whole = bj_pcap_file_may_end(file, bj_cursor_left(&in));
    /* libpcap multiplies fractions by 10^9 in 64 bits: from 2^-35 s on they
     * do not fit. */
    for (uint32_t i = 0; i < file->interface_count; i++)
        *whole = *whole && file->interfaces[i].unit <= 128 + 34;
    free(file);
    return count;
}

static void compare(pcap_t *peer, const struct bj_pcap_record *records,
                    size_t count)
{
    struct pcap_pkthdr *header;
    const uint8_t *octets;
    size_t found = 0;
    int result = 0;

    while (found < count &&
           (result = pcap_next_ex(peer, &header, &octets)) == 1) {
        const struct bj_pcap_record *r = &records[found];
        size_t most = (size_t)pcap_snapshot(peer);
        size_t kept = r->len < most ? r->len : most;

        BJ_CHECK(header->caplen == kept && memcmp(octets, r->bytes, kept) == 0,
                 "same-octets");
        BJ_CHECK(header->len == r->sent_len, "same-length-sent");
        if (r->seconds <= INT32_MAX && r->seconds > 0)
            BJ_CHECK((uint64_t)header->ts.tv_sec == r->seconds &&
                         (uint64_t)header->ts.tv_usec == r->nanoseconds,
                     "same-time");
        found += 1;
    }
    if (result == PCAP_ERROR)
        return; /* one of its own limits: see above */
    BJ_CHECK(found == count, "same-number-of-packets");
    if (count < PACKETS_MAX)
        BJ_CHECK(pcap_next_ex(peer, &header, &octets) != 1, "no-packet-more");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bj_pcap_record records[PACKETS_MAX];
    char error[PCAP_ERRBUF_SIZE];
    uint8_t *bytes;
    size_t count;
    bool whole = false;
    FILE *stream;
    pcap_t *peer;

    (void)bj_take_tail(data, &size); /* fuzz_pcap_file's window */
    bytes = bj_exact_copy(data, size);
    count = read_all(bytes, size, records, &whole);
    stream = whole ? fmemopen(bytes, size, "rb") : NULL;
    if (stream != NULL) {
        peer = pcap_fopen_offline_with_tstamp_precision(
            stream, PCAP_TSTAMP_PRECISION_NANO, error);
        if (peer == NULL)
            fclose(stream);
        else {
            compare(peer, records, count);
            pcap_close(peer);
        }
    }
    free(bytes);
    return 0;
}
