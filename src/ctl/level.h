/* level.h: a policy as dspctl's commands look at it.
 *
 * All that dspctl wants of the policy language goes through here. It asks the filter's own
 * policy_decide() and never judges by itself, so that its answers are the filter's. */
#ifndef DSP_CTL_LEVEL_H
#define DSP_CTL_LEVEL_H

#include "http/request.h"
#include "policy/policy.h"

/* Of an operation's requests, those that a policy lets through. */
enum reach {
    REACH_NONE,
    REACH_PART, /* only some paths, or some values in the query */
    REACH_WHOLE
};

struct level {
    struct policy policy; /* good for its name and file only when there are errors */
    struct policy_error *errors;
    size_t errors_count;
    enum reach reach[OPERATIONS_MAX]; /* by the operation's row */
};

/* Reads the policy ${name} names: a file where it holds a slash or ends in ".ini", else the policy
 * of that level, as the filter finds it. Returns 0, or -1 with the errors. Free it in either case. */
int level_load(const char *name, struct level *level);
void level_free(struct level *level);

/* Prints the errors, a line each: "FILE:LINE: TEXT". */
void level_print_errors(const struct level *level);

enum reach level_reach(const struct level *level, const struct operation *op);

/* Whether a rule speaks of some request of ${op}: allows or denies it in part or as a whole. */
enum reach rule_reach(const struct level *level, const struct rule *rule,
                      const struct operation *op);

/* Whether both say the same of ${op}, in the same words. */
bool level_same_rules(const struct level *a, const struct level *b, const struct operation *op);

/* A request, judged. Views and pointers lead into ${head} and the level. */
struct judgement {
    struct request request;
    struct target target;
    const struct operation *op; /* or NULL */
    bool asked;                 /* the policy was: there is a decision */
    struct decision decision;
    unsigned status;    /* 200 where dsp forwards it; else what dsp answers */
    const char *reason; /* of a refusal that is not the rules', or NULL */
    /* What an allowed request may not contain (inspect/inspect.h); empty for nothing. */
    char objection[1024];
};

/* Judges a request as the filter does (relay/turn.c), from its head on. */
void level_judge(const struct level *level, struct str head, struct judgement *judgement);

/* Judges its ${body} as well, of type JSON as its head says, which must have been found good. What
 * the engine is asked for on the way is left out: recreate, and the record of an exec that is to start. */
void level_judge_body(const struct level *level, struct str body, struct judgement *judgement);

/* Whether ${rule}, on its own, matches what was judged. */
bool level_rule_matches(const struct level *level, const struct rule *rule,
                        const struct judgement *judgement);

#endif
