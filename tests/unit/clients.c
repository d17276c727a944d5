/* clients.c: [clients] (policy/clients.h). */
#include "policies.h"

static bool admits(const char *text, const struct peer *peer)
{
    struct policy policy;

    policy_of(&policy, text);
    bool admitted = policy_admits(&policy, peer);
    policy_free(&policy);
    return admitted;
}

static struct peer from(const char *address)
{
    struct peer peer = {.has_address = true};

    CHECK(peer_read_address(str_of(address), peer.address), "%s", address);
    return peer;
}

UNIT(credentials)
{
    struct peer peer = {.has_credentials = true, .uid = 1000, .gid = 100};

    peer.groups[peer.groups_n++] = 999;
    assert_true(admits("", &peer));
    assert_true(admits("[clients]\nuids = 0 1000\n", &peer));
    assert_true(admits("[clients]\nuids = 0\nuids = 1000\n", &peer));
    assert_false(admits("[clients]\nuids = 0 1001\n", &peer));
    assert_true(admits("[clients]\ngids = 100\n", &peer));
    assert_true(admits("[clients]\ngids = 999\n", &peer));
    assert_false(admits("[clients]\ngids = 0\n", &peer));
    peer = (struct peer){0};
    assert_false(admits("[clients]\nuids = 0\n", &peer));
    assert_false(admits("[clients]\ngids = 0\n", &peer));
}

UNIT(every_key)
{
    struct peer peer = {.has_credentials = true, .uid = 1000, .gid = 100};

    assert_true(admits("[clients]\nuids = 1000\ngids = 100\n", &peer));
    assert_false(admits("[clients]\nuids = 1000\ngids = 101\n", &peer));
    assert_false(admits("[clients]\nuids = 1001\ngids = 100\n", &peer));
}

UNIT(addresses)
{
    static const struct {
        const char *net, *address;
        bool in;
    } rows[] = {
        {"172.18.0.0/16", "172.18.255.1", true},
        {"172.18.0.0/16", "172.19.0.1", false},
        {"172.18.0.0/16", "::ffff:172.18.0.1", true},
        {"172.18.0.0/15", "172.19.0.1", true},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "8.8.8.8", false},
        {"fd00::/8", "fdff::1", true},
        {"fd00::/8", "fe00::1", false},
        {"::1", "::1", true},
        {"::1", "127.0.0.1", false},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"fe80::/9", "ff00::1", false},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[128];
        struct peer peer = from(rows[i].address);
        (void)snprintf(text, sizeof(text), "[clients]\naddresses = %s\n", rows[i].net);
        CHECK(admits(text, &peer) == rows[i].in, "%s %s", rows[i].net, rows[i].address);
    }
    assert_false(admits("[clients]\naddresses = 0.0.0.0/0\n", &(struct peer){0}));
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

UNIT(cgroups)
{
    static const struct {
        const char *cgroup, *unit, *container;
    } rows[] = {
        {"0::/system.slice/traefik.service\n", "traefik.service", ""},
        {"0::/system.slice/traefik.service/docker-" ID ".scope\n", "traefik.service", ""},
        {"0::/system.slice/docker-" ID ".scope\n", "docker-" ID ".scope", ID},
        {"0::/system.slice/docker-" ID ".scope/init\n", "docker-" ID ".scope", ID},
        {"0::/machine.slice/libpod-" ID ".scope\n", "libpod-" ID ".scope", ID},
        {"0::/docker/" ID "\n", "", ID},
        {"0::/docker/" ID "/docker/x\n", "", ID},
        {"0::/x/docker/" ID "\n", "", ""},
        {"0::/system.slice/docker-" ID "0.scope\n", "docker-" ID "0.scope", ""},
        {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/traefik.service\n",
         "user@1000.service", ""},
        {"0::/user.slice/user-1000.slice/user@1000.service/docker-" ID ".scope\n",
         "user@1000.service", ""},
        {"0::/user.slice/user-1000.slice/session-1.scope\n", "session-1.scope", ""},
        {"0::/system.slice/_x.service\n", "x.service", ""},
        {"0::/\n", "", ""},
        {"0::/../../system.slice/traefik.service\n", "", ""},
        {"1:name=systemd:/system.slice/traefik.service\n", "", ""},
        {"", "", ""},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct peer peer = {0};
        peer_read_cgroup(&peer, str_of(rows[i].cgroup));
        CHECK(strcmp(peer.unit, rows[i].unit) == 0, "%s: unit '%s'", rows[i].cgroup, peer.unit);
        CHECK(strcmp(peer.container, rows[i].container) == 0, "%s: container '%s'", rows[i].cgroup,
              peer.container);
    }
}

UNIT(process)
{
    struct peer peer = {0};

    peer_read_cgroup(&peer, STR("0::/system.slice/docker-" ID ".scope\n"));
    assert_true(admits("[clients]\ncontainers = 0123456789ab\n", &peer));
    assert_false(admits("[clients]\ncontainers = 1123456789ab\n", &peer));
    assert_false(admits("[clients]\nunits = traefik.service\n", &peer));
    peer_read_cgroup(&peer, STR("0::/system.slice/traefik.service\n"));
    assert_true(admits("[clients]\nunits = x.service traefik.service\n", &peer));
    assert_false(admits("[clients]\ncontainers = 0123456789ab\n", &peer));
    assert_false(admits("[clients]\nunits = traefik.service\n", &(struct peer){0}));
}

UNIT(subjects)
{
    struct peer peer = {.tls_subject = "CN = ci, O = Acme"};

    assert_true(admits("[clients]\ntls-subjects = CN = ci, O = Acme\n", &peer));
    assert_true(admits("[clients]\ntls-subjects = CN = *, O = Acme\n", &peer));
    assert_false(admits("[clients]\ntls-subjects = CN = ci\n", &peer));
    assert_false(admits("[clients]\ntls-subjects = *\n", &(struct peer){0}));
}

UNIT(container_names)
{
    static const char policy[] = "[clients]\ncontainers = 0123456789ab web-*\nask-engine = yes\n";
    struct peer peer = {0};

    assert_false(admits(policy, &peer));
    (void)strcpy(peer.container_name, "web-1");
    assert_true(admits(policy, &peer));
    (void)strcpy(peer.container_name, "aweb-1");
    assert_false(admits(policy, &peer));
    (void)strcpy(peer.container_name, "0123456789ab"); /* an id is no name */
    assert_false(admits(policy, &peer));
}

UNIT(needs)
{
    static const struct {
        const char *text;
        bool needs;
    } rows[] = {
        {"", false},
        {"[clients]\nuids = 0\naddresses = ::1\ntls-subjects = x\ngids = 1\n", false},
        {"[clients]\nunits = a.service\n", true},
        {"[clients]\ncontainers = 0123456789ab\n", true},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;
        policy_of(&policy, rows[i].text);
        assert_int_equal(policy_needs_peer_process(&policy), rows[i].needs);
        policy_free(&policy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("uids and gids are those of the peer's process; unknown ones are nobody's",
                credentials),
        PROMISE("of each key one value must be the peer's, and every key must hold", every_key),
        PROMISE("addresses are networks of IPv4, mapped or not, and of IPv6", addresses),
        PROMISE(
            "the unit is the system's, the container is the engine's, whatever users call theirs",
            cgroups),
        PROMISE("units and containers are those of the peer's process", process),
        PROMISE("a TLS subject is compared as a whole", subjects),
        PROMISE("a container can be told by its name, where there is one", container_names),
        PROMISE("only units and containers need a look at the process", needs),
    };

    return RUN("clients", tests);
}
