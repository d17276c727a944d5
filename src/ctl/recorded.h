/* recorded.h: what recorded requests contain, and the least lines of [workload] and the like that let
 * it pass (ctl/survey.h).
 *
 * Keys that widen get just the words that were needed. Of those that narrow, which a policy need not
 * have, the images of containers and the commands of execs are told as well, as long as they are few.
 * What would give the host away (ctl/dangers.h) is proposed in comments only. */
#ifndef DSP_CTL_RECORDED_H
#define DSP_CTL_RECORDED_H

#include <jansson.h>

#include "policy/policy.h"

/* Of a key that only narrows, with more different words than this none is told. */
enum { RECORDED_NARROW_MAX = 20 };

struct recorded_request {
    char *method, *target, *body; /* no body: NULL */
    uint64_t seen;
};

struct recorded_word {
    enum policy_key key;
    char *text; /* of the policy; or a sentence, of what no word lets pass */
    uint64_t seen;
};

struct recorded {
    struct recorded_request *requests;
    size_t n;
    json_t *index; /* of requests: what they are, and which of them */
    struct recorded_word *words, *refused;
    size_t words_n, refused_n;
    bool open[KEYS];     /* of keys that narrow: too many words, or none that could be told */
    bool narrowed[KEYS]; /* each word is told */
    uint64_t bodiless;   /* requests whose body would be judged, and is not known */
};

/* Adds a request of ${method} for ${target}; ${body} is NULL when it is not known. */
void recorded_add(struct recorded *recorded, const char *method, const char *target,
                  const char *body);

/* Finds out what lets them pass that ${today} refuses; NULL: by a policy that says nothing, in the
 * name of ${name}. */
void recorded_learn(struct recorded *recorded, const struct policy *today, const char *name);

void recorded_print(const struct recorded *recorded);
void recorded_free(struct recorded *recorded);

#endif
