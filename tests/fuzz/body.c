/* body.c: a body with its framing. However its bytes arrive, the same must come out. */
#include <string.h>

#include "fuzz.h"
#include "http/body.h"

const char *const fuzz_name = "body";
const unsigned long fuzz_count = 600000;
const struct str fuzz_seeds[] = {
    SEED("C\0075\r\nhello\r\n0\r\n\r\nGET"),
    SEED("C\0011\r\na\r\n1\r\nb\r\n0\r\nA: b\r\nC: d\r\n\r\n"),
    SEED("C\00300000000000000a\r\n0123456789\r\n00\r\n\r\n"),
    SEED("C\003fffffffffffffff\r\nx"),
    SEED("C\0035;ext=1\r\nhello\r\n0\r\n\r\n"),
    SEED("L\003hello world"),
    SEED("U\003hello world"),
    SEED("N\003hello world"),
};
const size_t fuzz_seeds_count = sizeof(fuzz_seeds) / sizeof(*fuzz_seeds);

struct outcome {
    enum body_step last;
    size_t consumed, n;
    char data[8192];
};

static struct outcome whole, pieces;

/* Reads ${in}, which arrives in portions of ${portion} bytes, with room for ${room} bytes of data. */
static void decode(struct body_framing framing, struct str in, size_t portion, size_t room,
                   struct outcome *out)
{
    struct body_reader reader = body_reader_of(framing);
    size_t end = 0, consumed;
    struct str data;

    *out = (struct outcome){.last = BODY_MORE};
    while (out->last == BODY_DATA || end < in.n || portion > in.n) {
        if (out->last != BODY_DATA)
            end = in.n - end < portion ? in.n : end + portion;
        out->last = body_read(&reader, str_slice(in, out->consumed, end), room, &consumed, &data);
        out->consumed += consumed;
        MUST(out->consumed <= end);
        if (out->last == BODY_DATA) {
            MUST(data.n > 0 && data.n <= room && consumed >= data.n);
            memcpy(out->data + out->n, data.p, data.n);
            out->n += data.n;
        }
        MUST(out->last != BODY_MORE || out->consumed == end);
        if (out->last == BODY_END || out->last == BODY_BAD ||
            (end == in.n && out->last == BODY_MORE))
            return;
    }
}

/* The first byte chooses the kind, the second the length or the size of the portions. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct body_framing framing = {.kind = BODY_NONE};

    if (size < 3 || size > sizeof(whole.data))
        return 0;
    if (data[0] % 4 == 'L' % 4)
        framing = (struct body_framing){BODY_LENGTH, data[1]};
    else if (data[0] % 4 == 'C' % 4)
        framing.kind = BODY_CHUNKED;
    else if (data[0] % 4 == 'U' % 4)
        framing.kind = BODY_UNTIL_CLOSE;
    struct str in = {(const char *)data + 2, size - 2};
    decode(framing, in, in.n + 1, in.n, &whole);
    for (size_t portion = 1; portion <= 1 + data[1] % 8u; portion++) {
        decode(framing, in, portion, 1 + data[1] % 5u, &pieces);
        MUST(pieces.last == whole.last && pieces.n == whole.n);
        MUST(pieces.consumed == whole.consumed);
        MUST(memcmp(pieces.data, whole.data, whole.n) == 0);
    }
    MUST(whole.n <= whole.consumed);
    MUST(framing.kind != BODY_LENGTH || whole.n == (in.n < data[1] ? in.n : data[1]));
    return 0;
}
