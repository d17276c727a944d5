/* fuzz.h: what the fuzz entries share.
 *
 * Each FUZZ.c is a libFuzzer entry: it feeds bytes to one parser and asserts what must hold of the
 * result. Its seeds stand beside it, so that driver.c can mutate them without libFuzzer; that is
 * what `make check` does, for a bounded number of inputs. With clang, from the top of the checkout
 * (after ./configure, for config.h):
 *
 *   clang -std=gnu17 -g -O1 -D_GNU_SOURCE -I. -Isrc -fsanitize=fuzzer,address,undefined \
 *       tests/fuzz/request.c src/base/?*.c src/http/?*.c src/docker/?*.c src/policy/?*.c \
 *       src/inspect/?*.c \
 *       src/log/record.c src/relay/heads.c -linih -ljansson -o /tmp/fuzz-request
 *   mkdir -p /tmp/seeds && tests/unit/fuzz-request --seeds /tmp/seeds
 *   /tmp/fuzz-request -max_len=4096 /tmp/seeds
 *
 * An input that libFuzzer or AFL found is run again by `tests/unit/fuzz-request FILE...`. */
#ifndef DSP_TESTS_FUZZ_H
#define DSP_TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

#define MUST(condition)    \
    ((condition) ? (void)0 \
                 : (fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

#define SEED(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

extern const char *const fuzz_name;
extern const unsigned long fuzz_count; /* mutations in `make check` */
extern const struct str fuzz_seeds[];
extern const size_t fuzz_seeds_count;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
