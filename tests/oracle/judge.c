/* judge.c: dsp's side of the oracle. Reads requests from standard input and writes whether dsp
 * would let their bodies pass, for as long as there is input.
 *
 *   judge POLICY.ini...
 *
 * A request is: a byte, which of the policies; "METHOD /target" and the body, each behind its
 * length (32 bits, little-endian). The answer is a phrase behind its length, a byte: why not;
 * empty when the body passes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker/operation.h"
#include "inspect/inspect.h"
#include "policy/policy.h"

enum { POLICIES_MAX = 8, TEXT_MAX = 16 * 1024 * 1024 };

static struct policy policies[POLICIES_MAX];
static size_t policies_n;

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "judge: %s\n", what);
    exit(1);
}

static void read_policy(const char *file)
{
    static char text[65536];
    struct policy_error error = {0};
    FILE *stream = fopen(file, "re");

    if (stream == NULL || policies_n == POLICIES_MAX)
        fail(file);
    size_t n = fread(text, 1, sizeof(text), stream);
    (void)fclose(stream);
    policy_init(&policies[policies_n], STR("oracle"), file);
    if (policy_parse(&policies[policies_n], (struct str){text, n}, &error) != 0)
        fail(error.text);
    policies_n++;
}

/* In a block of just its size, so that a sanitizer sees a read past the end. */
static struct str read_text(void)
{
    unsigned char length[4];
    char *text;

    if (fread(length, 1, sizeof(length), stdin) != sizeof(length))
        fail("a request that ends early");
    size_t n =
        length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (n > TEXT_MAX || (text = malloc(n > 0 ? n : 1)) == NULL)
        fail("a request that is too long");
    if (fread(text, 1, n, stdin) != n)
        fail("a request that ends early");
    return (struct str){text, n};
}

/* As the filter: a body that need not be judged passes, and so does none where there may be none. */
static bool passes(const struct policy *policy, struct str request, struct str body,
                   struct writer *why)
{
    static struct target target;
    struct finding finding;
    size_t space = str_index(request, ' ');

    if (target_parse(str_slice(request, space + 1, request.n), &target).status != 0)
        fail("a target that cannot be parsed");
    const struct operation *op =
        operation_resolve(http_method_of(str_slice(request, 0, space)), &target);
    if (op == NULL)
        fail("a request that is no operation");
    enum inspect_need need = inspect_need(op, policy);
    if (need == INSPECT_NOT || (need == INSPECT_IF_ANY && body.n == 0))
        return true;
    if (body.n == 0) {
        writer_text(why, "there is no body");
        return false;
    }
    if (inspect_body(op, &target, body, policy, &finding))
        return true;
    inspect_describe(policy, &finding, why);
    if (why->n == 0)
        fail("a refusal without a reason");
    return false;
}

int main(int argc, char **argv)
{
    char text[255];
    int policy;

    for (int i = 1; i < argc; i++)
        read_policy(argv[i]);
    while ((policy = getchar()) != EOF) {
        struct writer why = writer_over(text, sizeof(text));
        struct str request = read_text(), body = read_text();
        if ((size_t)policy >= policies_n)
            fail("a policy that is none");
        if (passes(&policies[policy], request, body, &why))
            why.n = 0;
        (void)putchar((int)why.n);
        (void)fwrite(text, 1, why.n, stdout);
        /* The oracle waits for the answers of all that it has written. */
        (void)fflush(stdout);
        free((void *)request.p);
        free((void *)body.p);
    }
    return 0;
}
