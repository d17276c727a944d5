/* container_fields.c: containers and exec. moby api/types/container, Engine 20.10 to 29. */
#include "inspect/fields.h"

/* clang-format off */
static const struct field healthcheck_fields[] = {
    CHECKED("Test", STRINGS, KEY_W_HEALTHCHECKS, check_healthcheck, "runs in the container again and again"),
    PASSES("Interval", INT, "how often"),
    PASSES("Timeout", INT, "how long"),
    PASSES("StartPeriod", INT, "when it counts"),
    PASSES("StartInterval", INT, "how often at first"),
    PASSES("Retries", INT, "how many failures"),
};
const struct type type_healthcheck = {"HealthConfig", {PART(healthcheck_fields)}, NULL};

static const struct field config_fields[] = {
    KEYED("Hostname", STRING, KEY_W_ALIASES, "a name in its networks, as Aliases"),
    PASSES("Domainname", STRING, "the same"),
    CHECKED("User", STRING, KEY_W_USERS, check_user, "root is root in what is mounted, too"),
    PASSES("AttachStdin", BOOL, "the client's own streams"),
    PASSES("AttachStdout", BOOL, "the same"),
    PASSES("AttachStderr", BOOL, "the same"),
    PASSES("ExposedPorts", SET, "opens nothing without PublishAllPorts"),
    PASSES("Tty", BOOL, "a terminal of its own"),
    PASSES("OpenStdin", BOOL, "its own standard input"),
    PASSES("StdinOnce", BOOL, "the same"),
    CHECKED("Env", STRINGS, KEY_W_ENV, check_env, "steers what the image runs"),
    CHECKED("Cmd", STRING_OR_LIST, KEY_W_COMMANDS, check_argv, "code in the container"),
    WITHIN("Healthcheck", OBJECT, &type_healthcheck, "a command, again and again"),
    PASSES("ArgsEscaped", BOOL, "Windows only"),
    CHECKED("Image", STRING, KEY_W_IMAGES, check_image, "whose code it is"),
    CHECKED("Volumes", SET, 0, check_container_path, "anonymous volumes"),
    CHECKED("WorkingDir", STRING, KEY_W_WORKING_DIRS, check_working_dir, "/proc/self/fd/N leads to the host with runc before 1.1.12 (CVE-2024-21626)"),
    UNLESS_NULL("Entrypoint", STRING_OR_LIST, KEY_W_ENTRYPOINTS, check_argv, "code in the container; [] takes the image's away (moby daemon/commit.go merge())"),
    PASSES("NetworkDisabled", BOOL, "takes away"),
    KEYED("MacAddress", STRING, KEY_W_MAC_ADDRESSES, "another machine's address"),
    ABSENT("OnBuild", STRINGS, "runs when an image made of it is built upon"),
    CHECKED("Labels", MAP, KEY_W_FORBID_LABELS, check_labels, "other tools believe them"),
    PASSES("StopSignal", STRING, "to its own process"),
    PASSES("StopTimeout", INT, "how long a stop waits"),
    CHECKED("Shell", STRING_OR_LIST, KEY_W_HEALTHCHECKS, check_shell, "runs a CMD-SHELL of the health check"),
};
const struct type type_container_config = {"Config", {PART(config_fields)}, NULL};

static const struct field log_config_fields[] = {
    CHECKED("Type", STRING, KEY_W_LOG_DRIVERS, check_log_driver, "sends to other hosts, opens files of the host"),
    CHECKED("Config", MAP, KEY_W_LOG_OPTIONS, check_log_options, "addresses, and files that dockerd opens"),
};
static const struct type type_log_config = {"LogConfig", {PART(log_config_fields)}, NULL};

static const struct field port_binding_fields[] = {
    PASSES("HostIp", STRING, "judged with the port"),
    PASSES("HostPort", STRING, "the same"),
};
static const struct type type_port_binding = {"PortBinding", {PART(port_binding_fields)}, NULL};

static const struct field restart_fields[] = {
    CHECKED("Name", STRING, KEY_W_RESTART, check_restart, "outlives a reboot"),
    PASSES("MaximumRetryCount", INT, "bounds on-failure"),
};
static const struct type type_restart = {"RestartPolicy", {PART(restart_fields)}, NULL};

static const struct field device_fields[] = {
    PASSES("PathOnHost", STRING, "judged with the permissions"),
    PASSES("PathInContainer", STRING, "a name in the container"),
    PASSES("CgroupPermissions", STRING, "judged with the path"),
};
static const struct type type_device = {"DeviceMapping", {PART(device_fields)}, NULL};

static const struct field device_request_fields[] = {
    PASSES("Driver", STRING, "judged with the ids"),
    PASSES("Count", INT, "how many of what the policy names"),
    PASSES("DeviceIDs", STRINGS, "judged with the driver"),
    PASSES("Capabilities", LISTS, "the same"),
    ABSENT("Options", MAP, "whatever the driver makes of it"),
};
static const struct type type_device_request = {"DeviceRequest", {PART(device_request_fields)}, NULL};

static const struct field throttle_fields[] = {
    PASSES("Path", STRING, "judged as a whole"),
    PASSES("Weight", INT, "the same"),
    PASSES("Rate", INT, "the same"),
};
static const struct type type_throttle = {"ThrottleDevice", {PART(throttle_fields)}, NULL};

static const struct field ulimit_fields[] = {
    PASSES("Name", STRING, "judged with the values"),
    PASSES("Hard", INT, "the same"),
    PASSES("Soft", INT, "the same"),
};
const struct type type_ulimit = {"Ulimit", {PART(ulimit_fields)}, NULL};

/* What update takes as well. */
static const struct field resource_fields[] = {
    PASSES("CpuShares", INT, "restrict-to cpus bounds what counts"),
    PASSES("Memory", INT, "a limit; restrict-to asks for it"),
    PASSES("NanoCpus", INT, "the same"),
    KEYED("CgroupParent", STRING, KEY_W_CGROUP_PARENTS, "out of the limits of its slice"),
    PASSES("BlkioWeight", INT, "its share"),
    BOTH("BlkioWeightDevice", OBJECTS, &type_throttle, KEY_W_BLOCK_DEVICES, check_block_devices, "priority over others; tells what paths there are"),
    BOTH("BlkioDeviceReadBps", OBJECTS, &type_throttle, KEY_W_BLOCK_DEVICES, check_block_devices, "tells what paths there are"),
    BOTH("BlkioDeviceWriteBps", OBJECTS, &type_throttle, KEY_W_BLOCK_DEVICES, check_block_devices, "the same"),
    BOTH("BlkioDeviceReadIOps", OBJECTS, &type_throttle, KEY_W_BLOCK_DEVICES, check_block_devices, "the same"),
    BOTH("BlkioDeviceWriteIOps", OBJECTS, &type_throttle, KEY_W_BLOCK_DEVICES, check_block_devices, "the same"),
    PASSES("CpuPeriod", INT, "a limit"),
    PASSES("CpuQuota", INT, "a limit; restrict-to bounds it"),
    CHECKED("CpuRealtimePeriod", INT, KEY_W_REALTIME, check_switch, "can stall the host"),
    CHECKED("CpuRealtimeRuntime", INT, KEY_W_REALTIME, check_switch, "can stall the host"),
    PASSES("CpusetCpus", STRING, "a limit"),
    PASSES("CpusetMems", STRING, "a limit"),
    BOTH("Devices", OBJECTS, &type_device, KEY_W_DEVICES, check_devices, "a disk is the host"),
    KEYED("DeviceCgroupRules", STRINGS, KEY_W_DEVICE_CGROUP_RULES, "opens classes of devices to mknod"),
    BOTH("DeviceRequests", OBJECTS, &type_device_request, KEY_W_DEVICE_REQUESTS, check_device_requests, "a CDI device brings mounts and hooks"),
    PASSES("MemoryReservation", INT, "a limit"),
    PASSES("MemorySwap", INT, "a limit; restrict-to bounds it"),
    PASSES("MemorySwappiness", INT, "its own pages"),
    CHECKED("OomKillDisable", BOOL, KEY_W_OOM_KILL_DISABLE, check_switch, "the host's memory runs out"),
    PASSES("PidsLimit", INT, "a limit; restrict-to asks for it"),
    BOTH("Ulimits", OBJECTS, &type_ulimit, KEY_W_ULIMITS, check_ulimits, "rtprio and nice against the host"),
    PASSES("CpuCount", INT, "Windows only"),
    PASSES("CpuPercent", INT, "Windows only"),
    PASSES("IOMaximumIOps", INT, "Windows only"),
    PASSES("IOMaximumBandwidth", INT, "Windows only"),
    PASSES("KernelMemory", INT, "a limit, until Engine 23"),
    PASSES("KernelMemoryTCP", INT, "a limit, until Engine 27"),
};

static const struct field host_config_fields[] = {
    CHECKED("Binds", STRINGS, KEY_W_BINDS, check_binds, "any directory of the host"),
    PASSES("ContainerIDFile", STRING, "only stored: the client writes it"),
    WITHIN("LogConfig", OBJECT, &type_log_config, "where the output goes"),
    CHECKED("NetworkMode", STRING, KEY_W_NETWORKS, check_network_mode, "host: the host's sockets, abstract ones too"),
    BOTH("PortBindings", NAMEDS, &type_port_binding, KEY_W_PORTS, check_port_bindings, "takes addresses and ports of the host"),
    WITHIN("RestartPolicy", OBJECT, &type_restart, "outlives a reboot"),
    PASSES("AutoRemove", BOOL, "takes away"),
    CHECKED("VolumeDriver", STRING, KEY_W_VOLUME_DRIVERS, check_volume_driver, "a plugin's volumes"),
    KEYED("VolumesFrom", STRINGS, KEY_W_VOLUMES_FROM, "the mounts of another container"),
    PASSES("ConsoleSize", INTS, "its own terminal"),
    KEYED("Annotations", MAP, KEY_W_ANNOTATIONS, "runtimes and hooks obey them"),
    CHECKED("CapAdd", STRING_OR_LIST, KEY_W_CAPABILITIES, check_capabilities, "SYS_ADMIN and others are root on the host"),
    PASSES("CapDrop", STRING_OR_LIST, "takes away"),
    CHECKED("CgroupnsMode", STRING, KEY_W_HOST_NAMESPACES, check_namespace, "host: all cgroups of the host"),
    KEYED("Dns", STRINGS, KEY_W_DNS, "whom it asks for names"),
    KEYED("DnsOptions", STRINGS, KEY_W_DNS, "how"),
    KEYED("DnsSearch", STRINGS, KEY_W_DNS, "the same"),
    KEYED("ExtraHosts", STRINGS, KEY_W_EXTRA_HOSTS, "host-gateway is the host's address"),
    KEYED("GroupAdd", STRINGS, KEY_W_GROUP_ADD, "groups of the host in what is mounted"),
    CHECKED("IpcMode", STRING, KEY_W_HOST_NAMESPACES, check_namespace, "shares memory with others"),
    CHECKED("Cgroup", STRING, KEY_W_JOIN_CONTAINERS, check_cgroup, "another container's cgroup"),
    KEYED("Links", STRINGS, KEY_W_LINKS, "tells another container's environment"),
    CHECKED("OomScoreAdj", INT, KEY_W_OOM_SCORE_ADJ, check_oom_score, "the host's services die in its place"),
    CHECKED("PidMode", STRING, KEY_W_HOST_NAMESPACES, check_namespace, "host: sees and steers all processes"),
    KEYED("Privileged", BOOL, KEY_W_PRIVILEGED, "all capabilities and devices, no seccomp: the host"),
    CHECKED("PublishAllPorts", BOOL, KEY_W_PORTS, check_publish_all, "all of the image's ports on the host"),
    PASSES("ReadonlyRootfs", BOOL, "takes away"),
    CHECKED("SecurityOpt", STRINGS, KEY_W_SECURITY_OPT, check_security_opt, "no seccomp, AppArmor or SELinux"),
    KEYED("StorageOpt", MAP, KEY_W_STORAGE_OPTIONS, "its quota"),
    CHECKED("Tmpfs", MAP, KEY_W_TMPFS, check_tmpfs, "the host's memory; suid and dev"),
    CHECKED("UTSMode", STRING, KEY_W_HOST_NAMESPACES, check_namespace, "the host's name"),
    CHECKED("UsernsMode", STRING, KEY_W_HOST_NAMESPACES, check_namespace, "host: without the remapping of users"),
    CHECKED("ShmSize", INT, KEY_W_SHM_SIZE, check_shm_size, "the host's memory"),
    CHECKED("Sysctls", MAP, KEY_W_SYSCTLS, check_sysctls, "the kernel's settings"),
    CHECKED("Runtime", STRING, KEY_W_RUNTIMES, check_runtime, "any shim that containerd finds"),
    CHECKED("Isolation", STRING, 0, check_isolation, "Windows only"),
    WITHIN("Mounts", OBJECTS, &type_mount, "any directory of the host"),
    UNLESS_NULL("MaskedPaths", STRINGS, KEY_W_SECURITY_OPT, check_masked_paths, "[] shows /proc/kcore and /sys/firmware"),
    UNLESS_NULL("ReadonlyPaths", STRINGS, KEY_W_SECURITY_OPT, check_readonly_paths, "[] makes /proc/sys and sysrq-trigger writable"),
    PASSES("Init", BOOL, "a process that reaps"),
    ABSENT("Capabilities", STRINGS, "Engine 19.03 took it for the exact list"),
    ABSENT("LxcConf", OBJECTS, "docker-java says null; until Engine 1.9"),
    ABSENT("DiskQuota", INT, "docker-java says null; Windows only"),
};
static const struct type type_host_config = {"HostConfig", {PART(host_config_fields), PART(resource_fields)}, NULL};

static const struct field networking_fields[] = {
    BOTH("EndpointsConfig", NAMED, &type_endpoint, KEY_W_NETWORKS, check_endpoints, "any network"),
    ABSENT(FIELD_ANY, OBJECT, "docker-py says {NETWORK: null} here, where no engine looks"),
};
static const struct type type_networking = {"NetworkingConfig", {PART(networking_fields)}, NULL};

static const struct field own_auth_fields[] = {
    PASSES("username", STRING, "the client's own"),
    PASSES("password", STRING, "the client's own"),
    PASSES("auth", STRING, "the client's own"),
    PASSES("email", STRING, "the client's own"),
    PASSES("serveraddress", STRING, "no engine reads it here"),
    PASSES("identitytoken", STRING, "the client's own"),
    PASSES("registrytoken", STRING, "the client's own"),
    ABSENT("stackOrchestrator", STRING, "docker-java says null"),
};
static const struct type type_own_auth = {"authConfig", {PART(own_auth_fields)}, NULL};

static const struct field create_fields[] = {
    WITHIN("HostConfig", OBJECT, &type_host_config, "what it gets of the host"),
    WITHIN("NetworkingConfig", OBJECT, &type_networking, "its networks"),
    /* Clients that send their options as they are (dockerode, docker-java): dockerd has never read
     * these here, and Podman takes the name of the query in their place. */
    PASSES("name", STRING, "no engine reads it here"),
    PASSES("platform", STRING, "no engine reads it here"),
    PASSES("aliases", STRINGS, "no engine reads it here"),
    PASSES("ipv4Address", STRING, "no engine reads it here"),
    PASSES("ipv6Address", STRING, "no engine reads it here"),
    WITHIN("authConfig", OBJECT, &type_own_auth, "no engine reads it here"),
    ABSENT("PortSpecs", STRINGS, "docker-java says null"),
    ABSENT("Cpuset", STRING, "CpusetCpus of engines up to 26.1"),
};

/* Engines up to 26.1 take a HostConfig's fields here too, and all of them where there is no
 * HostConfig (runconfig/config_unix.go). Docker's Python client sends a null Runtime. */
const struct type type_container_create = {"CreateRequest",
    {PART(config_fields), PART(create_fields), PART_ABSENT(host_config_fields), PART_ABSENT(resource_fields)},
    check_container};

static const struct field update_fields[] = {
    WITHIN("RestartPolicy", OBJECT, &type_restart, "outlives a reboot"),
    ABSENT("Init", BOOL, "docker-java says null"),
};
const struct type type_container_update = {"UpdateConfig", {PART(update_fields), PART(resource_fields)}, check_update};

/* Engines up to 24 take a HostConfig with start below API 1.24. dsp's least version is 1.24. */
const struct type type_nothing = {"(nothing)", {{NULL, 0, false}}, NULL};

static const struct field exec_create_fields[] = {
    KEYED("User", STRING, KEY_X_USERS, "root in a container of another user"),
    KEYED("Privileged", BOOL, KEY_X_PRIVILEGED, "all capabilities"),
    CHECKED("Tty", BOOL, KEY_X_TTY, check_tty, "a terminal of its own"),
    PASSES("ConsoleSize", INTS, "the same"),
    PASSES("AttachStdin", BOOL, "the client's own streams"),
    PASSES("AttachStderr", BOOL, "the same"),
    PASSES("AttachStdout", BOOL, "the same"),
    PASSES("DetachKeys", STRING, "the client's own keys"),
    CHECKED("Env", STRINGS, KEY_X_ENV, check_env, "steers what runs"),
    CHECKED("WorkingDir", STRING, KEY_X_WORKING_DIRS, check_working_dir, "CVE-2024-21626"),
    CHECKED("Cmd", STRING_OR_LIST, KEY_X_COMMANDS, check_argv, "code in the container"),
    PASSES("Detach", BOOL, "read by no engine since 1.22"),
    PASSES("Container", STRING, "the same"),
    /* Portainer up to 2.19, and docker-java. */
    PASSES("id", STRING, "no engine reads it"),
    PASSES("containerId", STRING, "no engine reads it"),
};
const struct type type_exec_create = {"ExecConfig", {PART(exec_create_fields)}, NULL};

static const struct field exec_start_fields[] = {
    PASSES("Detach", BOOL, "whether there is a stream"),
    PASSES("Tty", BOOL, "a terminal of its own"),
    PASSES("ConsoleSize", INTS, "the same"),
    /* dockerode sends its own options along. */
    PASSES("hijack", BOOL, "no engine reads it"),
    PASSES("stdin", BOOL, "no engine reads it"),
    /* go-dockerclient sends its own streams along, of which JSON makes null or {}. */
    ABSENT("InputStream", OBJECT, "no engine reads it"),
    ABSENT("OutputStream", OBJECT, "no engine reads it"),
    ABSENT("ErrorStream", OBJECT, "no engine reads it"),
    PASSES("RawTerminal", BOOL, "no engine reads it"),
    /* Docker.DotNet sends what it sent to ContainerExec. */
    PASSES("AttachStdin", BOOL, "no engine reads it here"),
    PASSES("AttachStdout", BOOL, "no engine reads it here"),
    PASSES("AttachStderr", BOOL, "no engine reads it here"),
};
const struct type type_exec_start = {"ExecStartRequest", {PART(exec_start_fields)}, NULL};

static const struct field checkpoint_fields[] = {
    CHECKED("CheckpointID", STRING, 0, check_checkpoint, "a part of a path"),
    ABSENT("CheckpointDir", STRING, "any directory of the host, made and written by root"),
    PASSES("Exit", BOOL, "whether it goes on"),
};
const struct type type_checkpoint = {"CheckpointCreateOptions", {PART(checkpoint_fields)}, NULL};
/* clang-format on */
