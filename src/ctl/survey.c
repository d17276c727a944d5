#include "ctl/survey.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/place.h"
#include "ctl/scratch.h"
#include "ctl/spell.h"
#include "ctl/text.h"
#include "inspect/json.h"
#include "policy/load.h"

/* A survey under way. */
struct way {
    const struct policy *policy;
    const struct subject *subject;
    struct survey *survey;
    struct scratch scratch;
    json_t *root; /* the body, as far as it was not taken out; NULL: it was not changed */
    char *text;   /* the same as bytes */
    struct places places;
    bool head_done; /* something in the head cannot be passed */
};

static bool judge(const struct way *way, struct finding *finding)
{
    const struct subject *s = way->subject;
    struct str body = way->text == NULL ? s->body : str_of(way->text);

    if (!way->head_done &&
        !inspect_head(s->op, s->target, s->fields, &way->scratch.policy, finding))
        return false;
    *finding = (struct finding){.objection = OBJECT_NOT};
    return !s->has_body || inspect_need(s->op, &way->scratch.policy) == INSPECT_NOT ||
           inspect_body(s->op, s->target, body, &way->scratch.policy, finding);
}

static bool same(const struct finding *a, const struct finding *b)
{
    return a->objection == b->objection && a->where == b->where && a->key == b->key &&
           strcmp(a->field, b->field) == 0 && strcmp(a->value, b->value) == 0;
}

/* Whether the judgement now goes on behind ${finding}. */
static bool is_past(const struct way *way, const struct finding *finding)
{
    struct finding next;

    return judge(way, &next) || !same(finding, &next);
}

/* Whether the policy's words [from, to), and ${more} when it is not empty, let it pass; the scratch
 * is as before then. */
static bool own_pass(struct way *way, const struct finding *finding, size_t from, size_t to,
                     struct str more)
{
    struct scratch_mark mark = scratch_now(&way->scratch, finding->key);

    scratch_add_own(&way->scratch, way->policy, finding->key, from, to);
    bool past = (more.n == 0 || scratch_add(&way->scratch, finding->key, more, false)) &&
                is_past(way, finding);
    scratch_restore(&way->scratch, finding->key, mark);
    return past;
}

static const char *file_of(const struct policy *policy, unsigned depth)
{
    return depth == 0 || depth > policy->bases_count ? policy->file : policy->bases[depth - 1];
}

static char *value_of_key(const struct policy *policy, enum policy_key key)
{
    const struct grant *grant = policy_grant(policy, key);

    return policy_keys[key].kind == GRANT_SWITCH ? text_of("%s", grant->on ? "yes" : "no")
                                                 : text_of("%lld", (long long)grant->bound);
}

/* Whether each of them could do without the others: none is of a base that narrows. */
static bool is_of_one_file(const struct grant *grant)
{
    for (size_t i = 1; i < grant->n; i++)
        if (grant->words[i].depth != grant->words[0].depth)
            return false;
    return true;
}

/* The policy's own word that lets it pass: the halves of them are tried. */
static size_t find_word(struct way *way, const struct finding *finding, const struct grant *grant)
{
    size_t from = 0, to = grant->n;

    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (own_pass(way, finding, from, middle, (struct str){0}))
            to = middle;
        else
            from = middle;
    }
    return from;
}

/* Whether the policy lets it pass, and by which of its words. */
static void find_own(struct way *way, struct told *told, const struct finding *finding)
{
    const struct grant *grant = policy_grant(way->policy, finding->key);
    bool alone = policy_keys[finding->key].sense == GRANT_WIDENS || is_of_one_file(grant);

    told->passes = way->policy->key_lines[finding->key] > 0 &&
                   own_pass(way, finding, 0, grant->n, (struct str){0});
    if (!told->passes)
        return;
    told->file = file_of(way->policy, grant->depth);
    told->line = way->policy->key_lines[finding->key];
    if (grant->n == 0) {
        told->by = value_of_key(way->policy, finding->key);
    } else if (alone) {
        const struct grant_word *word = &grant->words[find_word(way, finding, grant)];
        told->file = file_of(way->policy, word->depth);
        told->line = word->line;
        told->by = text_of("%s", word->text);
    } else {
        told->by = text_of("its words and its bases'");
    }
}

static json_t *root_of(struct way *way)
{
    const char *flaw;

    if (way->root == NULL && way->subject->body.n > 0)
        way->root = json_read(way->subject->body, &flaw);
    return way->root;
}

/* Gives the least word that lets it pass. What the policy itself would need is a word more; what the
 * bases narrow it cannot widen. */
static bool give_least(struct way *way, struct told *told, const struct finding *finding)
{
    size_t own = policy_grant(way->policy, finding->key)->n;
    struct spellings spellings;
    bool past = false;
    json_t *value =
        finding->where == FOUND_IN_BODY ? place_find(root_of(way), str_of(finding->field)) : NULL;

    spell(finding, value, &spellings);
    for (size_t i = 0; i < spellings.n && !past; i++) {
        struct str word = str_of(spellings.at[i]);
        struct scratch_mark mark = scratch_now(&way->scratch, finding->key);
        if (!told->passes && told->word == NULL && own_pass(way, finding, 0, own, word))
            told->word = text_of("%s", spellings.at[i]);
        past = scratch_add(&way->scratch, finding->key, word, true) && is_past(way, finding);
        if (!past)
            scratch_restore(&way->scratch, finding->key, mark);
    }
    spell_free(&spellings);
    return past;
}

static const char *const wide_reason =
    "where the least word could not be told all that its key can name was passed over";

/* Where no single word does: all that the key can name, or nothing of what it asks. */
static bool give_all(struct way *way, const struct finding *finding)
{
    const char *all = spell_all(finding->key);

    if (policy_keys[finding->key].sense != GRANT_WIDENS)
        scratch_clear(&way->scratch, finding->key);
    else if (all == NULL || !scratch_add(&way->scratch, finding->key, str_of(all), true))
        return false;
    way->survey->whole = wide_reason;
    return is_past(way, finding);
}

/* What a policy requires: its words one after the other, or the key. */
static bool lift(struct way *way, const struct finding *finding)
{
    while (policy_grant(&way->scratch.policy, finding->key)->n > 0) {
        scratch_drop(&way->scratch, finding->key, 0);
        if (is_past(way, finding))
            return true;
    }
    scratch_clear(&way->scratch, finding->key);
    return is_past(way, finding);
}

/* Whether the judgement now speaks of something else than ${told}, of which ${taken} was taken. */
static bool is_past_place(const struct way *way, const struct told *told,
                          const struct finding *finding, enum place_taken taken)
{
    struct finding next;
    char field[sizeof(next.field)];

    if (judge(way, &next))
        return true;
    places_original(&way->places, str_of(next.field), field, sizeof(field));
    return taken == PLACE_ELEMENTS ? !same(&next, finding)
                                   : strcmp(field, told->finding.field) != 0;
}

/* What no word lets pass goes out of the body. */
static bool take_out(struct way *way, const struct told *told, const struct finding *finding)
{
    bool past = false;

    for (int around = 0; around < 2 && !past && root_of(way) != NULL; around++) {
        enum place_taken taken = places_take(&way->places, way->root, str_of(finding->field),
                                             str_of(finding->value), around > 0);
        if (taken == PLACE_NONE)
            break;
        if (taken == PLACE_AROUND)
            way->survey->whole = "what stands beside something malformed was not looked at";
        free(way->text);
        way->text = text_must(json_dumps(way->root, JSON_COMPACT | JSON_ENCODE_ANY));
        past = is_past_place(way, told, finding, taken);
    }
    return past;
}

/* Makes the judgement go on behind ${finding}. */
static bool pass(struct way *way, struct told *told, const struct finding *finding)
{
    bool named = finding->objection == OBJECT_NOT_NAMED;

    if ((named && give_least(way, told, finding)) ||
        (finding->objection == OBJECT_REQUIRED && lift(way, finding)))
        return true;
    if (finding->objection == OBJECT_NOT_JSON)
        return false;
    if (finding->where == FOUND_IN_BODY && take_out(way, told, finding))
        return true;
    if (named && give_all(way, finding))
        return true;
    if (finding->where == FOUND_IN_BODY)
        return false;
    way->survey->whole = "what else is in the query and the head was not looked at";
    way->head_done = true;
    return true;
}

/* Tells of ${finding}. Returns false when the judgement ends there. */
static bool tell(struct way *way, const struct finding *finding)
{
    struct told *told = &way->survey->at[way->survey->n++];

    *told = (struct told){.finding = *finding};
    places_original(&way->places, str_of(finding->field), told->finding.field,
                    sizeof(told->finding.field));
    if (finding->objection == OBJECT_NOT_NAMED)
        find_own(way, told, finding);
    way->survey->refused += !told->passes;
    return pass(way, told, finding);
}

void survey_make(const struct policy *policy, const struct subject *subject, struct survey *survey)
{
    struct way way = {.policy = policy, .subject = subject, .survey = survey};
    struct finding finding;

    *survey = (struct survey){0};
    scratch_init(&way.scratch, policy, true);
    while (!judge(&way, &finding)) {
        if (survey->n == SURVEY_MAX) {
            survey->whole = "there is more: no more than 200 things are told";
            break;
        }
        if (!tell(&way, &finding)) {
            survey->whole = "what stands behind the last of these was not looked at";
            break;
        }
    }
    scratch_free(&way.scratch);
    places_free(&way.places);
    json_decref(way.root);
    free(way.text);
}

void survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->n; i++) {
        free(survey->at[i].word);
        free(survey->at[i].by);
    }
    *survey = (struct survey){0};
}
