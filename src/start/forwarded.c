#include "start/forwarded.h"

#include <stdbool.h>
#include <stdlib.h>

/* In this order: stunnel may have been started from an ssh session, and passes that on. Nobody but
 * stunnel sets both of its names: xinetd has the first, systemd the second. */
static const struct teller {
    const char *kind, *address, *port, *subject;
    bool by_tcp;
} tellers[] = {
    {" tls=", "REMOTE_HOST", "REMOTE_PORT", "SSL_CLIENT_DN", true},
    /* "ADDRESS PORT ADDRESS PORT", the server's last */
    {" ssh=", "SSH_CONNECTION", NULL, NULL, false},
};

static struct str told(const char *name)
{
    return str_of(name == NULL ? NULL : getenv(name));
}

/* The first two words. */
static struct str address_and_port(struct str s)
{
    size_t first = str_index(s, ' ');

    if (first == s.n)
        return s;
    return str_slice(s, 0, first + 1 + str_index(str_slice(s, first + 1, s.n), ' '));
}

void forwarded_write(enum forwarded_by by, struct writer *w)
{
    for (size_t i = 0; by != FORWARDED_BY_NOBODY && i < sizeof(tellers) / sizeof(*tellers); i++) {
        const struct teller *t = &tellers[i];
        struct str address = told(t->address), port = told(t->port), subject = told(t->subject);
        if (address.n == 0 || (t->port != NULL && port.n == 0) ||
            (by == FORWARDED_BY_TCP && !t->by_tcp))
            continue;
        writer_text(w, t->kind);
        writer_str(w, address_and_port(address));
        if (port.n > 0) {
            writer_char(w, ' ');
            writer_str(w, port);
        }
        if (subject.n > 0) {
            writer_text(w, " (");
            writer_str(w, subject);
            writer_char(w, ')');
        }
        return;
    }
}
