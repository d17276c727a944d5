/* file.h: what a descriptor leads to. */
#ifndef DSP_BASE_FILE_H
#define DSP_BASE_FILE_H

#include <stdbool.h>

/* Whether two descriptors lead to the same file, pipe, or socket. False if either is closed. */
bool file_same(int a, int b);

#endif
