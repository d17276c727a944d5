/* body.h: how a message body is framed, and taking the frame off.
 *
 * dsp never forwards framing: it decodes a body to its bytes and frames them anew. The decoder is
 * the strict half of RFC 9112 section 7.1: a chunk size is 1 to 15 hexadecimal digits directly
 * followed by CRLF. Chunk extensions, blanks and a bare LF are errors, as they are what proxies
 * and Go's net/http have disagreed about (CVE-2025-22871). */
#ifndef DSP_HTTP_BODY_H
#define DSP_HTTP_BODY_H

#include "base/str.h"

enum body_kind {
    BODY_NONE,
    BODY_LENGTH,     /* Content-Length */
    BODY_CHUNKED,    /* Transfer-Encoding: chunked */
    BODY_UNTIL_CLOSE /* a response that ends with its connection */
};

struct body_framing {
    enum body_kind kind;
    uint64_t length; /* bytes, for BODY_LENGTH */
};

/* Bytes of trailer fields that are read past, CRLFs included. dockerd ignores trailers
 * (net/http takes 4 KiB of them); dsp does not forward any. */
enum { BODY_TRAILER_MAX = 4096 };

struct body_reader {
    enum body_kind kind;
    uint64_t left;   /* bytes of the body, or of the chunk, still to come */
    unsigned state;  /* of the chunked decoder; private to body.c */
    size_t trailer;  /* trailer bytes so far */
    unsigned digits; /* digits of the chunk size so far, or bytes of a trailer's name */
};

enum body_step {
    BODY_DATA, /* ${data} is the next piece */
    BODY_MORE, /* all input is consumed, the body goes on */
    BODY_END,  /* the body is over; what is not consumed belongs to the next message */
    BODY_BAD   /* the chunked coding is broken, for good */
};

struct body_reader body_reader_of(struct body_framing framing);

/* Reads on in ${in}. ${consumed} is how many bytes of it were used up, framing and data; ${data},
 * a view into ${in}, is at most ${room} (at least 1) bytes and never spans two chunks, so that
 * whoever forwards it piece by piece keeps the sender's chunks apart. */
enum body_step body_read(struct body_reader *reader, struct str in, size_t room, size_t *consumed,
                         struct str *data);

#endif
