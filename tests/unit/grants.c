/* grants.c: keys of [workload] and its like (policy/grant.h): reading, naming, inheriting. */
#include <stdio.h>

#include "policies.h"

static void refuses(const char *text, unsigned line, const char *says)
{
    struct policy policy;
    struct policy_error error = {0};

    policy_init(&policy, STR("t"), "t.ini");
    int result = policy_parse(&policy, str_of(text), &error);
    CHECK(result != 0, "taken: %s", text);
    CHECK(error.line == line && strstr(error.text, says) != NULL, "%s\nline %u: %s", text,
          error.line, error.text);
    policy_free(&policy);
}

UNIT(flaws)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"privilegd = yes", "did you mean 'privileged'?"},
        {"privileged = maybe", "neither yes nor no"},
        {"binds = srv/data", "a path is absolute"},
        {"binds = /srv/../etc", "a path is absolute"},
        {"binds = /srv//a", "a path is absolute"},
        {"binds = /srv/", "a path is absolute"},
        {"binds = /srv:rx", "behind ':' stands"},
        {"binds = /srv:", "behind ':' stands"},
        {"binds = /srv, /etc", "separated by blanks"},
        {"images = nginx", "images are written in full"},
        {"images = acme/web:1", "images are written in full"},
        {"capabilities = CAP_NET_ADMIN", "leave out CAP_"},
        {"capabilities = net_admin", "upper case"},
        {"host-namespaces = net", "namespaces are network"},
        {"addresses = 172.20.0.0/33", "no network"},
        {"addresses = any", "no network"},
        {"ports = 80-", "ports are"},
        {"ports = 90-80", "ports are"},
        {"ports = 65536", "ports are"},
        {"ports = localhost:80", "ports are"},
        {"restrict-to = memory", "limits are"},
        {"restrict-to = memory=0", "limits are"},
        {"restrict-to = memory=1X", "limits are"},
        {"restrict-to = cpus=0.0001", "limits are"},
        {"restrict-to = disk=1G", "limits are"},
        {"commands = a ** b", "can only be the last"},
        {"sysctls = =1", "NAME or NAME=PATTERN"},
        {"shm-size = 2G", "no size up to 1G"},
        {"oom-score-adj = -x", "no whole number"},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)snprintf(text, sizeof(text), "[workload]\n%s\n", rows[i].line);
        refuses(text, 2, rows[i].says);
    }
    refuses("[workload]\nprivileged = yes\nprivileged = no\n", 3, "'privileged' is set twice");
    refuses("[workloads]\n", 1, "did you mean 'workload'?");
    refuses("[exec]\nbinds = /srv\n", 2, "unknown key 'binds'");
}

UNIT(naming)
{
    static const struct {
        const char *line;
        enum policy_key key;
        const char *text;
        bool names;
    } rows[] = {
        {"binds = /srv/**", KEY_W_BINDS, "/srv/a/b", true},
        {"binds = /srv/**", KEY_W_BINDS, "/srv", false},
        {"binds = /srv/*:ro", KEY_W_BINDS, "/srv/a", true},
        {"binds = /srv/*", KEY_W_BINDS, "/srv/a/b", false},
        {"binds = /", KEY_W_BINDS, "/", true},
        {"binds = /", KEY_W_BINDS, "/etc", false},
        {"binds = /**", KEY_W_BINDS, "/", false},
        {"binds = /**", KEY_W_BINDS, "/etc", true},
        {"sysctls = a", KEY_W_SYSCTLS, "a=1", true},
        {"sysctls = a=1", KEY_W_SYSCTLS, "a=2", false},
        {"sysctls = a=1", KEY_W_SYSCTLS, "a", false},
        {"sysctls = *", KEY_W_SYSCTLS, "a=/x", true},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/a", true},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/etc", false},
        /* No wildcard stands for what leads out of what is before it. */
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/../etc", false},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/a/../../etc", false},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/.", false},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv//", false},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/..a/.b/", true},
        {"volume-options = device=/srv/*", KEY_W_VOLUME_OPTIONS, "device=/srv/", false},
        {"volume-options = device=/srv/*", KEY_W_VOLUME_OPTIONS, "device=/srv/..", false},
        {"volume-options = device=/srv/*/x", KEY_W_VOLUME_OPTIONS, "device=/srv/../x", false},
        {"volume-options = device=/srv/..", KEY_W_VOLUME_OPTIONS, "device=/srv/..", true},
        {"volume-options = device=../*", KEY_W_VOLUME_OPTIONS, "device=../a", true},
        {"volume-options = device=*", KEY_W_VOLUME_OPTIONS, "device=", true},
        {"cgroup-parents = /ci/**", KEY_W_CGROUP_PARENTS, "/ci/../system.slice", false},
        {"cgroup-parents = /ci/*", KEY_W_CGROUP_PARENTS, "/ci/..", false},
        {"cgroup-parents = **", KEY_W_CGROUP_PARENTS, "/ci/..", true},
        {"tmpfs = /run/**", KEY_W_TMPFS, "/run/../etc", false},
        {"forbid-labels = a/*", KEY_W_FORBID_LABELS, "a/..", true},
        {"forbid-labels = a/**", KEY_W_FORBID_LABELS, "a/b/../c", true},
        {"volume-options = device=/srv/**", KEY_W_VOLUME_OPTIONS, "device=/srv/a/../b", false},
        {"volume-options = device=/srv/*", KEY_W_VOLUME_OPTIONS, "device=/srv/..", false},
        {"volume-options = device=/srv/*", KEY_W_VOLUME_OPTIONS, "device=/srv/..a", true},
        {"volume-options = device=../*", KEY_W_VOLUME_OPTIONS, "device=../a", true},
        {"volume-options = device=**", KEY_W_VOLUME_OPTIONS, "device=/srv/../a", true},
        {"constraints = node.labels.x == **", KEY_W_CONSTRAINTS, "node.labels.x == a/../b c", true},
        {"constraints = node.labels.x == **", KEY_W_CONSTRAINTS, "node.labels.x == ", false},
        {"constraints = node.labels.* == **", KEY_W_CONSTRAINTS, "node.labels.x == a/b", false},
        {"capabilities = ALL", KEY_W_CAPABILITIES, "SYS_ADMIN", true},
        {"capabilities = NET_ADMIN", KEY_W_CAPABILITIES, "ALL", false},
        {"addresses = 10.0.0.0/8", KEY_W_ADDRESSES, "10.1.2.3", true},
        {"addresses = 10.0.0.0/8", KEY_W_ADDRESSES, "10.0.0.0/7", false},
        {"addresses = 10.0.0.0/8", KEY_W_ADDRESSES, "11.0.0.1", false},
        {"addresses = 0.0.0.0/0", KEY_W_ADDRESSES, "::1", false},
        {"addresses = ::/0", KEY_W_ADDRESSES, "10.0.0.1", false},
        {"addresses = fd00::/8", KEY_W_ADDRESSES, "fd12::1/64", true},
        {"addresses = 10.0.0.0/8", KEY_W_ADDRESSES, "10.1.2.3x", false},
        {"ports = 8000-8999", KEY_W_PORTS, "8080", true},
        {"ports = 8000-8999", KEY_W_PORTS, "127.0.0.1:8080-8090", true},
        {"ports = 8000-8999", KEY_W_PORTS, "8999-9000", false},
        {"ports = 127.0.0.1:0", KEY_W_PORTS, "0", false},
        {"networks = front", KEY_W_NETWORKS, "back", false},
        {"volumes = a*", KEY_W_NETWORKS, "back", true}, /* networks narrows, and does not stand */
        {"volumes = a*", KEY_W_BINDS, "/etc", false},
    };
    char text[256];

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;
        (void)snprintf(text, sizeof(text), "[workload]\n%s\n", rows[i].line);
        policy_of(&policy, text);
        CHECK(policy_names(&policy, rows[i].key, str_of(rows[i].text)) == rows[i].names, "%s: %s",
              rows[i].line, rows[i].text);
        policy_free(&policy);
    }
}

static void extend(struct policy *policy, const char *text, const char *base_text)
{
    struct policy base;

    policy_of(policy, text);
    policy_of(&base, base_text);
    policy_inherit(policy, &base);
}

static bool names(const struct policy *policy, enum policy_key key, const char *text)
{
    return policy_names(policy, key, str_of(text));
}

UNIT(inheriting)
{
    struct policy policy;

    extend(&policy, "[workload]\nbinds = /a\nimages = docker.io/library/*\n",
           "[workload]\nbinds = /b\nimages = docker.io/library/nginx ghcr.io/acme/*\nprivileged = "
           "yes\nshm-size = 1G\n");
    assert_true(names(&policy, KEY_W_BINDS, "/a") && names(&policy, KEY_W_BINDS, "/b"));
    assert_true(names(&policy, KEY_W_IMAGES, "docker.io/library/nginx:1"));
    assert_false(names(&policy, KEY_W_IMAGES, "docker.io/library/busybox:1"));
    assert_false(names(&policy, KEY_W_IMAGES, "ghcr.io/acme/web:1"));
    assert_true(policy_grant(&policy, KEY_W_PRIVILEGED)->on);
    assert_int_equal(policy_grant(&policy, KEY_W_SHM_SIZE)->bound, 1 << 30);
    policy_free(&policy);
    extend(&policy, "[workload]\nprivileged = no\nrequire-read-only = no\n[exec]\ntty = yes\n",
           "[workload]\nprivileged = yes\nrequire-read-only = yes\n[exec]\ntty = no\n");
    assert_false(policy_grant(&policy, KEY_W_PRIVILEGED)->on);
    assert_true(policy_grant(&policy, KEY_W_REQUIRE_READ_ONLY)->on);
    assert_false(policy_grant(&policy, KEY_X_TTY)->on);
    policy_free(&policy);
}

UNIT(bounds)
{
    struct policy policy;
    int64_t value = 0;

    extend(&policy, "[workload]\nrestrict-to = memory=1G cpus=0.5\n",
           "[workload]\nrestrict-to = memory=512M pids=10\n");
    assert_true(policy_limit(&policy, LIMIT_MEMORY, &value) && value == 512 << 20);
    assert_true(policy_limit(&policy, LIMIT_CPUS, &value) && value == 500);
    assert_true(policy_limit(&policy, LIMIT_PIDS, &value) && value == 10);
    assert_false(policy_limit(&policy, LIMIT_SHM, &value));
    policy_free(&policy);
}

UNIT(lifting)
{
    struct policy policy;

    extend(&policy, "[workload]\nunrestricted = yes\n", "[workload]\nimages = ghcr.io/acme/*\n");
    assert_false(policy_grant(&policy, KEY_W_UNRESTRICTED)->on);
    assert_int_equal(policy.overrides_count, 1);
    policy_free(&policy);
    extend(&policy, "[workload]\nunrestricted = yes\n", "[workload]\nbinds = /srv\n");
    assert_true(policy_grant(&policy, KEY_W_UNRESTRICTED)->on);
    policy_free(&policy);
    extend(&policy, "[exec]\nunrestricted = yes\n", "[exec]\ncommands = id\n");
    assert_false(policy_grant(&policy, KEY_X_UNRESTRICTED)->on);
    policy_free(&policy);
    extend(&policy, "[rules]\nallow = SystemPing\n", "[workload]\nunrestricted = yes\n");
    assert_true(policy_grant(&policy, KEY_W_UNRESTRICTED)->on);
    policy_free(&policy);
}

UNIT(argv)
{
    static const struct {
        const char *line, *args[4];
        bool names;
    } rows[] = {
        {"pg_dump **", {"pg_dump"}, true},
        {"pg_dump **", {"pg_dump", "-d", "x"}, true},
        {"pg_dump **", {"pg_dumpall"}, false},
        {"pg_dump -d *", {"pg_dump", "-d", "x"}, true},
        {"pg_dump -d *", {"pg_dump", "-d"}, false},
        {"pg_dump -d *", {"pg_dump", "-d", "x", "y"}, false},
        {"pg_dump -d *", {"pg_dump", "-d", "x;/bin/sh"}, false},
        {"cat /srv/**", {"cat", "/srv/a"}, true},
        {"cat /srv/**", {"cat", "/srv/../etc/shadow"}, false},
        {"./bin/* *", {"./bin/a", "."}, true},
        {"*", {"sh"}, true},
        {"*", {"/bin/sh"}, false},
        {"**", {"/bin/sh", "-c"}, true},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str args[4];
        size_t n = 0;
        for (; n < 4 && rows[i].args[n] != NULL; n++)
            args[n] = str_of(rows[i].args[n]);
        CHECK(grant_argv_names(str_of(rows[i].line), args, n) == rows[i].names, "%s: row %zu",
              rows[i].line, i);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("a value that is none of its key's is an error that says why", flaws),
        PROMISE("a word names what it says, and nothing beside it", naming),
        PROMISE("what a base allows is added, what it narrows and requires holds", inheriting),
        PROMISE("of two bounds the lower holds", bounds),
        PROMISE("unrestricted does not lift what a base asks for", lifting),
        PROMISE("a pattern of a command is one of its arguments, each by itself", argv),
    };

    return RUN("grants", tests);
}
