/* forwarded.h: who the client is when a parent stands in between, by what the parent says. */
#ifndef DSP_START_FORWARDED_H
#define DSP_START_FORWARDED_H

#include "base/writer.h"

enum forwarded_by {
    FORWARDED_BY_NOBODY,
    FORWARDED_BY_PARENT, /* the other end is the parent */
    FORWARDED_BY_TCP     /* may be the parent: it is this host, by 127.0.0.1, as with stunnel */
};

/* Adds to ${w} what sshd(8) or stunnel(8) tells a program that it starts, in the environment:
 * " ssh=2001:db8::1 4711", " tls=192.0.2.1 4711 (CN=client)". Only when ${by} says that the parent
 * is the other end: what it inherited is about somebody else. */
void forwarded_write(enum forwarded_by by, struct writer *w);

#endif
