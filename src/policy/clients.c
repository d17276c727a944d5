#include "policy/clients.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/glob.h"
#include "policy/load.h"

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const unsigned char address[16])
{
    return memcmp(address, mapped, sizeof(mapped)) == 0;
}

bool peer_read_address(struct str text, unsigned char address[16])
{
    char copy[INET6_ADDRSTRLEN];

    if (text.n == 0 || text.n >= sizeof(copy) || str_index(text, '\0') < text.n)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (inet_pton(AF_INET6, copy, address) == 1)
        return true;
    memcpy(address, mapped, sizeof(mapped));
    return inet_pton(AF_INET, copy, address + sizeof(mapped)) == 1;
}

static bool in_net(const struct client *client, const unsigned char address[16])
{
    unsigned whole = client->prefix / 8, bits = client->prefix % 8;

    /* A short IPv6 prefix does not mean the IPv4 addresses that are written in its space. */
    if (is_v4(address) && client->prefix < 96)
        return false;
    if (memcmp(client->net, address, whole) != 0)
        return false;
    return bits == 0 || (client->net[whole] ^ address[whole]) >> (8 - bits) == 0;
}

static bool has_group(const struct peer *peer, uint32_t gid)
{
    bool has = peer->gid == gid;

    for (size_t i = 0; i < peer->groups_n; i++)
        has = has || peer->groups[i] == gid;
    return peer->has_credentials && has;
}

bool client_is(const struct client *client, const struct peer *peer)
{
    switch (client->key) {
    case CLIENT_UID:
        return peer->has_credentials && peer->uid == client->id;
    case CLIENT_GID:
        return has_group(peer, client->id);
    case CLIENT_UNIT:
        return peer->unit[0] != '\0' && glob_matches(str_of(client->text), str_of(peer->unit));
    case CLIENT_CONTAINER:
        if (client->by_name)
            return peer->container_name[0] != '\0' &&
                   glob_matches(str_of(client->text), str_of(peer->container_name));
        return peer->container[0] != '\0' &&
               str_starts(str_of(peer->container), str_of(client->text));
    case CLIENT_ADDRESS:
        return peer->has_address && in_net(client, peer->address);
    case CLIENT_TLS_SUBJECT:
        return peer->tls_subject[0] != '\0' &&
               glob_matches(str_of(client->text), str_of(peer->tls_subject));
    case CLIENT_KEYS:
        break;
    }
    return false;
}

bool policy_admits(const struct policy *policy, const struct peer *peer)
{
    bool asked[POLICY_BASES_MAX + 1][CLIENT_KEYS] = {0},
                                  held[POLICY_BASES_MAX + 1][CLIENT_KEYS] = {0};

    for (size_t i = 0; i < policy->clients_count; i++) {
        const struct client *client = &policy->clients[i];
        asked[client->depth][client->key] = true;
        held[client->depth][client->key] |= client_is(client, peer);
    }
    return memcmp(asked, held, sizeof(asked)) == 0;
}

bool policy_needs_peer_process(const struct policy *policy)
{
    for (size_t i = 0; i < policy->clients_count; i++)
        if (policy->clients[i].key == CLIENT_UNIT || policy->clients[i].key == CLIENT_CONTAINER)
            return true;
    return false;
}

static bool ends(struct str s, const char *with)
{
    struct str tail = str_of(with);

    return s.n > tail.n && str_equal(str_slice(s, s.n - tail.n, s.n), tail);
}

static bool is_unit(struct str s)
{
    return ends(s, ".service") || ends(s, ".scope") || ends(s, ".socket") || ends(s, ".mount") ||
           ends(s, ".swap");
}

static bool is_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return s.n == CONTAINER_ID_LENGTH;
}

/* "docker-ID.scope" of Docker with systemd's cgroups, "libpod-ID.scope" of Podman. */
static struct str id_of_scope(struct str scope)
{
    static const char *const engines[] = {"docker-", "libpod-"};
    struct str tail = STR(".scope");

    for (size_t i = 0; ends(scope, ".scope") && i < 2; i++)
        if (str_starts(scope, str_of(engines[i])))
            return str_slice(scope, str_of(engines[i]).n, scope.n - tail.n);
    return (struct str){0};
}

static void store(char *to, size_t room, struct str s)
{
    size_t n = s.n < room ? s.n : 0; /* a name that was cut would be another one */

    memcpy(to, s.p, n);
    to[n] = '\0';
}

/* The first unit below the slices is one that the system's manager has made; what lies below that
 * can be named by whoever owns it, as "docker-ID.scope" of a user's manager. */
static void read_path(struct peer *peer, struct str path)
{
    bool docker = false;

    while (path.n > 1) {
        struct str part = path_cut_segment(&path), id = part;
        if (ends(part, ".slice"))
            continue;
        if (part.n > 1 && part.p[0] == '_')
            part = str_slice(part, 1, part.n); /* how systemd escapes */
        if (is_unit(part)) {
            store(peer->unit, sizeof(peer->unit), part);
            id = id_of_scope(part);
        } else if (!docker && str_equal(part, STR("docker"))) {
            docker = true;
            continue; /* Docker without systemd's cgroups: /docker/ID */
        } else if (!docker) {
            return;
        }
        if (is_id(id))
            store(peer->container, sizeof(peer->container), id);
        return;
    }
}

void peer_read_cgroup(struct peer *peer, struct str text)
{
    peer->unit[0] = peer->container[0] = '\0';
    while (text.n > 0) {
        size_t end = str_index(text, '\n');
        struct str line = str_slice(text, 0, end);
        text = str_slice(text, end < text.n ? end + 1 : end, text.n);
        if (str_starts(line, STR("0::/")) && str_index(line, '\0') == line.n) {
            read_path(peer, str_slice(line, 3, line.n));
            return;
        }
    }
}

/* Calls ${take} for each word of ${value}. */
static bool each(struct loader *loader, struct str value, enum client_key key,
                 bool (*take)(struct loader *loader, struct str word, struct client *client))
{
    struct str word;
    bool good = true;

    while (str_word(&value, &word)) {
        struct client client = {.key = key, .line = loader->line};
        if (take(loader, word, &client))
            *load_add_client(loader->policy) = client;
        else
            good = false;
    }
    return good;
}

static bool take_id(struct loader *loader, struct str word, struct client *client)
{
    uint64_t id;

    if (!str_decimal(word, UINT32_MAX - 1, &id))
        return load_fail(loader, "'%.*s' is no number of a user or group: names are not looked up",
                         STR_ARG(word));
    client->id = (uint32_t)id;
    return true;
}

static bool take_unit(struct loader *loader, struct str word, struct client *client)
{
    if (!is_unit(word))
        return load_fail(loader, "'%.*s' is no unit such as traefik.service", STR_ARG(word));
    client->text = load_copy(word);
    return true;
}

/* moby daemon/names: [a-zA-Z0-9][a-zA-Z0-9_.-]+; here with '*'. */
static bool is_container_name(struct str word)
{
    bool good = word.n > 1;

    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        good =
            good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '*' || (i > 0 && (c == '_' || c == '.' || c == '-')));
    }
    return good;
}

static bool take_container(struct loader *loader, struct str word, struct client *client)
{
    bool hex = word.n >= 12 && word.n <= CONTAINER_ID_LENGTH;

    for (size_t i = 0; i < word.n; i++)
        hex = hex &&
              ((word.p[i] >= '0' && word.p[i] <= '9') || (word.p[i] >= 'a' && word.p[i] <= 'f'));
    if (!hex && !is_container_name(word))
        return load_fail(loader,
                         "'%.*s' is neither a container's id, 12 to 64 of 0-9 and a-f, nor a "
                         "name",
                         STR_ARG(word));
    if (!hex && loader->name_line == 0)
        loader->name_line = loader->line;
    client->by_name = !hex;
    client->text = load_copy(word);
    return true;
}

bool load_ask_engine(struct loader *loader, struct str value)
{
    loader->ask_engine = str_equal(value, STR("yes"));
    return loader->ask_engine || str_equal(value, STR("no")) ||
           load_fail(loader, "ask-engine is yes or no, not '%.*s'", STR_ARG(value));
}

bool load_check_names(struct loader *loader)
{
    if (loader->name_line == 0 || loader->ask_engine)
        return true;
    loader->line = loader->name_line;
    return load_fail(loader,
                     "a container's name is known to the engine alone: 'ask-engine = yes' lets "
                     "dsp ask it. Whoever may rename containers can take a name; an id is safer");
}

bool policy_needs_peer_name(const struct policy *policy)
{
    bool any = false;

    for (size_t i = 0; i < policy->clients_count; i++)
        any = any || policy->clients[i].by_name;
    return any;
}

static bool take_net(struct loader *loader, struct str word, struct client *client)
{
    size_t slash = str_index(word, '/');
    struct str address = str_slice(word, 0, slash);
    bool v4 = str_index(address, ':') == address.n;
    uint64_t prefix = v4 ? 32 : 128;

    if (!peer_read_address(address, client->net) ||
        (slash < word.n && !str_decimal(str_slice(word, slash + 1, word.n), prefix, &prefix)))
        return load_fail(loader,
                         "'%.*s' is no address or network such as 172.18.0.0/16 or fd00::/8",
                         STR_ARG(word));
    client->prefix = (unsigned)prefix + (v4 ? 96 : 0);
    for (unsigned bit = client->prefix; bit < 128; bit++)
        if ((client->net[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return load_fail(loader, "'%.*s' has bits behind its prefix", STR_ARG(word));
    return true;
}

bool load_uids(struct loader *loader, struct str value)
{
    return each(loader, value, CLIENT_UID, take_id);
}

bool load_gids(struct loader *loader, struct str value)
{
    return each(loader, value, CLIENT_GID, take_id);
}

bool load_units(struct loader *loader, struct str value)
{
    return each(loader, value, CLIENT_UNIT, take_unit);
}

bool load_containers(struct loader *loader, struct str value)
{
    return each(loader, value, CLIENT_CONTAINER, take_container);
}

bool load_addresses(struct loader *loader, struct str value)
{
    return each(loader, value, CLIENT_ADDRESS, take_net);
}

/* The whole value: a subject has blanks. */
bool load_tls_subject(struct loader *loader, struct str value)
{
    *load_add_client(loader->policy) =
        (struct client){.key = CLIENT_TLS_SUBJECT, .line = loader->line, .text = load_copy(value)};
    return true;
}
