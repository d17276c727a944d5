#include "inspect/inspect.h"

#include <string.h>

#include "inspect/fields.h"
#include "inspect/json.h"
#include "inspect/same.h"

enum form {
    FORM_OBJECT,
    FORM_PRIVILEGES, /* a list of objects */
    FORM_SETTINGS    /* a list of strings */
};

/* Which type the body of an operation is, and the key that lets it pass unread. An operation that
 * takes JSON and is no row here is refused: see inspect_body(). */
static const struct body {
    const char *operation;
    const struct type *type;
    enum policy_key unrestricted;
    enum inspect_need need;
    enum form form;
} bodies[] = {
    /* clang-format off */
    {"ContainerCreate", &type_container_create, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ContainerUpdate", &type_container_update, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ContainerStart", &type_nothing, KEY_W_UNRESTRICTED, INSPECT_IF_ANY, FORM_OBJECT},
    {"ContainerExec", &type_exec_create, KEY_X_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ExecStart", &type_exec_start, KEY_X_UNRESTRICTED, INSPECT_IF_ANY, FORM_OBJECT},
    {"CheckpointCreate", &type_checkpoint, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ImageCommit", &type_container_config, KEY_W_UNRESTRICTED, INSPECT_IF_ANY, FORM_OBJECT},
    {"ServiceCreate", &type_service, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ServiceUpdate", &type_service, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"VolumeCreate", &type_volume_create, KEY_V_UNRESTRICTED, INSPECT_IF_ANY, FORM_OBJECT},
    {"VolumeUpdate", &type_volume_update, KEY_V_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"NetworkCreate", &type_network_create, KEY_N_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"NetworkConnect", &type_network_connect, KEY_N_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"NetworkDisconnect", &type_network_disconnect, KEY_N_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SwarmInit", &type_swarm_init, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SwarmJoin", &type_swarm_join, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SwarmUpdate", &type_swarm_spec, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SwarmUnlock", &type_swarm_unlock, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"NodeUpdate", &type_node, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SecretCreate", &type_secret, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"SecretUpdate", &type_secret, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ConfigCreate", &type_config, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"ConfigUpdate", &type_config, KEY_S_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    {"PluginPull", &type_plugin_privilege, KEY_P_UNRESTRICTED, INSPECT_IF_ANY, FORM_PRIVILEGES},
    {"PluginUpgrade", &type_plugin_privilege, KEY_P_UNRESTRICTED, INSPECT_IF_ANY, FORM_PRIVILEGES},
    {"PluginSet", NULL, KEY_P_UNRESTRICTED, INSPECT_REQUIRED, FORM_SETTINGS},
    {"SystemAuth", &type_auth, KEY_W_UNRESTRICTED, INSPECT_REQUIRED, FORM_OBJECT},
    /* clang-format on */
};

static const struct body *body_of(const struct operation *op)
{
    for (size_t i = 0; op != NULL && i < sizeof(bodies) / sizeof(*bodies); i++)
        if (strcmp(bodies[i].operation, op->name) == 0)
            return &bodies[i];
    return NULL;
}

const struct type *inspect_body_type(const struct operation *op)
{
    const struct body *body = body_of(op);

    return body != NULL && body->form == FORM_OBJECT ? body->type : NULL;
}

enum inspect_need inspect_need(const struct operation *op, const struct policy *policy)
{
    const struct body *body = body_of(op);

    if (policy_grant(policy, KEY_W_UNRESTRICTED)->on)
        return INSPECT_NOT;
    if (body == NULL)
        return op != NULL && op->content == CONTENT_JSON ? INSPECT_IF_ANY : INSPECT_NOT;
    return policy_grant(policy, body->unrestricted)->on ? INSPECT_NOT : body->need;
}

static bool judge_array(struct judge *j, const struct body *body, const json_t *value)
{
    bool good = true;

    if (json_is_null(value))
        return true;
    if (!json_is_array(value))
        return judge_object(j, OBJECT_TYPE, (struct str){0}, "is no list");
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        const json_t *element = json_array_get(value, i);
        size_t mark = judge_down_at(j, i);
        if (body->form == FORM_PRIVILEGES)
            good = schema_judge(j, body->type, element);
        else
            good = json_is_string(element)
                       ? judge_names(j, KEY_P_SETTINGS, json_str(element))
                       : judge_object(j, OBJECT_TYPE, (struct str){0}, "is no string");
        judge_up(j, mark);
    }
    return good;
}

/* Judges what ${text} holds, with ${before} or NULL. */
static bool judge_text(struct judge *j, const struct body *body, struct str text,
                       const struct predecessor *before)
{
    const char *flaw = NULL;
    json_t *value = json_read(text.n == 0 ? STR("null") : text, &flaw);

    if (value == NULL)
        return judge_object(j, OBJECT_NOT_JSON, (struct str){0}, flaw);
    if (json_is_null(value) &&
        body->form == FORM_OBJECT) { /* what it stands for, as one without fields */
        json_decref(value);
        value = json_object();
    }
    j->root = value;
    j->before = before == NULL ? NULL : before->body;
    bool good = body->form == FORM_OBJECT ? schema_judge(j, body->type, value)
                                          : judge_array(j, body, value);
    if (good && before != NULL && body->type == &type_container_create)
        good = same_container(j, value, before);
    json_decref(value);
    return good;
}

static struct judge begin(const struct operation *op, const struct target *target,
                          const struct policy *policy, struct finding *finding)
{
    const struct body *body = body_of(op);

    *finding = (struct finding){.objection = OBJECT_NOT};
    return (struct judge){
        .policy = policy,
        .op = op,
        .target = target,
        .finding = finding,
        .unrestricted = body == NULL ? KEY_W_UNRESTRICTED : body->unrestricted,
    };
}

bool inspect_body(const struct operation *op, const struct target *target, struct str text,
                  const struct policy *policy, struct finding *finding)
{
    struct judge j = begin(op, target, policy, finding);

    if (body_of(op) == NULL)
        return judge_object(&j, OBJECT_UNKNOWN, (struct str){0}, NULL);
    return judge_text(&j, body_of(op), text, NULL);
}

bool inspect_again(const struct operation *op, const struct target *target, struct str text,
                   const struct policy *policy, const struct predecessor *before,
                   struct finding *finding)
{
    struct judge j = begin(op, target, policy, finding);

    return judge_text(&j, body_of(op), text, before);
}

static bool key_is_set(const struct policy *policy, enum policy_key key)
{
    return policy->key_lines[key] != 0;
}

/* "(no [workload] binds)" */
static void describe_key(const struct policy *policy, const struct finding *finding,
                         struct writer *w)
{
    writer_text(w, finding->objection == OBJECT_REQUIRED ? " ("
                   : key_is_set(policy, finding->key)    ? " (not in "
                                                         : " (no ");
    policy_key_write(finding->key, w);
    writer_char(w, ')');
}

static void describe_field(const struct finding *finding, struct writer *w)
{
    bool whole = finding->field[0] == '\0';

    switch (finding->where) {
    case FOUND_IN_BODY:
        writer_text(w, whole ? "the body" : finding->field);
        return;
    case FOUND_IN_QUERY:
        writer_text(w, whole ? "the query" : "the parameter ");
        break;
    case FOUND_IN_HEAD:
        writer_text(w, "the head's ");
        break;
    case FOUND_IN_PATH:
        writer_text(w, "the name");
        break;
    case FOUND_IN_OPERATION:
        writer_text(w, finding->operation);
        return;
    }
    if (finding->where != FOUND_IN_PATH)
        writer_text(w, finding->field);
    writer_text(w, " of ");
    writer_text(w, finding->operation);
}

static void describe_what(const struct finding *finding, struct writer *w)
{
    describe_field(finding, w);
    if (finding->value[0] == '\0')
        return;
    writer_text(w, " '");
    writer_text(w, finding->value);
    writer_char(w, '\'');
}

void inspect_describe(const struct policy *policy, const struct finding *finding, struct writer *w)
{
    if (finding->objection == OBJECT_NOT_JSON) {
        writer_text(w, finding->says);
        return;
    }
    describe_what(finding, w);
    writer_char(w, ' ');
    switch (finding->objection) {
    case OBJECT_UNKNOWN:
        writer_text(w, finding->where == FOUND_IN_BODY ? "is no field that dsp knows, and is"
                                                       : "is none that dsp knows, and is");
        break;
    case OBJECT_MISSPELLED:
        writer_text(w, finding->where == FOUND_IN_BODY
                           ? "is not spelled as the field that dockerd would take it for, and is"
                           : "is not spelled as the engine has it, and is");
        break;
    case OBJECT_TYPE:
    case OBJECT_MALFORMED:
        writer_text(w, finding->says);
        return;
    case OBJECT_REQUIRED:
        writer_text(w, finding->says);
        writer_text(w, ", asks policy ");
        break;
    case OBJECT_NEVER:
    case OBJECT_NOT_NAMED:
    case OBJECT_NOT:
    case OBJECT_NOT_JSON:
        writer_text(w, "is");
        break;
    }
    if (finding->objection != OBJECT_REQUIRED)
        writer_text(w, " not allowed by policy ");
    writer_text(w, policy->name);
    describe_key(policy, finding, w);
    if (finding->objection != OBJECT_REQUIRED && finding->says != NULL) {
        writer_text(w, "; ");
        writer_text(w, finding->says);
    }
}
