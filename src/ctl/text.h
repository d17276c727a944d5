/* text.h: what dspctl's commands print with. */
#ifndef DSP_CTL_TEXT_H
#define DSP_CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

/* printf to a new string, which the caller frees. Aborts when memory is out. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory that is there, or the end. */
void *text_must(void *memory);

/* Prints bytes that come from elsewhere, without what could steer a terminal. */
void text_safely(FILE *to, struct str s);

/* Reads all of a stream. Returns false, with errno, when that fails or it has more than ${max}
 * bytes (EFBIG). The caller frees ${bytes}. */
bool text_read_all(FILE *from, size_t max, char **bytes, size_t *n);

/* The same of a file; "-" is standard input. What failed was printed. */
bool text_read_file(const char *path, size_t max, char **bytes, size_t *n);

/* The next line of ${rest}, without its line break. Returns false when nothing is left. */
bool text_line(struct str *rest, struct str *line);

#endif
