#include "relay/answer.h"

#include <jansson.h>
#include <stdlib.h>

static const char *reason_phrase(unsigned status)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {431, "Request Header Fields Too Large"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Error";
}

void answer_write(const struct answer *answer, struct writer *w)
{
    json_t *body = json_pack("{ss}", "message", answer->message);
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);

    writer_text(w, answer->http10 ? "HTTP/1.0 " : "HTTP/1.1 ");
    writer_decimal(w, answer->status);
    writer_char(w, ' ');
    writer_text(w, reason_phrase(answer->status));
    writer_text(w, "\r\nContent-Type: application/json\r\nContent-Length: ");
    writer_decimal(w, text == NULL ? 0 : str_of(text).n + 1);
    writer_text(w, answer->close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
    if (!answer->head && text != NULL) {
        writer_text(w, text);
        writer_char(w, '\n');
    }
    free(text);
    json_decref(body);
}
