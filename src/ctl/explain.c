#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/asked.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/level.h"
#include "ctl/survey.h"
#include "ctl/text.h"
#include "ctl/told.h"
#include "ctl/words.h"
#include "http/head.h"
#include "log/record.h"

/* The flags, as in the command's row. */
enum { JSON, BODY, PEER };

/* A larger body than any level takes for one that is judged. */
enum { BODY_READ_MAX = 1 << 30 };

/* A body that was given, and what there is to say of it. */
struct given {
    char *bytes; /* NULL: none */
    size_t n;
    struct survey *survey; /* NULL: it is not judged */
};

static enum verdict verdict_of(const struct judgement *j)
{
    if (j->status == 403)
        return VERDICT_DENIED;
    if (j->status != 200)
        return VERDICT_REFUSED;
    return j->decision.allowed && j->objection[0] == '\0' ? VERDICT_ALLOWED : VERDICT_WOULD_DENY;
}

static void print_place(const struct level *level, const struct rule *rule)
{
    (void)printf("%s", rule->file != NULL ? rule->file : level->policy.file);
    if (rule->line > 0)
        (void)printf(":%u", rule->line);
    (void)printf(": ");
    text_safely(stdout, str_of(rule->text));
}

/* What dsp writes into its record, word for word. */
static void print_decision(const struct level *level, const struct judgement *j)
{
    char text[4096];
    struct writer w = writer_over(text, sizeof(text));

    policy_describe(&level->policy, &j->decision, &w);
    if (j->objection[0] != '\0')
        writer_text(&w, "; ");
    writer_text(&w, j->objection);
    (void)printf("decided by  %.*s\n", STR_ARG(writer_view(&w)));
}

static void print_verdict(const struct level *level, const struct judgement *j)
{
    static const char *const words[] = {
        [VERDICT_ALLOWED] = "allowed",
        [VERDICT_DENIED] = "denied",
        [VERDICT_WOULD_DENY] = "would be denied, but passes (mode = audit)",
        [VERDICT_REFUSED] = "refused",
        [VERDICT_FAILED] = "failed",
    };

    (void)printf("verdict     %s", words[verdict_of(j)]);
    if (j->status != 200)
        (void)printf(", answered %u", j->status);
    if (j->reason != NULL && j->reason != j->objection)
        (void)printf(": %s", j->reason);
    (void)putchar('\n');
    if (j->asked)
        print_decision(level, j);
}

static void print_matches(const struct level *level, const struct judgement *j)
{
    bool any = false;

    for (size_t i = 0; i < level->policy.rules_count; i++) {
        const struct rule *rule = &level->policy.rules[i];
        if (!level_rule_matches(level, rule, j))
            continue;
        (void)printf("%s", any ? "            " : "matched by  ");
        any = true;
        print_place(level, rule);
        (void)printf(rule == j->decision.rule ? "  <- decides\n" : "\n");
    }
}

static void print_hint(const struct level *level, const struct judgement *j)
{
    if (j->decision.allowed || !j->asked || j->decision.rule != NULL || j->op == NULL)
        return;
    (void)printf("to allow it [rules] of %s needs: allow = %s\n", level->policy.file, j->op->name);
}

/* What of the filter's judgement is not in what is told. */
static void print_rest(const struct level *level, const struct judgement *j,
                       const struct given *given)
{
    enum inspect_need need =
        j->op == NULL || !j->asked ? INSPECT_NOT : inspect_need(j->op, &level->policy);
    bool create = need != INSPECT_NOT && strcmp(j->op->name, "ContainerCreate") == 0;

    if (need == INSPECT_NOT && given->bytes != NULL)
        (void)printf("body        is not looked into\n");
    else if (need != INSPECT_NOT && given->bytes == NULL && j->status == 200)
        (void)printf("body        is judged, too: give it with --body=FILE\n");
    if (create && policy_grant(&level->policy, KEY_W_RECREATE)->on)
        (void)printf("recreate    what a container of its name has passes as well; no engine is "
                     "asked here\n");
    if (need != INSPECT_NOT && strcmp(j->op->name, "ExecStart") == 0)
        (void)printf("exec        what the engine has on record of it is judged, too; no engine is "
                     "asked here\n");
}

static void print_text(const struct level *level, const struct judgement *j,
                       const struct peer *peer, const struct given *given)
{
    (void)printf("request     ");
    text_safely(stdout, j->request.method_name);
    (void)putchar(' ');
    text_safely(stdout, j->request.target);
    (void)printf("\noperation   ");
    if (j->op != NULL)
        (void)printf("%s (%s, %s): %s\n", j->op->name, j->op->section,
                     access_class_name(j->op->access), operation_words(j->op)->does);
    else
        (void)printf(j->asked ? "none of the Docker Engine API\n" : "not looked at\n");
    client_print(&level->policy, peer);
    print_verdict(level, j);
    print_matches(level, j);
    print_hint(level, j);
    if (given->survey != NULL)
        told_print(&level->policy, given->survey);
    print_rest(level, j, given);
}

static json_t *rule_json(const struct level *level, const struct rule *rule)
{
    if (rule == NULL)
        return json_null();
    json_t *object =
        json_pack("{s:s}", "file", rule->file != NULL ? rule->file : level->policy.file);
    (void)json_object_set_new(object, "line", json_integer(rule->line));
    (void)json_object_set_new(object, "text", json_string(rule->text));
    return object;
}

static void print_json(const struct level *level, const struct judgement *j,
                       const struct peer *peer, const struct given *given)
{
    json_t *matched = json_array();
    json_t *object = json_pack("{s:s, s:i}", "verdict", record_verdict_name(verdict_of(j)),
                               "status", (int)j->status);

    for (size_t i = 0; i < level->policy.rules_count; i++)
        if (level_rule_matches(level, &level->policy.rules[i], j))
            (void)json_array_append_new(matched, rule_json(level, &level->policy.rules[i]));
    (void)json_object_set_new(object, "operation",
                              j->op != NULL ? json_string(j->op->name) : json_null());
    (void)json_object_set_new(object, "client", client_json(&level->policy, peer));
    (void)json_object_set_new(object, "reason",
                              j->reason != NULL ? json_string(j->reason) : json_null());
    (void)json_object_set_new(object, "rule", rule_json(level, j->decision.rule));
    (void)json_object_set_new(object, "matched", matched);
    (void)json_object_set_new(object, "contents",
                              given->survey != NULL ? told_json(&level->policy, given->survey)
                                                    : json_null());
    (void)json_dumpf(object, stdout, JSON_INDENT(2));
    (void)putchar('\n');
    json_decref(object);
}

/* [clients] comes before all else: nothing of a stranger's request is looked at. */
static void leave_out(struct judgement *j)
{
    j->status = 403;
    j->reason = "this client may not use this socket ([clients])";
    j->asked = false;
    j->decision = (struct decision){0};
}

/* All that the policy says of what an allowed operation contains. */
static void look_into(const struct level *level, const struct judgement *j, struct given *given)
{
    static struct survey survey; /* too large for a stack */
    const struct subject subject = {
        .op = j->op,
        .target = &j->target,
        .fields = &j->request.fields,
        .body = {given->bytes, given->n},
        .has_body = given->n > 0,
    };
    bool judged = j->status == 200 || j->objection[0] != '\0';

    if (j->op == NULL || !j->asked || !judged)
        return;
    survey_make(&level->policy, &subject, &survey);
    given->survey = &survey;
}

/* Judges a whole head; what is behind it does not belong to the request. */
static int explain_head(const struct level *level, struct str head, const struct args *args,
                        const struct peer *peer, struct given *given)
{
    static struct judgement judgement; /* too large for a stack */
    size_t checked = 0, length = 0;

    /* As relay/intake.c does, before a head is parsed at all. */
    if (head_scan(head, &checked, &length) != HEAD_COMPLETE || length > HTTP_HEAD_MAX) {
        judgement.status = 400;
        judgement.reason = "malformed request head";
    } else {
        level_judge(level, str_slice(head, 0, length), &judgement);
        if (given->bytes != NULL)
            level_judge_body(level, (struct str){given->bytes, given->n}, &judgement);
        look_into(level, &judgement, given);
    }
    if (peer != NULL && !policy_admits(&level->policy, peer)) {
        leave_out(&judgement);
        given->survey = NULL;
    }
    if (args->flags[JSON] != NULL)
        print_json(level, &judgement, peer, given);
    else
        print_text(level, &judgement, peer, given);
    if (given->survey != NULL)
        survey_free(given->survey);
    return judgement.status == 200 ? CTL_YES : CTL_NO;
}

int explain_run(const struct args *args)
{
    static struct peer peer;
    struct level level;
    const char *why = NULL, *told = args->flags[PEER], *file = args->flags[BODY];
    struct given given = {0};
    int status = CTL_TROUBLE;

    if (told != NULL && !client_read(told, &peer))
        return EX_USAGE;
    if (file != NULL && !text_read_file(file, BODY_READ_MAX, &given.bytes, &given.n))
        return CTL_TROUBLE;
    char *head = asked_head(args->words + 1, args->n - 1, file == NULL ? -1 : (long)given.n, &why);
    if (head == NULL)
        status = command_misused("explain", "%s", why);
    else if (level_load(args->words[0], &level) == 0)
        status = explain_head(&level, str_of(head), args, told == NULL ? NULL : &peer, &given);
    else
        level_print_errors(&level);
    if (head != NULL)
        level_free(&level);
    free(head);
    free(given.bytes);
    return status;
}
