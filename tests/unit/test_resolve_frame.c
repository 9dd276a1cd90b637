#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/limits.h"
#include "core/resolve/frame.h"
#include "core/resolve/lookup.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static const uint8_t entropy[BJ_FRAME_ENTROPY_LEN] = {1, 2, 3};
static const uint8_t payload[BJ_RESULT_MAX + 1] = {7};

/* One of each type, with every field that it may have. */
static const struct sample {
    struct bj_frame frame;
    enum bj_frame_phase phase;
    size_t most;
} samples[] = {
    {{.type = BJ_FRAME_CONFIG,
      .config = BJ_CONFIG_RES_OPTIONS,
      .payload = payload,
      .payload_len = 9},
     BJ_FRAME_LOADING,
     BJ_FRAME_CHUNK_MAX},
    {{.type = BJ_FRAME_BEGIN,
      .time_ms = 5,
      .payload = payload,
      .payload_len = BJ_FRAME_KEY_LEN},
     BJ_FRAME_LOADING,
     BJ_FRAME_KEY_LEN},
    {{.type = BJ_FRAME_LOOKUP,
      .lookup = 1,
      .time_ms = UINT64_MAX,
      .entropy = entropy,
      .payload = payload,
      .payload_len = 20},
     BJ_FRAME_SERVING,
     BJ_LOOKUP_MAX},
    {{.type = BJ_FRAME_DATAGRAM,
      .lookup = 2,
      .socket = 1,
      .time_ms = UINT64_C(0x100000000),
      .entropy = entropy,
      .payload = payload,
      .payload_len = 30},
     BJ_FRAME_SERVING,
     BJ_MESSAGE_MAX},
    {{.type = BJ_FRAME_CONNECTED,
      .lookup = 3,
      .socket = 1,
      .time_ms = 1,
      .entropy = entropy},
     BJ_FRAME_SERVING,
     0},
    {{.type = BJ_FRAME_STREAM,
      .lookup = 4,
      .socket = 1,
      .time_ms = 1,
      .entropy = entropy,
      .payload = payload,
      .payload_len = 1},
     BJ_FRAME_SERVING,
     BJ_FRAME_CHUNK_MAX},
    {{.type = BJ_FRAME_FAILED,
      .lookup = 5,
      .socket = 1,
      .time_ms = 1,
      .entropy = entropy},
     BJ_FRAME_SERVING,
     0},
    {{.type = BJ_FRAME_TIMER, .lookup = 6, .time_ms = 1, .entropy = entropy},
     BJ_FRAME_SERVING,
     0},
    {{.type = BJ_FRAME_CANCEL, .lookup = UINT32_MAX}, BJ_FRAME_SERVING, 0},
    {{.type = BJ_FRAME_READY}, BJ_FRAME_STARTING, 0},
    {{.type = BJ_FRAME_SEND,
      .lookup = 7,
      .socket = 1,
      .server = 2,
      .payload = payload,
      .payload_len = 40},
     BJ_FRAME_DRIVING,
     BJ_QUERY_MAX},
    {{.type = BJ_FRAME_CONNECT, .lookup = 8, .socket = 1, .server = 2},
     BJ_FRAME_DRIVING,
     0},
    {{.type = BJ_FRAME_WRITE,
      .lookup = 9,
      .socket = 1,
      .payload = payload,
      .payload_len = 42},
     BJ_FRAME_DRIVING,
     BJ_QUERY_MAX + 2},
    {{.type = BJ_FRAME_CLOSE, .lookup = 10, .socket = 1}, BJ_FRAME_DRIVING, 0},
    {{.type = BJ_FRAME_WAIT, .lookup = 11, .time_ms = 12}, BJ_FRAME_DRIVING, 0},
    {{.type = BJ_FRAME_RESULT,
      .lookup = 12,
      .payload = payload,
      .payload_len = 50},
     BJ_FRAME_DRIVING,
     BJ_RESULT_MAX},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static uint8_t room[BJ_RESULT_MAX + 1024];

static size_t write_frame(const struct bj_frame *frame)
{
    struct bj_writer w;

    bj_writer_init(&w, room, sizeof(room));
    assert_int_equal(bj_frame_write(&w, frame), BJ_OK);
    return w.len;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *octets = p;

    for (size_t i = 0; i < n; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static void every_type_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct bj_frame *in = &samples[i].frame;
        size_t len = write_frame(in);
        struct bj_frame out;
        struct bj_cursor c;

        bj_cursor_init(&c, room, len);
        assert_int_equal(bj_frame_read(&c, samples[i].phase, &out), BJ_OK);
        assert_int_equal(bj_cursor_left(&c), 0);
        assert_int_equal(out.type, in->type);
        assert_int_equal(out.lookup, in->lookup);
        assert_int_equal(out.socket, in->socket);
        assert_int_equal(out.server, in->server);
        assert_int_equal(out.config, in->config);
        assert_true(out.time_ms == in->time_ms);
        assert_int_equal(out.payload_len, in->payload_len);
        if (in->payload_len > 0)
            assert_memory_equal(out.payload, in->payload, in->payload_len);
        assert_int_equal(out.entropy != NULL, in->entropy != NULL);
        if (in->entropy != NULL)
            assert_memory_equal(out.entropy, in->entropy, sizeof(entropy));
        assert_string_not_equal(bj_frame_type_text(in->type), "unknown");
    }
    assert_string_equal(bj_frame_type_text(BJ_FRAME_NONE), "unknown");
    assert_string_equal(bj_frame_type_text((enum bj_frame_type)12), "unknown");
    assert_string_equal(bj_frame_type_text(BJ_FRAME_TYPE_COUNT), "unknown");
    assert_int_equal(bj_frame_max(BJ_FRAME_NONE), 0);
}

/* R40: each type is taken in its own phase and in no other, and no octet is
 * a type beyond these. */
static void R40_only_what_the_phase_permits(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < BJ_FRAME_PHASE_COUNT; phase++) {
        size_t taken = 0;
        size_t meant = 0;

        for (size_t i = 0; i < SAMPLES; i++) {
            size_t len = write_frame(&samples[i].frame);
            size_t size;
            enum bj_status status =
                bj_frame_measure(room, len, (enum bj_frame_phase)phase, &size);

            assert_int_equal(status,
                             samples[i].phase == phase ? BJ_OK : BJ_BAD);
            assert_int_equal(size, status == BJ_OK ? len : 0);
            meant += samples[i].phase == phase;
        }
        for (unsigned type = 0; type < 256; type++) {
            uint8_t start[2] = {BJ_FRAME_VERSION, (uint8_t)type};
            size_t size;

            taken += bj_frame_measure(start, 2, (enum bj_frame_phase)phase,
                                      &size) == BJ_MORE;
        }
        assert_int_equal(taken, meant);
    }
}

static void R40_every_length_claim(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct bj_frame frame = samples[i].frame;
        size_t len = write_frame(&frame);
        size_t fixed = len - BJ_FRAME_HEADER_LEN - frame.payload_len;
        static const uint32_t claims[] = {
            0,     1,     11,     75,     76,         77,         283,
            65535, 65613, 262144, 262145, 0x7fffffff, 0x80000000, 0xffffffff};

        assert_int_equal(bj_frame_max(frame.type),
                         BJ_FRAME_HEADER_LEN + fixed + samples[i].most);
        for (size_t k = 0; k < sizeof(claims) / sizeof(claims[0]); k++) {
            struct bj_writer w;
            size_t size;
            enum bj_status status;

            bj_writer_init(&w, room + 8, 4);
            bj_writer_u32(&w, claims[k]);
            status = bj_frame_measure(room, BJ_FRAME_HEADER_LEN,
                                      samples[i].phase, &size);
            if (claims[k] > fixed + samples[i].most)
                assert_int_equal(status, claims[k] < fixed ? BJ_BAD : BJ_LIMIT);
            else if (status == BJ_OK)
                assert_int_equal(size, BJ_FRAME_HEADER_LEN + claims[k]);
            else
                assert_int_equal(status, BJ_BAD);
            if (status != BJ_OK)
                assert_int_equal(size, 0);
        }
    }
}

/* Every octet of the header, every value: taken only where the sample's own
 * value, or another within its bounds, stands. */
static void R40_every_octet_of_the_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t len = write_frame(&samples[i].frame);

        for (size_t at = 0; at < 8; at++) {
            uint8_t own = room[at];

            for (unsigned value = 0; value < 256; value++) {
                const struct bj_frame *f = &samples[i].frame;
                bool good = value == own;
                size_t size;
                enum bj_status status;

                room[at] = (uint8_t)value;
                status = bj_frame_measure(room, len, samples[i].phase, &size);
                if (at == 0) {
                    assert_int_equal(status, good ? BJ_OK : BJ_UNSUPPORTED);
                    continue;
                }
                if (at == 1)
                    continue; /* the test of types */
                if (at == 2)
                    good = value < (f->socket > 0 ? 2U : 1U);
                if (at == 3 && f->type == BJ_FRAME_CONFIG)
                    good = value < BJ_CONFIG_COUNT;
                else if (at == 3)
                    good = value < (f->server > 0 ? 3U : 1U);
                if (at >= 4)
                    good = f->lookup > 0 || value == 0;
                assert_int_equal(status, good ? BJ_OK : BJ_BAD);
            }
            room[at] = own;
        }
    }
}

static void R40_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t len = write_frame(&samples[i].frame);

        for (size_t n = 0; n < len; n++) {
            struct bj_guard g = bj_guard_copy(room, n);
            struct bj_frame frame;
            struct bj_cursor c;

            bj_cursor_init(&c, g.bytes, n);
            memset(&frame, 0xa5, sizeof(frame));
            assert_int_equal(bj_frame_read(&c, samples[i].phase, &frame),
                             BJ_MORE);
            assert_int_equal(c.pos, 0);
            assert_true(bj_cursor_ok(&c));
            assert_true(is_zero(&frame, sizeof(frame)));
            bj_guard_free(&g);
        }
    }
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_writer w;
    enum bj_status status;

    bj_writer_init(&w, out, cap);
    status = bj_frame_write(&w, context);
    *needed = w.len;
    return status;
}

static void every_capacity(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        bj_property_capacities(build, &samples[i].frame);
}

/* What a type has not cannot be written: we do not send what we refuse. */
static void a_field_too_many_is_our_bug(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        for (unsigned field = 0; field < 8; field++) {
            struct bj_frame frame = samples[i].frame;
            bool absent = false;
            struct bj_writer w;

            switch (field) {
            case 0:
                absent = frame.lookup == 0;
                frame.lookup = 1;
                break;
            case 1:
                absent = frame.socket == 0;
                frame.socket = 1;
                break;
            case 2:
                absent = frame.server == 0;
                frame.server = 1;
                break;
            case 3:
                absent = frame.type != BJ_FRAME_CONFIG;
                frame.config = BJ_CONFIG_HOSTS;
                break;
            case 4:
                absent = frame.time_ms == 0;
                frame.time_ms = 1;
                break;
            case 5:
                absent = true;
                frame.entropy = frame.entropy == NULL ? entropy : NULL;
                break;
            case 6:
                absent = true;
                frame.payload = payload;
                frame.payload_len = samples[i].most + 1;
                break;
            default:
                absent = true;
                frame.type = BJ_FRAME_TYPE_COUNT;
                break;
            }
            bj_writer_init(&w, room, sizeof(room));
            assert_int_equal(bj_frame_write(&w, &frame),
                             absent ? BJ_BUG : BJ_OK);
            if (absent)
                assert_int_equal(w.len, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_there_and_back),
        cmocka_unit_test(R40_only_what_the_phase_permits),
        cmocka_unit_test(R40_every_length_claim),
        cmocka_unit_test(R40_every_octet_of_the_header),
        cmocka_unit_test(R40_cut_anywhere),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(a_field_too_many_is_our_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
