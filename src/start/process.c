#include "start/process.h"

/* "Uid:\tREAL\tEFFECTIVE\t..." */
static bool second_number(struct str line, uint64_t *number)
{
    struct str word;

    return str_word(&line, &word) && str_word(&line, &word) && str_word(&line, &word) &&
           str_decimal(word, UINT32_MAX, number);
}

bool process_read_user(struct str text, uint64_t *uid, uint64_t *gid)
{
    bool has_uid = false, has_gid = false;

    while (text.n > 0) {
        size_t end = str_index(text, '\n');
        struct str line = str_slice(text, 0, end);
        text = str_slice(text, end < text.n ? end + 1 : end, text.n);
        /* The first line is the process's own word for itself, with its line breaks escaped. */
        if (str_starts(line, STR("Uid:\t")))
            has_uid = second_number(line, uid);
        else if (str_starts(line, STR("Gid:\t")))
            has_gid = second_number(line, gid);
    }
    return has_uid && has_gid;
}

/* proc(5): "PID (NAME) STATE ...", where the name may have blanks and brackets, and the 22nd is the
 * start: the 20th behind the name. */
bool process_read_start(struct str text, uint64_t *ticks)
{
    enum { BEHIND_NAME = 20 };
    struct str rest = text, word = {0};

    while (rest.n > 0 && rest.p[rest.n - 1] != ')')
        rest.n--;
    if (rest.n == 0)
        return false;
    rest = str_slice(text, rest.n, text.n);
    for (int i = 0; i < BEHIND_NAME; i++)
        if (!str_word(&rest, &word))
            return false;
    return str_decimal(word, UINT64_MAX, ticks);
}
