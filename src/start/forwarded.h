/* forwarded.h: who the client is when a parent stands in between, by what the parent says. */
#ifndef DSP_START_FORWARDED_H
#define DSP_START_FORWARDED_H

#include "base/writer.h"

/* Adds to ${w} what sshd(8) or stunnel(8) tells a program that it starts, in the environment:
 * " ssh=2001:db8::1 4711", " tls=192.0.2.1 4711 (CN=client)". To be asked only when the other end is
 * the parent and nobody else: what a parent inherited is about somebody else. */
void forwarded_write(struct writer *w);

#endif
