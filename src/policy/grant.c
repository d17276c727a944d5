#include "policy/grant.h"

#include "base/utf8.h"
#include "policy/clients.h"
#include "policy/pattern.h"

bool grant_name_is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (i > 0 && str_index(STR("_.-"), c) < 3)))
            return false;
    }
    return name.n > 0;
}

bool grant_path_is_canonical(struct str path)
{
    if (str_equal(path, STR("/")))
        return true;
    if (path.n == 0 || path.p[0] != '/')
        return false;
    while (path.n > 0) {
        struct str segment = path_cut_segment(&path);
        if (segment.n == 0 || str_equal(segment, STR(".")) || str_equal(segment, STR("..")))
            return false;
    }
    return true;
}

struct str grant_path_of(struct str word, struct str *option)
{
    size_t colon = str_index(word, ':');

    *option = str_slice(word, colon < word.n ? colon + 1 : colon, word.n);
    return str_slice(word, 0, colon);
}

static bool option_is_known(struct str option)
{
    for (size_t i = 0; i < option.n; i++)
        if (str_index(STR("rwmo"), option.p[i]) == 4)
            return false;
    return option.n <= 3;
}

static const char *path_flaw(struct str word)
{
    struct str option, path = grant_path_of(word, &option);

    if (!grant_path_is_canonical(path))
        return "a path is absolute, without '//', '.', '..' or a '/' at its end";
    if (!option_is_known(option) || (option.n == 0 && path.n < word.n))
        return "behind ':' stands ro (a bind), or some of rwm (a device)";
    return NULL;
}

/* Reads "10.0.0.0/8" or an address. IPv4 as in IPv6. */
static bool read_net(struct str word, unsigned char address[16], unsigned *prefix)
{
    size_t slash = str_index(word, '/');
    struct str text = str_slice(word, 0, slash);
    bool v4 = str_index(text, ':') == text.n;
    uint64_t bits = v4 ? 32 : 128;

    if (!peer_read_address(text, address) ||
        (slash < word.n && !str_decimal(str_slice(word, slash + 1, word.n), bits, &bits)))
        return false;
    *prefix = (unsigned)bits + (v4 ? 96 : 0);
    return true;
}

bool grant_net_within(struct str outer, struct str inner)
{
    unsigned char a[16], b[16];
    unsigned outer_prefix, inner_prefix;
    bool v4 = str_index(outer, ':') == outer.n, inner_v4 = str_index(inner, ':') == inner.n;

    if (v4 != inner_v4 || !read_net(outer, a, &outer_prefix) ||
        !read_net(inner, b, &inner_prefix) || inner_prefix < outer_prefix)
        return false;
    for (unsigned bit = 0; bit < outer_prefix; bit++)
        if (((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

bool grant_ports(struct str word, struct port_range *range)
{
    size_t colon = word.n;

    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == ':')
            colon = i;
    struct str ports = str_slice(word, colon < word.n ? colon + 1 : 0, word.n);
    size_t dash = str_index(ports, '-');
    range->address = str_slice(word, 0, colon < word.n ? colon : 0);
    if (range->address.n > 2 && range->address.p[0] == '[' &&
        range->address.p[range->address.n - 1] == ']')
        range->address = str_slice(range->address, 1, range->address.n - 1);
    if (!str_decimal(str_slice(ports, 0, dash), 65535, &range->from))
        return false;
    range->to = range->from;
    return dash == ports.n ||
           (str_decimal(str_slice(ports, dash + 1, ports.n), 65535, &range->to) &&
            range->from <= range->to);
}

static bool port_word_names(struct str word, struct str text)
{
    struct port_range has, wants;

    return grant_ports(word, &has) && grant_ports(text, &wants) &&
           (has.address.n == 0 || str_equal(has.address, wants.address)) &&
           has.from <= wants.from && wants.to <= has.to;
}

static const char *port_flaw(struct str word)
{
    struct port_range range;
    unsigned char address[16];

    if (!grant_ports(word, &range) ||
        (range.address.n > 0 && !peer_read_address(range.address, address)))
        return "ports are 8080, 8000-8999, 127.0.0.1:8080, [::1]:8080; 0 is any that the engine "
               "chooses";
    return NULL;
}

static const char *capability_flaw(struct str word)
{
    for (size_t i = 0; i < word.n; i++)
        if (!((word.p[i] >= 'A' && word.p[i] <= 'Z') || word.p[i] == '_'))
            return "capabilities are upper case, such as NET_ADMIN, or ALL";
    return str_starts(word, STR("CAP_")) ? "leave out CAP_" : NULL;
}

static const char *pair_flaw(struct str word)
{
    return str_index(word, '=') == 0 ? "NAME or NAME=PATTERN" : NULL;
}

/* Tags and digests that a pattern does not name are all named. */
static bool image_word_names(struct str word, struct str text)
{
    size_t last = 0, end = 0;

    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '/')
            last = i;
    struct str tail = str_slice(word, last, word.n);
    if (str_index(tail, ':') < tail.n || str_index(tail, '@') < tail.n)
        return pattern_allows_text(word, text);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '/')
            end = i;
    while (end < text.n && text.p[end] != ':' && text.p[end] != '@')
        end++;
    return pattern_allows_text(word, str_slice(text, 0, end));
}

/* Requests are compared in full, so a pattern that is not would never match. */
static const char *image_flaw(struct str word)
{
    size_t slash = str_index(word, '/');
    struct str host = str_slice(word, 0, slash);

    if (slash == word.n && (str_starts(word, STR("sha256:")) || str_equal(word, STR("**"))))
        return NULL;
    if (slash == word.n || (str_index(host, '.') == host.n && str_index(host, ':') == host.n &&
                            str_index(host, '*') == host.n && !str_equal(host, STR("localhost"))))
        return "images are written in full, such as docker.io/library/nginx:*";
    return NULL;
}

static const char *argv_flaw(struct str line)
{
    struct str word;
    bool rest = false;

    while (str_word(&line, &word)) {
        if (rest)
            return "'**' can only be the last word of a command";
        rest = str_equal(word, STR("**"));
    }
    return NULL;
}

const char *grant_flaw(enum grant_kind kind, struct str word)
{
    enum limit_name name;
    unsigned char address[16];
    unsigned prefix;
    int64_t value;

    if (!utf8_is_clean(word))
        return "not UTF-8";
    if (kind != GRANT_LINES && kind != GRANT_ARGV && word.p[word.n - 1] == ',')
        return "values are separated by blanks, without ','";
    switch (kind) {
    case GRANT_IMAGES:
        return image_flaw(word);
    case GRANT_CAPABILITIES:
        return capability_flaw(word);
    case GRANT_NAMESPACES:
        return str_is_one_of(word, "network pid ipc uts user cgroup")
                   ? NULL
                   : "namespaces are network, pid, ipc, uts, user, cgroup";
    case GRANT_PAIRS:
        return pair_flaw(word);
    case GRANT_PATHS:
        return path_flaw(word);
    case GRANT_NETS:
        return read_net(word, address, &prefix) ? NULL : "no network such as 172.18.0.0/16";
    case GRANT_PORTS:
        return port_flaw(word);
    case GRANT_LIMITS:
        return grant_limit(word, &name, &value)
                   ? NULL
                   : "limits are memory=512M, cpus=1.5, pids=100, shm=64M, replicas=3";
    case GRANT_ARGV:
        return argv_flaw(word);
    case GRANT_NONE:
    case GRANT_SWITCH:
    case GRANT_NAMES:
    case GRANT_LINES:
    case GRANT_BYTES:
    case GRANT_NUMBER:
        break;
    }
    return NULL;
}

bool grant_argv_names(struct str line, const struct str *args, size_t n)
{
    struct str word;
    size_t i = 0;

    while (str_word(&line, &word)) {
        if (str_equal(word, STR("**")))
            return true;
        if (i == n || !pattern_allows_text(word, args[i++]))
            return false;
    }
    return i == n;
}

/* ${word} is NAME, which stands for any value, or NAME=PATTERN; ${text} is NAME=VALUE. */
static bool pair_word_names(struct str word, struct str text)
{
    size_t equals = str_index(word, '='), at = str_index(text, '=');

    if (!pattern_allows_text(str_slice(word, 0, equals), str_slice(text, 0, at)))
        return false;
    if (equals == word.n)
        return true;
    return at < text.n && pattern_allows_text(str_slice(word, equals + 1, word.n),
                                              str_slice(text, at + 1, text.n));
}

/* "ENTRYPOINT **": behind a blank `**` is all that follows, whatever it is. */
static bool line_word_names(struct str word, struct str text)
{
    struct str rest = STR(" **");
    size_t from = word.n > rest.n ? word.n - rest.n : 0;

    if (from > 0 && str_equal(str_slice(word, from, word.n), rest) &&
        str_index(str_slice(word, 0, from), '*') == from)
        return text.n > from + 1 && str_starts(text, str_slice(word, 0, from + 1));
    return pattern_allows_text(word, text);
}

bool grant_word_names(enum grant_kind kind, struct str word, struct str text)
{
    struct str option;

    switch (kind) {
    case GRANT_IMAGES:
        return image_word_names(word, text);
    case GRANT_NAMES:
        return pattern_allows_text(word, text);
    case GRANT_LINES:
        return line_word_names(word, text);
    case GRANT_CAPABILITIES:
        return str_equal(word, STR("ALL")) || str_equal(word, text);
    case GRANT_NAMESPACES:
        return str_equal(word, text);
    case GRANT_PAIRS:
        return pair_word_names(word, text);
    case GRANT_PATHS:
        return pattern_allows_text(grant_path_of(word, &option), text);
    case GRANT_NETS:
        return grant_net_within(word, text);
    case GRANT_PORTS:
        return port_word_names(word, text);
    case GRANT_NONE:
    case GRANT_SWITCH:
    case GRANT_LIMITS:
    case GRANT_ARGV:
    case GRANT_BYTES:
    case GRANT_NUMBER:
        break;
    }
    return false;
}
