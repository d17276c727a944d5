#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/journal.h"
#include "ctl/level.h"
#include "ctl/policies.h"
#include "ctl/text.h"
#include "ctl/units.h"
#include "ctl/when.h"

enum { JSON }; /* the flag, as in the command's row */

static const uint64_t HOUR_USEC = UINT64_C(3600) * 1000000;

/* A level, as its policy, its socket unit or both make it one. */
struct shown {
    char *name;
    bool broken, audit;
    char state[32], listen[512], connections[24], accepted[24];
    char resident[160];         /* what the parent of a level with Accept=no says of itself */
    uint64_t requests, refused; /* in the last hour; from the journal */
};

struct list {
    struct shown *at;
    size_t n;
    bool counted; /* the journal could be read */
};

static struct shown *add(struct list *list, struct str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_equal(str_of(list->at[i].name), name))
            return &list->at[i];
    list->at = text_must(reallocarray(list->at, list->n + 1, sizeof(*list->at)));
    list->at[list->n] = (struct shown){.name = text_of("%.*s", STR_ARG(name))};
    return &list->at[list->n++];
}

static bool is_wanted(const struct args *args, struct str name)
{
    for (size_t i = 0; i < args->n; i++)
        if (str_equal(str_of(args->words[i]), name))
            return true;
    return args->n == 0;
}

static void add_policies(struct list *list, const struct args *args)
{
    struct policies policies;

    policies_in(DSP_SYSCONFDIR, &policies);
    for (size_t i = 0; i < policies.n; i++)
        if (is_wanted(args, str_of(policies.at[i])))
            (void)add(list, str_of(policies.at[i]));
    policies_free(&policies);
    for (size_t i = 0; i < args->n; i++)
        (void)add(list, str_of(args->words[i]));
}

static void add_sockets(struct list *list, const struct args *args)
{
    const struct str before = STR("dsp-"), behind = STR(".socket");
    struct units units;
    char id[256], result[32];

    units_ask("dsp-*.socket", "Id,ActiveState,SubState,Listen,NConnections,NAccepted,Result",
              &units);
    for (size_t i = 0; i < units.n; i++) {
        const struct unit *unit = &units.at[i];
        struct str name = str_of(unit_property(unit, "Id", id, sizeof(id)));
        if (!str_starts(name, before) || name.n <= before.n + behind.n)
            continue;
        name = str_slice(name, before.n, name.n - behind.n);
        if (!is_wanted(args, name))
            continue;
        struct shown *shown = add(list, name);
        (void)unit_property(unit, "ActiveState", shown->state, sizeof(shown->state));
        (void)unit_property(unit, "Result", result, sizeof(result));
        if (strcmp(shown->state, "failed") == 0)
            (void)snprintf(shown->state, sizeof(shown->state), "failed (%.20s)", result);
        (void)unit_property(unit, "Listen", shown->listen, sizeof(shown->listen));
        (void)unit_property(unit, "NConnections", shown->connections, sizeof(shown->connections));
        (void)unit_property(unit, "NAccepted", shown->accepted, sizeof(shown->accepted));
    }
    units_free(&units);
}

/* A level with Accept=no has one service, which reports its connections in its status. */
static void add_residents(struct list *list)
{
    char state[32], text[128];

    for (size_t i = 0; i < list->n; i++) {
        struct units units;
        char *pattern = text_of("dsp-%s.service", list->at[i].name);
        units_ask(pattern, "Id,ActiveState,StatusText", &units);
        for (size_t k = 0; k < units.n; k++) {
            if (strcmp(unit_property(&units.at[k], "ActiveState", state, sizeof(state)),
                       "active") != 0)
                continue;
            (void)unit_property(&units.at[k], "StatusText", text, sizeof(text));
            (void)snprintf(list->at[i].resident, sizeof(list->at[i].resident), "%s",
                           text[0] != '\0' ? text : "active");
        }
        units_free(&units);
        free(pattern);
    }
}

static void read_policies(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct level level;
        struct shown *shown = &list->at[i];
        shown->broken = level_load(shown->name, &level) != 0;
        shown->audit = level.policy.mode == POLICY_AUDIT;
        level_free(&level);
    }
}

static void count_requests(struct list *list)
{
    struct journal *journal = journal_open(NULL);

    list->counted = journal != NULL;
    if (journal == NULL)
        return;
    journal_since(journal, when_now() - HOUR_USEC);
    while (journal_next(journal)) {
        struct str name = journal_field(journal, "DSP_POLICY");
        for (size_t i = 0; i < list->n; i++) {
            if (!str_equal(name, str_of(list->at[i].name)))
                continue;
            struct str verdict = journal_field(journal, "DSP_VERDICT");
            list->at[i].requests += verdict.n > 0;
            list->at[i].refused += verdict.n > 0 && !str_equal(verdict, STR("allowed"));
            break;
        }
    }
    journal_close(journal);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct shown *)a)->name, ((const struct shown *)b)->name);
}

/* A live connection: an instance of the level's service. Its name has the peer:
 * "dsp-NAME@5-1234-0.service" is connection 5, from process 1234 of user 0; over TCP both
 * addresses stand there (systemd.socket(5), Accept=). */
struct connection {
    char peer[160];
    uint64_t age_s;
    char bytes[48];
};

/* What the process has read and written of all that it relays, where the kernel tells: root may
 * see it. Bytes that are spliced do not count. */
static void read_bytes(const char *pid, char *to, size_t size)
{
    char *path = text_of("/proc/%s/io", pid);
    FILE *file = fopen(path, "re");
    unsigned long long in = 0, out = 0;

    to[0] = '\0';
    if (file != NULL && fscanf(file, "rchar: %llu wchar: %llu", &in, &out) == 2)
        (void)snprintf(to, size, ", %llu bytes read, %llu written", in, out);
    if (file != NULL)
        (void)fclose(file);
    free(path);
}

static void read_program(unsigned long long pid, char *to, size_t size)
{
    char *path = text_of("/proc/%llu/comm", pid);
    FILE *file = fopen(path, "re");

    to[0] = '\0';
    if (file != NULL && fgets(to, (int)size, file) != NULL)
        to[strcspn(to, "\n")] = '\0';
    if (file != NULL)
        (void)fclose(file);
    free(path);
}

/* "pid=1234 uid=0 (program)", or the addresses. */
static void name_peer(const char *instance, char *to, size_t size)
{
    unsigned long long number, pid, uid;
    char program[64], after;

    if (sscanf(instance, "%llu-%llu-%llu%c", &number, &pid, &uid, &after) != 3) {
        (void)snprintf(to, size, "%.150s", instance);
        return;
    }
    read_program(pid, program, sizeof(program));
    bool named = program[0] != '\0';
    (void)snprintf(to, size, "pid=%llu uid=%llu%s%s%s", pid, uid, named ? " (" : "", program,
                   named ? ")" : "");
}

static void read_connection(const struct unit *unit, struct connection *connection)
{
    char id[256], main_pid[24], since[32];
    uint64_t usec = 0;
    struct timespec now;

    (void)unit_property(unit, "Id", id, sizeof(id));
    (void)unit_property(unit, "MainPID", main_pid, sizeof(main_pid));
    (void)unit_property(unit, "ExecMainStartTimestampMonotonic", since, sizeof(since));
    char *end = strstr(id, ".service");
    if (end != NULL)
        *end = '\0';
    const char *at = strchr(id, '@');
    name_peer(at == NULL ? id : at + 1, connection->peer, sizeof(connection->peer));
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (str_decimal(str_of(since), UINT64_MAX, &usec) && usec > 0 &&
        usec / 1000000 <= (uint64_t)now.tv_sec)
        connection->age_s = (uint64_t)now.tv_sec - usec / 1000000;
    read_bytes(main_pid, connection->bytes, sizeof(connection->bytes));
}

static void print_connections(const char *name, json_t *list)
{
    struct units units;
    char *pattern = text_of("dsp-%s@*.service", name), state[32];

    units_ask(pattern, "Id,ActiveState,MainPID,ExecMainStartTimestampMonotonic", &units);
    for (size_t i = 0; i < units.n; i++) {
        struct connection connection = {0};
        if (strcmp(unit_property(&units.at[i], "ActiveState", state, sizeof(state)), "active") != 0)
            continue;
        read_connection(&units.at[i], &connection);
        if (list == NULL) {
            (void)printf("    ");
            text_safely(stdout, str_of(connection.peer));
            (void)printf(", for %" PRIu64 " s%s\n", connection.age_s, connection.bytes);
        } else {
            (void)json_array_append_new(list, json_pack("{s:s, s:I}", "peer", connection.peer,
                                                        "age", (json_int_t)connection.age_s));
        }
    }
    units_free(&units);
    free(pattern);
}

static void print_shown(const struct list *list, const struct shown *shown)
{
    (void)printf("%s: %s", shown->name,
                 shown->broken  ? "BROKEN POLICY"
                 : shown->audit ? "audit: refuses nothing"
                                : "enforces");
    (void)printf(", socket %s", shown->state[0] != '\0' ? shown->state : "not loaded");
    if (shown->listen[0] != '\0')
        (void)printf(", %s", shown->listen);
    (void)putchar('\n');
    if (shown->connections[0] != '\0')
        (void)printf("    connections: %s now, %s in all\n", shown->connections, shown->accepted);
    if (shown->resident[0] != '\0')
        (void)printf("    resident: %s\n", shown->resident);
    if (list->counted)
        (void)printf("    last hour: %" PRIu64 " requests logged, %" PRIu64
                     " of them not allowed\n",
                     shown->requests, shown->refused);
    if (shown->broken) {
        struct level level;
        (void)level_load(shown->name, &level);
        (void)fflush(stdout);
        level_print_errors(&level);
        level_free(&level);
    }
    print_connections(shown->name, NULL);
}

static json_t *shown_json(const struct list *list, const struct shown *shown)
{
    json_t *connections = json_array();

    print_connections(shown->name, connections);
    json_t *object = json_pack("{s:s, s:b, s:s, s:s, s:s, s:o}", "name", shown->name, "valid",
                               !shown->broken, "mode", shown->audit ? "audit" : "enforce", "socket",
                               shown->state, "listen", shown->listen, "connections", connections);
    if (shown->resident[0] != '\0')
        (void)json_object_set_new(object, "resident", json_string(shown->resident));
    if (list->counted) {
        (void)json_object_set_new(object, "requests", json_integer((json_int_t)shown->requests));
        (void)json_object_set_new(object, "refused", json_integer((json_int_t)shown->refused));
    }
    return object;
}

int status_run(const struct args *args)
{
    struct list list = {0};
    json_t *json = args->flags[JSON] != NULL ? json_array() : NULL;
    int status = CTL_YES;

    add_sockets(&list, args);
    add_policies(&list, args);
    add_residents(&list);
    read_policies(&list);
    count_requests(&list);
    if (list.n > 0)
        qsort(list.at, list.n, sizeof(*list.at), by_name);
    for (size_t i = 0; i < list.n; i++) {
        const struct shown *shown = &list.at[i];
        if (shown->broken || strncmp(shown->state, "failed", 6) == 0)
            status = CTL_NO;
        if (json != NULL)
            (void)json_array_append_new(json, shown_json(&list, shown));
        else
            print_shown(&list, shown);
        free(shown->name);
    }
    if (list.n == 0 && json == NULL)
        (void)fprintf(stderr,
                      "There is no level: no policy in " DSP_SYSCONFDIR " and no dsp-*.socket.\n");
    if (json != NULL) {
        (void)json_dumpf(json, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(json);
    }
    free(list.at);
    return status;
}
