#include "ctl/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "ctl/command.h"

void *text_must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return text_must(n < 0 ? NULL : text);
}

void text_safely(FILE *to, struct str s)
{
    while (s.n > 0) {
        char room[512];
        struct str piece = str_slice(s, 0, s.n < 100 ? s.n : 100);
        struct writer w = writer_over(room, sizeof(room));
        writer_escaped(&w, piece);
        (void)fwrite(w.p, 1, w.n, to);
        s = str_slice(s, piece.n, s.n);
    }
}

bool text_read_all(FILE *from, size_t max, char **bytes, size_t *n)
{
    size_t room = 0;

    *bytes = NULL;
    *n = 0;
    for (;;) {
        if (*n == room) {
            room = room == 0 ? 64 * 1024 : room * 2;
            *bytes = text_must(realloc(*bytes, room + 1));
        }
        size_t got = fread(*bytes + *n, 1, room - *n, from);
        *n += got;
        if (*n > max) {
            errno = EFBIG;
            return false;
        }
        if (got == 0)
            break;
    }
    (*bytes)[*n] = '\0';
    return !ferror(from);
}

bool text_read_file(const char *path, size_t max, char **bytes, size_t *n)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *from = standard ? stdin : fopen(path, "re");
    bool good = from != NULL && text_read_all(from, max, bytes, n);

    if (!good)
        (void)command_trouble("%s: %s", path, strerror(errno));
    if (from != NULL && !good)
        free(*bytes);
    if (from != NULL && !standard)
        (void)fclose(from);
    return good;
}

bool text_line(struct str *rest, struct str *line)
{
    if (rest->n == 0)
        return false;
    size_t end = str_index(*rest, '\n');
    *line = str_slice(*rest, 0, end);
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    *rest = str_slice(*rest, end < rest->n ? end + 1 : end, rest->n);
    return true;
}
