#include "ctl/learned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/text.h"
#include "ctl/values.h"
#include "ctl/words.h"
#include "http/grammar.h"
#include "policy/pattern.h"

void learned_init(struct learned *learned, const char *name, const struct level *today, bool add)
{
    *learned = (struct learned){
        .name = name, .today = today, .add = add, .conditions = values_are_supported()};
}

static void free_rules(struct learned_operation *one)
{
    for (size_t i = 0; i < one->n; i++)
        free(one->rules[i]);
    one->n = 0;
}

void learned_free(struct learned *learned)
{
    for (size_t i = 0; i < OPERATIONS_MAX; i++)
        free_rules(&learned->operations[i]);
    for (size_t i = 0; i < learned->others_n; i++)
        free(learned->others[i].text);
    free(learned->others);
    recorded_free(&learned->contents);
    *learned = (struct learned){0};
}

static void allow_whole(struct learned_operation *one)
{
    free_rules(one);
    one->whole = true;
}

/* Takes ${rule} over. */
static void add_rule(struct learned_operation *one, char *rule)
{
    bool known = one->whole;

    for (size_t i = 0; i < one->n && !known; i++)
        known = strcmp(one->rules[i], rule) == 0;
    if (!known && one->n < LEARNED_RULES_MAX) {
        one->rules[one->n++] = rule;
        return;
    }
    free(rule);
    if (!known)
        allow_whole(one);
}

static bool all_of(struct str s, const char *set)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr(set, s.p[i]) == NULL)
            return false;
    return s.n > 0;
}

/* Ids: of containers and images (hexadecimal; a beginning of one has a digit in it, as a rule), a
 * digest, and swarm's (25 of base 36, moby/swarmkit identity/randomid.go). */
static bool is_id(struct str name)
{
    static const char hex[] = "0123456789abcdef";
    static const char base36[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    bool digit = false;

    for (size_t i = 0; i < name.n; i++)
        digit = digit || (name.p[i] >= '0' && name.p[i] <= '9');
    if (str_starts(name, STR("sha256:")) || (name.n == 25 && all_of(name, base36)))
        return true;
    return all_of(name, hex) && (name.n >= 12 || (name.n >= 4 && digit));
}

/* What names of Docker's are made of. A blank would begin another rule. */
static bool is_plain(struct str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (!http_is_unreserved(path.p[i]) && strchr("/:@+", path.p[i]) == NULL)
            return false;
    return true;
}

/* Whether the path may stand in a rule in place of the operation: every name in it is a name, and
 * a pattern can spell it. */
static bool is_nameable(const struct operation *op, const struct target *target)
{
    struct str joined[TARGET_SEGMENTS_MAX], template = str_of(op->path);
    size_t n = operation_segments(op, target, joined);
    bool named = false;

    for (size_t i = 0; i < n; i++) {
        struct str part = path_cut_segment(&template);
        if (part.n == 0 || part.p[0] != '{')
            continue;
        named = true;
        if (is_id(joined[i]))
            return false;
    }
    return named && is_plain(target->path) && pattern_flaw(target->path) == NULL;
}

static void add_other(struct learned *learned, const char *method, struct str path)
{
    char *text = text_of("%s %.*s", method, STR_ARG(path));

    /* Anybody can ask for as many as he likes. */
    for (size_t i = 0; i < learned->others_n; i++) {
        if (strcmp(learned->others[i].text, text) == 0) {
            learned->others[i].seen++;
            free(text);
            return;
        }
    }
    if (learned->others_n == LEARNED_OTHERS_MAX) {
        learned->others_more++;
        free(text);
        return;
    }
    learned->others =
        text_must(reallocarray(learned->others, learned->others_n + 1, sizeof(*learned->others)));
    learned->others[learned->others_n++] = (struct learned_other){text, 1};
}

/* A HEAD that shows no more than nothing goes with its GET, which clients fall back to. */
static size_t row_of(const struct operation *op)
{
    for (size_t i = 0;
         op->method == METHOD_HEAD && op->access == ACCESS_READ && i < docker_operations_count; i++)
        if (docker_operations[i].method == METHOD_GET &&
            strcmp(docker_operations[i].path, op->path) == 0)
            return i;
    return (size_t)(op - docker_operations);
}

/* Today's verdict on it. */
static bool refused_today(const struct learned *learned, const struct seen *seen)
{
    static struct judgement judgement;
    char *head = text_of("%s %s HTTP/1.1\r\nHost: d\r\n\r\n", seen->method, seen->target);

    level_judge(learned->today, str_of(head), &judgement);
    free(head);
    return judgement.asked && !judgement.decision.allowed;
}

/* Whether a rule names the things that the operation may be used on. What only shows is allowed as
 * a whole: a program that lists things looks at each of them sooner or later. */
static bool goes_by_name(const struct operation *op, const struct target *target)
{
    return op->access != ACCESS_READ && op->access != ACCESS_SENSITIVE && is_nameable(op, target);
}

static void add_operation(struct learned *learned, const struct operation *op,
                          const struct target *target, const struct seen *seen)
{
    struct learned_operation *one = &learned->operations[row_of(op)];
    bool named = goes_by_name(op, target);
    char *condition = values_condition(op, target->query);
    bool conditional = learned->conditions && condition != NULL && condition[0] != '\0';
    const char *mark = conditional ? " ? " : "", *behind = conditional ? condition : "";

    one->seen++;
    one->refused += strcmp(seen->verdict, "denied") == 0;
    if (named)
        add_rule(one, text_of("%s %.*s%s%s", http_method_name(op->method), STR_ARG(target->path),
                              mark, behind));
    else if (conditional)
        add_rule(one, text_of("%s%s%s", op->name, mark, behind));
    else
        allow_whole(one);
    free(condition);
}

void learned_add(struct learned *learned, const struct seen *seen, const char *body, uint64_t usec)
{
    static struct target target;
    enum http_method method = http_method_of(str_of(seen->method));

    learned->requests++;
    if (usec > 0 && (learned->first == 0 || usec < learned->first))
        learned->first = usec;
    learned->last = usec > learned->last ? usec : learned->last;
    if (method == METHOD_OTHER || target_parse(str_of(seen->target), &target).status != 0) {
        learned->malformed++;
        return;
    }
    recorded_add(&learned->contents, seen->method, seen->target, body);
    if (learned->add && !refused_today(learned, seen)) {
        learned->passed_over++;
        return;
    }
    const struct operation *op = operation_resolve(method, &target);
    if (op == NULL)
        add_other(learned, seen->method, target.path);
    else
        add_operation(learned, op, &target, seen);
}

static void print_time(uint64_t usec)
{
    const time_t seconds = (time_t)(usec / 1000000);
    struct tm tm;
    char text[32];

    (void)localtime_r(&seconds, &tm);
    (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
    (void)printf("%s", text);
}

static void print_header(const struct learned *learned)
{
    (void)printf("; Learned by dspctl from %llu requests of level %s",
                 (unsigned long long)learned->requests, learned->name);
    if (learned->first > 0) {
        (void)printf(", ");
        print_time(learned->first);
        (void)printf(" to ");
        print_time(learned->last);
    }
    (void)printf(".\n; Whatever was asked for is allowed here, by whomever it was asked: read it "
                 "before you use it.\n");
    if (learned->malformed > 0)
        (void)printf("; Malformed requests, left out: %llu\n",
                     (unsigned long long)learned->malformed);
    if (learned->other_levels > 0)
        (void)printf("; Records of other levels, left out: %llu\n",
                     (unsigned long long)learned->other_levels);
    if (learned->other_lines > 0)
        (void)printf("; Lines without a request, left out: %llu\n",
                     (unsigned long long)learned->other_lines);
    if (learned->add)
        (void)printf("; Requests that today's policy allows, left out: %llu\n",
                     (unsigned long long)learned->passed_over);
}

static void print_settings(const struct learned *learned)
{
    (void)printf("\n[policy]\ndescription = %s, learned\n", learned->name);
    if (learned->today != NULL && strcmp(learned->today->policy.socket, "/run/docker.sock") != 0)
        (void)printf("socket = %s\n", learned->today->policy.socket);
}

static void print_operation(const struct operation *op, const struct learned_operation *one)
{
    const char *risk = operation_words(op)->risk;

    (void)printf("; %s: seen %llu", operation_words(op)->does, (unsigned long long)one->seen);
    if (one->refused > 0)
        (void)printf(", of which %llu refused", (unsigned long long)one->refused);
    (void)putchar('\n');
    if (risk != NULL)
        (void)printf("; Beware (%s): %s\n", access_class_name(op->access), risk);
    if (one->whole)
        (void)printf("allow = %s\n", op->name);
    for (size_t i = 0; i < one->n; i++)
        (void)printf("allow = %s\n", one->rules[i]);
}

static bool printed_before(const struct learned *learned, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(docker_operations[i].name, docker_operations[row].name) == 0 &&
            learned->operations[i].whole)
            return true;
    return false;
}

/* By their class: what only shows comes first, what can take the host last. */
static void print_operations(const struct learned *learned)
{
    for (int access = ACCESS_READ; access <= ACCESS_ROOT; access++)
        for (size_t i = 0; i < docker_operations_count; i++)
            if ((int)docker_operations[i].access == access && learned->operations[i].seen > 0 &&
                !printed_before(learned, i))
                print_operation(&docker_operations[i], &learned->operations[i]);
}

static void print_others(const struct learned *learned)
{
    if (learned->others_n == 0)
        return;
    (void)printf(
        "\n; No operations of the Docker Engine API, and so not allowed here. dsp does not "
        "know what they do.\n");
    for (size_t i = 0; i < learned->others_n; i++) {
        (void)printf("; seen %llu: allow = ", (unsigned long long)learned->others[i].seen);
        text_safely(stdout, str_of(learned->others[i].text));
        (void)putchar('\n');
    }
    if (learned->others_more > 0)
        (void)printf("; and %llu requests for other paths\n",
                     (unsigned long long)learned->others_more);
}

/* Without today's policy, or beside what that lets pass. */
static void print_contents(struct learned *learned)
{
    recorded_learn(&learned->contents, learned->add ? &learned->today->policy : NULL,
                   learned->name);
    recorded_print(&learned->contents);
}

void learned_print(struct learned *learned)
{
    print_header(learned);
    if (!learned->add)
        print_settings(learned);
    (void)printf("\n[rules]\n");
    print_operations(learned);
    print_others(learned);
    print_contents(learned);
}
