/* process.c: rules on what runs in a container, as whom, and with what names. */
#include "base/glob.h"
#include "inspect/checks.h"
#include "inspect/image.h"
#include "inspect/json.h"

bool check_image(struct judge *j, const struct field *field, const json_t *value)
{
    char text[GRANT_WORD_MAX];
    struct writer w = writer_over(text, sizeof(text));

    return image_named(j->policy, field->key, json_str(value), &w) ||
           judge_not_named(j, field->key, writer_view(&w));
}

/* NAME=VALUE, or NAME, which takes it out of the image's. What a variable holds is no secret of
 * dsp's to tell: the answer has the name. */
bool check_env(struct judge *j, const struct field *field, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct str one = json_str(json_array_get(value, i));
        if (!judge_names(j, field->key, str_slice(one, 0, str_index(one, '='))))
            return false;
    }
    return true;
}

enum { ARGS_MAX = 256 };

static bool names_argv(struct judge *j, enum policy_key key, const struct str *args, size_t n)
{
    return policy_names_argv(j->policy, key, args, n) ||
           judge_not_named(j, key, n == 0 ? (struct str){0} : args[0]);
}

/* Engines up to 28 take a string for a command of one word. */
bool check_argv(struct judge *j, const struct field *field, const json_t *value)
{
    struct str args[ARGS_MAX];
    size_t n = json_array_size(value);

    if (policy_grant(j->policy, field->key)->n == 0)
        return true;
    if (n > ARGS_MAX)
        return judge_object(j, OBJECT_MALFORMED, (struct str){0}, "has too many arguments");
    for (size_t i = 0; i < n; i++)
        args[i] = json_str(json_array_get(value, i));
    if (json_is_string(value))
        args[n++] = json_str(value);
    return names_argv(j, field->key, args, n);
}

/* ["NONE"] takes the image's check away; "CMD" and "CMD-SHELL" are words of the pattern. */
bool check_healthcheck(struct judge *j, const struct field *field, const json_t *value)
{
    if (str_equal(json_str(json_array_get(value, 0)), STR("NONE")))
        return true;
    return check_argv(j, field, value);
}

/* What stands before the words of a CMD-SHELL (moby daemon/health.go getShell()): another command than
 * the one that was named. Absent it is this one. */
bool check_shell(struct judge *j, const struct field *field, const json_t *value)
{
    return policy_grant(j->policy, field->key)->n == 0 ||
           (json_array_size(value) == 2 &&
            str_equal(json_str(json_array_get(value, 0)), STR("/bin/sh")) &&
            str_equal(json_str(json_array_get(value, 1)), STR("-c"))) ||
           judge_not_named(j, field->key, json_str(json_array_get(value, 0)));
}

bool check_user(struct judge *j, const struct field *field, const json_t *value)
{
    return judge_names(j, field->key, json_str(value));
}

/* runc before 1.1.12 could be led out of the container by /proc/self/fd (CVE-2024-21626). */
bool check_working_dir(struct judge *j, const struct field *field, const json_t *value)
{
    static const char *const kernels[] = {"/proc", "/sys", "/dev"};
    struct str path = json_str(value);

    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    if (!grant_path_is_canonical(path))
        return judge_object(j, OBJECT_MALFORMED, path,
                            "is no absolute path without '//', '.' and '..'");
    if (policy_grant(j->policy, field->key)->n > 0)
        return judge_names(j, field->key, path);
    for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
        struct str kernel = str_of(kernels[i]);
        if (str_starts(path, kernel) && (path.n == kernel.n || path.p[kernel.n] == '/'))
            return judge_not_named(j, field->key, path);
    }
    return true;
}

bool check_tty(struct judge *j, const struct field *field, const json_t *value)
{
    (void)value;
    return j->policy->key_lines[field->key] == 0 || judge_switch(j, field->key);
}

static void lower_case(struct str text, char lower[GRANT_WORD_MAX])
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
}

/* Programs that obey labels do not all mind their case, and what is in a name they choose: here `*`
 * stands for '/' too, as it does in a deny. */
static bool label_is_forbidden(const struct judge *j, const struct field *field, struct str name)
{
    const struct grant *grant = policy_grant(j->policy, field->key);
    char lower[2][GRANT_WORD_MAX];

    for (size_t i = 0; i < grant->n; i++) {
        struct str word = str_of(grant->words[i].text);
        lower_case(word, lower[0]);
        lower_case(name, lower[1]);
        if (glob_matches((struct str){lower[0], word.n}, (struct str){lower[1], name.n}))
            return true;
    }
    return false;
}

bool check_labels(struct judge *j, const struct field *field, const json_t *value)
{
    const char *name;
    json_t *text;

    if (policy_grant(j->policy, field->key)->n == 0)
        return true;
    json_object_foreach((json_t *)value, name, text)
    {
        if (str_of(name).n > GRANT_WORD_MAX)
            return judge_object(j, OBJECT_MALFORMED, str_of(name),
                                "is too long for a label's name");
        if (!label_is_forbidden(j, field, str_of(name)))
            continue;
        judge_requires(j, field->key, NULL, "is to be without this label");
        return judge_add_value(j, str_of(name));
    }
    return true;
}

/* The engine joins it to a path. */
bool check_checkpoint(struct judge *j, const struct field *field, const json_t *value)
{
    (void)field;
    return grant_name_is_plain(json_str(value)) ||
           judge_object(j, OBJECT_MALFORMED, json_str(value), "is no plain name");
}

bool check_privilege(struct judge *j, const json_t *privilege)
{
    const json_t *values = json_object_get(privilege, "Value");
    struct str name = json_str(json_object_get(privilege, "Name"));

    for (size_t i = 0; i < json_array_size(values); i++)
        if (!judge_names_pair(j, KEY_P_PRIVILEGES, name, json_str(json_array_get(values, i))))
            return false;
    return json_array_size(values) > 0 || judge_names(j, KEY_P_PRIVILEGES, name);
}
