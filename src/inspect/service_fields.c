/* service_fields.c: services. moby api/types/swarm. A service's task is a container on any node. */
#include "inspect/fields.h"

/* clang-format off */
static const struct field dns_fields[] = {
    KEYED("Nameservers", STRINGS, KEY_W_DNS, "whom it asks for names"),
    KEYED("Search", STRINGS, KEY_W_DNS, "how"),
    KEYED("Options", STRINGS, KEY_W_DNS, "the same"),
};
static const struct type type_dns = {"DNSConfig", {PART(dns_fields)}, NULL};

static const struct field selinux_fields[] = {
    CHECKED("Disable", BOOL, KEY_W_SECURITY_OPT, check_selinux, "no SELinux"),
    CHECKED("User", STRING, KEY_W_SECURITY_OPT, check_selinux, "another label"),
    CHECKED("Role", STRING, KEY_W_SECURITY_OPT, check_selinux, "another label"),
    CHECKED("Type", STRING, KEY_W_SECURITY_OPT, check_selinux, "another label"),
    CHECKED("Level", STRING, KEY_W_SECURITY_OPT, check_selinux, "another label"),
};
static const struct type type_selinux = {"SELinuxContext", {PART(selinux_fields)}, NULL};

static const struct field seccomp_fields[] = {
    CHECKED("Mode", STRING, KEY_W_SECURITY_OPT, check_seccomp, "unconfined, or a profile of its own"),
    CHECKED("Profile", STRING, KEY_W_SECURITY_OPT, check_seccomp_profile, "its own system calls, whatever the mode"),
};
static const struct type type_seccomp = {"SeccompOpts", {PART(seccomp_fields)}, NULL};

static const struct field apparmor_fields[] = {
    CHECKED("Mode", STRING, KEY_W_SECURITY_OPT, check_apparmor, "disabled"),
};
static const struct type type_apparmor = {"AppArmorOpts", {PART(apparmor_fields)}, NULL};

static const struct field credential_fields[] = {
    ABSENT("Config", STRING, "Windows only"),
    ABSENT("File", STRING, "Windows only"),
    ABSENT("Registry", STRING, "Windows only"),
};
static const struct type type_credential = {"CredentialSpec", {PART(credential_fields)}, NULL};

static const struct field privileges_fields[] = {
    WITHIN("CredentialSpec", OBJECT, &type_credential, "Windows only"),
    WITHIN("SELinuxContext", OBJECT, &type_selinux, "its label"),
    WITHIN("Seccomp", OBJECT, &type_seccomp, "its system calls"),
    WITHIN("AppArmor", OBJECT, &type_apparmor, "its profile"),
    PASSES("NoNewPrivileges", BOOL, "takes away"),
};
static const struct type type_privileges = {"Privileges", {PART(privileges_fields)}, NULL};

static const struct field file_fields[] = {
    PASSES("Name", STRING, "a path in the container"),
    PASSES("UID", STRING, "whose it is there"),
    PASSES("GID", STRING, "the same"),
    PASSES("Mode", INT, "the same"),
};
static const struct type type_file = {"FileTarget", {PART(file_fields)}, NULL};

static const struct field secret_reference_fields[] = {
    WITHIN("File", OBJECT, &type_file, "where it is in the container"),
    KEYED("SecretID", STRING, KEY_W_SECRETS, "any secret of the swarm"),
    PASSES("SecretName", STRING, "the engine goes by the id"),
};
static const struct type type_secret_reference = {"SecretReference", {PART(secret_reference_fields)}, NULL};

static const struct type type_empty = {"struct{}", {{NULL, 0, false}}, NULL};

static const struct field config_reference_fields[] = {
    WITHIN("File", OBJECT, &type_file, "where it is in the container"),
    WITHIN("Runtime", OBJECT, &type_empty, "for a credential spec"),
    KEYED("ConfigID", STRING, KEY_W_CONFIGS, "any config of the swarm"),
    PASSES("ConfigName", STRING, "the engine goes by the id"),
};
static const struct type type_config_reference = {"ConfigReference", {PART(config_reference_fields)}, NULL};

static const struct field container_spec_fields[] = {
    CHECKED("Image", STRING, KEY_W_IMAGES, check_image, "whose code it is"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    CHECKED("Command", STRINGS, KEY_W_ENTRYPOINTS, check_argv, "the entrypoint"),
    CHECKED("Args", STRINGS, KEY_W_COMMANDS, check_argv, "the command"),
    KEYED("Hostname", STRING, KEY_W_ALIASES, "as a container's"),
    CHECKED("Env", STRINGS, KEY_W_ENV, check_env, "steers what the image runs"),
    CHECKED("Dir", STRING, KEY_W_WORKING_DIRS, check_working_dir, "CVE-2024-21626"),
    CHECKED("User", STRING, KEY_W_USERS, check_user, "root is root in what is mounted, too"),
    KEYED("Groups", STRINGS, KEY_W_GROUP_ADD, "groups of the host in what is mounted"),
    WITHIN("Privileges", OBJECT, &type_privileges, "what keeps it apart from the host"),
    PASSES("Init", BOOL, "a process that reaps"),
    PASSES("StopSignal", STRING, "to its own process"),
    PASSES("TTY", BOOL, "a terminal of its own"),
    PASSES("OpenStdin", BOOL, "its own standard input"),
    PASSES("ReadOnly", BOOL, "takes away"),
    WITHIN("Mounts", OBJECTS, &type_mount, "any directory of each node"),
    PASSES("StopGracePeriod", INT, "how long a stop waits"),
    WITHIN("Healthcheck", OBJECT, &type_healthcheck, "a command, again and again"),
    KEYED("Hosts", STRINGS, KEY_W_EXTRA_HOSTS, "names in its /etc/hosts"),
    WITHIN("DNSConfig", OBJECT, &type_dns, "whom it asks for names"),
    WITHIN("Secrets", OBJECTS, &type_secret_reference, "secrets of the swarm"),
    WITHIN("Configs", OBJECTS, &type_config_reference, "configs of the swarm"),
    CHECKED("Isolation", STRING, 0, check_isolation, "Windows only"),
    CHECKED("Sysctls", MAP, KEY_W_SYSCTLS, check_sysctls, "the kernel's settings"),
    CHECKED("CapabilityAdd", STRINGS, KEY_W_CAPABILITIES, check_capabilities, "SYS_ADMIN and others are root on the node"),
    PASSES("CapabilityDrop", STRINGS, "takes away"),
    BOTH("Ulimits", OBJECTS, &type_ulimit, KEY_W_ULIMITS, check_ulimits, "rtprio and nice against the node"),
    CHECKED("OomScoreAdj", INT, KEY_W_OOM_SCORE_ADJ, check_oom_score, "the node's services die in its place"),
};
static const struct type type_container_spec = {"ContainerSpec", {PART(container_spec_fields)}, NULL};

static const struct field named_resource_fields[] = {
    PASSES("Kind", STRING, "judged as a whole"),
    PASSES("Value", STRING, "the same"),
};
static const struct type type_named_resource = {"NamedGenericResource", {PART(named_resource_fields)}, NULL};
static const struct field discrete_resource_fields[] = {
    PASSES("Kind", STRING, "judged as a whole"),
    PASSES("Value", INT, "the same"),
};
static const struct type type_discrete_resource = {"DiscreteGenericResource", {PART(discrete_resource_fields)}, NULL};
static const struct field generic_resource_fields[] = {
    WITHIN("NamedResourceSpec", OBJECT, &type_named_resource, "a device by its name"),
    WITHIN("DiscreteResourceSpec", OBJECT, &type_discrete_resource, "so many devices"),
};
static const struct type type_generic_resource = {"GenericResource", {PART(generic_resource_fields)}, NULL};

static const struct field task_resource_fields[] = {
    PASSES("NanoCPUs", INT, "a limit; restrict-to asks for it"),
    PASSES("MemoryBytes", INT, "the same"),
    PASSES("Pids", INT, "the same"),
    BOTH("GenericResources", OBJECTS, &type_generic_resource, KEY_W_DEVICE_REQUESTS, check_generic_resources, "devices of the node"),
};
static const struct type type_task_resources = {"Resources", {PART(task_resource_fields)}, NULL};
static const struct field requirement_fields[] = {
    WITHIN("Limits", OBJECT, &type_task_resources, "limits"),
    WITHIN("Reservations", OBJECT, &type_task_resources, "what a node must have left"),
    PASSES("SwapBytes", INT, "a limit"),
    PASSES("MemorySwappiness", INT, "its own pages"),
};
static const struct type type_requirements = {"ResourceRequirements", {PART(requirement_fields)}, NULL};

static const struct field task_restart_fields[] = {
    PASSES("Condition", STRING, "what a service is for"),
    PASSES("Delay", INT, "how long it waits"),
    PASSES("MaxAttempts", INT, "bounds it"),
    PASSES("Window", INT, "the same"),
};
static const struct type type_task_restart = {"RestartPolicy", {PART(task_restart_fields)}, NULL};

static const struct field spread_fields[] = {PASSES("SpreadDescriptor", STRING, "evens out")};
static const struct type type_spread = {"SpreadOver", {PART(spread_fields)}, NULL};
static const struct field preference_fields[] = {WITHIN("Spread", OBJECT, &type_spread, "evens out")};
static const struct type type_preference = {"PlacementPreference", {PART(preference_fields)}, NULL};
static const struct field platform_fields[] = {
    PASSES("Architecture", STRING, "what the image needs"),
    PASSES("OS", STRING, "the same"),
};
static const struct type type_platform = {"Platform", {PART(platform_fields)}, NULL};
static const struct field placement_fields[] = {
    KEYED("Constraints", STRINGS, KEY_W_CONSTRAINTS, "chooses a node, a manager for instance"),
    WITHIN("Preferences", OBJECTS, &type_preference, "evens out"),
    PASSES("MaxReplicas", INT, "a limit"),
    WITHIN("Platforms", OBJECTS, &type_platform, "what the image needs"),
};
static const struct type type_placement = {"Placement", {PART(placement_fields)}, NULL};

static const struct field attachment_fields[] = {
    PASSES("Target", STRING, "judged as a whole"),
    KEYED("Aliases", STRINGS, KEY_W_ALIASES, "takes over the name of another in the network"),
    CHECKED("DriverOpts", MAP, KEY_W_ENDPOINT_OPTIONS, check_endpoint_options, "settings of the interface"),
};
static const struct type type_attachment = {"NetworkAttachmentConfig", {PART(attachment_fields)}, NULL};

static const struct field log_driver_fields[] = {
    CHECKED("Name", STRING, KEY_W_LOG_DRIVERS, check_log_driver, "sends to other hosts, opens files of the node"),
    CHECKED("Options", MAP, KEY_W_LOG_OPTIONS, check_log_options, "addresses, and files that dockerd opens"),
};
static const struct type type_log_driver = {"Driver", {PART(log_driver_fields)}, NULL};

static const struct field task_fields[] = {
    WITHIN("ContainerSpec", OBJECT, &type_container_spec, "the container"),
    ABSENT("PluginSpec", OBJECT, "installs a plugin, with privileges, on all nodes"),
    ABSENT("NetworkAttachmentSpec", OBJECT, "attaches a container from outside"),
    WITHIN("Resources", OBJECT, &type_requirements, "limits"),
    WITHIN("RestartPolicy", OBJECT, &type_task_restart, "what a service is for"),
    WITHIN("Placement", OBJECT, &type_placement, "where it runs"),
    BOTH("Networks", OBJECTS, &type_attachment, KEY_W_NETWORKS, check_service_networks, "host, or any network"),
    WITHIN("LogDriver", OBJECT, &type_log_driver, "where the output goes"),
    PASSES("ForceUpdate", INT, "a counter"),
    CHECKED("Runtime", STRING, 0, check_task_runtime, "plugin installs one on all nodes"),
};
static const struct type type_task = {"TaskSpec", {PART(task_fields)}, NULL};

static const struct field replicated_fields[] = {PASSES("Replicas", INT, "restrict-to bounds it")};
static const struct type type_replicated = {"ReplicatedService", {PART(replicated_fields)}, NULL};
static const struct field job_fields[] = {
    PASSES("MaxConcurrent", INT, "restrict-to bounds it"),
    PASSES("TotalCompletions", INT, "the same"),
};
static const struct type type_job = {"ReplicatedJob", {PART(job_fields)}, NULL};
static const struct field mode_fields[] = {
    WITHIN("Replicated", OBJECT, &type_replicated, "so many"),
    WITHIN("Global", OBJECT, &type_empty, "on each node"),
    WITHIN("ReplicatedJob", OBJECT, &type_job, "so many, once"),
    WITHIN("GlobalJob", OBJECT, &type_empty, "on each node, once"),
};
static const struct type type_mode = {"ServiceMode", {PART(mode_fields)}, check_service_mode};

static const struct field update_fields[] = {
    PASSES("Parallelism", INT, "how an update goes"),
    PASSES("Delay", INT, "the same"),
    PASSES("FailureAction", STRING, "the same"),
    PASSES("Monitor", INT, "the same"),
    PASSES("MaxFailureRatio", NUMBER, "the same"),
    PASSES("Order", STRING, "the same"),
};
static const struct type type_update = {"UpdateConfig", {PART(update_fields)}, NULL};

static const struct field port_fields[] = {
    PASSES("Name", STRING, "a name"),
    PASSES("Protocol", STRING, "which of them"),
    PASSES("TargetPort", INT, "the container's own"),
    PASSES("PublishedPort", INT, "judged as a whole"),
    PASSES("PublishMode", STRING, "on each node, or where it runs"),
};
static const struct type type_port = {"PortConfig", {PART(port_fields)}, NULL};
static const struct field endpoint_spec_fields[] = {
    PASSES("Mode", STRING, "vip or dnsrr"),
    BOTH("Ports", OBJECTS, &type_port, KEY_W_PORTS, check_service_ports, "takes ports of every node"),
};
static const struct type type_endpoint_spec = {"EndpointSpec", {PART(endpoint_spec_fields)}, NULL};

static const struct field service_fields[] = {
    PASSES("Name", STRING, "its name"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    WITHIN("TaskTemplate", OBJECT, &type_task, "the containers"),
    WITHIN("Mode", OBJECT, &type_mode, "how many"),
    WITHIN("UpdateConfig", OBJECT, &type_update, "how an update goes"),
    WITHIN("RollbackConfig", OBJECT, &type_update, "the same"),
    BOTH("Networks", OBJECTS, &type_attachment, KEY_W_NETWORKS, check_service_networks, "where TaskTemplate has none, until API 1.43"),
    WITHIN("EndpointSpec", OBJECT, &type_endpoint_spec, "ports"),
};
const struct type type_service = {"ServiceSpec", {PART(service_fields)}, check_service};
/* clang-format on */
