#include "relay/exec.h"

#include "inspect/exec.h"
#include "inspect/json.h"
#include "relay/question.h"

static const char unreadable[] = "the Docker engine does not tell what this exec runs";

/* Whether the user that the record has is nobody but the container's own. */
static bool judge_with_container(struct session *s, const struct target *target,
                                 const json_t *record, struct finding *finding)
{
    struct str id = json_str(json_object_get(record, "ContainerID"));
    unsigned status;

    if (id.n == 0)
        return false;
    json_t *container = question_ask(s, target, "containers", id, &status);
    bool good = container != NULL && str_equal(json_str(json_object_get(container, "Id")), id) &&
                exec_judge(record, container, s->policy, finding);
    json_decref(container);
    return good;
}

/* What the rules say of ContainerExec in the container that is called so. */
static struct decision decide_in(const struct session *s, struct str name)
{
    char text[TARGET_PATH_MAX];
    struct writer w = writer_over(text, sizeof(text));
    struct target target;

    writer_text(&w, "/containers/");
    writer_str(&w, name);
    writer_text(&w, "/exec");
    if (name.n == 0 || w.overflow || target_parse(writer_view(&w), &target).status != 0)
        return (struct decision){.allowed = false};
    return policy_decide(s->policy, METHOD_POST, &target, operation_resolve(METHOD_POST, &target));
}

static bool is_deny(struct decision decision)
{
    return decision.rule != NULL && decision.rule->deny;
}

/* Whether the exec could have been made here: whoever made it made it in a container, and where rules
 * have paths this is to be one of those, by its id or by its name; and by neither one that is denied. */
static bool in_allowed_container(struct session *s, const struct target *target,
                                 const json_t *record, struct finding *finding)
{
    struct str id = json_str(json_object_get(record, "ContainerID"));
    unsigned status;

    if (!policy_narrows_exec(s->policy))
        return true;
    json_t *container = id.n == 0 ? NULL : question_ask(s, target, "containers", id, &status);
    struct str name = json_str(json_object_get(container, "Name"));
    if (str_starts(name, STR("/")))
        name = str_slice(name, 1, name.n);
    struct decision by_id = decide_in(s, id), by_name = decide_in(s, name);
    bool good = container != NULL && str_equal(json_str(json_object_get(container, "Id")), id) &&
                !is_deny(by_id) && !is_deny(by_name) && (by_id.allowed || by_name.allowed);
    if (!good)
        exec_judge_container(s->policy, name.n > 0 ? name : id, finding);
    json_decref(container);
    return good;
}

bool exec_may_start(struct session *s, const struct operation *op, const struct target *target,
                    struct finding *finding, struct refusal *no)
{
    struct str segments[TARGET_SEGMENTS_MAX] = {0};
    unsigned status = 0;

    *no = (struct refusal){0};
    *finding = (struct finding){.objection = OBJECT_NOT};
    (void)operation_segments(op, target, segments);
    json_t *record = question_ask(s, target, "exec", segments[1], &status);
    if (record == NULL || !exec_is_readable(record, segments[1])) {
        *no = (struct refusal){status == 404 || status == 409 ? status : 502, unreadable};
        if (status == 0)
            *no = (struct refusal){503, s->engine_error != NULL
                                            ? s->engine_error
                                            : "the Docker engine closed the connection"};
        json_decref(record);
        return false;
    }
    bool good = exec_judge(record, NULL, s->policy, finding) ||
                (finding->objection == OBJECT_NOT_NAMED && finding->key == KEY_X_USERS &&
                 judge_with_container(s, target, record, finding));
    good = good && in_allowed_container(s, target, record, finding);
    json_decref(record);
    return good;
}
