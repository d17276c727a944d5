/* escape.h: what a locked process is made to try, as if its client had taken it over. */
#ifndef DSP_TESTS_ESCAPE_H
#define DSP_TESTS_ESCAPE_H

#include <stddef.h>

/* How a system call is made. */
enum way {
    WAY_NATIVE,
    WAY_X32,  /* x86-64: the numbers of the x32 ABI */
    WAY_INT80 /* x86-64: as a 32-bit program does */
};

/* Makes a system call, with each argument the same. Returns what the kernel returns: -errno. */
long raw_call(enum way way, long number, long argument);

/* Something that a locked process must not be able to do. Returns a negative errno when it could
 * not; else it could. */
struct attack {
    const char *name, *call; /* ${call}: the system call that it is about */
    long (*try)(void);
};

extern const struct attack attacks[];
extern const size_t attacks_n;

/* To be called before the lock-down: what the attacks work with. ${fd} is the client's. */
void attacks_prepare(int fd);

#endif
