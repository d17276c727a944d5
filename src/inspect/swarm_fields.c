/* swarm_fields.c: the swarm itself, secrets, configs, plugins, registries. moby api/types. */
#include "inspect/fields.h"

/* clang-format off */
static const struct field init_fields[] = {
    ABSENT("ListenAddr", STRING, "opens a manager's port"),
    ABSENT("AdvertiseAddr", STRING, "the same"),
    ABSENT("DataPathAddr", STRING, "the same"),
    ABSENT("DataPathPort", INT, "the same"),
    ABSENT("ForceNewCluster", BOOL, "takes an existing cluster over"),
    ABSENT("Spec", OBJECT, "certificates, keys, log drivers"),
    ABSENT("AutoLockManagers", BOOL, "locks others out"),
    ABSENT("Availability", STRING, "of the node"),
    ABSENT("DefaultAddrPool", STRINGS, "the LAN's own addresses"),
    ABSENT("SubnetSize", INT, "the same"),
};
const struct type type_swarm_init = {"InitRequest", {PART(init_fields)}, check_swarm};

static const struct field join_fields[] = {
    ABSENT("ListenAddr", STRING, "opens a manager's port"),
    ABSENT("AdvertiseAddr", STRING, "the same"),
    ABSENT("DataPathAddr", STRING, "the same"),
    ABSENT("RemoteAddrs", STRINGS, "whoever manages that cluster runs anything here"),
    CHECKED("JoinToken", STRING, 0, check_never, "the same; no log has it"),
    ABSENT("Availability", STRING, "of the node"),
};
const struct type type_swarm_join = {"JoinRequest", {PART(join_fields)}, check_swarm};

static const struct field spec_fields[] = {
    ABSENT("Name", STRING, "the cluster's"),
    ABSENT("Labels", MAP, "the cluster's"),
    ABSENT("Orchestration", OBJECT, "the cluster's history"),
    ABSENT("Raft", OBJECT, "the cluster's stability"),
    ABSENT("Dispatcher", OBJECT, "the same"),
    ABSENT("CAConfig", OBJECT, "an authority of the client's"),
    ABSENT("TaskDefaults", OBJECT, "where all output goes"),
    ABSENT("EncryptionConfig", OBJECT, "locks others out"),
};
const struct type type_swarm_spec = {"Spec", {PART(spec_fields)}, check_swarm};

static const struct field unlock_fields[] = {
    PASSES("UnlockKey", STRING, "who has it may use it"),
};
const struct type type_swarm_unlock = {"UnlockRequest", {PART(unlock_fields)}, NULL};

static const struct field node_fields[] = {
    ABSENT("Name", STRING, "the node's"),
    ABSENT("Labels", MAP, "what constraints go by"),
    ABSENT("Role", STRING, "makes a node a manager"),
    ABSENT("Availability", STRING, "drains a node"),
};
const struct type type_node = {"NodeSpec", {PART(node_fields)}, check_swarm};

static const struct field secret_fields[] = {
    PASSES("Name", STRING, "its name"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    PASSES("Data", STRING, "the client's own"),
    ABSENT("Driver", OBJECT, "a plugin"),
    ABSENT("Templating", OBJECT, "is evaluated in tasks"),
};
const struct type type_secret = {"SecretSpec", {PART(secret_fields)}, NULL};

static const struct field config_fields[] = {
    PASSES("Name", STRING, "its name"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    PASSES("Data", STRING, "the client's own"),
    ABSENT("Templating", OBJECT, "is evaluated in tasks"),
};
const struct type type_config = {"ConfigSpec", {PART(config_fields)}, NULL};

static const struct field auth_fields[] = {
    PASSES("username", STRING, "the client's own"),
    PASSES("password", STRING, "the client's own"),
    PASSES("auth", STRING, "the client's own"),
    PASSES("email", STRING, "older clients' own"),
    CHECKED("serveraddress", STRING, KEY_A_SERVERS, check_source, "dockerd connects there"),
    PASSES("identitytoken", STRING, "the client's own"),
    PASSES("registrytoken", STRING, "the client's own"),
    ABSENT("stackOrchestrator", STRING, "docker-java says null"),
};
const struct type type_auth = {"AuthConfig", {PART(auth_fields)}, NULL};

static const struct field privilege_fields[] = {
    PASSES("Name", STRING, "judged with the values"),
    PASSES("Description", STRING, "for people"),
    PASSES("Value", STRINGS, "judged with the name"),
};
const struct type type_plugin_privilege = {"PluginPrivilege", {PART(privilege_fields)}, check_privilege};
/* clang-format on */
