/* exec.c: an exec as the engine has it on record, judged as the body that it was made of. */
#include "inspect/exec.h"

#include "inspect/fields.h"
#include "inspect/json.h"

static bool is_text(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_string(value);
}

static bool is_flag(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_boolean(value);
}

static bool is_list(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return value == NULL || json_is_null(value) || json_is_array(value);
}

/* Entrypoint and arguments are the first and the other words of the body's Cmd (moby
 * daemon/exec.go getEntrypointAndArgs()). */
static json_t *command_of(const json_t *process)
{
    json_t *list = json_array(), *arguments = json_object_get(process, "arguments");

    if (list == NULL || json_array_append(list, json_object_get(process, "entrypoint")) != 0 ||
        (json_is_array(arguments) && json_array_extend(list, arguments) != 0)) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* A body without a user is one of the container's own, which the record then has. */
static bool is_own(const json_t *user, const json_t *container)
{
    const json_t *config = json_object_get(container, "Config");

    return config != NULL && str_equal(json_str(user), json_str(json_object_get(config, "User")));
}

static json_t *body_of(const json_t *record, const json_t *container)
{
    const json_t *process = json_object_get(record, "ProcessConfig");
    json_t *user = json_object_get(process, "user");
    json_t *privileged = json_object_get(process, "privileged");
    json_t *tty = json_object_get(process, "tty");

    if (!json_is_string(json_object_get(process, "entrypoint")) || !is_text(user) ||
        !is_flag(privileged) || !is_flag(tty) || !is_list(json_object_get(process, "arguments")))
        return NULL;
    json_t *command = command_of(process), *body = json_object();
    if (command == NULL || json_object_set_new(body, "Cmd", command) != 0 ||
        (privileged != NULL && json_object_set(body, "Privileged", privileged) != 0) ||
        (tty != NULL && json_object_set(body, "Tty", tty) != 0) ||
        (user != NULL && !is_own(user, container) && json_object_set(body, "User", user) != 0)) {
        json_decref(body);
        return NULL;
    }
    return body;
}

bool exec_is_readable(const json_t *record, struct str id)
{
    json_t *body = body_of(record, NULL);
    bool readable = body != NULL && str_equal(json_str(json_object_get(record, "ID")), id);

    json_decref(body);
    return readable;
}

bool exec_judge(const json_t *record, const json_t *container, const struct policy *policy,
                struct finding *finding)
{
    struct judge j = {.policy = policy, .finding = finding, .unrestricted = KEY_X_UNRESTRICTED};
    json_t *body = body_of(record, container);

    *finding = (struct finding){.objection = OBJECT_NOT};
    j.root = body;
    (void)judge_down(&j, STR("exec"));
    bool good = body == NULL ? judge_object(&j, OBJECT_MALFORMED, (struct str){0}, "is no exec")
                             : schema_judge(&j, &type_exec_create, body);
    json_decref(body);
    return good;
}

void exec_judge_container(const struct policy *policy, struct str name, struct finding *finding)
{
    struct judge j = {.policy = policy, .finding = finding, .unrestricted = KEY_X_UNRESTRICTED};

    *finding = (struct finding){.objection = OBJECT_NOT};
    (void)judge_down(&j, STR("exec.ContainerID"));
    (void)judge_object(&j, OBJECT_NEVER, name, "no rule allows ContainerExec there");
}
