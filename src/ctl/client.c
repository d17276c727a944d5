#include "ctl/client.h"

#include <stdio.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/text.h"
#include "policy/nearest.h"

static const char *const key_names[CLIENT_KEYS] = {
    [CLIENT_UID] = "uids",          [CLIENT_GID] = "gids",
    [CLIENT_UNIT] = "units",        [CLIENT_CONTAINER] = "containers",
    [CLIENT_ADDRESS] = "addresses", [CLIENT_TLS_SUBJECT] = "tls-subjects",
};

static bool take_number(struct str value, uint32_t *number)
{
    uint64_t wide;

    if (!str_decimal(value, UINT32_MAX - 1, &wide))
        return false;
    *number = (uint32_t)wide;
    return true;
}

static bool take_pid(struct str value, struct peer *peer)
{
    uint32_t pid; /* [clients] does not ask for it */

    (void)peer;
    return take_number(value, &pid);
}

static bool take_uid(struct str value, struct peer *peer)
{
    peer->has_credentials = true;
    return take_number(value, &peer->uid);
}

static bool take_gid(struct str value, struct peer *peer)
{
    peer->has_credentials = true;
    return take_number(value, &peer->gid);
}

static bool take_groups(struct str value, struct peer *peer)
{
    peer->has_credentials = true;
    while (value.n > 0 && peer->groups_n < PEER_GROUPS_MAX) {
        size_t comma = str_index(value, ',');
        if (!take_number(str_slice(value, 0, comma), &peer->groups[peer->groups_n++]))
            return false;
        value = str_slice(value, comma < value.n ? comma + 1 : comma, value.n);
    }
    return value.n == 0 && peer->groups_n > 0;
}

static bool copy(struct str value, char *to, size_t room)
{
    if (value.n == 0 || value.n >= room)
        return false;
    memcpy(to, value.p, value.n);
    to[value.n] = '\0';
    return true;
}

static bool take_unit(struct str value, struct peer *peer)
{
    return copy(value, peer->unit, sizeof(peer->unit));
}

/* The whole id: whether a part of it is the container of [clients] could not be told. */
static bool take_container(struct str value, struct peer *peer)
{
    for (size_t i = 0; i < value.n; i++)
        if (strchr("0123456789abcdef", value.p[i]) == NULL || value.p[i] == '\0')
            return false;
    return value.n == CONTAINER_ID_LENGTH && copy(value, peer->container, sizeof(peer->container));
}

static bool take_container_name(struct str value, struct peer *peer)
{
    return copy(value, peer->container_name, sizeof(peer->container_name));
}

static bool take_address(struct str value, struct peer *peer)
{
    peer->has_address = peer_read_address(value, peer->address);
    return peer->has_address;
}

/* ADDRESS:PORT, [ADDRESS]:PORT */
static bool take_tcp(struct str value, struct peer *peer)
{
    while (value.n > 0 && value.p[value.n - 1] != ':')
        value.n--;
    value.n -= value.n > 0;
    if (value.n > 2 && value.p[0] == '[' && value.p[value.n - 1] == ']')
        value = str_slice(value, 1, value.n - 1);
    return take_address(value, peer);
}

/* SUBJECT, or as a record has it of stunnel's client: ADDRESS PORT (SUBJECT) */
static bool take_tls(struct str value, struct peer *peer)
{
    struct str rest = value, address, port;
    struct peer found;
    uint64_t number;

    if (str_word(&rest, &address) && str_word(&rest, &port) && take_address(address, &found) &&
        str_decimal(port, 65535, &number)) {
        (void)take_address(address, peer);
        value = str_trim(rest);
        if (value.n == 0)
            return true;
        if (value.n > 2 && value.p[0] == '(' && value.p[value.n - 1] == ')')
            value = str_slice(value, 1, value.n - 1);
    }
    return copy(value, peer->tls_subject, sizeof(peer->tls_subject));
}

static const struct word {
    const char *name;
    bool (*take)(struct str value, struct peer *peer);
    const char *what;
} words[] = {
    {"pid", take_pid, "a number"},
    {"uid", take_uid, "a number: names are not looked up"},
    {"gid", take_gid, "a number: names are not looked up"},
    {"groups", take_groups, "numbers, separated by ','"},
    {"unit", take_unit, "the name of a unit, as traefik.service"},
    {"container", take_container, "all 64 digits of an id, as 'docker inspect' has it"},
    {"name", take_container_name, "the name of the container"},
    {"address", take_address, "an IPv4 or IPv6 address"},
    {"tcp", take_tcp, "an address and a port"},
    {"tls", take_tls, "a certificate's subject"},
};

enum { WORDS = sizeof(words) / sizeof(*words) };

static bool unknown(struct str name)
{
    struct nearest nearest = nearest_to(name);

    for (size_t i = 0; i < WORDS; i++)
        nearest_offer(&nearest, words[i].name);
    if (nearest.best != NULL)
        (void)command_misused("explain", "--peer: unknown '%.*s'; did you mean '%s'?",
                              STR_ARG(name), nearest.best);
    else
        (void)command_misused("explain",
                              "--peer: unknown '%.*s'; it has uid=, gid=, groups=, unit=, "
                              "container=, name=, address= and tls=",
                              STR_ARG(name));
    return false;
}

bool client_read(const char *text, struct peer *peer)
{
    struct str rest = str_of(text), one;

    *peer = (struct peer){0};
    while (str_word(&rest, &one)) {
        size_t equals = str_index(one, '='), i = 0;
        struct str name = str_slice(one, 0, equals);
        while (i < WORDS && !str_equal(name, str_of(words[i].name)))
            i++;
        if (i == WORDS || equals == one.n)
            return unknown(name);
        struct str value = str_slice(one, equals + 1, one.n);
        if (words[i].take == take_tls) {
            value = str_trim((struct str){value.p, (size_t)(rest.p + rest.n - value.p)});
            rest.n = 0;
        }
        if (!words[i].take(value, peer)) {
            (void)command_misused("explain", "--peer: %s= wants %s", words[i].name, words[i].what);
            return false;
        }
    }
    return true;
}

/* Whether of the lines of ${key}, in the policy or in one of its bases, one is ${peer}'s. */
static bool holds(const struct policy *policy, const struct client *of, const struct peer *peer)
{
    for (size_t i = 0; i < policy->clients_count; i++) {
        const struct client *client = &policy->clients[i];
        if (client->key == of->key && client->depth == of->depth && client_is(client, peer))
            return true;
    }
    return false;
}

/* The lines that leave ${peer} out; from ${i} on, the next one's place, or clients_count. */
static size_t next_that_leaves_out(const struct policy *policy, const struct peer *peer, size_t i)
{
    const struct client *before = i > 0 ? &policy->clients[i - 1] : NULL;

    for (; i < policy->clients_count; before = &policy->clients[i++]) {
        const struct client *client = &policy->clients[i];
        bool same_line =
            before != NULL && before->line == client->line && before->depth == client->depth;
        if (!same_line && !holds(policy, client, peer))
            break;
    }
    return i;
}

static const char *file_of(const struct policy *policy, const struct client *client)
{
    return client->depth == 0 ? policy->file : policy->bases[client->depth - 1];
}

void client_print(const struct policy *policy, const struct peer *peer)
{
    if (policy->clients_count == 0)
        return;
    if (peer == NULL) {
        (void)printf("client      not told: --peer says whether [clients] lets it in\n");
        return;
    }
    size_t i = next_that_leaves_out(policy, peer, 0);
    if (i == policy->clients_count)
        (void)printf("client      let in by [clients]\n");
    for (const char *before = "client      left out by  "; i < policy->clients_count;
         i = next_that_leaves_out(policy, peer, i + 1)) {
        const struct client *client = &policy->clients[i];
        (void)printf("%s%s:%u: %s\n", before, file_of(policy, client), client->line,
                     key_names[client->key]);
        before = "                         ";
    }
}

json_t *client_json(const struct policy *policy, const struct peer *peer)
{
    if (peer == NULL)
        return json_null();
    json_t *lines = json_array();
    size_t i = next_that_leaves_out(policy, peer, 0);
    bool admitted = i == policy->clients_count;
    for (; i < policy->clients_count; i = next_that_leaves_out(policy, peer, i + 1)) {
        const struct client *client = &policy->clients[i];
        (void)json_array_append_new(
            lines, json_pack("{s:s, s:i, s:s}", "file", file_of(policy, client), "line",
                             (int)client->line, "key", key_names[client->key]));
    }
    return json_pack("{s:b, s:o}", "admitted", admitted, "left_out_by", lines);
}
