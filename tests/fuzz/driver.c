/* driver.c: runs a fuzz entry without libFuzzer: on files, or on random mutations of its seeds.
 *
 *   fuzz-NAME                 as a test, in TAP: all seeds, then FUZZ_COUNT mutations by FUZZ_SEED
 *   fuzz-NAME FILE...         runs each file; no file: what AFL gives on standard input is "-"
 *   fuzz-NAME --seeds DIR     writes the seeds there, as a corpus to begin with */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "fuzz.h"

enum { INPUT_MAX = 8192 };

static char input[INPUT_MAX];
static size_t input_n;
static uint64_t state = 1;

/* xorshift64: the same inputs on every machine. */
static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % n;
}

/* In a block of just its size, so that a sanitizer sees a read past the end. */
static void run(void)
{
    uint8_t *copy = malloc(input_n > 0 ? input_n : 1);

    MUST(copy != NULL);
    memcpy(copy, input, input_n);
    (void)LLVMFuzzerTestOneInput(copy, input_n);
    free(copy);
}

/* Which input it was. */
static void on_crash(int number)
{
    static char text[4 * INPUT_MAX + 64];
    struct writer w = writer_over(text, sizeof(text));

    writer_text(&w, "# the input, escaped: ");
    writer_escaped(&w, (struct str){input, input_n});
    writer_text(&w, "\nBail out! crashed\n");
    if (write(STDOUT_FILENO, w.p, w.n) < 0)
        _exit(1);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void splice(size_t at, size_t cut, struct str in)
{
    if (input_n - cut + in.n > INPUT_MAX)
        return;
    memmove(input + at + in.n, input + at + cut, input_n - at - cut);
    if (in.n > 0)
        memcpy(input + at, in.p, in.n);
    input_n = input_n - cut + in.n;
}

/* Puts a byte, a repetition of its own or a piece of another seed in the place of up to 8 bytes. */
static void mutate(void)
{
    static const char bytes[] = "\r\n\t :;,./%?*=#[]{}\"\\019afAFvV-_\0\x7f\x80\xc2\xe2\xff";
    size_t at = below(input_n + 1), cut = below(input_n - at < 8 ? input_n - at + 1 : 9);
    struct str seed = fuzz_seeds[below(fuzz_seeds_count)];
    size_t from = below(seed.n + 1);
    char own[64];

    switch (below(6)) {
    case 0:
        splice(at, 0, (struct str){bytes + below(sizeof(bytes) - 1), 1});
        break;
    case 1:
        splice(at, cut, (struct str){0});
        break;
    case 2:
        splice(at, cut, (struct str){bytes + below(sizeof(bytes) - 1), 1});
        break;
    case 3:
        splice(at, cut, str_slice(seed, from, from + below(seed.n - from + 1)));
        break;
    case 4:
        memcpy(own, input + at, cut);
        splice(below(input_n + 1), 0, (struct str){own, cut});
        break;
    default:
        if (at < input_n)
            input[at] = (char)(input[at] ^ (1 << below(8)));
        break;
    }
}

static void take(struct str seed)
{
    memcpy(input, seed.p, seed.n);
    input_n = seed.n;
}

static void run_as_test(void)
{
    const char *count_text = getenv("FUZZ_COUNT"), *seed_text = getenv("FUZZ_SEED");
    unsigned long count = count_text == NULL ? fuzz_count : strtoul(count_text, NULL, 10);

    state = seed_text == NULL ? 1 : strtoul(seed_text, NULL, 10) | 1;
    printf("1..2\n");
    for (size_t i = 0; i < fuzz_seeds_count; i++) {
        take(fuzz_seeds[i]);
        run();
    }
    printf("ok 1 - fuzz-%s: what must hold does for each of %zu seeds\n", fuzz_name,
           fuzz_seeds_count);
    fflush(stdout);
    for (unsigned long i = 0; i < count; i++) {
        take(fuzz_seeds[below(fuzz_seeds_count)]);
        for (size_t n = 1 + below(6); n > 0; n--)
            mutate();
        run();
    }
    printf("ok 2 - fuzz-%s: and for %lu random mutations of them\n", fuzz_name, count);
}

static void run_file(const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");

    MUST(file != NULL);
    input_n = fread(input, 1, sizeof(input), file);
    (void)fclose(file);
    run();
}

static void write_seeds(const char *folder)
{
    char name[4096];

    for (size_t i = 0; i < fuzz_seeds_count; i++) {
        (void)snprintf(name, sizeof(name), "%s/%s-%zu", folder, fuzz_name, i);
        FILE *file = fopen(name, "wb");
        MUST(file != NULL);
        MUST(fwrite(fuzz_seeds[i].p, 1, fuzz_seeds[i].n, file) == fuzz_seeds[i].n);
        MUST(fclose(file) == 0);
    }
}

int main(int argc, char **argv)
{
    (void)signal(SIGABRT, on_crash);
    (void)signal(SIGSEGV, on_crash);
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
        write_seeds(argv[2]);
    else if (argc > 1)
        for (int i = 1; i < argc; i++)
            run_file(argv[i]);
    else
        run_as_test();
    return 0;
}
