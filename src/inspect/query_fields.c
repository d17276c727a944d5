/* query_fields.c: the parameters that are judged, of which operations. docker/parameters.c has how dockerd reads them. */
#include "inspect/fields.h"
#include "inspect/queries.h"

/* clang-format off */
static const struct type none = {"no parameters", {{NULL, 0, false}}, NULL};

/* Containers */

static const struct field create_fields[] = {
    PASSES("name", STRING, "judged even if it is absent"),
    PASSES("platform", STRING, "an image for another processor is emulated"),
};
static const struct type type_create = {"create", {PART(create_fields)}, check_name};

static const struct field rename_fields[] = {
    PASSES("name", STRING, "judged as at create"),
};
static const struct type type_rename = {"rename", {PART(rename_fields)}, check_name};

static const struct field start_fields[] = {
    PASSES("detachKeys", STRING, "the client's own"),
    ABSENT("checkpoint", STRING, "memory that the container may never have had"),
    ABSENT("checkpoint-dir", STRING, "a directory of the host"),
};
static const struct type type_start = {"start", {PART(start_fields)}, NULL};

static const struct field stop_fields[] = {
    CHECKED("signal", STRING, KEY_W_SIGNALS, check_signal, "what a process does with it, nobody here knows"),
    PASSES("t", INT, "how long it is waited for"),
};
static const struct type type_stop = {"stop", {PART(stop_fields)}, NULL};

static const struct field kill_fields[] = {
    CHECKED("signal", STRING, KEY_W_SIGNALS, check_signal, "the same"),
};
static const struct type type_kill = {"kill", {PART(kill_fields)}, NULL};

static const struct field attach_fields[] = {
    PASSES("detachKeys", STRING, "the client's own"),
    CHECKED("logs", BOOL, KEY_X_ATTACH_LOGS, check_tty, "all output since the start"),
    PASSES("stream", BOOL, "what the operation is for"),
    CHECKED("stdin", BOOL, KEY_X_ATTACH_STDIN, check_tty, "writes to the process"),
    PASSES("stdout", BOOL, "what the operation is for"),
    PASSES("stderr", BOOL, "the same"),
};
static const struct type type_attach = {"attach", {PART(attach_fields)}, NULL};
static const struct type type_websocket = {"attach/ws", {PART(attach_fields)}, check_websocket};

static const struct field top_fields[] = {
    CHECKED("ps_args", STRING, KEY_W_PS_ARGS, check_ps_args, "arguments of the host's ps, as root: `e` shows environments"),
};
static const struct type type_top = {"top", {PART(top_fields)}, NULL};

static const struct field checkpoint_fields[] = {
    ABSENT("dir", STRING, "a directory of the host: listed, or deleted"),
};
static const struct type type_checkpoints = {"checkpoints", {PART(checkpoint_fields)}, NULL};

static const struct field get_archive_fields[] = {
    CHECKED("path", STRING, KEY_F_READ, check_archive_path, "binds are the host's"),
};
static const struct type type_get_archive = {"archive", {PART(get_archive_fields)}, NULL};

static const struct field put_archive_fields[] = {
    CHECKED("path", STRING, KEY_F_WRITE, check_archive_path, "files land as root, and in binds on the host"),
    PASSES("noOverwriteDirNonDir", BOOL, "refuses more"),
    CHECKED("copyUIDGID", BOOL, KEY_F_COPY_UIDGID, check_switch, "files of any owner"),
};
static const struct type type_put_archive = {"archive", {PART(put_archive_fields)}, NULL};

/* Images */

static const struct field pull_fields[] = {
    PASSES("fromImage", STRING, "judged with the tag"),
    PASSES("tag", STRING, "judged with the name"),
    CHECKED("fromSrc", STRING, KEY_PULL_SOURCES, check_source, "the engine fetches any address, from the host's network"),
    PASSES("repo", STRING, "judged with the tag"),
    PASSES("message", STRING, "for people"),
    PASSES("registry", STRING, "no engine reads it: of go-dockerclient and docker-java"),
    CHECKED("changes", STRINGS, KEY_PULL_CHANGES, check_changes, "what runs in the image, and as whom"),
    PASSES("platform", STRING, "an image for another processor is emulated"),
};
static const struct type type_pull = {"images/create", {PART(pull_fields)}, check_pull};

static const struct field load_fields[] = {
    PASSES("quiet", BOOL, "less is told"),
    PASSES("platform", STRINGS, "a part of the archive"),
};
static const struct type type_load = {"images/load", {PART(load_fields)}, check_load};

static const struct field push_fields[] = {
    PASSES("tag", STRING, "judged with the name"),
    PASSES("platform", STRING, "a part of the image"),
};
static const struct type type_push = {"push", {PART(push_fields)}, check_push};

static const struct field tag_fields[] = {
    PASSES("repo", STRING, "judged with the tag"),
    PASSES("tag", STRING, "judged with the name"),
};
static const struct type type_tag = {"tag", {PART(tag_fields)}, check_tag};

static const struct field commit_fields[] = {
    PASSES("container", STRING, "a condition of a rule can name it"),
    PASSES("repo", STRING, "judged with the tag"),
    PASSES("tag", STRING, "judged with the name"),
    PASSES("comment", STRING, "for people"),
    PASSES("author", STRING, "for people"),
    PASSES("pause", BOOL, "while the layer is made"),
    CHECKED("changes", STRINGS, KEY_B_CHANGES, check_changes, "what runs in the image, and as whom"),
};
static const struct type type_commit = {"commit", {PART(commit_fields)}, check_tag};

static const struct field export_fields[] = {
    PASSES("names", STRINGS, "judged as a whole"),
    PASSES("platform", STRINGS, "a part of the images"),
};
static const struct type type_exports = {"images/get", {PART(export_fields)}, check_export};

static const struct field search_fields[] = {
    CHECKED("term", STRING, KEY_PULL_SEARCH, check_search, "a term can name the registry, which the engine asks"),
    PASSES("limit", INT, "less is told"),
    PASSES("filters", FILTERS, "less is told"),
};
static const struct type type_search = {"search", {PART(search_fields)}, NULL};
static const struct type type_distribution = {"distribution", {{NULL, 0, false}}, check_distribution};

/* Builds */

static const struct field output_fields[] = {
    PASSES("Type", STRING, "judged with the attributes"),
    PASSES("Attrs", MAP, "the same"),
};
static const struct type type_output = {"ImageBuildOutput", {PART(output_fields)}, check_output};

static const struct field build_fields[] = {
    CHECKED("dockerfile", STRING, KEY_B_UNRESTRICTED, check_dockerfile, "a file of the context"),
    CHECKED("t", STRINGS, KEY_B_TAGS, check_references, "the name of an image that others trust"),
    KEYED("extrahosts", STRINGS, KEY_B_EXTRA_HOSTS, "another host under a trusted name; host-gateway"),
    CHECKED("remote", STRING, KEY_B_REMOTE, check_remote, "the engine fetches any address, from the host's network"),
    PASSES("q", BOOL, "less is told"),
    PASSES("nocache", BOOL, "time"),
    CHECKED("cachefrom", STRINGS, KEY_B_CACHE_FROM, check_references, "images whose layers are taken for the build's own"),
    PASSES("pull", BOOL, "what a build may do anyway"),
    PASSES("rm", BOOL, "the build's own containers"),
    PASSES("forcerm", BOOL, "the same"),
    PASSES("memory", INT, "a limit"),
    PASSES("memswap", INT, "a limit"),
    PASSES("cpushares", INT, "a limit"),
    PASSES("cpuperiod", INT, "a limit"),
    PASSES("cpuquota", INT, "a limit"),
    PASSES("cpusetcpus", STRING, "a limit"),
    PASSES("cpusetmems", STRING, "a limit"),
    KEYED("cgroupparent", STRING, KEY_B_CGROUP_PARENTS, "out of the engine's own cgroup, and its limits"),
    CHECKED("networkmode", STRING, KEY_B_NETWORKS, check_build_network, "the host's network, or a container's"),
    KEYED("securityopt", STRINGS, KEY_B_SECURITY_OPT, "what keeps it apart from the host"),
    CHECKED("shmsize", INT, KEY_B_SHM_SIZE, check_shm_size, "the host's memory"),
    ABSENT("squash", BOOL, "experimental"),
    CHECKED("labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    CHECKED("buildargs", MAYBES, KEY_B_ARGS, check_build_args, "a proxy, a version: what the Dockerfile makes of them"),
    BOTH("ulimits", OBJECTS, &type_ulimit, KEY_B_ULIMITS, check_ulimits, "rtprio and nice against the host"),
    CHECKED("isolation", STRING, KEY_B_UNRESTRICTED, check_isolation, "of Windows"),
    PASSES("platform", STRING, "an image for another processor is emulated"),
    PASSES("target", STRING, "a stage of the Dockerfile"),
    WITHIN("outputs", OBJECTS, &type_output, "a registry, or files of the session"),
    CHECKED("session", STRING, KEY_B_BUILDKIT, check_switch, "files, secrets and keys of whoever holds that session"),
    PASSES("buildid", STRING, "the client's own, to cancel it"),
    CHECKED("version", STRING, KEY_B_BUILDKIT, check_build_version, "BuildKit: RUN --network=host, devices, any frontend"),
};
static const struct type type_build = {"build", {PART(build_fields)}, NULL};

static const struct field build_prune_fields[] = {
    CHECKED("all", BOOL, KEY_B_PRUNE_ALL, check_switch, "caches of others, in use or not"),
    PASSES("filters", FILTERS, "less is pruned"),
    PASSES("keep-storage", INT, "the same"),
    PASSES("reserved-space", INT, "the same"),
    PASSES("max-used-space", INT, "the same"),
    PASSES("min-free-space", INT, "the same"),
};
static const struct type type_build_prune = {"build/prune", {PART(build_prune_fields)}, NULL};
static const struct type type_tunnel = {"a tunnel to BuildKit", {{NULL, 0, false}}, check_buildkit};

/* Volumes, services, the swarm, plugins */

static const struct field volume_prune_fields[] = {
    PASSES("filters", FILTERS, "judged as a whole"),
};
static const struct type type_volume_prune = {"volumes/prune", {PART(volume_prune_fields)}, check_volume_prune};

static const struct field service_update_fields[] = {
    PASSES("version", INT, "of the service that was seen"),
    CHECKED("registryAuthFrom", STRING, KEY_W_ROLLBACK, check_registry_auth_from, "credentials that were taken away"),
    CHECKED("rollback", STRING, KEY_W_ROLLBACK, check_switch, "the settings before: they are not judged"),
};
static const struct type type_service_update = {"services/update", {PART(service_update_fields)}, NULL};

static const struct field swarm_update_fields[] = {
    PASSES("version", INT, "of the swarm that was seen"),
    ABSENT("rotateWorkerToken", BOOL, "the new one is shown to who may inspect"),
    ABSENT("rotateManagerToken", BOOL, "the same"),
    ABSENT("rotateManagerUnlockKey", BOOL, "the same"),
};
static const struct type type_swarm_update = {"swarm/update", {PART(swarm_update_fields)}, NULL};

static const struct field force_fields[] = {
    ABSENT("force", BOOL, "a manager's state is lost; a plugin that others need is switched off"),
};
static const struct type type_force = {"force", {PART(force_fields)}, NULL};

static const struct field plugin_fields[] = {
    CHECKED("remote", STRING, KEY_P_REMOTES, check_reference, "runs as root"),
    PASSES("name", STRING, "what it is called here"),
};
static const struct type type_plugin = {"plugins/pull", {PART(plugin_fields)}, NULL};

static const struct field remote_fields[] = {
    CHECKED("remote", STRING, KEY_P_REMOTES, check_reference, "the engine asks that registry; runs as root"),
};
static const struct type type_plugin_remote = {"plugins/privileges", {PART(remote_fields)}, NULL};

static const struct field plugin_create_fields[] = {
    ABSENT("name", STRING, "a program of the client's, which nobody asks what it may do"),
};
static const struct type type_plugin_create = {"plugins/create", {PART(plugin_create_fields)}, NULL};

static const struct field plugin_enable_fields[] = {
    PASSES("timeout", INT, "how long it is waited for"),
};
static const struct type type_plugin_enable = {"plugins/enable", {PART(plugin_enable_fields)}, NULL};
static const struct type type_plugin_push = {"plugins/push", {{NULL, 0, false}}, check_plugin_push};

/* Strict are those of access class root, and what takes or gives images and files. */
const struct query_rules query_rules[] = {
    {"ContainerCreate", &type_create, KEY_W_UNRESTRICTED, true, 0, NULL},
    {"ContainerRename", &type_rename, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerStart", &type_start, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerStop", &type_stop, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerRestart", &type_stop, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerKill", &type_kill, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerTop", &type_top, KEY_W_UNRESTRICTED, false, 0, NULL},
    {"ContainerAttach", &type_attach, KEY_X_UNRESTRICTED, false, 0, NULL},
    {"ContainerAttachWebsocket", &type_websocket, KEY_X_UNRESTRICTED, false, 0, NULL},
    {"CheckpointList", &type_checkpoints, KEY_W_UNRESTRICTED, true, 0, NULL},
    {"CheckpointCreate", &none, KEY_W_UNRESTRICTED, true, 0, NULL},
    {"CheckpointDelete", &type_checkpoints, KEY_W_UNRESTRICTED, true, 0, NULL},
    {"ContainerArchive", &type_get_archive, KEY_F_UNRESTRICTED, false, 0, NULL},
    {"ContainerArchiveInfo", &type_get_archive, KEY_F_UNRESTRICTED, false, 0, NULL},
    {"PutContainerArchive", &type_put_archive, KEY_F_UNRESTRICTED, true, 0, NULL},
    {"ImageCreate", &type_pull, KEY_PULL_UNRESTRICTED, true, KEY_PULL_CREDENTIALS, "fromImage"},
    {"ImageLoad", &type_load, KEY_PULL_UNRESTRICTED, true, 0, NULL},
    {"ImageSearch", &type_search, KEY_PULL_UNRESTRICTED, false, KEY_PULL_CREDENTIALS, "term"},
    {"DistributionInspect", &type_distribution, KEY_PULL_UNRESTRICTED, false, KEY_PULL_CREDENTIALS, NULL},
    {"ImagePush", &type_push, KEY_PUSH_UNRESTRICTED, true, KEY_PUSH_CREDENTIALS, NULL},
    {"ImageGet", &type_exports, KEY_PUSH_UNRESTRICTED, false, 0, NULL},
    {"ImageGetAll", &type_exports, KEY_PUSH_UNRESTRICTED, false, 0, NULL},
    {"ImageTag", &type_tag, KEY_B_UNRESTRICTED, true, 0, NULL},
    {"ImageCommit", &type_commit, KEY_B_UNRESTRICTED, true, 0, NULL},
    {"ImageBuild", &type_build, KEY_B_UNRESTRICTED, true, KEY_B_CREDENTIALS, NULL},
    {"BuildPrune", &type_build_prune, KEY_B_UNRESTRICTED, false, 0, NULL},
    {"Session", &type_tunnel, KEY_B_UNRESTRICTED, true, 0, NULL},
    {"Grpc", &type_tunnel, KEY_B_UNRESTRICTED, true, 0, NULL},
    {"VolumeCreate", &none, KEY_V_UNRESTRICTED, true, 0, NULL},
    {"VolumePrune", &type_volume_prune, KEY_V_UNRESTRICTED, true, 0, NULL},
    {"ServiceCreate", &none, KEY_W_UNRESTRICTED, true, KEY_W_CREDENTIALS, NULL},
    {"ServiceUpdate", &type_service_update, KEY_W_UNRESTRICTED, true, KEY_W_CREDENTIALS, NULL},
    {"SwarmInit", &none, KEY_S_UNRESTRICTED, true, 0, NULL},
    {"SwarmJoin", &none, KEY_S_UNRESTRICTED, true, 0, NULL},
    {"SwarmUpdate", &type_swarm_update, KEY_S_UNRESTRICTED, true, 0, NULL},
    {"SwarmLeave", &type_force, KEY_S_UNRESTRICTED, true, 0, NULL},
    {"GetPluginPrivileges", &type_plugin_remote, KEY_P_UNRESTRICTED, true, KEY_PULL_CREDENTIALS, "remote"},
    {"PluginPull", &type_plugin, KEY_P_UNRESTRICTED, true, KEY_PULL_CREDENTIALS, "remote"},
    {"PluginUpgrade", &type_plugin_remote, KEY_P_UNRESTRICTED, true, KEY_PULL_CREDENTIALS, "remote"},
    {"PluginPush", &type_plugin_push, KEY_P_UNRESTRICTED, true, KEY_PUSH_CREDENTIALS, NULL},
    {"PluginCreate", &type_plugin_create, KEY_P_UNRESTRICTED, true, 0, NULL},
    {"PluginEnable", &type_plugin_enable, KEY_P_UNRESTRICTED, true, 0, NULL},
    {"PluginSet", &none, KEY_P_UNRESTRICTED, true, 0, NULL},
    {"PluginDisable", &type_force, KEY_P_UNRESTRICTED, true, 0, NULL},
    {"PluginDelete", &type_force, KEY_P_UNRESTRICTED, true, 0, NULL},
};
/* clang-format on */

const size_t query_rules_count = sizeof(query_rules) / sizeof(*query_rules);
