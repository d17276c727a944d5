/* refusal.h: why a request goes no further, as a value.
 *
 * What parses and decides fills one of these; relay/answer.c is the one place that turns it into
 * an HTTP answer, log/ the one that turns it into a record. */
#ifndef DSP_HTTP_REFUSAL_H
#define DSP_HTTP_REFUSAL_H

struct refusal {
    unsigned status;    /* HTTP status code; 0: nothing is refused */
    const char *reason; /* a phrase for the client and the log; a literal, never input */
};

#endif
