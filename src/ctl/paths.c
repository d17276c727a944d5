#include "ctl/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/matcher.h"
#include "ctl/text.h"
#include "ctl/words.h"

/* What was read of the file so far. */
struct reading {
    struct matcher *named; /* Caddy's @name, HAProxy's acl name */
    size_t named_n;
    struct operation_set allowed;
    struct operation_index operations;
    bool mapped;    /* all of it could be mapped */
    unsigned depth; /* Caddy's blocks, and the one whose condition was told; 0: none is */
    unsigned told;
};

static struct matcher *named(struct reading *reading, struct str name, bool make)
{
    for (size_t i = 0; i < reading->named_n; i++)
        if (str_equal(str_of(reading->named[i].name), name))
            return &reading->named[i];
    if (!make)
        return NULL;
    reading->named =
        text_must(reallocarray(reading->named, reading->named_n + 1, sizeof(*reading->named)));
    reading->named[reading->named_n] = (struct matcher){.name = text_of("%.*s", STR_ARG(name))};
    return &reading->named[reading->named_n++];
}

static void print_line(const char *before, struct str line, const char *behind)
{
    (void)printf("%s", before);
    text_safely(stdout, str_trim(line));
    (void)printf("%s\n", behind);
}

/* Allows what meets all conditions; says so beside the line that they come from. */
static void allow(struct reading *reading, const struct matcher *const *matchers, size_t n,
                  struct str line)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (matchers[i]->flaw == NULL)
            continue;
        (void)printf("; not mapped, for its %s: ", matchers[i]->flaw);
        print_line("", line, "");
        reading->mapped = false;
        return;
    }
    print_line("; ", line, "");
    for (size_t i = 0; i < docker_operations_count; i++) {
        const struct operation *op = &docker_operations[i];
        if (!matchers_reach(matchers, n, op))
            continue;
        any = true;
        if (operation_set_has(&reading->allowed, i))
            continue;
        if (operation_set_add_name(&reading->allowed, &reading->operations, str_of(op->name)))
            (void)printf("allow = %s  ; %s, %s\n", op->name, access_class_name(op->access),
                         operation_words(op)->does);
    }
    if (!any)
        (void)printf(";   matches no operation of the Docker Engine API\n");
}

static void not_mapped(struct reading *reading, struct str line)
{
    reading->mapped = false;
    print_line("; not mapped: ", line, "");
}

static void begin(struct reading *reading)
{
    operation_index_make(&reading->operations);
    (void)printf("; Imported by dspctl from a list of paths: each line of it, and the operations "
                 "that it lets through.\n\n[policy]\ndescription = Imported from a list of "
                 "paths\n\n[rules]\n");
}

static int end(struct reading *reading)
{
    for (size_t i = 0; i < reading->named_n; i++)
        matcher_free(&reading->named[i]);
    free(reading->named);
    (void)printf("\n; Narrower: a path list with '*' lets more through than was meant, as a rule. "
                 "Read each line above.\n");
    return reading->mapped ? CTL_YES : CTL_NO;
}

/* One directive of a matcher: "method GET HEAD", "path /a /b", "path_regexp [name] regex". */
static void caddy_condition(struct matcher *matcher, struct str line)
{
    struct str word, kind = {0}, last = {0};

    if (!str_word(&line, &kind))
        return;
    bool method = str_equal(kind, STR("method")), path = str_equal(kind, STR("path"));
    while (str_word(&line, &word)) {
        if (str_equal(word, STR("{")) || str_equal(word, STR("}")))
            break;
        last = word;
        if (method)
            matcher_add_method(matcher, word);
        else if (path)
            matcher_add(matcher, PATH_GLOB, true, word);
    }
    if (str_equal(kind, STR("path_regexp")))
        matcher_add(matcher, PATH_REGEX, false, last);
    else if (!method && !path)
        matcher_set_flaw(matcher, "condition", kind);
}

/* A line outside of matchers: one that begins a matcher, or one that lets something through. */
static struct matcher *caddy_line(struct reading *reading, struct str line)
{
    struct str rest = line, first, second = {0};

    if (!str_word(&rest, &first))
        return NULL;
    struct str condition = rest;
    (void)str_word(&rest, &second);
    if (first.p[0] == '@') {
        struct matcher *matcher = named(reading, first, true);
        if (second.n > 0 && second.p[0] == '{')
            return matcher;
        caddy_condition(matcher, condition);
        return NULL;
    }
    bool passes = str_equal(first, STR("reverse_proxy")) || str_equal(first, STR("handle")) ||
                  str_equal(first, STR("route"));
    if (passes && second.n > 0 && second.p[0] == '@') {
        const struct matcher *matcher = named(reading, second, false);
        if (matcher != NULL)
            allow(reading, &matcher, 1, line);
        else
            not_mapped(reading, line);
    } else if (passes && second.n > 0 && second.p[0] == '/') {
        struct matcher inner = {0};
        const struct matcher *matcher = &inner;
        matcher_add(&inner, PATH_GLOB, true, second);
        allow(reading, &matcher, 1, line);
        matcher_free(&inner);
    } else if (reading->told == 0 &&
               (str_equal(first, STR("reverse_proxy")) || str_equal(first, STR("handle_path")))) {
        not_mapped(reading, line); /* all that no other line has taken; a path that is cut */
    } else if (str_equal(first, STR("respond")) || str_equal(first, STR("abort")) ||
               str_equal(first, STR("error"))) {
        print_line("; refuses, which needs no line here: ", line, "");
    }
    return NULL;
}

static bool opens_block(struct str line)
{
    return line.p[line.n - 1] == '{';
}

/* In a block of "handle @name {" what follows has that condition already. */
static void caddy_blocks(struct reading *reading, struct str line)
{
    struct str rest = line, first, second = {0};

    (void)str_word(&rest, &first);
    (void)str_word(&rest, &second);
    if (line.p[0] == '}') {
        reading->depth -= reading->depth > 0;
        reading->told = reading->told > reading->depth ? 0 : reading->told;
    } else if (opens_block(line)) {
        reading->depth++;
        if (reading->told == 0 && second.n > 0 && (second.p[0] == '@' || second.p[0] == '/'))
            reading->told = reading->depth;
    }
}

int paths_import_caddy(struct str text)
{
    struct reading reading = {.mapped = true};
    struct matcher *inside = NULL;
    struct str line;

    begin(&reading);
    while (text_line(&text, &line)) {
        struct str trimmed = str_trim(line);
        if (trimmed.n == 0 || trimmed.p[0] == '#')
            continue;
        bool was_inside = inside != NULL;
        if (inside != NULL && trimmed.p[0] == '}')
            inside = NULL;
        else if (inside != NULL)
            caddy_condition(inside, trimmed);
        else
            inside = caddy_line(&reading, trimmed);
        if (inside == NULL && !was_inside)
            caddy_blocks(&reading, trimmed);
    }
    return end(&reading);
}

/* A criterion of HAProxy, "path,url_dec -m reg -i PATTERN...": what kind of comparison it is. */
static bool haproxy_kind(struct str name, struct str match, enum path_kind *kind)
{
    static const struct {
        const char *name, *match;
        enum path_kind kind;
    } kinds[] = {
        {"path_reg", "reg", PATH_REGEX}, {"path_beg", "beg", PATH_BEGIN},
        {"path_end", "end", PATH_END},   {"path_sub", "sub", PATH_PART},
        {"path", "str", PATH_EXACT},
    };
    struct str plain = str_slice(name, 0, str_index(name, ','));

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        *kind = kinds[i].kind;
        if (match.n == 0
                ? str_equal(plain, str_of(kinds[i].name))
                : str_equal(plain, STR("path")) && str_equal(match, str_of(kinds[i].match)))
            return true;
    }
    return false;
}

static void haproxy_criterion(struct matcher *matcher, struct str words)
{
    struct str name, word, match = {0};
    bool nocase = false;
    enum path_kind kind = PATH_EXACT;

    if (!str_word(&words, &name))
        return;
    struct str rest = words;
    while (str_word(&rest, &word) && word.p[0] == '-') {
        if (str_equal(word, STR("-m")))
            (void)str_word(&rest, &match);
        nocase = nocase || str_equal(word, STR("-i"));
        words = rest;
    }
    bool method = str_equal(name, STR("method"));
    if (!method && !haproxy_kind(name, match, &kind)) {
        matcher_set_flaw(matcher, "condition", name);
        return;
    }
    while (str_word(&words, &word)) {
        if (method)
            matcher_add_method(matcher, word);
        else
            matcher_add(matcher, kind, nocase, word);
    }
}

/* One term behind "if": a name, METH_GET, or a criterion in braces. */
static const struct matcher *haproxy_term(struct reading *reading, struct str word,
                                          struct str *rest, struct matcher *inner)
{
    const struct str meth = STR("METH_");

    if (str_equal(word, STR("{"))) {
        size_t close = str_index(*rest, '}');
        while (close + 1 < rest->n && rest->p[close + 1] != ' ') /* a brace in an expression */
            close += 1 + str_index(str_slice(*rest, close + 1, rest->n), '}');
        haproxy_criterion(inner, str_slice(*rest, 0, close < rest->n ? close : rest->n));
        *rest = close < rest->n ? str_slice(*rest, close + 1, rest->n) : (struct str){0};
        return inner;
    }
    if (str_starts(word, meth)) {
        matcher_add_method(inner, str_slice(word, meth.n, word.n));
        if (str_equal(word, STR("METH_GET"))) /* HAProxy's METH_GET is HEAD as well */
            matcher_add_method(inner, STR("HEAD"));
        return inner;
    }
    const struct matcher *known = named(reading, word, false);
    if (known == NULL)
        matcher_set_flaw(inner, "condition", word);
    return known != NULL ? known : inner;
}

/* "http-request allow if TERM TERM ... or TERM ..." */
static void haproxy_allow(struct reading *reading, struct str terms, struct str line)
{
    enum { TERMS_MAX = 16 };
    struct matcher inner[TERMS_MAX] = {0};
    const struct matcher *all[TERMS_MAX];
    size_t n = 0, used = 0;
    struct str word;

    while (str_word(&terms, &word)) {
        if (str_equal(word, STR("or")) || str_equal(word, STR("||"))) {
            allow(reading, all, n, line);
            n = 0;
        } else if (used == TERMS_MAX || n == TERMS_MAX) {
            matcher_set_flaw(&inner[0], "number of conditions", word);
        } else {
            all[n++] = haproxy_term(reading, word, &terms, &inner[used++]);
        }
    }
    allow(reading, all, n, line);
    for (size_t i = 0; i < TERMS_MAX; i++)
        matcher_free(&inner[i]);
}

static void haproxy_line(struct reading *reading, struct str line)
{
    struct str rest = line, words[3] = {{0}};

    for (size_t i = 0; i < 3; i++)
        (void)str_word(&rest, &words[i]);
    if (str_equal(words[0], STR("acl")) && words[2].n == 0) {
        not_mapped(reading, line);
        return;
    }
    if (str_equal(words[0], STR("acl"))) {
        struct str criterion = {words[2].p, (size_t)(line.p + line.n - words[2].p)};
        haproxy_criterion(named(reading, words[1], true), criterion);
        return;
    }
    if (!str_equal(words[0], STR("http-request")))
        return;
    bool allows = str_equal(words[1], STR("allow")) && str_equal(words[2], STR("if"));
    bool only = str_equal(words[1], STR("deny")) && str_equal(words[2], STR("unless"));
    if (str_equal(words[1], STR("allow")) && words[2].n == 0)
        allow(reading, NULL, 0, line);
    else if (allows || only)
        haproxy_allow(reading, rest, line);
    else if (str_equal(words[1], STR("deny")) && words[2].n > 0)
        not_mapped(reading, line);
}

int paths_import_haproxy(struct str text)
{
    struct reading reading = {.mapped = true};
    struct str line;

    if (memmem(text.p, text.n, "env(CONTAINERS)", 15) != NULL)
        return command_trouble("this haproxy.cfg decides on its environment: import that, with "
                               "'docker inspect CONTAINER | dspctl import'");
    begin(&reading);
    while (text_line(&text, &line)) {
        struct str trimmed = str_trim(line);
        if (trimmed.n > 0 && trimmed.p[0] != '#')
            haproxy_line(&reading, trimmed);
    }
    return end(&reading);
}
