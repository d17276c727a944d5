#include "docker/operation.h"

#define GET METHOD_GET
#define HEAD METHOD_HEAD
#define POST METHOD_POST
#define PUT METHOD_PUT
#define DELETE METHOD_DELETE
#define OPTIONS METHOD_OPTIONS
#define READ ACCESS_READ
#define SENSITIVE ACCESS_SENSITIVE
#define WRITE ACCESS_WRITE
#define EXEC ACCESS_EXEC
#define ROOT ACCESS_ROOT
#define PLAIN STREAM_PLAIN
#define HIJACK STREAM_HIJACK
#define WEBSOCKET STREAM_WEBSOCKET
#define H2C STREAM_H2C
#define NONE CONTENT_NONE
#define JSON CONTENT_JSON
#define TAR CONTENT_TAR

/* From the routers of moby (below daemon/server/router), Engine 1.12 to API 1.56. Left out,
 * and so refused: what no engine routes from API 1.24 on (GET /auth, /images/{format},
 * /images/{name}/insert, /containers/{id}/copy), and the gRPC methods that newer engines serve
 * over HTTP/2 only, which dsp does not speak.
 *
 * Checkpoints come first, as in moby's daemon/command/daemon.go, or DELETE of a checkpoint would
 * be read as DELETE of a container with slashes in its name. */
/* clang-format off */
const struct operation docker_operations[] = {
    {"CheckpointList", GET, "/containers/{id...}/checkpoints", "containers", SENSITIVE, PLAIN, NONE},
    {"CheckpointCreate", POST, "/containers/{id...}/checkpoints", "containers", ROOT, PLAIN, JSON},
    {"CheckpointDelete", DELETE, "/containers/{id...}/checkpoints/{checkpoint}", "containers", ROOT, PLAIN, NONE},

    {"SystemPing", GET, "/_ping", "_ping", READ, PLAIN, NONE},
    {"SystemPingHead", HEAD, "/_ping", "_ping", READ, PLAIN, NONE},
    {"SystemVersion", GET, "/version", "version", READ, PLAIN, NONE},
    {"SystemInfo", GET, "/info", "info", SENSITIVE, PLAIN, NONE},
    {"SystemEvents", GET, "/events", "events", SENSITIVE, PLAIN, NONE},
    {"SystemDataUsage", GET, "/system/df", "system", SENSITIVE, PLAIN, NONE},
    {"SystemAuth", POST, "/auth", "auth", WRITE, PLAIN, JSON},

    {"ContainerList", GET, "/containers/json", "containers", READ, PLAIN, NONE},
    {"ContainerCreate", POST, "/containers/create", "containers", ROOT, PLAIN, JSON},
    {"ContainerInspect", GET, "/containers/{id...}/json", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerTop", GET, "/containers/{id...}/top", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerLogs", GET, "/containers/{id...}/logs", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerChanges", GET, "/containers/{id...}/changes", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerExport", GET, "/containers/{id...}/export", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerStats", GET, "/containers/{id...}/stats", "containers", READ, PLAIN, NONE},
    {"ContainerAttachWebsocket", GET, "/containers/{id...}/attach/ws", "containers", EXEC, WEBSOCKET, NONE},
    {"ContainerArchiveInfo", HEAD, "/containers/{id...}/archive", "containers", SENSITIVE, PLAIN, NONE},
    {"ContainerArchive", GET, "/containers/{id...}/archive", "containers", SENSITIVE, PLAIN, NONE},
    {"PutContainerArchive", PUT, "/containers/{id...}/archive", "containers", EXEC, PLAIN, TAR},
    {"ContainerStart", POST, "/containers/{id...}/start", "containers", WRITE, PLAIN, NONE},
    {"ContainerStop", POST, "/containers/{id...}/stop", "containers", WRITE, PLAIN, NONE},
    {"ContainerRestart", POST, "/containers/{id...}/restart", "containers", WRITE, PLAIN, NONE},
    {"ContainerKill", POST, "/containers/{id...}/kill", "containers", WRITE, PLAIN, NONE},
    {"ContainerPause", POST, "/containers/{id...}/pause", "containers", WRITE, PLAIN, NONE},
    {"ContainerUnpause", POST, "/containers/{id...}/unpause", "containers", WRITE, PLAIN, NONE},
    {"ContainerWait", POST, "/containers/{id...}/wait", "containers", READ, PLAIN, NONE},
    {"ContainerResize", POST, "/containers/{id...}/resize", "containers", WRITE, PLAIN, NONE},
    {"ContainerRename", POST, "/containers/{id...}/rename", "containers", WRITE, PLAIN, NONE},
    {"ContainerUpdate", POST, "/containers/{id...}/update", "containers", WRITE, PLAIN, JSON},
    {"ContainerAttach", POST, "/containers/{id...}/attach", "containers", EXEC, HIJACK, NONE},
    {"ContainerExec", POST, "/containers/{id...}/exec", "containers", EXEC, PLAIN, JSON},
    {"ContainerDelete", DELETE, "/containers/{id...}", "containers", WRITE, PLAIN, NONE},
    {"ContainerPrune", POST, "/containers/prune", "containers", WRITE, PLAIN, NONE},

    {"ExecInspect", GET, "/exec/{id...}/json", "exec", SENSITIVE, PLAIN, NONE},
    {"ExecStart", POST, "/exec/{id...}/start", "exec", EXEC, HIJACK, JSON},
    {"ExecResize", POST, "/exec/{id...}/resize", "exec", WRITE, PLAIN, NONE},

    {"ImageCommit", POST, "/commit", "commit", WRITE, PLAIN, JSON},
    {"ImageList", GET, "/images/json", "images", READ, PLAIN, NONE},
    {"ImageSearch", GET, "/images/search", "images", SENSITIVE, PLAIN, NONE},
    {"ImageGetAll", GET, "/images/get", "images", SENSITIVE, PLAIN, NONE},
    {"ImageGet", GET, "/images/{name...}/get", "images", SENSITIVE, PLAIN, NONE},
    {"ImageHistory", GET, "/images/{name...}/history", "images", SENSITIVE, PLAIN, NONE},
    {"ImageInspect", GET, "/images/{name...}/json", "images", SENSITIVE, PLAIN, NONE},
    {"ImageAttestations", GET, "/images/{name...}/attestations", "images", READ, PLAIN, NONE},
    {"ImageLoad", POST, "/images/load", "images", WRITE, PLAIN, TAR},
    {"ImageCreate", POST, "/images/create", "images", WRITE, PLAIN, TAR},
    {"ImagePush", POST, "/images/{name...}/push", "images", WRITE, PLAIN, NONE},
    {"ImageTag", POST, "/images/{name...}/tag", "images", WRITE, PLAIN, NONE},
    {"ImagePrune", POST, "/images/prune", "images", WRITE, PLAIN, NONE},
    {"ImageDelete", DELETE, "/images/{name...}", "images", WRITE, PLAIN, NONE},

    {"ImageBuild", POST, "/build", "build", ROOT, PLAIN, TAR},
    {"BuildPrune", POST, "/build/prune", "build", WRITE, PLAIN, NONE},
    {"BuildCancel", POST, "/build/cancel", "build", WRITE, PLAIN, NONE},
    {"Session", POST, "/session", "session", ROOT, H2C, NONE},
    {"Grpc", POST, "/grpc", "grpc", ROOT, H2C, NONE},

    {"SwarmInit", POST, "/swarm/init", "swarm", ROOT, PLAIN, JSON},
    {"SwarmJoin", POST, "/swarm/join", "swarm", ROOT, PLAIN, JSON},
    {"SwarmLeave", POST, "/swarm/leave", "swarm", WRITE, PLAIN, NONE},
    {"SwarmInspect", GET, "/swarm", "swarm", SENSITIVE, PLAIN, NONE},
    {"SwarmUnlockkey", GET, "/swarm/unlockkey", "swarm", SENSITIVE, PLAIN, NONE},
    {"SwarmUpdate", POST, "/swarm/update", "swarm", ROOT, PLAIN, JSON},
    {"SwarmUnlock", POST, "/swarm/unlock", "swarm", WRITE, PLAIN, JSON},

    {"ServiceList", GET, "/services", "services", SENSITIVE, PLAIN, NONE},
    {"ServiceCreate", POST, "/services/create", "services", ROOT, PLAIN, JSON},
    {"ServiceInspect", GET, "/services/{id}", "services", SENSITIVE, PLAIN, NONE},
    {"ServiceUpdate", POST, "/services/{id}/update", "services", ROOT, PLAIN, JSON},
    {"ServiceDelete", DELETE, "/services/{id}", "services", WRITE, PLAIN, NONE},
    {"ServiceLogs", GET, "/services/{id}/logs", "services", SENSITIVE, PLAIN, NONE},

    {"NodeList", GET, "/nodes", "nodes", READ, PLAIN, NONE},
    {"NodeInspect", GET, "/nodes/{id}", "nodes", READ, PLAIN, NONE},
    {"NodeDelete", DELETE, "/nodes/{id}", "nodes", WRITE, PLAIN, NONE},
    {"NodeUpdate", POST, "/nodes/{id}/update", "nodes", WRITE, PLAIN, JSON},

    {"TaskList", GET, "/tasks", "tasks", SENSITIVE, PLAIN, NONE},
    {"TaskInspect", GET, "/tasks/{id}", "tasks", SENSITIVE, PLAIN, NONE},
    {"TaskLogs", GET, "/tasks/{id}/logs", "tasks", SENSITIVE, PLAIN, NONE},

    {"SecretList", GET, "/secrets", "secrets", READ, PLAIN, NONE},
    {"SecretCreate", POST, "/secrets/create", "secrets", WRITE, PLAIN, JSON},
    /* Podman returns the secret itself when asked to (?showsecret=true). */
    {"SecretInspect", GET, "/secrets/{id}", "secrets", SENSITIVE, PLAIN, NONE},
    {"SecretUpdate", POST, "/secrets/{id}/update", "secrets", WRITE, PLAIN, JSON},
    {"SecretDelete", DELETE, "/secrets/{id}", "secrets", WRITE, PLAIN, NONE},

    {"ConfigList", GET, "/configs", "configs", SENSITIVE, PLAIN, NONE},
    {"ConfigCreate", POST, "/configs/create", "configs", WRITE, PLAIN, JSON},
    {"ConfigInspect", GET, "/configs/{id}", "configs", SENSITIVE, PLAIN, NONE},
    {"ConfigUpdate", POST, "/configs/{id}/update", "configs", WRITE, PLAIN, JSON},
    {"ConfigDelete", DELETE, "/configs/{id}", "configs", WRITE, PLAIN, NONE},

    {"PluginList", GET, "/plugins", "plugins", SENSITIVE, PLAIN, NONE},
    {"GetPluginPrivileges", GET, "/plugins/privileges", "plugins", SENSITIVE, PLAIN, NONE},
    {"PluginInspect", GET, "/plugins/{name...}/json", "plugins", SENSITIVE, PLAIN, NONE},
    {"PluginInspect", GET, "/plugins/{name...}", "plugins", SENSITIVE, PLAIN, NONE}, /* API 1.24 */
    {"PluginPull", POST, "/plugins/pull", "plugins", ROOT, PLAIN, JSON},
    {"PluginCreate", POST, "/plugins/create", "plugins", ROOT, PLAIN, TAR},
    {"PluginEnable", POST, "/plugins/{name...}/enable", "plugins", ROOT, PLAIN, NONE},
    {"PluginDisable", POST, "/plugins/{name...}/disable", "plugins", WRITE, PLAIN, NONE},
    {"PluginSet", POST, "/plugins/{name...}/set", "plugins", ROOT, PLAIN, JSON},
    {"PluginPush", POST, "/plugins/{name...}/push", "plugins", WRITE, PLAIN, NONE},
    {"PluginUpgrade", POST, "/plugins/{name...}/upgrade", "plugins", ROOT, PLAIN, JSON},
    {"PluginDelete", DELETE, "/plugins/{name...}", "plugins", WRITE, PLAIN, NONE},

    {"NetworkList", GET, "/networks", "networks", READ, PLAIN, NONE},
    {"NetworkList", GET, "/networks/", "networks", READ, PLAIN, NONE},
    {"NetworkInspect", GET, "/networks/{id...}", "networks", READ, PLAIN, NONE},
    {"NetworkCreate", POST, "/networks/create", "networks", WRITE, PLAIN, JSON},
    {"NetworkConnect", POST, "/networks/{id...}/connect", "networks", WRITE, PLAIN, JSON},
    {"NetworkDisconnect", POST, "/networks/{id...}/disconnect", "networks", WRITE, PLAIN, JSON},
    {"NetworkPrune", POST, "/networks/prune", "networks", WRITE, PLAIN, NONE},
    {"NetworkDelete", DELETE, "/networks/{id...}", "networks", WRITE, PLAIN, NONE},

    {"VolumeList", GET, "/volumes", "volumes", SENSITIVE, PLAIN, NONE},
    {"VolumeInspect", GET, "/volumes/{name...}", "volumes", SENSITIVE, PLAIN, NONE},
    {"VolumeCreate", POST, "/volumes/create", "volumes", ROOT, PLAIN, JSON},
    {"VolumeUpdate", PUT, "/volumes/{name...}", "volumes", WRITE, PLAIN, JSON},
    {"VolumePrune", POST, "/volumes/prune", "volumes", WRITE, PLAIN, NONE},
    {"VolumeDelete", DELETE, "/volumes/{name...}", "volumes", WRITE, PLAIN, NONE},

    {"DistributionInspect", GET, "/distribution/{name...}/json", "distribution", SENSITIVE, PLAIN, NONE},

    {"DebugVars", GET, "/debug/vars", "debug", SENSITIVE, PLAIN, NONE},
    {"DebugPprof", GET, "/debug/pprof/", "debug", SENSITIVE, PLAIN, NONE},
    {"DebugPprof", GET, "/debug/pprof/{profile}", "debug", SENSITIVE, PLAIN, NONE},

    {"SystemOptions", OPTIONS, "/{any...}", "", READ, PLAIN, NONE},
};
/* clang-format on */

const size_t docker_operations_count = sizeof(docker_operations) / sizeof(*docker_operations);

_Static_assert(sizeof(docker_operations) / sizeof(*docker_operations) <= OPERATIONS_MAX,
               "struct operation_set is too small for the table");
