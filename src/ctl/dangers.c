#include "ctl/dangers.h"

#include <string.h>

#include "policy/load.h"

/* A name that no policy means in particular: a pattern that names it names every name. */
#define ANY_NAME "~"

/* clang-format off */
/* What a word may not name without a warning; a sample of NULL: any word at all. The first that
 * matches is told. */
static const struct danger {
    enum policy_key key;
    const char *sample;
    const char *says;
} dangers[] = {
    {KEY_W_PRIVILEGED, NULL, "a privileged container is root on the host"},

    {KEY_W_CAPABILITIES, "SYS_ADMIN", "SYS_ADMIN is as good as root on the host: it mounts what it likes"},
    {KEY_W_CAPABILITIES, "SYS_MODULE", "SYS_MODULE loads code into the host's kernel"},
    {KEY_W_CAPABILITIES, "SYS_RAWIO", "SYS_RAWIO reaches the host's memory and ports"},
    {KEY_W_CAPABILITIES, "DAC_READ_SEARCH", "DAC_READ_SEARCH reads any file of the host, by open_by_handle_at"},
    {KEY_W_CAPABILITIES, "SYS_PTRACE", "SYS_PTRACE steers every process that the container sees; with the host's pid namespace, the host's"},
    {KEY_W_CAPABILITIES, "BPF", "BPF runs programs in the host's kernel"},
    {KEY_W_CAPABILITIES, "PERFMON", "PERFMON reads the host's kernel and all its processes"},
    {KEY_W_CAPABILITIES, "SYS_BOOT", "SYS_BOOT restarts the host, or loads another kernel"},
    {KEY_W_CAPABILITIES, "SYS_TIME", "SYS_TIME sets the host's clock"},
    {KEY_W_CAPABILITIES, "SYSLOG", "SYSLOG reads the host's kernel log and the addresses in it"},
    {KEY_W_CAPABILITIES, "MAC_ADMIN", "MAC_ADMIN changes the host's mandatory access control"},
    {KEY_W_CAPABILITIES, "MAC_OVERRIDE", "MAC_OVERRIDE passes by the host's mandatory access control"},

    {KEY_W_DEVICE_CGROUP_RULES, NULL, "with mknod a container opens every device that the rule lets it: a disk is the whole host"},
    {KEY_W_BIND_OPTIONS, "shared", "what is mounted in the container is mounted on the host, too"},
    {KEY_W_BIND_OPTIONS, "rshared", "what is mounted in the container is mounted on the host, too"},

    {KEY_W_HOST_NAMESPACES, "pid", "in the host's pid namespace a container sees, and as root ends, every process of the host"},
    {KEY_W_HOST_NAMESPACES, "network", "with the host's network a container reaches all that listens on the host for itself alone"},
    {KEY_W_HOST_NAMESPACES, "ipc", "in the host's ipc namespace a container reads and writes the host's shared memory"},
    {KEY_W_HOST_NAMESPACES, "uts", "in the host's uts namespace a container with SYS_ADMIN renames the host"},
    {KEY_W_HOST_NAMESPACES, "user", "without a user namespace root in the container is the host's root"},
    {KEY_W_HOST_NAMESPACES, "cgroup", "in the host's cgroup namespace a container sees how all others are limited"},
    {KEY_W_JOIN_CONTAINERS, ANY_NAME, "it names every container: whoever joins a privileged one shares in what that may do"},
    {KEY_W_VOLUMES_FROM, ANY_NAME, "it names every container: whatever another one has mounted, of the host too"},
    {KEY_W_VOLUMES_FROM, NULL, "whatever that container has mounted, of the host too, and the engine's socket"},

    {KEY_W_SECURITY_OPT, "seccomp=unconfined", "without seccomp all calls of the host's kernel are open to the container"},
    {KEY_W_SECURITY_OPT, "apparmor=unconfined", "without AppArmor a container may mount and trace what its capabilities allow"},
    {KEY_W_SECURITY_OPT, "label=disable", "without SELinux nothing keeps a container that breaks out from the host's files"},
    {KEY_W_SECURITY_OPT, "label=type:spc_t", "spc_t is the type of containers that SELinux does not confine"},
    {KEY_W_SECURITY_OPT, "systempaths=unconfined", "without masked paths a container writes to /proc/sys and /proc/sysrq-trigger of the host"},
    {KEY_W_SECURITY_OPT, "writable-cgroups", "a container that writes to its cgroups lifts its own limits"},

    {KEY_W_VOLUME_DRIVERS, ANY_NAME, "it names every driver: what one does with the host only its author knows"},
    {KEY_V_DRIVERS, ANY_NAME, "it names every driver: what one does with the host only its author knows"},
    {KEY_W_RUNTIMES, ANY_NAME, "it names every runtime: that one keeps the container apart from the host, or does not"},
    {KEY_W_ANNOTATIONS, ANY_NAME "=" ANY_NAME, "it names every annotation: runtimes take some for orders, such as hooks that run on the host"},
    {KEY_W_SYSCTLS, ANY_NAME "=" ANY_NAME, "it names every sysctl"},
    {KEY_W_LOG_DRIVERS, ANY_NAME, "it names every log driver: some send the output, and what options say, anywhere"},
    {KEY_W_CGROUP_PARENTS, ANY_NAME, "it names every cgroup: outside of its own no limit of the level's holds"},
    {KEY_W_SECRETS, ANY_NAME, "it names every secret of the swarm"},

    {KEY_X_PRIVILEGED, NULL, "a privileged command is root on the host, whatever its container is"},

    {KEY_N_DRIVERS, "host", "such a network is the host's own"},
    {KEY_N_DRIVERS, "macvlan", "containers stand in the host's own network, beside the host"},
    {KEY_N_DRIVERS, "ipvlan", "containers stand in the host's own network, beside the host"},

    {KEY_P_REMOTES, NULL, "a plugin runs as root on the host"},
    {KEY_P_PRIVILEGES, NULL, "what a plugin is granted it has on the host"},
    {KEY_P_SETTINGS, NULL, "a plugin's mounts and devices are settings"},

    {KEY_A_SERVERS, ANY_NAME, "it names every registry: the engine connects wherever the client says"},
    {KEY_PULL_SOURCES, ANY_NAME, "it names every address: the engine fetches what only it can reach"},
    {KEY_PUSH_IMAGES, ANY_NAME "/" ANY_NAME "/" ANY_NAME ":latest", "it names every registry: any image can be sent anywhere"},
    {KEY_B_REMOTE, ANY_NAME, "it names every address: the engine fetches what only it can reach"},
    {KEY_B_NETWORKS, "host", "a step of a build has the host's network"},
    {KEY_B_SECURITY_OPT, "seccomp=unconfined", "without seccomp all calls of the host's kernel are open to a step of a build"},
    {KEY_F_WRITE, "/~/~", "it names every path: files of any container and of its binds can be written, programs included"},
};

/* Beginnings of words that are a danger whatever follows. */
static const struct danger beginnings[] = {
    {KEY_W_SECURITY_OPT, "seccomp=", "a seccomp profile of the client's can allow all calls of the host's kernel"},
    {KEY_W_ANNOTATIONS, "run.oci.", "crun takes it for an order, such as a handler or a hook"},
    {KEY_W_ANNOTATIONS, "io.katacontainers.", "Kata Containers take it for an order, such as which kernel to run"},
};

/* Directories of the host that make whoever writes there root, and sockets that do. */
static const struct precious {
    const char *path;
    bool alone; /* what is below it is no danger; a socket has nothing below, and serves who only reads */
    const char *says;
} precious[] = {
    {"/run/docker.sock", true, "the engine's own socket, which no policy filters, is in it: root on the host"},
    {"/var/run/docker.sock", true, "the engine's own socket, which no policy filters, is in it: root on the host"},
    {"/run/containerd/containerd.sock", true, "containerd's socket is in it: root on the host"},
    {"/var/run/containerd/containerd.sock", true, "containerd's socket is in it: root on the host"},
    {"/run/podman/podman.sock", true, "Podman's socket is in it: root on the host"},
    {"/run/systemd/private", true, "systemd's own socket is in it: root on the host"},
    {"/run/dbus/system_bus_socket", true, "the system's bus is in it"},
    {"/etc", false, "the host's settings and passwords are in it"},
    {"/root", false, "root's own files are in it"},
    {"/boot", false, "the host's kernel is in it"},
    {"/dev", false, "the host's disks are in it"},
    {"/proc", false, "the host's kernel and processes are in it"},
    {"/sys", false, "the host's kernel and devices are in it"},
    {"/usr", false, "the host's programs are in it"},
    {"/bin", false, "the host's programs are in it"},
    {"/sbin", false, "the host's programs are in it"},
    {"/lib", false, "the host's programs are in it"},
    {"/lib64", false, "the host's programs are in it"},
    {"/home", true, "the users' files and keys are in it"},
    {"/var/lib/docker", false, "all files of all containers, and the engine's, are in it"},
    {"/var/lib/containerd", false, "all files of all containers are in it"},
    {"/var/lib/dsp", false, "what decides on requests is in it"},
    {"/var/spool/cron", false, "what the host runs by the clock is in it"},
};

/* Commands that run others. */
static const char *const shells[] = {
    "sh", "bash", "ash", "dash", "zsh", "ksh", "fish", "busybox", "env", "python", "python3", "perl", "ruby", "node", "php", "lua",
    "su", "sudo", "xargs", "find", "nsenter", "chroot", "setpriv", "awk", "vi", "vim",
};
static const char *const folders[] = {"", "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"};
/* clang-format on */

static bool is_pattern(struct str word)
{
    return str_index(word, '*') < word.n;
}

/* Whether ${word} names ${path} or something above it. */
static bool names_above(struct str word, struct str path)
{
    for (;;) {
        if (grant_word_names(GRANT_PATHS, word, path))
            return true;
        if (path.n <= 1)
            return false;
        while (path.n > 1 && path.p[path.n - 1] != '/')
            path.n--;
        path.n -= path.n > 1; /* "/" stays */
    }
}

/* Whether ${word} names what is below ${folder}: as a pattern, or as one path. */
static bool names_below(struct str word, const char *folder)
{
    char text[64];
    struct writer w = writer_over(text, sizeof(text));
    struct str option, path = grant_path_of(word, &option);

    writer_text(&w, folder);
    writer_char(&w, '/');
    if (!is_pattern(path))
        return str_starts(path, writer_view(&w));
    writer_text(&w, ANY_NAME);
    return grant_word_names(GRANT_PATHS, word, writer_view(&w)) ||
           str_starts(path, str_slice(writer_view(&w), 0, w.n - 1));
}

/* A single file below is no danger as long as it can only be read; a socket serves its reader, too. */
static const char *danger_of_bind(struct str word)
{
    struct str option, path = grant_path_of(word, &option);
    bool read_only = str_equal(option, STR("ro"));

    if (str_is_one_of(path, "/ /* /**"))
        return "all files of the host: root on the host";
    for (size_t i = 0; i < sizeof(precious) / sizeof(*precious); i++) {
        const struct precious *one = &precious[i];
        if (names_above(word, str_of(one->path)))
            return one->says;
        if (!one->alone && names_below(word, one->path) && (!read_only || is_pattern(path)))
            return "what is there is the host's own, its settings, programs or kernel, and can be "
                   "written to";
    }
    /* What is mounted to be written to can be made a link; the engine follows it, as root. */
    if (is_pattern(path) && !read_only)
        return "a container puts a symbolic link there, and the next one mounts what that leads to: "
               "root on the host; name each directory, or :ro";
    return NULL;
}

static const char *danger_of_device(struct str word)
{
    static const char *const harmless[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                           "/dev/urandom"};
    struct str option, path = grant_path_of(word, &option);

    for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
        if (str_equal(path, str_of(harmless[i])))
            return NULL;
    if (grant_word_names(GRANT_PATHS, word, STR("/dev/sda")) ||
        grant_word_names(GRANT_PATHS, word, STR("/dev/nvme0n1")) ||
        grant_word_names(GRANT_PATHS, word, STR("/dev/mem")) ||
        grant_word_names(GRANT_PATHS, word, STR("/dev")))
        return "the host's disks and memory are among these devices: root on the host";
    return "a device of the host: how far it reaches is up to its driver";
}

/* A shell whose command is spelled out runs that and nothing else. */
static const char *danger_of_command(struct str line)
{
    struct str rest = line, first = {0}, word;
    bool open = false, more = false;

    (void)str_word(&rest, &first);
    while (str_word(&rest, &word)) {
        more = true;
        open = open || is_pattern(word);
    }
    if (str_equal(first, STR("**")))
        return "it names every command";
    if (more && !open)
        return NULL;
    for (size_t f = 0; f < sizeof(folders) / sizeof(*folders); f++) {
        for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
            char text[64];
            struct writer w = writer_over(text, sizeof(text));
            writer_text(&w, folders[f]);
            writer_text(&w, shells[i]);
            if (grant_word_names(GRANT_NAMES, first, writer_view(&w)))
                return "it lets run a program that runs any other, such as a shell: that is every "
                       "command";
        }
    }
    return NULL;
}

/* "device=/srv", "o=bind,ro": the driver local mounts what device names, which can be a disk, too. */
static const char *danger_of_option(struct str word)
{
    size_t equals = str_index(word, '=');
    struct str name = str_slice(word, 0, equals);
    struct str value = str_slice(word, equals < word.n ? equals + 1 : equals, word.n);
    bool any = value.n == 0 || value.p[0] == '*';

    if (grant_word_names(GRANT_NAMES, name, STR("device")) && (any || value.p[0] == '/'))
        return "a volume of the driver local can be any directory or disk of the host: type=none "
               "o=bind device=/";
    if (grant_word_names(GRANT_NAMES, name, STR("o")) &&
        (any || memmem(value.p, value.n, "bind", 4) != NULL))
        return "o=bind makes a directory of the host, which device names, a volume";
    return NULL;
}

static const char *danger_of_kind(enum policy_key key, struct str word)
{
    enum grant_kind kind = policy_keys[key].kind;

    for (size_t i = 0; i < sizeof(dangers) / sizeof(*dangers); i++)
        if (dangers[i].key == key &&
            (dangers[i].sample == NULL || grant_word_names(kind, word, str_of(dangers[i].sample))))
            return dangers[i].says;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
        if (beginnings[i].key == key && str_starts(word, str_of(beginnings[i].sample)))
            return beginnings[i].says;
    return NULL;
}

const char *danger_of(enum policy_key key, struct str word)
{
    enum grant_kind kind = policy_keys[key].kind;

    if (kind == GRANT_SWITCH && !str_equal(word, STR("yes")))
        return NULL;
    if (strcmp(policy_keys[key].name, "unrestricted") == 0)
        return "nothing of what is asked for is looked at";
    if (key == KEY_W_BINDS)
        return danger_of_bind(word);
    if (key == KEY_W_DEVICES)
        return danger_of_device(word);
    if (key == KEY_X_COMMANDS)
        return danger_of_command(word);
    if (key == KEY_W_VOLUME_OPTIONS || key == KEY_V_OPTIONS)
        return danger_of_option(word);
    return danger_of_kind(key, word);
}

const char *danger_everything(enum policy_key key, struct str word)
{
    /* Credentials are the client's own. */
    if (strcmp(policy_keys[key].name, "credentials") == 0)
        return NULL;
    switch (policy_keys[key].kind) {
    case GRANT_NAMES:
    case GRANT_LINES:
    case GRANT_PAIRS:
        return grant_word_names(GRANT_NAMES, word, STR(ANY_NAME)) ? "it names everything" : NULL;
    case GRANT_IMAGES:
        return str_equal(word, STR("**")) ? "it names every image" : NULL;
    case GRANT_PATHS:
        return grant_word_names(GRANT_PATHS, word, STR("/" ANY_NAME "/" ANY_NAME))
                   ? "it names every path"
                   : NULL;
    case GRANT_NETS:
        return grant_net_within(word, STR("0.0.0.0/0")) || grant_net_within(word, STR("::/0"))
                   ? "it names every address"
                   : NULL;
    case GRANT_PORTS:
        return grant_word_names(GRANT_PORTS, word, STR("1-65535")) ? "it names every port" : NULL;
    case GRANT_ARGV:
        return str_equal(word, STR("**")) ? "it names every command" : NULL;
    case GRANT_NONE:
    case GRANT_SWITCH:
    case GRANT_CAPABILITIES:
    case GRANT_NAMESPACES:
    case GRANT_LIMITS:
    case GRANT_BYTES:
    case GRANT_NUMBER:
        break;
    }
    return NULL;
}
