/* images.c: references to images, and patterns of them (inspect/image.h). */
#include <stdio.h>

#include "inspect/image.h"
#include "policies.h"

UNIT(full)
{
    static const struct {
        const char *reference, *full;
    } rows[] = {
        {"nginx", "docker.io/library/nginx:latest"},
        {"nginx:1.27", "docker.io/library/nginx:1.27"},
        {"acme/web", "docker.io/acme/web:latest"},
        {"docker.io/nginx", "docker.io/library/nginx:latest"},
        {"index.docker.io/nginx", "docker.io/library/nginx:latest"},
        {"docker.io/library/nginx", "docker.io/library/nginx:latest"},
        {"ghcr.io/acme/web:1", "ghcr.io/acme/web:1"},
        {"ghcr.io/acme/a/b", "ghcr.io/acme/a/b:latest"},
        {"localhost/web", "localhost/web:latest"},
        {"localhost:5000/web:2", "localhost:5000/web:2"},
        {"registry/web", "docker.io/registry/web:latest"},
        {"Registry/web", "Registry/web:latest"},
        {"host:5000/web", "host:5000/web:latest"},
        {"nginx@sha256:aa", "docker.io/library/nginx@sha256:aa"},
        {"nginx:1@sha256:aa", "docker.io/library/nginx@sha256:aa"},
        {"ghcr.io/acme/web:1@sha256:aa", "ghcr.io/acme/web@sha256:aa"},
        {"deadbeef", "deadbeef"}, /* a name, or the beginning of an id */
        {"sha256:aa", "sha256:aa"},
        {"ngi nx", "ngi nx"},
        {"nginx\xc3\xa9", "nginx\xc3\xa9"},
        {"", ""},
    };
    struct policy policy;

    policy_of(&policy, "[rules]\nallow = SystemPing\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[256];
        struct writer w = writer_over(text, sizeof(text));
        CHECK(image_named(&policy, KEY_W_IMAGES, str_of(rows[i].reference), &w),
              "%s: refused without a key", rows[i].reference);
        CHECK_STR(writer_view(&w), rows[i].full);
    }
    policy_free(&policy);
}

UNIT(named)
{
    static const struct {
        const char *pattern, *reference;
        bool named;
    } rows[] = {
        {"docker.io/library/nginx:*", "nginx", true},
        {"docker.io/library/nginx:*", "nginx:1", true},
        {"docker.io/library/nginx:*", "nginx@sha256:aa", false},
        {"docker.io/library/nginx:*", "nginx:1@sha256:aa", false},
        {"docker.io/library/nginx", "nginx:1@sha256:aa", true},
        {"docker.io/library/nginx", "nginx2", false},
        {"docker.io/library/nginx", "evil/nginx", false},
        {"docker.io/library/nginx:latest", "nginx", true},
        {"docker.io/library/nginx:latest", "nginx:1", false},
        {"docker.io/library/*", "busybox:x", true},
        {"docker.io/library/*", "deadbeef", false},
        {"docker.io/library/*", "acme/busybox", false},
        {"ghcr.io/acme/**", "ghcr.io/acme/a/b:1", true},
        {"ghcr.io/acme/**", "ghcr.io/acme", false},
        {"ghcr.io/acme/**", "ghcr.io/acmee/a", false},
        {"ghcr.io/acme/**", "ghcr.io.evil/acme/a", false},
        {"ghcr.io/acme/web@sha256:aa", "ghcr.io/acme/web@sha256:aa", true},
        {"ghcr.io/acme/web@sha256:aa", "ghcr.io/acme/web:1", false},
        {"localhost:5000/*", "localhost:5000/web:1", true},
        {"localhost:5000/*", "localhost:5001/web:1", false},
        {"sha256:aa", "sha256:aa", true},
        {"sha256:aa", "aa", false},
        {"**", "anything/x:1", true},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;
        char full[256];
        struct writer w = writer_over(full, sizeof(full));
        (void)snprintf(text, sizeof(text), "[workload]\nimages = %s\n", rows[i].pattern);
        policy_of(&policy, text);
        CHECK(image_named(&policy, KEY_W_IMAGES, str_of(rows[i].reference), &w) == rows[i].named,
              "%s: %s", rows[i].pattern, rows[i].reference);
        policy_free(&policy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a reference is written in full as Docker reads it", full),
        PROMISE("a pattern names what is written so in full", named),
    };

    return RUN("images", tests);
}
