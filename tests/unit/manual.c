/* manual.c: dsp.ini(5) and the parser know the same keys. */
#include <stdio.h>
#include <stdlib.h>

#include "policies.h"
#include "policy/load.h"

static char page[256 * 1024];

static void read_page(void)
{
    const char *folder = getenv("srcdir");
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/src/man/dsp.ini.5", folder == NULL ? "." : folder);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL, "no %s", path);
    page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
    (void)fclose(file);
}

/* What stands below ".Ss [section]". */
static struct str part_of(const char *section)
{
    char header[64];

    (void)snprintf(header, sizeof(header), ".Ss [%s]\n", section);
    const char *from = strstr(page, header);
    CHECK(from != NULL, "no %s", header);
    const char *to = strstr(from + 1, "\n.S");
    return (struct str){from, (size_t)(to - from)};
}

static bool has(struct str part, const char *key)
{
    char item[64];

    (void)snprintf(item, sizeof(item), "\n.It Cm %s No = ", key);
    return memmem(part.p, part.n, item, strlen(item)) != NULL;
}

UNIT(each_key)
{
    read_page();
    for (size_t i = 0; i < KEYS; i++)
        CHECK(has(part_of(policy_keys[i].section), policy_keys[i].name), "[%s] %s is in no manual",
              policy_keys[i].section, policy_keys[i].name);
    for (size_t i = 0; policy_sections[i] != NULL; i++)
        (void)part_of(policy_sections[i]);
}

UNIT(no_other)
{
    read_page();
    for (const char *p = page; (p = strstr(p, "\n.It Cm ")) != NULL; p++) {
        struct str rest = str_of(p + 8), name;
        bool known = false;
        assert_true(str_word(&rest, &name));
        for (size_t i = 0; i < KEYS; i++)
            known = known || str_equal(name, str_of(policy_keys[i].name));
        if (!str_starts(rest, STR(" No = ")) && name.p[0] >= 'A' && name.p[0] <= 'Z')
            continue; /* a variable of [sections] */
        CHECK(known, "no key: %.*s", STR_ARG(name));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("each key of the parser is in dsp.ini(5), in its section", each_key),
        PROMISE("dsp.ini(5) has no other keys", no_other),
    };

    return RUN("manual", tests);
}
