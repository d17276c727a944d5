/* survey.h: all that a policy says of what a request contains, where the filter stops at the first.
 *
 * The filter's own functions (inspect/inspect.h) judge the request again and again: with a policy of
 * which all that widens was taken, to which word after word is given back. What a word lets pass is
 * then known from the judgement itself; and so is which word would let pass what the policy refuses.
 * What no word can let pass is taken out of the body, so that the judgement goes on behind it. */
#ifndef DSP_CTL_SURVEY_H
#define DSP_CTL_SURVEY_H

#include "inspect/inspect.h"

/* What is judged. */
struct subject {
    const struct operation *op;
    const struct target *target;
    const struct http_fields *fields;
    struct str body;
    bool has_body; /* there is one, or there must be one */
};

/* One thing in the request that not every policy lets pass. */
struct told {
    struct finding finding; /* as the filter has it of the whole request, when it has it first */
    char *word;             /* the least that lets it pass, of the finding's key; NULL: none does */
    bool passes;            /* the policy names it */
    const char *file;       /* where, in these two; line 0: it is not known */
    unsigned line;
    char *by; /* its word there */
};

enum { SURVEY_MAX = 200 };

struct survey {
    struct told at[SURVEY_MAX];
    size_t n;
    size_t refused;    /* of these */
    const char *whole; /* why what is told may not be all; or NULL */
};

/* Judges ${subject} by ${policy}. Free ${survey} in the end; it is large. */
void survey_make(const struct policy *policy, const struct subject *subject, struct survey *survey);
void survey_free(struct survey *survey);

#endif
