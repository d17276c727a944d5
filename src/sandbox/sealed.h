/* sealed.h: memory that can be written no more, at an address that a system-call filter knows.
 *
 * A filter sees a path as an address, and not what stands there. A spare must look at its policy's
 * files with stat(2) to the last; its filter lets it with names from this place only, which are the
 * names that were put there before the lock-down: nothing can map, unmap and map again, or change
 * protection then. */
#ifndef DSP_SANDBOX_SEALED_H
#define DSP_SANDBOX_SEALED_H

#include <stdbool.h>
#include <stddef.h>

/* Low, where neither the kernel nor the linker places anything by itself: programs of a fixed
 * address lie lower, libraries, stacks and programs of any address (PIE) higher. The size is a
 * power of two, and divides the address: the filter compares the bits above it. */
#define SEALED_AT 0x20000000UL
#define SEALED_SIZE 0x10000UL

/* Makes the place. To be called before the lock-down of the process whose children will use it.
 * Returns false with errno when something else is there. */
bool sealed_make(void);

/* Copies ${n} bytes, at most SEALED_SIZE, to the place, and closes it for good. Returns the copy; or
 * NULL with errno. */
const void *sealed_copy(const void *from, size_t n);

#endif
