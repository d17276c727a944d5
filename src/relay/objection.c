#include "relay/objection.h"

#include <stdio.h>

/* Adds to a record's text what is printable already. */
static void note(struct record_text *text, const char *what)
{
    struct writer w = writer_over(text->p, sizeof(text->p));

    w.n = text->n;
    writer_text(&w, "; ");
    writer_text(&w, what);
    text->n = w.n;
}

void objection_pass(const char *why, struct record *record)
{
    note(&record->rule, why);
    record->verdict = VERDICT_WOULD_DENY;
}

unsigned objection_raise(const struct policy *policy, const struct finding *finding,
                         struct record *record, char *message)
{
    bool no_policy = finding->objection == OBJECT_NOT_JSON || finding->objection == OBJECT_TYPE;
    char what[OBJECTION_MAX - 8];
    struct writer w = writer_over(what, sizeof(what) - 1);

    inspect_describe(policy, finding, &w);
    what[w.n] = '\0';
    note(&record->rule, what);
    (void)snprintf(message, OBJECTION_MAX, "dsp: %s", what);
    if (policy->mode == POLICY_AUDIT) {
        record->verdict = VERDICT_WOULD_DENY;
        return 0;
    }
    record->verdict = no_policy ? VERDICT_REFUSED : VERDICT_DENIED;
    return no_policy ? 400 : 403;
}
