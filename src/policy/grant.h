/* grant.h: what one key of [workload] and its like says of the contents of allowed requests. */
#ifndef DSP_POLICY_GRANT_H
#define DSP_POLICY_GRANT_H

#include "base/str.h"

enum grant_kind {
    GRANT_NONE,
    GRANT_SWITCH,       /* yes or no */
    GRANT_NAMES,        /* words: `*` is any run of bytes but '/', a last `**` all that follows */
    GRANT_IMAGES,       /* the same, of references as Docker writes them in full */
    GRANT_CAPABILITIES, /* names without CAP_, or ALL */
    GRANT_NAMESPACES,   /* network pid ipc uts user cgroup */
    GRANT_PAIRS,        /* NAME, or NAME=PATTERN */
    GRANT_PATHS,        /* /absolute/path/pattern, with :OPTION behind it where the key has some */
    GRANT_NETS,         /* address ranges such as 10.0.0.0/8 */
    GRANT_PORTS,        /* [ADDRESS:]PORT[-PORT] */
    GRANT_LIMITS,       /* memory=512M cpus=1.5 pids=100 ... */
    GRANT_LINES,        /* the whole value is one pattern, with blanks */
    GRANT_ARGV,         /* the whole value is a command: a pattern for each argument */
    GRANT_BYTES,        /* a size */
    GRANT_NUMBER        /* a whole number, with its sign */
};

/* What it means that the key does not stand in the policy, and how a base's is added. */
enum grant_sense {
    GRANT_WIDENS,  /* absent: nothing; a base's is added, as its allow rules are */
    GRANT_NARROWS, /* absent: everything; the policy's and its base's must both hold */
    GRANT_REQUIRES /* absent: nothing is required; what a base requires stays required */
};

enum { GRANT_WORD_MAX = 1024 };

struct grant {
    struct grant_word {
        char *text;
        unsigned depth; /* 0: of the policy itself, 1: of its base, ... */
        unsigned line;  /* there */
    } * words;
    size_t n;
    bool on;        /* GRANT_SWITCH */
    int64_t bound;  /* GRANT_BYTES, GRANT_NUMBER */
    unsigned depth; /* whose these two are */
};

/* Why ${word}, not empty, is none of that kind, as a phrase; NULL when it is one. */
const char *grant_flaw(enum grant_kind kind, struct str word);

/* Whether one word of that kind names ${text}. */
bool grant_word_names(enum grant_kind kind, struct str word, struct str text);

/* A `NAME=VALUE` of restrict-to: "memory=512M". What they count: bytes; thousandths of a CPU;
 * things. */
enum limit_name { LIMIT_MEMORY, LIMIT_CPUS, LIMIT_PIDS, LIMIT_SHM, LIMIT_REPLICAS, LIMIT_NAMES };
bool grant_limit(struct str word, enum limit_name *name, int64_t *value);

/* A word of ports, or what a client asks for: ADDRESS may be empty, PORT 0 is one that the engine
 * chooses. */
struct port_range {
    struct str address;
    uint64_t from, to;
};
bool grant_ports(struct str word, struct port_range *range);

/* Whether the address range ${inner} ("10.0.0.7", "10.1.0.0/16") is within ${outer}. */
bool grant_net_within(struct str outer, struct str inner);

/* Cuts ":OPTION" off the end of a word of GRANT_PATHS; ${option} is empty when there is none. */
struct str grant_path_of(struct str word, struct str *option);

/* Whether the patterns of ${line} (GRANT_ARGV), one an argument, are what the ${n} arguments say; a
 * last `**` stands for any number more. */
bool grant_argv_names(struct str line, const struct str *args, size_t n);

/* Whether ${name} is what dockerd lets a volume, a container or a checkpoint be called (moby
 * daemon/names): letters, digits and, behind the first of them, '_', '.' and '-'. */
bool grant_name_is_plain(struct str name);

/* Whether ${path} is absolute and has neither "//", "." or ".." segments nor a slash at its end;
 * "/" is. */
bool grant_path_is_canonical(struct str path);

#endif
