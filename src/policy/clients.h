/* clients.h: [clients], who may use a level.
 *
 * Of each key that stands in a file, one value must be the peer's; all keys must hold, in the file
 * and in each of its bases. What is not known of a peer is nobody's. */
#ifndef DSP_POLICY_CLIENTS_H
#define DSP_POLICY_CLIENTS_H

#include "base/writer.h"

enum client_key {
    CLIENT_UID,
    CLIENT_GID,
    CLIENT_UNIT,
    CLIENT_CONTAINER,
    CLIENT_ADDRESS,
    CLIENT_TLS_SUBJECT,
    CLIENT_KEYS
};

struct client {
    enum client_key key;
    unsigned line;         /* in its file */
    unsigned depth;        /* 0: of the policy itself, 1: of its base, ... */
    uint32_t id;           /* CLIENT_UID, CLIENT_GID */
    unsigned char net[16]; /* CLIENT_ADDRESS; IPv4 as ::ffff:a.b.c.d */
    unsigned prefix;       /* of 128 bits */
    char *text;            /* the others: a pattern, or the beginning of an id */
    bool by_name;          /* CLIENT_CONTAINER: a pattern for its name */
};

enum { PEER_GROUPS_MAX = 64, CONTAINER_ID_LENGTH = 64 };

/* Who is at the other end, as far as it is known. */
struct peer {
    bool has_credentials; /* SO_PEERCRED */
    uint32_t uid, gid;
    uint32_t groups[PEER_GROUPS_MAX]; /* supplementary ones */
    size_t groups_n;
    bool has_address;
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    char unit[256];            /* of the system's manager; empty: not known */
    char container[CONTAINER_ID_LENGTH + 1];
    char container_name[256]; /* as the engine tells it, where a policy lets dsp ask */
    char tls_subject[512];
};

/* Whether one value of [clients] is the peer's. */
bool client_is(const struct client *client, const struct peer *peer);

/* Reads the text of a /proc/PID/cgroup: the unit, and the container's id. */
void peer_read_cgroup(struct peer *peer, struct str text);

/* Reads an IPv4 or IPv6 address, without a zone. */
bool peer_read_address(struct str text, unsigned char address[16]);

#endif
