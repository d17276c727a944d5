#include "http/body.h"

#include "http/grammar.h"

/* The chunked coding, a byte at a time:
 *
 *   SIZE --CR--> SIZE_LF --LF--> DATA --all--> DATA_CR --> DATA_LF --> SIZE
 *                   |size 0
 *                   v
 *            TRAILER_NAME --CR at its start--> END_LF --LF--> DONE
 *                   | ":"     ^LF
 *                   v         |
 *            TRAILER_VALUE --CR--> TRAILER_LF */
enum {
    SIZE,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    DONE,
    BROKEN
};

enum { SIZE_DIGITS_MAX = 15 };

struct body_reader body_reader_of(struct body_framing framing)
{
    struct body_reader reader = {.kind = framing.kind};

    if (framing.kind == BODY_LENGTH)
        reader.left = framing.length;
    return reader;
}

/* Hands out up to ${left} bytes of ${in} as data. */
static enum body_step take_data(struct body_reader *reader, struct str in, size_t room,
                                size_t *consumed, struct str *data)
{
    size_t n = in.n - *consumed;

    if (n == 0)
        return BODY_MORE;
    if (n > room)
        n = room;
    if (n > reader->left)
        n = (size_t)reader->left;
    *data = str_slice(in, *consumed, *consumed + n);
    *consumed += n;
    reader->left -= n;
    return BODY_DATA;
}

static bool size_byte(struct body_reader *reader, char c)
{
    int digit = http_hex_value(c);

    if (digit >= 0 && reader->digits < SIZE_DIGITS_MAX) {
        reader->left = reader->left * 16 + (unsigned)digit;
        reader->digits++;
        return true;
    }
    reader->state = SIZE_LF;
    return c == '\r' && reader->digits > 0;
}

static bool trailer_byte(struct body_reader *reader, char c)
{
    if (++reader->trailer > BODY_TRAILER_MAX)
        return false;
    if (reader->state == TRAILER_NAME) {
        bool at_start = reader->digits == 0;
        if (c == '\r' || c == ':')
            reader->state = c == ':' ? TRAILER_VALUE : END_LF;
        else
            reader->digits++;
        return c == '\r' ? at_start : c == ':' ? !at_start : http_is_tchar(c);
    }
    if (c == '\r')
        reader->state = TRAILER_LF;
    return c == '\r' || http_is_field_char(c);
}

/* One byte that is not data. Returns false when the coding is broken. */
static bool frame_byte(struct body_reader *reader, char c)
{
    switch (reader->state) {
    case SIZE:
        return size_byte(reader, c);
    case SIZE_LF:
        reader->state = reader->left > 0 ? DATA : TRAILER_NAME;
        reader->digits = 0;
        return c == '\n';
    case DATA_CR:
        reader->state = DATA_LF;
        return c == '\r';
    case DATA_LF:
        reader->state = SIZE;
        return c == '\n';
    case TRAILER_NAME:
    case TRAILER_VALUE:
        return trailer_byte(reader, c);
    case TRAILER_LF:
        reader->trailer++;
        reader->state = TRAILER_NAME;
        reader->digits = 0;
        return c == '\n';
    case END_LF:
        reader->state = DONE;
        return c == '\n';
    default:
        return false;
    }
}

static enum body_step read_chunked(struct body_reader *reader, struct str in, size_t room,
                                   size_t *consumed, struct str *data)
{
    while (reader->state != DONE) {
        if (reader->state == DATA && reader->left > 0)
            return take_data(reader, in, room, consumed, data);
        if (reader->state == DATA)
            reader->state = DATA_CR;
        if (*consumed == in.n)
            return BODY_MORE;
        if (reader->state == BROKEN || !frame_byte(reader, in.p[(*consumed)++])) {
            reader->state = BROKEN;
            return BODY_BAD;
        }
    }
    return BODY_END;
}

enum body_step body_read(struct body_reader *reader, struct str in, size_t room, size_t *consumed,
                         struct str *data)
{
    *consumed = 0;
    switch (reader->kind) {
    case BODY_LENGTH:
        return reader->left == 0 ? BODY_END : take_data(reader, in, room, consumed, data);
    case BODY_CHUNKED:
        return read_chunked(reader, in, room, consumed, data);
    case BODY_UNTIL_CLOSE:
        reader->left = UINT64_MAX;
        return take_data(reader, in, room, consumed, data);
    case BODY_NONE:
        break;
    }
    return BODY_END;
}
