#include "ctl/contents.h"

#include <stdio.h>
#include <string.h>

#include "ctl/text.h"
#include "policy/load.h"

/* clang-format off */
/* A section, the operations that it speaks of, and what it lets pass where nothing stands in it. */
static const struct section {
    const char *name, *operations, *nothing;
} sections[] = {
    {"workload", "ContainerCreate ContainerUpdate ServiceCreate ServiceUpdate CheckpointCreate ImageCommit NetworkConnect ContainerKill ContainerTop",
     "an ordinary container without privileges, of any image, with volumes and Docker's networks"},
    {"exec", "ContainerExec ExecStart ContainerAttach ContainerAttachWebsocket", "any command, as the container's user, without privileges"},
    {"volumes", "VolumeCreate VolumeUpdate VolumePrune", "volumes of the driver local without options"},
    {"networks", "NetworkCreate NetworkConnect NetworkDisconnect", "bridge networks whose addresses Docker chooses"},
    {"swarm", "SwarmInit SwarmJoin SwarmUpdate SwarmUnlock NodeUpdate", "nothing that changes who is in the swarm, or how"},
    {"plugins", "PluginPull PluginUpgrade PluginSet GetPluginPrivileges", "no plugin"},
    {"auth", "SystemAuth", "no registry"},
    {"pull", "ImageCreate ImageLoad ImageSearch DistributionInspect", "images of any registry, without a log-in"},
    {"push", "ImagePush PluginPush ImageGet ImageGetAll", "no image to any registry; any image as a file"},
    {"build", "ImageBuild ImageTag BuildPrune Session Grpc", "builds of what the client sends, without the host's network, by the old builder"},
    {"archive", "PutContainerArchive ContainerArchive ContainerArchiveInfo", "nothing into containers; any file out of them"},
};

static const struct words {
    enum policy_key key;
    const char *text;
} table[] = {
    {KEY_W_UNRESTRICTED, "contain anything: nothing of what is asked for is looked at"},
    {KEY_W_IMAGES, "run the images"},
    {KEY_W_BINDS, "mount from the host"},
    {KEY_W_BIND_OPTIONS, "mount from the host with"},
    {KEY_W_VOLUMES, "use the volumes"},
    {KEY_W_VOLUME_DRIVERS, "use volumes of the drivers"},
    {KEY_W_VOLUME_OPTIONS, "make volumes with"},
    {KEY_W_TMPFS, "have a tmpfs at"},
    {KEY_W_TMPFS_OPTIONS, "have a tmpfs with"},
    {KEY_W_VOLUMES_FROM, "take over the mounts of the containers"},
    {KEY_W_IMAGE_MOUNTS, "mount the images"},
    {KEY_W_PRIVILEGED, "be privileged: root on the host"},
    {KEY_W_CAPABILITIES, "have the capabilities"},
    {KEY_W_DEVICES, "use the host's devices"},
    {KEY_W_DEVICE_REQUESTS, "use devices, such as GPUs, of"},
    {KEY_W_DEVICE_CGROUP_RULES, "open devices by the rule"},
    {KEY_W_BLOCK_DEVICES, "be limited on the disks"},
    {KEY_W_HOST_NAMESPACES, "share with the host"},
    {KEY_W_JOIN_CONTAINERS, "join namespaces of the containers"},
    {KEY_W_NETWORKS, "be in the networks"},
    {KEY_W_ALIASES, "be called in networks"},
    {KEY_W_ADDRESSES, "choose addresses in"},
    {KEY_W_MAC_ADDRESSES, "choose the MAC addresses"},
    {KEY_W_ENDPOINT_OPTIONS, "be connected with"},
    {KEY_W_LINKS, "link to"},
    {KEY_W_PORTS, "publish on the host's ports"},
    {KEY_W_EXTRA_HOSTS, "add to /etc/hosts"},
    {KEY_W_DNS, "look names up by"},
    {KEY_W_SECURITY_OPT, "have the security options"},
    {KEY_W_SYSCTLS, "set the sysctls"},
    {KEY_W_RUNTIMES, "run by the runtimes"},
    {KEY_W_CGROUP_PARENTS, "run in the cgroups"},
    {KEY_W_LOG_DRIVERS, "log by"},
    {KEY_W_LOG_OPTIONS, "log with"},
    {KEY_W_ANNOTATIONS, "have the annotations"},
    {KEY_W_STORAGE_OPTIONS, "be stored with"},
    {KEY_W_ULIMITS, "have the ulimits"},
    {KEY_W_GROUP_ADD, "be in the groups"},
    {KEY_W_USERS, "run as"},
    {KEY_W_ENV, "set the variables"},
    {KEY_W_COMMANDS, "run the command"},
    {KEY_W_ENTRYPOINTS, "start by"},
    {KEY_W_HEALTHCHECKS, "be checked by"},
    {KEY_W_WORKING_DIRS, "work in"},
    {KEY_W_RESTART, "be restarted"},
    {KEY_W_SHM_SIZE, "have a /dev/shm up to the size"},
    {KEY_W_OOM_SCORE_ADJ, "be spared when memory is out, down to"},
    {KEY_W_OOM_KILL_DISABLE, "never be ended when memory is out"},
    {KEY_W_REALTIME, "have the CPU before all others"},
    {KEY_W_SERVICE_MODES, "be services of the mode"},
    {KEY_W_NAMES, "be called"},
    {KEY_W_SIGNALS, "get the signals"},
    {KEY_W_PS_ARGS, "be looked at by ps with"},
    {KEY_W_ROLLBACK, "go back to what a service was"},
    {KEY_W_CREDENTIALS, "send a registry's password along"},
    {KEY_W_SECRETS, "read the secrets"},
    {KEY_W_CONFIGS, "read the configs"},
    {KEY_W_CONSTRAINTS, "be placed by"},
    {KEY_W_RECREATE, "have what the container of its name has, all of it"},
    {KEY_W_FORBID_LABELS, "be without the labels"},
    {KEY_W_REQUIRE_LABELS, "have the labels"},
    {KEY_W_RESTRICT_TO, "stay within"},
    {KEY_W_REQUIRE_NO_NEW_PRIVILEGES, "have no-new-privileges"},
    {KEY_W_REQUIRE_READ_ONLY, "have files that cannot be written"},
    {KEY_W_REQUIRE_NON_ROOT, "run as a number that is not 0"},
    {KEY_W_REQUIRE_MEMORY_LIMIT, "have a memory limit"},
    {KEY_W_REQUIRE_DROPPED_CAPABILITIES, "drop the capabilities"},
    {KEY_X_UNRESTRICTED, "contain anything: any command, as any user, privileged too"},
    {KEY_X_COMMANDS, "run the command"},
    {KEY_X_USERS, "run as"},
    {KEY_X_PRIVILEGED, "be privileged: root on the host"},
    {KEY_X_ENV, "set the variables"},
    {KEY_X_WORKING_DIRS, "work in"},
    {KEY_X_TTY, "have a terminal"},
    {KEY_X_ATTACH_STDIN, "take input"},
    {KEY_X_ATTACH_LOGS, "be sent old output"},
    {KEY_V_UNRESTRICTED, "contain anything: a volume can be any directory of the host"},
    {KEY_V_NAMES, "be called"},
    {KEY_V_DRIVERS, "be of the drivers"},
    {KEY_V_OPTIONS, "be made with"},
    {KEY_V_PRUNE_NAMED, "be pruned even if they have a name"},
    {KEY_N_UNRESTRICTED, "contain anything: a network can be the host's own"},
    {KEY_N_NAMES, "be called"},
    {KEY_N_DRIVERS, "be of the drivers"},
    {KEY_N_OPTIONS, "be made with"},
    {KEY_N_IPAM_DRIVERS, "get addresses by"},
    {KEY_N_SUBNETS, "have addresses in"},
    {KEY_N_ATTACHABLE, "be open to single containers in a swarm"},
    {KEY_N_REQUIRE_INTERNAL, "lead nowhere else (internal)"},
    {KEY_N_CONTAINERS, "get the containers"},
    {KEY_N_FORCE, "be left by force"},
    {KEY_S_UNRESTRICTED, "contain anything: the swarm and its nodes can be handed to others"},
    {KEY_P_UNRESTRICTED, "contain anything: any plugin, granted everything"},
    {KEY_P_REMOTES, "come from"},
    {KEY_P_PRIVILEGES, "be granted"},
    {KEY_P_SETTINGS, "be set"},
    {KEY_A_SERVERS, "be tried at the registries"},
    {KEY_PULL_UNRESTRICTED, "contain anything: the engine fetches any address for an import"},
    {KEY_PULL_IMAGES, "fetch the images"},
    {KEY_PULL_CREDENTIALS, "log in at the registries"},
    {KEY_PULL_SOURCES, "import from"},
    {KEY_PULL_CHANGES, "change what is imported by"},
    {KEY_PULL_LOAD, "load files, which say themselves what their images are called"},
    {KEY_PULL_SEARCH, "search the registries"},
    {KEY_PUSH_UNRESTRICTED, "contain anything: any image to any registry"},
    {KEY_PUSH_IMAGES, "send the images"},
    {KEY_PUSH_CREDENTIALS, "log in at the registries"},
    {KEY_PUSH_EXPORTS, "copy the images to files"},
    {KEY_B_UNRESTRICTED, "contain anything: the host's network and devices too"},
    {KEY_B_TAGS, "be called"},
    {KEY_B_REMOTE, "be made of what the engine fetches from"},
    {KEY_B_NETWORKS, "have the networks"},
    {KEY_B_EXTRA_HOSTS, "add to /etc/hosts"},
    {KEY_B_ARGS, "set the arguments"},
    {KEY_B_CACHE_FROM, "reuse layers of"},
    {KEY_B_CGROUP_PARENTS, "run in the cgroups"},
    {KEY_B_ULIMITS, "have the ulimits"},
    {KEY_B_SHM_SIZE, "have a /dev/shm up to the size"},
    {KEY_B_SECURITY_OPT, "have the security options"},
    {KEY_B_OUTPUTS, "write to"},
    {KEY_B_CHANGES, "change what is imported or committed by"},
    {KEY_B_CREDENTIALS, "log in at the registries"},
    {KEY_B_BUILDKIT, "use BuildKit, which is not looked into"},
    {KEY_B_PRUNE_ALL, "throw away all of the cache"},
    {KEY_F_UNRESTRICTED, "contain anything: any file of any container"},
    {KEY_F_WRITE, "write below"},
    {KEY_F_READ, "read below"},
    {KEY_F_COPY_UIDGID, "keep the owners that files have in the archive"},
};
/* clang-format on */

const char *contents_words(enum policy_key key)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].key == key)
            return table[i].text;
    return NULL;
}

static bool section_matters(const struct level *level, const struct section *section)
{
    struct str rest = str_of(section->operations), name;

    while (str_word(&rest, &name))
        for (size_t i = 0; i < docker_operations_count; i++)
            if (str_equal(name, str_of(docker_operations[i].name)) &&
                level_reach(level, &docker_operations[i]) != REACH_NONE)
                return true;
    return false;
}

bool contents_matter(const struct level *level, enum policy_key key)
{
    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
        if (strcmp(sections[i].name, policy_keys[key].section) == 0)
            return section_matters(level, &sections[i]);
    return false;
}

/* "no": a switch that is off where it narrows. What is off otherwise says nothing. */
static const char *sense_of(const struct policy *policy, enum policy_key key)
{
    static const char *const senses[] = {
        [GRANT_WIDENS] = "may", [GRANT_NARROWS] = "only", [GRANT_REQUIRES] = "must"};
    const struct grant *grant = policy_grant(policy, key);
    bool is_switch = policy_keys[key].kind == GRANT_SWITCH;

    if (policy->key_lines[key] == 0)
        return NULL;
    if (is_switch && policy_keys[key].sense == GRANT_NARROWS)
        return grant->on ? "may" : "not";
    return is_switch && !grant->on ? NULL : senses[policy_keys[key].sense];
}

static void print_value(const struct policy *policy, enum policy_key key)
{
    const struct grant *grant = policy_grant(policy, key);
    enum grant_kind kind = policy_keys[key].kind;
    const char *mark = kind == GRANT_LINES || kind == GRANT_ARGV ? " | " : " ";

    if (kind == GRANT_SWITCH)
        return;
    (void)printf(": ");
    if (kind == GRANT_BYTES || kind == GRANT_NUMBER)
        (void)printf("%lld", (long long)grant->bound);
    for (size_t i = 0; i < grant->n; i++) {
        (void)printf("%s", i > 0 ? mark : "");
        text_safely(stdout, str_of(grant->words[i].text));
    }
}

static void print_keys(const struct level *level, const char *section)
{
    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        const enum policy_key key = (enum policy_key)i;
        const char *sense =
            strcmp(policy_keys[key].section, section) == 0 ? sense_of(&level->policy, key) : NULL;
        if (sense == NULL)
            continue;
        (void)printf("      %-5s%s", sense, contents_words(key));
        print_value(&level->policy, key);
        (void)putchar('\n');
    }
}

void contents_print(const struct level *level)
{
    bool any = false;

    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
        const struct section *section = &sections[i];
        if (!section_matters(level, section))
            continue;
        if (!any)
            (void)printf("  These may contain:\n");
        any = true;
        (void)printf("    [%s]%*s%s\n", section->name, 11 - (int)strlen(section->name), "",
                     section->nothing);
        print_keys(level, section->name);
    }
}

json_t *contents_values(const struct policy *policy, enum policy_key key)
{
    const struct grant *grant = policy_grant(policy, key);
    enum grant_kind kind = policy_keys[key].kind;

    if (policy->key_lines[key] == 0)
        return NULL;
    if (kind == GRANT_SWITCH)
        return json_pack("[s]", grant->on ? "yes" : "no");
    if (kind == GRANT_BYTES || kind == GRANT_NUMBER) {
        char text[32];
        (void)snprintf(text, sizeof(text), "%lld", (long long)grant->bound);
        return json_pack("[s]", text);
    }
    json_t *list = json_array();
    for (size_t i = 0; i < grant->n; i++)
        (void)json_array_append_new(list, json_string(grant->words[i].text));
    return list;
}

json_t *contents_json(const struct policy *policy)
{
    json_t *object = json_object();

    for (int i = KEY_FIRST_GRANT; i < KEYS; i++) {
        char name[64];
        struct writer w = writer_over(name, sizeof(name) - 1);
        json_t *values = contents_values(policy, (enum policy_key)i);
        policy_key_write((enum policy_key)i, &w);
        name[w.n] = '\0';
        if (values != NULL)
            (void)json_object_set_new(object, name, values);
    }
    return object;
}
