/* operation.c: the operations and how requests resolve to them (docker/operation.h). */
#include "docker/operation.h"

#include "unit.h"

static struct target target;

static const struct operation *resolve(enum http_method method, const char *path)
{
    struct refusal no = target_parse(str_of(path), &target);

    CHECK(no.status == 0, "%s: %s", path, no.reason);
    return operation_resolve(method, &target);
}

static const char *name_of(enum http_method method, const char *path)
{
    const struct operation *op = resolve(method, path);

    return op == NULL ? "-" : op->name;
}

/* Writes the template ${path} with ${deep} for {x...} and ${name} for {x}. */
static void fill(const char *path, const char *deep, const char *name, struct writer *w)
{
    for (const char *p = path; *p != '\0'; p++) {
        if (*p != '{') {
            writer_char(w, *p);
            continue;
        }
        const char *close = strchr(p, '}');
        writer_text(w, close[-1] == '.' ? deep : name);
        p = close;
    }
    writer_char(w, '\0');
}

UNIT(rows_resolve)
{
    static const char *const deep[] = {
        "x",
        "web",
        "json",
        "create",
        "a/b",
        "a/json/b",
        "docker.io/library/nginx:1.2",
        "a/b/c/d/e",
        "checkpoints",
        "%20",
        "sha256:0123",
        "a/v1.41",
        "get/json/logs",
    };
    static const char *const prefixes[] = {"", "/v1.24", "/v1.56", "/v1"};
    char path[256];

    for (size_t i = 0; i < docker_operations_count; i++) {
        for (size_t k = 0; k < COUNT(deep) * COUNT(prefixes); k++) {
            const struct operation *op = &docker_operations[i];
            struct writer w = writer_over(path, sizeof(path));
            writer_text(&w, prefixes[k % COUNT(prefixes)]);
            fill(op->path, deep[k / COUNT(prefixes)], "x.y_z", &w);
            const struct operation *got = resolve(op->method, path);
            CHECK(got != NULL && strcmp(got->name, op->name) == 0, "%s %s is %s, not %s",
                  http_method_name(op->method), path, got == NULL ? "nothing" : got->name,
                  op->name);
        }
    }
}

UNIT(method_matters)
{
    char path[128];

    for (size_t i = 0; i < docker_operations_count; i++) {
        struct writer w = writer_over(path, sizeof(path));
        fill(docker_operations[i].path, "x", "y", &w);
        for (int m = METHOD_OTHER; m <= METHOD_OPTIONS; m++) {
            const struct operation *op = resolve((enum http_method)m, path);
            CHECK(op == NULL || op->method == (enum http_method)m, "%s", path);
        }
        assert_null(resolve(METHOD_OTHER, path));
        assert_null(resolve(METHOD_PATCH, path));
    }
}

UNIT(ties)
{
    static const struct {
        enum http_method method;
        const char *path, *name;
    } rows[] = {
        {METHOD_DELETE, "/containers/a", "ContainerDelete"},
        {METHOD_DELETE, "/containers/a/b/c", "ContainerDelete"},
        {METHOD_DELETE, "/containers/a/checkpoints", "ContainerDelete"},
        {METHOD_DELETE, "/containers/checkpoints/b", "ContainerDelete"},
        {METHOD_DELETE, "/containers/a/checkpoints/b", "CheckpointDelete"},
        {METHOD_DELETE, "/containers/a/b/checkpoints/c", "CheckpointDelete"},
        {METHOD_DELETE, "/containers/a/checkpoints/b/c", "ContainerDelete"},
        {METHOD_GET, "/containers/a/logs/json", "ContainerInspect"},
        {METHOD_GET, "/containers/a/json/logs", "ContainerLogs"},
        {METHOD_POST, "/containers/create/start", "ContainerStart"},
        {METHOD_POST, "/containers/prune/exec", "ContainerExec"},
        {METHOD_GET, "/containers/a/attach/ws", "ContainerAttachWebsocket"},
        {METHOD_GET, "/containers/json/json", "ContainerInspect"},
        {METHOD_GET, "/containers/json", "ContainerList"},
        {METHOD_GET, "/images/get/json", "ImageInspect"},
        {METHOD_GET, "/images/a/get", "ImageGet"},
        {METHOD_GET, "/images/get", "ImageGetAll"},
        {METHOD_GET, "/networks", "NetworkList"},
        {METHOD_GET, "/networks/", "NetworkList"},
        {METHOD_GET, "/networks/create", "NetworkInspect"},
        {METHOD_GET, "/volumes/create", "VolumeInspect"},
        {METHOD_PUT, "/volumes/a/b", "VolumeUpdate"},
        {METHOD_GET, "/services/create", "ServiceInspect"},
        {METHOD_OPTIONS, "/containers/json", "SystemOptions"},
        {METHOD_OPTIONS, "/no/such", "SystemOptions"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_STR(str_of(name_of(rows[i].method, rows[i].path)), rows[i].name);
}

UNIT(no_operation)
{
    static const struct {
        enum http_method method;
        const char *path;
    } rows[] = {
        {METHOD_GET, "/"},
        {METHOD_GET, "/containers"},
        {METHOD_GET, "/containersXYZ/json"},
        {METHOD_GET, "/containers/json/"},
        {METHOD_GET, "/containers/a"},
        {METHOD_GET, "/_ping/"},
        {METHOD_GET, "/_ping/x"},
        {METHOD_GET, "/Containers/json"},
        {METHOD_HEAD, "/containers/json"},
        {METHOD_HEAD, "/version"},
        {METHOD_GET, "/services/a/b"},
        {METHOD_DELETE, "/services/a/b"},
        {METHOD_GET, "/tasks/a/b/logs"},
        {METHOD_GET, "/networks/a/"},
        {METHOD_GET, "/volumes/"},
        {METHOD_DELETE, "/volumes/a/"},
        {METHOD_DELETE, "/containers"},
        {METHOD_GET, "/debug/pprof"},
        {METHOD_GET, "/debug/pprof/a/b"},
        {METHOD_GET, "/v1.41/v1.41/_ping"},
        {METHOD_GET, "/auth"},
        {METHOD_POST, "/containers/a/copy"},
        {METHOD_GET, "/libpod/info"},
        {METHOD_POST, "/containers/start"},
        {METHOD_OPTIONS, "/"},
        {METHOD_OPTIONS, "/a/"},
        {METHOD_POST, "/moby.buildkit.v1.Control/Solve"},
        {METHOD_GET, "/containers/a/json%20"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(resolve(rows[i].method, rows[i].path) == NULL, "%s %s is %s",
              http_method_name(rows[i].method), rows[i].path,
              name_of(rows[i].method, rows[i].path));
}

UNIT(heads)
{
    static const char *const rows[][2] = {
        {"SystemPing", "SystemPingHead"},
        {"ContainerArchive", "ContainerArchiveInfo"},
    };

    struct operation_index by_name;

    operation_index_make(&by_name);
    for (size_t r = 0; r < COUNT(rows); r++) {
        struct operation_set set = {0}, head_only = {0};
        assert_true(operation_set_add_name(&set, &by_name, str_of(rows[r][0])));
        assert_true(operation_set_add_name(&head_only, &by_name, str_of(rows[r][1])));
        for (size_t i = 0; i < docker_operations_count; i++) {
            bool get = strcmp(docker_operations[i].name, rows[r][0]) == 0;
            bool head = strcmp(docker_operations[i].name, rows[r][1]) == 0;
            CHECK(operation_set_has(&set, i) == (get || head), "%s", docker_operations[i].name);
            CHECK(operation_set_has(&head_only, i) == head, "%s", docker_operations[i].name);
        }
    }
}

UNIT(names)
{
    struct operation_index by_name;

    operation_index_make(&by_name);
    for (size_t i = 0; i < docker_operations_count; i++) {
        struct operation_set set = {0};
        assert_true(operation_set_add_name(&set, &by_name, str_of(docker_operations[i].name)));
        for (size_t k = 0; k < docker_operations_count; k++) {
            const struct operation *op = &docker_operations[k];
            bool same = strcmp(op->name, docker_operations[i].name) == 0;
            bool head = op->method == METHOD_HEAD && docker_operations[i].method == METHOD_GET &&
                        strcmp(op->path, docker_operations[i].path) == 0;
            CHECK(operation_set_has(&set, k) == (same || head), "%s has %s",
                  docker_operations[i].name, op->name);
        }
    }
    struct operation_set none = {0};
    assert_false(operation_set_add_name(&none, &by_name, STR("NoSuch")));
    assert_false(operation_set_add_name(&none, &by_name, STR("containerlist")));
    assert_false(operation_set_add_name(&none, &by_name, STR("")));
    assert_true(none.bits[0] == 0 && none.bits[1] == 0);
}

UNIT(sections_and_classes)
{
    static const char *const classes[] = {"read", "sensitive", "write", "exec", "root"};
    enum access_class access;

    assert_true(operation_section_exists(STR("containers")));
    assert_true(operation_section_exists(STR("_ping")));
    assert_false(operation_section_exists(STR("")));
    assert_false(operation_section_exists(STR("Containers")));
    assert_false(operation_section_exists(STR("container")));
    for (size_t i = 0; i < COUNT(classes); i++) {
        assert_true(access_class_of(str_of(classes[i]), &access));
        assert_string_equal(access_class_name(access), classes[i]);
    }
    assert_false(access_class_of(STR("Read"), &access));
    assert_false(access_class_of(STR(""), &access));
}

UNIT(joined_names)
{
    static const struct {
        enum http_method method;
        const char *path, *joined;
    } rows[] = {
        {METHOD_GET, "/v1.41/containers/web/alias/export", "containers|web/alias|export"},
        {METHOD_GET, "/containers/web/export", "containers|web|export"},
        {METHOD_DELETE, "/images/a/b/c%20d", "images|a/b/c d"},
        {METHOD_DELETE, "/containers/a/b/checkpoints/c", "containers|a/b|checkpoints|c"},
        {METHOD_GET, "/containers/json", "containers|json"},
        {METHOD_GET, "/networks/", "networks"},
        {METHOD_GET, "/_ping", "_ping"},
        {METHOD_OPTIONS, "/a/b", "a/b"},
        {METHOD_GET, "/services/a/logs", "services|a|logs"},
    };
    struct str segments[TARGET_SEGMENTS_MAX];

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[128];
        struct writer w = writer_over(text, sizeof(text));
        const struct operation *op = resolve(rows[i].method, rows[i].path);
        assert_non_null(op);
        size_t n = operation_segments(op, &target, segments);
        for (size_t k = 0; k < n; k++) {
            if (k > 0)
                writer_char(&w, '|');
            writer_str(&w, segments[k]);
        }
        CHECK_STR(writer_view(&w), rows[i].joined);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("every row is resolved by its own path, whatever the name and the version",
                rows_resolve),
        PROMISE("a request resolves only to an operation of its method", method_matters),
        PROMISE("names hold slashes, so the last segments decide, and checkpoints go first", ties),
        PROMISE("what dockerd does not route is no operation", no_operation),
        PROMISE("a GET's name takes in the HEAD of its path, and not the other way round", heads),
        PROMISE("a name stands for all its rows and no others", names),
        PROMISE("sections and classes are known by their exact names", sections_and_classes),
        PROMISE("a name with slashes is joined to one segment", joined_names),
    };

    return RUN("operation", tests);
}
