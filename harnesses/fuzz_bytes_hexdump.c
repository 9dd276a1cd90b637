/*
 * Reads the input as a hexadecimal dump, and writes it as dumps of several
 * makes that must read back as it is. Oracles: every make gives the octets
 * back; what is read never exceeds half the digits; a smaller capacity fails
 * exactly when it must; plain digits are accepted by a naive predicate.
 */
#include "core/bytes/hexdump.h"
#include "harnesses/harness.h"

enum { INPUT_MAX = 1024, DUMP_MAX = 40, ROOM = DUMP_MAX * 90 + 100, MAKES = 6 };

/* One make of dump: how its lines look. */
struct make {
    const char *offset;
    int octets_a_line;
    const char *format[2]; /* for even and odd octets of a line */
    const char *before_text;
    const char *after_text;
};

static const struct make makes[MAKES] = {
    {NULL, 1 << 30, {"%02x", "%02X"}, NULL, NULL},
    {NULL, 7, {"0x%02x ", "0x%02X "}, "# ", NULL},
    {"%08zx: ", 16, {"%02x", "%02x "}, " ", ""},      /* xxd */
    {"%08zx  ", 16, {"%02x ", "%02x "}, " |", "|"},   /* hexdump -C */
    {"\t0x%04zx:  ", 16, {"%02x", "%02x "}, " ", ""}, /* tcpdump -X */
    {"%04zx   ", 16, {"%02x ", "%02x "}, "  ", ""},   /* Wireshark */
};

BJ_UNTRACED_BEGIN

/* "%02x" and "%02X" among other characters, as sprintf writes them but
 * at a speed that leaves time for inputs. */
static size_t put_octet(char *text, const char *format, uint8_t octet)
{
    size_t n = 0;

    for (; *format != 0; format++) {
        const char *digits = "0123456789abcdef";

        if (*format != '%') {
            text[n++] = *format;
            continue;
        }
        if (format[3] == 'X')
            digits = "0123456789ABCDEF";
        text[n++] = digits[octet / 16];
        text[n++] = digits[octet % 16];
        format += 3;
    }
    return n;
}

static size_t dump(const struct make *m, const uint8_t *data, size_t size,
                   char *text)
{
    size_t at = 0;

    for (size_t from = 0; from < size; from += (size_t)m->octets_a_line) {
        size_t n = size - from < (size_t)m->octets_a_line
                       ? size - from
                       : (size_t)m->octets_a_line;

        if (m->offset != NULL)
            at += (size_t)sprintf(text + at, m->offset, from);
        for (size_t i = 0; i < n; i++)
            at += put_octet(text + at, m->format[i % 2], data[from + i]);
        if (n % 2 != 0 && m->before_text != NULL)
            text[at++] = ' ';
        if (m->before_text != NULL) {
            at += (size_t)sprintf(text + at, "%s", m->before_text);
            for (size_t i = 0; i < n; i++) {
                uint8_t ch = data[from + i];

                text[at++] = ch > 32 && ch < 127 ? (char)ch : '.';
            }
            if (m->after_text != NULL)
                at += (size_t)sprintf(text + at, "%s", m->after_text);
        }
        text[at++] = '\n';
    }
    return at;
}

static enum bj_status read_back(const void *text, size_t len, uint8_t *out,
                                size_t cap, size_t *out_len)
{
    struct bj_cursor c;
    struct bj_writer w;
    size_t line = 0;
    enum bj_status status;

    bj_cursor_init(&c, text, len);
    bj_writer_init(&w, out, cap);
    status = bj_hexdump_read(&c, &w, &line);
    *out_len = w.len;
    BJ_CHECK(status == BJ_OK || line > 0, "line-of-a-failure");
    return status;
}

/* Three makes, one of them into too little: by the first octet, since their
 * number is what a last line looks like. */
static void check_makes(const uint8_t *data, size_t size)
{
    static char text[ROOM];
    static uint8_t out[INPUT_MAX + 1];
    size_t pick = size > 0 ? data[0] : 0;

    for (size_t i = pick % 2; i < MAKES; i += 2) {
        size_t len = dump(&makes[i], data, size, text);
        size_t got = 0;

        BJ_CHECK(read_back(text, len, out, size, &got) == BJ_OK, "make-read");
        BJ_CHECK(got == size && memcmp(out, data, size) == 0, "make-same");
        if (size > 0 && i == pick % MAKES)
            BJ_CHECK(read_back(text, len, out, size - 1, &got) == BJ_SPACE,
                     "make-space");
    }
}

static void check_text(const uint8_t *data, size_t size)
{
    static uint8_t out[INPUT_MAX];
    size_t digits = 0;
    bool plain = true;
    size_t got = 0;
    enum bj_status status;

    for (size_t i = 0; i < size; i++) {
        bool digit =
            data[i] != 0 && strchr("0123456789abcdefABCDEF", data[i]) != NULL;

        digits += digit;
        plain = plain && digit;
    }
    status = read_back(data, size, out, sizeof(out), &got);
    BJ_CHECK(status == BJ_OK || status == BJ_BAD, "status");
    BJ_CHECK(got <= digits / 2, "two-digits-an-octet");
    if (plain && size > 16)
        BJ_CHECK((status == BJ_OK) == (size % 2 == 0), "plain-digits");
    bj_digest(out, got);
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact;

    if (size > INPUT_MAX)
        size = INPUT_MAX;
    exact = bj_exact_copy(data, size);
    check_makes(exact, size < DUMP_MAX ? size : DUMP_MAX);
    check_text(exact, size);
    free(exact);
    return 0;
}
