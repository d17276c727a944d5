#!/usr/bin/env python3
"""Every field that can take more than a container: refused by default, allowed by its key, refused beyond what the key says.

A row: the operation, the field, a value, the lines of the policy that let it pass, and values that those lines do not mean.
"""
import copy
import json
import sys

from wire import OK, Wire, is_denial

from message import read_response, request
from tap import Suite, equal, true

suite = Suite("bodies: ")

CREATE, UPDATE, SERVICE, SERVICE_UPDATE = "ContainerCreate", "ContainerUpdate", "ServiceCreate", "ServiceUpdate"
OPERATIONS = {
    CREATE: ("POST", "/v1.41/containers/create?name=x", {"Image": "nginx"}),
    UPDATE: ("POST", "/v1.41/containers/web/update", {"CpuShares": 512}),
    SERVICE: ("POST", "/v1.44/services/create", {"Name": "s", "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}}}),
    SERVICE_UPDATE: ("POST", "/v1.44/services/s/update?version=1", {"Name": "s", "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}}}),
    "ContainerExec": ("POST", "/v1.41/containers/web/exec", {"Cmd": ["id"]}),
    "ExecStart": ("POST", "/v1.41/exec/4f5c/start", {"Detach": True}),
    "ContainerStart": ("POST", "/v1.41/containers/web/start", {}),
    "CheckpointCreate": ("POST", "/v1.41/containers/web/checkpoints", {"CheckpointID": "c1"}),
    "ImageCommit": ("POST", "/v1.41/commit?container=web", {"Image": "nginx"}),
    "VolumeCreate": ("POST", "/v1.41/volumes/create", {"Name": "data"}),
    "VolumeUpdate": ("PUT", "/v1.42/volumes/data", {}),
    "NetworkCreate": ("POST", "/v1.41/networks/create", {"Name": "front"}),
    "NetworkConnect": ("POST", "/v1.41/networks/front/connect", {"Container": "web"}),
    "NetworkDisconnect": ("POST", "/v1.41/networks/front/disconnect", {"Container": "web"}),
    "SwarmInit": ("POST", "/v1.41/swarm/init", {}),
    "SwarmJoin": ("POST", "/v1.41/swarm/join", {}),
    "SwarmUpdate": ("POST", "/v1.41/swarm/update?version=1", {}),
    "SwarmUnlock": ("POST", "/v1.41/swarm/unlock", {"UnlockKey": "k"}),
    "NodeUpdate": ("POST", "/v1.41/nodes/n/update?version=1", {}),
    "SecretCreate": ("POST", "/v1.41/secrets/create", {"Name": "s", "Data": "cGFzcw=="}),
    "ConfigCreate": ("POST", "/v1.41/configs/create", {"Name": "c", "Data": "cGFzcw=="}),
    "SystemAuth": ("POST", "/v1.41/auth", {"username": "u", "password": "p"}),
}
CHANGE_THE_SWARM = ("SwarmInit", "SwarmJoin", "SwarmUpdate", "NodeUpdate")    # whatever they say


def body(operation, field, value):
    """The operation's ordinary body with `field` ("HostConfig.Binds") set."""
    made = copy.deepcopy(OPERATIONS[operation][2])
    at, *path = made, *field.split(".")
    for name in path[:-1]:
        at = at.setdefault(name, {})
    at[path[-1]] = value
    return made


def ask(wire, operation, made):
    method, target, _ = OPERATIONS[operation]
    raw = made if isinstance(made, bytes) else json.dumps(made).encode()
    wire.send(request(method, target, "Content-Type: application/json", body=raw))
    return raw


# What the engine has on record of the exec that is started.
RECORD = json.dumps({"ID": "4f5c", "ContainerID": "c0de", "ProcessConfig": {"entrypoint": "id", "arguments": [], "privileged": False, "tty": False}}).encode()


def arrive(wire, operation):
    """The engine's next request; of an exec's start the one behind dsp's question."""
    if operation == "ExecStart":
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(RECORD), RECORD))
    return wire.arrive()


def passes(wire, operation, made):
    raw = ask(wire, operation, made)
    got = arrive(wire, operation)
    equal(got.body, raw, "the body that the engine got")
    equal(got["content-length"], str(len(raw)), "its length")
    wire.up.send(OK)
    equal(wire.answer().status, 200, "status")


def refused(wire, operation, made, *says):
    ask(wire, operation, made)
    answer = read_response(wire.client)
    is_denial(answer, 403)
    message = json.loads(answer.body)["message"]
    for word in says:
        true(word in message, f"{message!r} lacks {word!r}, for {made}")
    return message


def level(operation, lines=""):
    return Wire("allow = " + operation, bodies=lines, name="ci")


def key_of(lines):
    """"[workload] binds" of the last line."""
    section, *keys = lines.strip().split("\n")
    return f"{section} {keys[-1].split(' =')[0]}"


def last(lines):
    return lines.strip().split("\n")[-1]


ROWS = []     # of row() and narrows(): for others to try
CASES = []    # of all: for fields.py, which looks whether each field has one


class Case:
    """What a test tries of an operation: `bodies` that pass (by a key, where `sense` is "refused"), `outside` that do not then."""

    def __init__(self, sense, operation, bodies, outside, bounded, check):
        self.sense, self.operation, self.bodies, self.outside, self.bounded, self.check = sense, operation, bodies, outside, bounded, check


def note(sense, operation, field, values, outside, check, bounded=False):
    CASES.append(Case(sense, operation, [body(operation, field, value) for value in values], [body(operation, field, value) for value in outside], bounded, check))


def short_of(lines):
    """The same lines, short of what lets a value pass that is all or nothing: the switch is off, or another section's; else None."""
    before, _, line = lines.strip().rpartition("\n")
    if line == "unrestricted = yes":
        return "[archive]\nunrestricted = yes\n"
    return f"{before}\n{line[:-3]}no\n" if line.endswith(" = yes") else None


def row(operation, field, value, lines, *outside, named=None, instead=None):
    """`named`: the field as it is told, where it is more than `field`. `instead`: lines whose key names something else, where the value is all or nothing."""
    short = instead or short_of(lines)
    if not outside and not short:
        raise ValueError(f"{operation} {field}: nothing is outside of {lines}")
    ROWS.append((operation, field, value, lines, outside, "widens"))

    def check():
        with level(operation) as wire:
            if operation in CHANGE_THE_SWARM:
                refused(wire, operation, OPERATIONS[operation][2], f"{operation} is not allowed by policy ci (no [swarm] unrestricted)")
            else:
                passes(wire, operation, OPERATIONS[operation][2])
            refused(wire, operation, body(operation, field, value), named or field, f"not allowed by policy ci (no {key_of(lines)})")
        with level(operation, lines + "\n") as wire:
            passes(wire, operation, body(operation, field, value))
            for other in outside:
                refused(wire, operation, body(operation, field, other), named or field)
        if short:
            with level(operation, short.strip() + "\n") as wire:
                refused(wire, operation, body(operation, field, value), named or field)
    note("refused", operation, field, [value], outside, check, bounded=short is not None)
    suite.add(f"{operation}: {field} = {json.dumps(value)[:160]} needs {key_of(lines).split(' ')[0]} {last(lines)}", check)


def narrows(operation, field, value, lines, *outside):
    """Without the key every value passes, with it those that it names."""
    if not outside:
        raise ValueError(f"{operation} {field}: nothing is outside of {lines}")
    ROWS.append((operation, field, value, lines, outside, "narrows"))

    def check():
        with level(operation) as wire:
            for each in (value, *outside):
                passes(wire, operation, body(operation, field, each))
        with level(operation, lines + "\n") as wire:
            passes(wire, operation, body(operation, field, value))
            for other in outside:
                refused(wire, operation, body(operation, field, other), field.split(".")[-1], f"(not in {key_of(lines)})")
    note("narrowed", operation, field, [value], outside, check)
    suite.add(f"{operation}: {field} is what {key_of(lines).split(' ')[0]} {last(lines)} names, where it stands", check)


def never(operation, field, value, section="workload"):
    """Only unrestricted lets it pass."""
    row(operation, field, value, f"[{section}]\nunrestricted = yes")


def free(operation, field, *values):
    def check():
        with level(operation) as wire:
            for value in values:
                passes(wire, operation, body(operation, field, value))
    note("passes", operation, field, values, [], check)
    suite.add(f"{operation}: {field} passes", check)


def requires(operation, lines, good, *bad):
    def check():
        with level(operation, lines + "\n") as wire:
            passes(wire, operation, merged(operation, good))
            for other in bad:
                refused(wire, operation, merged(operation, other), f"asks policy ci ({key_of(lines)})")
    CASES.append(Case("required", operation, [merged(operation, good)], [merged(operation, other) for other in bad], False, check))
    suite.add(f"{operation}: {key_of(lines).split(' ')[0]} {last(lines)} holds", check)


def merged(operation, fields):
    made = copy.deepcopy(OPERATIONS[operation][2])
    for field, value in fields.items():
        at, *path = made, *field.split(".")
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = value
    return made


W = "[workload]\n"

# Containers: HostConfig

row(CREATE, "HostConfig.Privileged", True, W + "privileged = yes")
row(CREATE, "HostConfig.Binds", ["/srv/data/a:/x"], W + "binds = /srv/data/**", ["/srv/data:/x"], ["/srv:/x"], ["/:/x"], ["/srv/data/../../etc:/x"], ["//srv/data/a:/x"],
    ["/srv/data/./a:/x"], ["/srv/database/a:/x"], ["/srv/data/a:/x", "/etc:/y"])
row(CREATE, "HostConfig.Binds", ["/srv/a:/x:ro"], W + "binds = /srv/*:ro", ["/srv/a:/x"], ["/srv/a:/x:rw"], ["/srv/a:/x:"], ["/srv/a/b:/x:ro"], ["/srv/a:/x:Ro"], ["/srv/a:/x:ro:rw"])
row(CREATE, "HostConfig.Binds", ["/srv/a/:/x:ro,z"], W + "binds = /srv/a\nbind-options = z", ["/srv/a:/x:Z"], ["/srv/a:/x:rshared"], ["/srv/a:/x:shared"], ["/srv/a:/x:suid"])
row(CREATE, "HostConfig.Binds", ["data:/x:rshared"], W + "bind-options = rshared", ["data:/x:shared"], ["data:/x:slave"])
narrows(CREATE, "HostConfig.Binds", ["data:/x"], W + "volumes = data", ["other:/x"], ["other:/x:ro"])
row(CREATE, "HostConfig.Mounts", [{"Type": "bind", "Source": "/srv/a", "Target": "/x"}], W + "binds = /srv/*", [{"Type": "bind", "Source": "/etc", "Target": "/x"}],
    [{"Type": "bind", "Source": "/srv/../etc", "Target": "/x"}], [{"Type": "bind", "Target": "/x"}], [{"Type": "Bind", "Source": "/srv/a", "Target": "/x"}],
    [{"Type": "", "Source": "/srv/a", "Target": "/x"}], [{"Source": "/srv/a", "Target": "/x"}], [{"Type": "npipe", "Source": "/srv/a", "Target": "/x"}],
    [{"Type": "cluster", "Source": "/srv/a", "Target": "/x"}], [{"Type": "volume", "Source": "/srv/a", "Target": "/x"}])
row(CREATE, "HostConfig.Mounts", [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "ReadOnly": True}], W + "binds = /srv/*:ro",
    [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "ReadOnly": False}], [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "ReadOnly": True, "BindOptions": {"ReadOnlyNonRecursive": True}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "BindOptions": {"Propagation": "rshared", "CreateMountpoint": True, "NonRecursive": True}}],
    W + "binds = /srv/*\nbind-options = rshared", [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "BindOptions": {"Propagation": "shared"}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "sshfs"}}}], W + "volume-drivers = sshfs",
    [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "rexray"}}}],
    [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "sshfs", "Options": {"a": "b"}}}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Options": {"type": "tmpfs"}}}}], W + "volume-options = type=tmpfs",
    [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"type": "none", "o": "bind", "device": "/"}}}}],
    [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Options": {"Type": "tmpfs"}}}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "image", "Source": "ghcr.io/acme/data:1", "Target": "/x"}], W + "image-mounts = ghcr.io/acme/*", [{"Type": "image", "Source": "nginx", "Target": "/x"}])
row(CREATE, "HostConfig.Mounts", [{"Type": "bind", "Source": "/srv/a", "Target": "/x", "ReadOnly": True, "BindOptions": {"ReadOnlyNonRecursive": True}}], W + "binds = /srv/*", instead=W + "binds = /srv/*:ro")
row(CREATE, "HostConfig.Mounts", [{"Type": "image", "Source": "ghcr.io/acme/data:1", "Target": "/x", "ImageOptions": {"Subpath": "a/b"}}], W + "image-mounts = ghcr.io/acme/*",
    [{"Type": "image", "Source": "ghcr.io/evil/data:1", "Target": "/x", "ImageOptions": {"Subpath": "a"}}], [{"Type": "image", "Source": "ghcr.io/acme/data:1", "Target": "/x", "ImageOptions": {"Subpath": "../b"}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "tmpfs", "Target": "/run", "TmpfsOptions": {"Options": [["suid"], ["noexec"]]}}], W + "tmpfs = /run\ntmpfs-options = suid",
    [{"Type": "tmpfs", "Target": "/run", "TmpfsOptions": {"Options": [["suid"], ["dev"]]}}])
row(CREATE, "HostConfig.Mounts", [{"Type": "tmpfs", "Target": "/run"}], W + "tmpfs = /run", [{"Type": "tmpfs", "Target": "/tmp"}])
free(CREATE, "HostConfig.Mounts", [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"NoCopy": True, "Subpath": "a/b", "Labels": {"a": "b"}, "DriverConfig": {"Name": "local"}}}],
     [{"Type": "volume", "Target": "/x", "VolumeOptions": {}}], [])
row(CREATE, "HostConfig.Tmpfs", {"/run": "size=64m,noexec"}, W + "tmpfs = /run", {"/run/../tmp": ""}, {"/tmp": ""}, {"/run": "suid"}, {"/run": "size=1m,dev"})
row(CREATE, "HostConfig.VolumesFrom", ["web"], W + "volumes-from = web", ["db"], ["web", "db"])
row(CREATE, "HostConfig.VolumeDriver", "sshfs", W + "volume-drivers = sshfs", "rexray")
free(CREATE, "HostConfig.VolumeDriver", "local", "")
row(CREATE, "HostConfig.Devices", [{"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"}], W + "devices = /dev/fuse",
    [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/fuse"}], [{"PathOnHost": "/dev", "PathInContainer": "/dev/fuse"}], [{"PathOnHost": "/dev/fuse/../sda"}], [{"PathInContainer": "/dev/fuse"}])
row(CREATE, "HostConfig.Devices", [{"PathOnHost": "/dev/dri/card0", "CgroupPermissions": "r"}], W + "devices = /dev/dri/*:r", [{"PathOnHost": "/dev/dri/card0", "CgroupPermissions": "rw"}],
    [{"PathOnHost": "/dev/dri/card0"}])
row(CREATE, "HostConfig.DeviceCgroupRules", ["c 188:* rw"], W + "device-cgroup-rules = c 188:* rw", ["a *:* rwm"])
row(CREATE, "HostConfig.DeviceRequests", [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}], W + "device-requests = gpu", [{"Driver": "cdi", "DeviceIDs": ["vendor.com/class=x"]}],
    [{"Capabilities": [["tpu"]]}], [{"Count": 1}])
row(CREATE, "HostConfig.DeviceRequests", [{"Driver": "cdi", "DeviceIDs": ["vendor.com/gpu=0"]}], W + "device-requests = cdi=vendor.com/gpu=*", [{"Driver": "cdi", "DeviceIDs": ["evil.com/gpu=0"]}], [{"Driver": "cdi"}])
never(CREATE, "HostConfig.DeviceRequests", [{"Driver": "nvidia", "Options": {"a": "b"}}])
row(CREATE, "HostConfig.CapAdd", ["NET_ADMIN"], W + "capabilities = NET_ADMIN", ["ALL"], ["CAP_SYS_ADMIN"], ["net_admin", "sys_admin"], "ALL")
row(CREATE, "HostConfig.CapAdd", ["cap_net_raw", "cap_bpf"], W + "capabilities = BPF", ["SYS_MODULE"], ["\u017fys_admin"])
row(CREATE, "HostConfig.CapAdd", "ALL", W + "capabilities = ALL", instead=W + "capabilities = NET_ADMIN SYS_ADMIN")
free(CREATE, "HostConfig.CapAdd", ["CHOWN", "CAP_NET_BIND_SERVICE"], [], None)
free(CREATE, "HostConfig.CapDrop", ["ALL"], "ALL", None)
never(CREATE, "HostConfig.Capabilities", ["CAP_SYS_ADMIN"])
row(CREATE, "HostConfig.NetworkMode", "host", W + "host-namespaces = network", "ns:/proc/1/ns/net")
row(CREATE, "HostConfig.NetworkMode", "container:web", W + "join-containers = web", "container:db")
narrows(CREATE, "HostConfig.NetworkMode", "front", W + "networks = front", "back", "bridge", "default")
free(CREATE, "HostConfig.NetworkMode", "default", "bridge", "none", "front", "")
row(CREATE, "HostConfig.PidMode", "host", W + "host-namespaces = pid", "container:web", "Host")
row(CREATE, "HostConfig.PidMode", "container:web", W + "join-containers = w*", "container:db")
row(CREATE, "HostConfig.IpcMode", "host", W + "host-namespaces = ipc", "container:web")
free(CREATE, "HostConfig.IpcMode", "private", "none", "shareable", "")
row(CREATE, "HostConfig.UTSMode", "host", W + "host-namespaces = uts", "container:web")
row(CREATE, "HostConfig.UsernsMode", "host", W + "host-namespaces = user", "keep-id")
row(CREATE, "HostConfig.CgroupnsMode", "host", W + "host-namespaces = cgroup", "HOST")
free(CREATE, "HostConfig.CgroupnsMode", "private", "")
row(CREATE, "HostConfig.Cgroup", "container:web", W + "join-containers = web", "container:db", "host")
row(CREATE, "HostConfig.CgroupParent", "ci.slice", W + "cgroup-parents = ci.slice", "/", "system.slice")
row(CREATE, "HostConfig.CgroupParent", "/ci/a", W + "cgroup-parents = /ci/**", "/ci/../system.slice", "/ci/a/../../system.slice")
row(CREATE, "HostConfig.Runtime", "runsc", W + "runtimes = runsc", "io.containerd.evil.v1")
free(CREATE, "HostConfig.Runtime", "runc", "", None)
never(CREATE, "HostConfig.Isolation", "hyperv")
for option in ("seccomp=unconfined", "seccomp:unconfined", "apparmor=unconfined", "label=disable", "label:type:spc_t", "no-new-privileges=false", "no-new-privileges:0", "writable-cgroups", "systempaths=unconfined"):
    row(CREATE, "HostConfig.SecurityOpt", [option], W + "security-opt = " + option.replace(":", "=", 1), ["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"], ["apparmor=evil"])
row(CREATE, "HostConfig.SecurityOpt", ["disable"], W + "security-opt = label=disable", ["apparmor:unconfined"])
LONG = "x" * 1013 + "END"  # with "seccomp=" as long as a word of a policy can be
row(CREATE, "HostConfig.SecurityOpt", ["seccomp=" + LONG], W + "security-opt = seccomp=*END", ["seccomp=" + LONG + "more"], ["seccomp:" + LONG + "more"])
free(CREATE, "HostConfig.SecurityOpt", ["no-new-privileges"], ["no-new-privileges:true"], ["no-new-privileges=1"], ["apparmor=docker-default"])
row(CREATE, "HostConfig.SecurityOpt", ["seccomp=builtin"], W + "security-opt = seccomp=builtin", ["seccomp=unconfined"])
for field in ("MaskedPaths", "ReadonlyPaths"):
    row(CREATE, f"HostConfig.{field}", [], W + "security-opt = systempaths=unconfined", instead=W + "security-opt = seccomp=unconfined")
    row(CREATE, f"HostConfig.{field}", ["/proc/bus"], W + "security-opt = systempaths=unconfined", instead=W + "security-opt = seccomp=unconfined")
free(CREATE, "HostConfig.MaskedPaths", None, ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
                                              "/sys/firmware", "/sys/devices/virtual/powercap"])
free(CREATE, "HostConfig.ReadonlyPaths", None, ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"])
row(CREATE, "HostConfig.Sysctls", {"net.core.somaxconn": "1024"}, W + "sysctls = net.core.somaxconn=1*", {"kernel.msgmax": "1"}, {"net.core.somaxconn": "2"})
row(CREATE, "HostConfig.Annotations", {"a": "b"}, W + "annotations = a=b", {"a": "c"}, {"io.katacontainers.x": "b"})
row(CREATE, "HostConfig.GroupAdd", ["video"], W + "group-add = video", ["docker"], ["video", "0"])
row(CREATE, "HostConfig.LogConfig", {"Type": "syslog", "Config": {}}, W + "log-drivers = syslog", {"Type": "gelf"}, {"Type": "syslog", "Config": {"syslog-address": "tcp://192.0.2.1"}}, named="HostConfig.LogConfig.")
row(CREATE, "HostConfig.LogConfig", {"Type": "json-file", "Config": {"labels": "a"}}, W + "log-options = labels", {"Type": "json-file", "Config": {"env": "a"}}, {"Type": "none"}, named="HostConfig.LogConfig.")
free(CREATE, "HostConfig.LogConfig", {"Type": "", "Config": None}, {"Type": "local", "Config": {"max-size": "10m", "compress": "true"}}, {"Type": "json-file", "Config": {"max-file": "3", "tag": "x"}})
row(CREATE, "HostConfig.PortBindings", {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}, W + "ports = 8080-8089", {"80/tcp": [{"HostIp": "", "HostPort": "80"}]}, {"80/tcp": [{"HostPort": "8080-8090"}]},
    {"80/tcp": []}, {"80/tcp": None}, {"80/tcp": [{"HostPort": ""}]}, {"80/tcp": [{"HostPort": "8080"}, {"HostPort": "22"}]}, {"80/tcp": [{"HostPort": "+8080"}]})
row(CREATE, "HostConfig.PortBindings", {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}, W + "ports = 127.0.0.1:8080", {"80/tcp": [{"HostPort": "8080"}]}, {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
    {"80/tcp": [{"HostIp": "127.0.0.1:1", "HostPort": "8080"}]})
row(CREATE, "HostConfig.PortBindings", {"80/tcp": [{"HostIp": "::1", "HostPort": ""}]}, W + "ports = [::1]:0", {"80/tcp": [{"HostIp": "", "HostPort": ""}]})
row(CREATE, "HostConfig.PublishAllPorts", True, W + "ports = 0", instead=W + "ports = 1-65535 127.0.0.1:0")
row(CREATE, "HostConfig.Links", ["db:db"], W + "links = db:db", ["web:x"])
row(CREATE, "HostConfig.ExtraHosts", ["a:192.0.2.1"], W + "extra-hosts = a:192.0.2.1", ["host.docker.internal:host-gateway"])
row(CREATE, "HostConfig.Dns", ["192.0.2.53"], W + "dns = 192.0.2.53", ["198.51.100.1"])
row(CREATE, "HostConfig.DnsOptions", ["ndots:1"], W + "dns = ndots:*", ["timeout:1"])
row(CREATE, "HostConfig.DnsSearch", ["example.com"], W + "dns = example.com", ["evil"])
row(CREATE, "HostConfig.OomScoreAdj", -500, W + "oom-score-adj = -500", -501, -1000)
free(CREATE, "HostConfig.OomScoreAdj", 0, 100)
row(CREATE, "HostConfig.OomKillDisable", True, W + "oom-kill-disable = yes")
free(CREATE, "HostConfig.Memory", 536870912, 0)
free(CREATE, "HostConfig.NanoCpus", 1000000000)
for field, value in (("MemorySwap", 1 << 30), ("MemoryReservation", 1 << 28), ("MemorySwappiness", 10), ("CpuShares", 512), ("CpuPeriod", 100000), ("CpuQuota", 50000), ("CpusetCpus", "0-1"), ("CpusetMems", "0"), ("PidsLimit", 100)):
    free(CREATE, f"HostConfig.{field}", value)
row(CREATE, "HostConfig.CpuRealtimeRuntime", 95000, W + "realtime = yes")
row(CREATE, "HostConfig.CpuRealtimePeriod", 95000, W + "realtime = yes")
row(CREATE, "HostConfig.Ulimits", [{"Name": "nofile", "Soft": 1024, "Hard": 2048}], W + "ulimits = nofile=2048", [{"Name": "nofile", "Soft": 1024, "Hard": 4096}], [{"Name": "nofile", "Soft": -1, "Hard": -1}],
    [{"Name": "rtprio", "Soft": 1, "Hard": 1}], [{"Name": "nofile", "Soft": 1024, "Hard": 2048}, {"Name": "nice", "Soft": 1, "Hard": 1}])
row(CREATE, "HostConfig.ShmSize", 1 << 30, W + "shm-size = 1G", (1 << 30) + 1, -1)
free(CREATE, "HostConfig.ShmSize", 64 << 20, 0)
for field in ("BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"):
    row(CREATE, f"HostConfig.{field}", [{"Path": "/dev/sda", "Rate": 1048576}], W + "block-devices = /dev/sda", [{"Path": "/dev/sdb", "Rate": 1}])
row(CREATE, "HostConfig.BlkioWeightDevice", [{"Path": "/dev/sda", "Weight": 100}], W + "block-devices = /dev/sda", [{"Path": "/etc/shadow", "Weight": 1}])
row(CREATE, "HostConfig.StorageOpt", {"size": "10G"}, W + "storage-options = size=10G", {"size": "900G"})
row(CREATE, "HostConfig.RestartPolicy", {"Name": "always"}, W + "restart = always", {"Name": "unless-stopped"}, named="HostConfig.RestartPolicy.Name")
free(CREATE, "HostConfig.RestartPolicy", {"Name": "no", "MaximumRetryCount": 0}, {"Name": "on-failure", "MaximumRetryCount": 3}, {"Name": ""})
for field, value in (("AutoRemove", True), ("Init", True), ("ReadonlyRootfs", True), ("ContainerIDFile", "/x"), ("ConsoleSize", [24, 80])):
    free(CREATE, f"HostConfig.{field}", value)

# Containers: what engines up to 26.1 take beside HostConfig

for field, value in (("Binds", ["/:/x"]), ("Privileged", True), ("CapAdd", ["ALL"]), ("PidMode", "host"), ("NetworkMode", "host"), ("Mounts", [{"Type": "bind", "Source": "/", "Target": "/x"}]),
                     ("ContainerIDFile", "/x"), ("LogConfig", {"Type": "json-file"}), ("PortBindings", {"80/tcp": [{"HostPort": "80"}]}), ("RestartPolicy", {"Name": "no"}), ("AutoRemove", True), ("VolumesFrom", ["web"]),
                     ("ConsoleSize", [24, 80]), ("Annotations", {"a": "b"}), ("CapDrop", ["ALL"]), ("CgroupnsMode", "host"), ("Dns", ["192.0.2.53"]), ("DnsOptions", ["ndots:1"]), ("DnsSearch", ["example.com"]), ("ExtraHosts", ["a:192.0.2.1"]),
                     ("GroupAdd", ["0"]), ("IpcMode", "host"), ("Cgroup", "container:web"), ("Links", ["db:db"]), ("OomScoreAdj", -1), ("PublishAllPorts", True), ("ReadonlyRootfs", True), ("SecurityOpt", ["no-new-privileges"]),
                     ("StorageOpt", {"size": "1G"}), ("Tmpfs", {"/run": ""}), ("UTSMode", "host"), ("UsernsMode", "host"), ("ShmSize", 1), ("Sysctls", {"net.core.somaxconn": "1"}), ("Runtime", "runc"), ("Isolation", "default"),
                     ("ReadonlyPaths", []), ("Init", True), ("Capabilities", ["CAP_SYS_ADMIN"]), ("NanoCpus", 1), ("CgroupParent", "x.slice"), ("BlkioWeight", 10), ("BlkioWeightDevice", [{"Path": "/dev/sda", "Weight": 1}]),
                     ("BlkioDeviceReadBps", [{"Path": "/dev/sda", "Rate": 1}]), ("BlkioDeviceWriteBps", [{"Path": "/dev/sda", "Rate": 1}]), ("BlkioDeviceReadIOps", [{"Path": "/dev/sda", "Rate": 1}]),
                     ("BlkioDeviceWriteIOps", [{"Path": "/dev/sda", "Rate": 1}]), ("CpuPeriod", 1000), ("CpuQuota", 1000), ("CpuRealtimePeriod", 1), ("CpuRealtimeRuntime", 1), ("CpusetMems", "0"), ("DeviceCgroupRules", ["a *:* rwm"]),
                     ("DeviceRequests", [{"Count": -1, "Capabilities": [["gpu"]]}]), ("MemoryReservation", 1), ("MemorySwappiness", 1), ("OomKillDisable", True), ("PidsLimit", -1), ("Ulimits", [{"Name": "nice", "Hard": 1, "Soft": 1}]),
                     ("Memory", 1), ("MemorySwap", -1), ("CpuShares", 2), ("CpusetCpus", "0"), ("Cpuset", "0"), ("VolumeDriver", "sshfs"), ("MaskedPaths", []), ("Devices", [{"PathOnHost": "/dev/sda"}])):
    never(CREATE, field, value)
free(CREATE, "Runtime", None, "")

# Containers: what runs

narrows(CREATE, "Shell", ["/bin/sh", "-c"], W + "healthchecks = CMD-SHELL true", ["/bin/bash", "-c"], ["/bin/sh", "-c", "x"], ["/bin/sh"])
narrows(CREATE, "Image", "ghcr.io/acme/web:1", W + "images = ghcr.io/acme/*", "nginx", "docker.io/acme/web", "ghcr.io/acme/a/b", "ghcr.io.evil/acme/web", "abc123", "sha256:" + "0" * 64, "", None)  # without an image: what is mounted runs
narrows(CREATE, "Image", "nginx", W + "images = docker.io/library/nginx:latest", "nginx:1", "nginx@sha256:" + "0" * 64, "evil/nginx", "index.docker.io/evil/nginx")
narrows(CREATE, "User", "1000:1000", W + "users = 1000:*", "root", "0", "00:1000", "01000:1")
narrows(CREATE, "Env", ["A=1", "B"], W + "env = A B", ["LD_PRELOAD=/x"], ["A=1", "C=2"])
narrows(CREATE, "Cmd", ["pg_dump", "-d", "x"], W + "commands = pg_dump -d *", ["pg_dump"], ["sh", "-c", "id"], ["pg_dump", "-d", "x", "y"], "sh")
narrows(CREATE, "Entrypoint", ["/entry"], W + "entrypoints = /entry **", ["/bin/sh"], ["/entry2"], [])  # [] takes the image's away
narrows(CREATE, "Healthcheck.Test", ["CMD", "curl", "localhost"], W + "healthchecks = CMD curl **", ["CMD-SHELL", "curl localhost"], ["CMD", "sh"])
row(CREATE, "WorkingDir", "/proc/self/fd/8", W + "working-dirs = /proc/**", "/srv", "/proc/../srv", "proc")
free(CREATE, "WorkingDir", "/srv/app", "/srv/app/", "/process", "")
row(CREATE, "MacAddress", "02:42:ac:11:00:02", W + "mac-addresses = 02:42:ac:11:*", "00:11:22:33:44:55")
never(CREATE, "OnBuild", ["RUN id"])
for field, value in (("Hostname", "h"), ("Domainname", "d"), ("NetworkDisabled", True), ("ExposedPorts", {"80/tcp": {}}), ("StopSignal", "SIGTERM"), ("StopTimeout", 5), ("AttachStdin", True), ("OpenStdin", True),
                     ("StdinOnce", True), ("Tty", True), ("Labels", {"a": "b"}), ("Volumes", {"/data": {}}), ("Shell", ["/bin/sh"])):
    free(CREATE, field, value)

for lines, named in ((W + "users = 1000", "User"), (W + "networks = front", "HostConfig.NetworkMode 'bridge'")):
    @suite.test(f"what {last(lines)} narrows is narrowed where a request leaves it to the image or the engine")
    def _(lines=lines, named=named):
        with level(CREATE, lines + "\n") as wire:
            refused(wire, CREATE, {"Image": "nginx"}, named, f"(not in {key_of(lines)})")
            passes(wire, CREATE, {"Image": "nginx", "User": "1000", "HostConfig": {"NetworkMode": "front"}})


@suite.test("a name with '=' in it is none that a word of a key means")
def _():
    with level(CREATE, W + "sysctls = a\nrequire-labels = team=w*\n") as wire:
        passes(wire, CREATE, {"Labels": {"team": "web"}, "HostConfig": {"Sysctls": {"a": "b=c"}}})
        refused(wire, CREATE, {"Labels": {"team": "web"}, "HostConfig": {"Sysctls": {"a=b": "c"}}}, "HostConfig.Sysctls")
        refused(wire, CREATE, {"Labels": {"team=web": ""}}, "Labels")


# Containers: networks


def endpoint(**settings):
    return {"front": settings}


EP = "NetworkingConfig.EndpointsConfig"
narrows(CREATE, EP, {"front": {}}, W + "networks = front bridge", {"back": {}}, {"front": {}, "back": None})
row(CREATE, EP, {"host": {}}, W + "host-namespaces = network", {"container:web": {}})
row(CREATE, EP, {"front": {"NetworkID": "host"}}, W + "host-namespaces = network", {"front": {"NetworkID": "container:web"}})
row(CREATE, EP, endpoint(IPAMConfig={"IPv4Address": "172.20.0.7"}), W + "addresses = 172.20.0.0/16", endpoint(IPAMConfig={"IPv4Address": "172.21.0.7"}), endpoint(IPAMConfig={"LinkLocalIPs": ["169.254.169.254"]}),
    endpoint(IPAMConfig={"IPv6Address": "fd00::1"}))
row(CREATE, EP, endpoint(IPAMConfig={"IPv6Address": "fd00::1"}), W + "addresses = fd00::/8", endpoint(IPAMConfig={"IPv6Address": "2001:db8::1"}))
row(CREATE, EP, endpoint(MacAddress="02:42:ac:11:00:02"), W + "mac-addresses = 02:42:ac:11:00:02", endpoint(MacAddress="02:42:ac:11:00:03"))
row(CREATE, EP, endpoint(Links=["db:db"]), W + "links = db:*", endpoint(Links=["web"]))
row(CREATE, EP, endpoint(DriverOpts={"com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.x=1"}), W + "endpoint-options = com.docker.network.endpoint.sysctls",
    endpoint(DriverOpts={"com.docker.network.endpoint.ifname": "eth9"}))
narrows(CREATE, EP, endpoint(Aliases=["web"], DNSNames=["web"]), W + "aliases = web", endpoint(Aliases=["db"]), endpoint(DNSNames=["db"]))
free(CREATE, EP, endpoint(GwPriority=1), endpoint(NetworkID="", EndpointID="", Gateway="", IPAddress="", IPPrefixLen=0, IPAMConfig=None))

# Containers: what a policy requires

requires(CREATE, W + "require-no-new-privileges = yes", {"HostConfig.SecurityOpt": ["no-new-privileges"]}, {}, {"HostConfig.SecurityOpt": []})
requires(CREATE, W + "security-opt = no-new-privileges=false\nrequire-no-new-privileges = true", {"HostConfig.SecurityOpt": ["no-new-privileges=false", "no-new-privileges:true"]},
         {"HostConfig.SecurityOpt": ["no-new-privileges", "no-new-privileges=false"]})  # the last one counts
requires(CREATE, W + "require-read-only = yes", {"HostConfig.ReadonlyRootfs": True}, {}, {"HostConfig.ReadonlyRootfs": False})
requires(CREATE, W + "require-non-root = yes", {"User": "1000"}, {}, {"User": "0"}, {"User": "00"}, {"User": "root"}, {"User": "toor"}, {"User": "+0"}, {"User": ":1000"}, {"User": "4294967296"})
requires(CREATE, W + "require-memory-limit = yes", {"HostConfig.Memory": 1 << 29}, {}, {"HostConfig.Memory": 0}, {"HostConfig.Memory": -1})
requires(CREATE, W + "require-dropped-capabilities = NET_RAW", {"HostConfig.CapDrop": ["cap_net_raw"]}, {}, {"HostConfig.CapDrop": ["CHOWN"]})
requires(CREATE, W + "require-labels = team=web owner", {"Labels": {"team": "web", "owner": "x"}}, {}, {"Labels": {"team": "db", "owner": "x"}}, {"Labels": {"team": "web"}})
requires(CREATE, W + "forbid-labels = traefik.*", {"Labels": {"team": "web"}}, {"Labels": {"traefik.enable": "true"}})
requires(CREATE, W + "restrict-to = memory=512M", {"HostConfig.Memory": 1 << 29}, {}, {"HostConfig.Memory": (1 << 29) + 1}, {"HostConfig.Memory": 1 << 29, "HostConfig.MemorySwap": -1},
         {"HostConfig.Memory": 1 << 29, "HostConfig.MemorySwap": (1 << 30) + 1})
requires(CREATE, W + "restrict-to = memory=256M", {"HostConfig.Memory": 1 << 28, "HostConfig.MemorySwap": 1 << 29}, {"HostConfig.Memory": 1 << 28, "HostConfig.MemorySwap": (1 << 29) + 1})
requires(CREATE, W + "restrict-to = cpus=1.5", {"HostConfig.NanoCpus": 1500000000}, {}, {"HostConfig.NanoCpus": 1500000001}, {"HostConfig.CpuQuota": 200000}, {"HostConfig.CpuQuota": -1},
         {"HostConfig.CpuQuota": 100000, "HostConfig.CpuPeriod": 50000})
requires(CREATE, W + "restrict-to = pids=100", {"HostConfig.PidsLimit": 100}, {}, {"HostConfig.PidsLimit": 101}, {"HostConfig.PidsLimit": -1}, {"HostConfig.PidsLimit": 0}, {"HostConfig.PidsLimit": None})
requires(CREATE, W + "restrict-to = shm=32M", {"HostConfig.ShmSize": 1 << 20}, {"HostConfig.ShmSize": (32 << 20) + 1}, {}, {"HostConfig.ShmSize": 0})
requires(CREATE, W + "shm-size = 1G\nrestrict-to = shm=64M", {}, {"HostConfig.ShmSize": (64 << 20) + 1})

# Updates

free(UPDATE, "Memory", 1 << 29, 0)
requires(UPDATE, W + "restrict-to = memory=512M pids=100 cpus=1", {"Memory": 1 << 29, "PidsLimit": 100}, {"Memory": 1 << 30}, {"MemorySwap": -1}, {"PidsLimit": 0}, {"PidsLimit": -1}, {"NanoCpus": 2000000000}, {"CpuQuota": -1},
         {"CpuPeriod": 1000}, {"CpuQuota": 50000})
requires(UPDATE, W + "restrict-to = cpus=1", {"CpuQuota": 50000, "CpuPeriod": 50000}, {"CpuQuota": 50000, "CpuPeriod": 49999}, {"CpuQuota": 1000}, {"CpuPeriod": 100000})
row(UPDATE, "RestartPolicy", {"Name": "always"}, W + "restart = always", {"Name": "unless-stopped"}, named="RestartPolicy.Name")
row(UPDATE, "DeviceCgroupRules", ["c 188:* rw"], W + "device-cgroup-rules = c 188:* rw", ["a *:* rwm"])
row(UPDATE, "DeviceRequests", [{"Capabilities": [["gpu"]]}], W + "device-requests = gpu", [{"Capabilities": [["tpu"]]}])
row(UPDATE, "Ulimits", [{"Name": "nofile", "Soft": 1024, "Hard": 2048}], W + "ulimits = nofile=2048", [{"Name": "nofile", "Soft": 1024, "Hard": 4096}], [{"Name": "rtprio", "Soft": 1, "Hard": 1}])
for field in ("BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"):
    row(UPDATE, field, [{"Path": "/dev/sda", "Rate": 1048576}], W + "block-devices = /dev/sda", [{"Path": "/dev/sdb", "Rate": 1}])
row(UPDATE, "Devices", [{"PathOnHost": "/dev/fuse"}], W + "devices = /dev/fuse", [{"PathOnHost": "/dev/sda"}])
row(UPDATE, "CgroupParent", "ci.slice", W + "cgroup-parents = ci.slice", "x")
row(UPDATE, "BlkioWeightDevice", [{"Path": "/dev/sda", "Weight": 100}], W + "block-devices = /dev/sda", [{"Path": "/dev/sdb"}])

# Exec, start, checkpoints, commit

X = "[exec]\n"
row("ContainerExec", "Privileged", True, X + "privileged = yes")
row("ContainerExec", "User", "root", X + "users = root 1000:*", "0", "1001")
narrows("ContainerExec", "Cmd", ["/usr/bin/pg_dump", "-d", "x"], X + "commands = /usr/bin/pg_dump **", ["sh", "-c", "id"], ["/usr/bin/pg_dumpall"], "sh")
narrows("ContainerExec", "Env", ["A=1"], X + "env = A", ["LD_PRELOAD=/x"])
narrows("ContainerExec", "Tty", False, X + "tty = no", True)
row("ContainerExec", "WorkingDir", "/proc/self/fd/8", X + "working-dirs = /proc/**", "/srv")
for field, value in (("AttachStdin", True), ("DetachKeys", "ctrl-p"), ("Detach", True), ("Container", "web"), ("ConsoleSize", [24, 80])):
    free("ContainerExec", field, value)
for field, value in (("Detach", True), ("Tty", False), ("hijack", True), ("stdin", True)):
    free("ExecStart", field, value)
never("ContainerStart", "Binds", ["/:/x"])
never("ContainerStart", "Privileged", True)
never("CheckpointCreate", "CheckpointDir", "/srv")
row("ImageCommit", "OnBuild", ["RUN id"], W + "unrestricted = yes")
free("ImageCommit", "Env", ["A=1"])
narrows("ImageCommit", "User", "1000", W + "users = 1000", "root")

# Services

SPEC = "TaskTemplate.ContainerSpec"
for operation in (SERVICE, SERVICE_UPDATE):
    row(operation, SPEC + ".Mounts", [{"Type": "bind", "Source": "/srv/a", "Target": "/x"}], W + "binds = /srv/*", [{"Type": "bind", "Source": "/", "Target": "/x"}], [{"Type": "BIND", "Source": "/srv/a", "Target": "/x"}],
        [{"Type": "x", "Source": "/etc", "Target": "/x"}], [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"o": "bind"}}}}])
    row(operation, SPEC + ".CapabilityAdd", ["CAP_NET_ADMIN"], W + "capabilities = NET_ADMIN", ["ALL"], ["SYS_ADMIN"])
    row(operation, SPEC + ".Privileges", {"SELinuxContext": {"Type": LONG[-251:]}}, W + "security-opt = label=type:*END", {"SELinuxContext": {"Type": LONG[-251:] + "more"}}, named=SPEC + ".Privileges.SELinuxContext.Type")
    row(operation, SPEC + ".Privileges", {"Seccomp": {"Mode": "unconfined"}}, W + "security-opt = seccomp=unconfined", {"Seccomp": {"Mode": "custom", "Profile": "e30="}}, {"AppArmor": {"Mode": "disabled"}})
    row(operation, SPEC + ".Privileges", {"Seccomp": {"Mode": "custom", "Profile": "e30="}}, W + "security-opt = seccomp=custom", {"Seccomp": {"Mode": "unconfined"}})
    row(operation, SPEC + ".Privileges", {"Seccomp": {"Profile": "e30="}}, W + "security-opt = seccomp=custom", {"Seccomp": {"Mode": "unconfined"}})
    row(operation, SPEC + ".Privileges", {"AppArmor": {"Mode": "disabled"}}, W + "security-opt = apparmor=unconfined", {"Seccomp": {"Mode": "unconfined"}})
    row(operation, SPEC + ".Privileges", {"SELinuxContext": {"Disable": True}}, W + "security-opt = label=disable", {"SELinuxContext": {"Type": "spc_t"}})
    row(operation, SPEC + ".Privileges", {"SELinuxContext": {"Type": "spc_t"}}, W + "security-opt = label=type:spc_t", {"SELinuxContext": {"Disable": True}})
    never(operation, SPEC + ".Privileges", {"CredentialSpec": {"File": "x"}})
    row(operation, SPEC + ".Sysctls", {"net.core.somaxconn": "1"}, W + "sysctls = net.core.somaxconn", {"kernel.x": "1"})
    row(operation, SPEC + ".Secrets", [{"SecretID": "abc", "SecretName": "db", "File": {"Name": "db", "UID": "0", "GID": "0", "Mode": 292}}], W + "secrets = abc", [{"SecretID": "def", "SecretName": "db"}])
    row(operation, SPEC + ".Configs", [{"ConfigID": "abc", "ConfigName": "c"}], W + "configs = abc", [{"ConfigID": "def"}])
    row(operation, SPEC + ".Groups", ["video"], W + "group-add = video", ["docker"])
    row(operation, SPEC + ".Dir", "/proc/1", W + "working-dirs = /proc/*", "/srv")
    row(operation, SPEC + ".Hosts", ["192.0.2.1 a"], W + "extra-hosts = *", ["a/b"])
    row(operation, SPEC + ".DNSConfig", {"Nameservers": ["192.0.2.53"]}, W + "dns = 192.0.2.53", {"Nameservers": ["198.51.100.1"]})
    narrows(operation, SPEC + ".Image", "ghcr.io/acme/web:1@sha256:" + "a" * 64, W + "images = ghcr.io/acme/web", "nginx")
    narrows(operation, SPEC + ".User", "1000", W + "users = 1000", "root")
    narrows(operation, SPEC + ".Env", ["A=1"], W + "env = A", ["B=1"])
    narrows(operation, SPEC + ".Args", ["serve"], W + "commands = serve", ["sh"])
    narrows(operation, SPEC + ".Command", ["/entry"], W + "entrypoints = /entry", ["sh"])
    row(operation, SPEC + ".Ulimits", [{"Name": "nofile", "Hard": 1024, "Soft": 1024}], W + "ulimits = nofile=1024", [{"Name": "nice", "Hard": 1, "Soft": 1}])
    row(operation, SPEC + ".OomScoreAdj", -1, W + "oom-score-adj = -1", -2)
    narrows(operation, SPEC + ".Healthcheck", {"Test": ["CMD", "true"], "Interval": 1000000000}, W + "healthchecks = CMD true", {"Test": ["CMD-SHELL", "true"]})
    for field, value in (("CapabilityDrop", ["ALL"]), ("Hostname", "h"), ("Init", True), ("TTY", True), ("OpenStdin", True), ("ReadOnly", True), ("Privileges", {"NoNewPrivileges": True})):
        free(operation, f"{SPEC}.{field}", value)
    free(operation, "TaskTemplate.RestartPolicy", {"Condition": "any", "MaxAttempts": 3})
    row(operation, "TaskTemplate.Networks", [{"Target": "host"}], W + "host-namespaces = network", instead=W + "host-namespaces = pid ipc uts user cgroup")
    row(operation, "TaskTemplate.Networks", [{"Target": "q1w2e3r4t5y6u7i8o9p0a1s2d"}], W + "networks = q1w2e3r4t5y6u7i8o9p0a1s2d", [{"Target": "zzz"}], [{"Target": "host"}])
    row(operation, "Networks", [{"Target": "q1w2e3"}], W + "networks = q1w2e3", [{"Target": "zzz"}])
    free(operation, "TaskTemplate.Networks", [{"Target": "stack_default", "Aliases": ["web"]}])
    narrows(operation, "TaskTemplate.Networks", [{"Target": "stack_front"}], W + "networks = stack_front", [{"Target": "stack_back"}], [])  # none is the node's default one
    never(operation, "TaskTemplate.Runtime", "plugin")
    never(operation, "TaskTemplate.PluginSpec", {"name": "x", "remote": "evil"})
    never(operation, "TaskTemplate.NetworkAttachmentSpec", {"ContainerID": "x"})
    row(operation, "TaskTemplate.LogDriver", {"Name": "gelf", "Options": {}}, W + "log-drivers = gelf", {"Name": "syslog"}, {"Name": "gelf", "Options": {"gelf-address": "udp://192.0.2.1"}}, named="TaskTemplate.LogDriver.")
    row(operation, "TaskTemplate.Placement", {"Constraints": ["node.role == manager"]}, W + "constraints = node.role == manager", {"Constraints": ["node.role==manager"]})
    row(operation, "Mode", {"Global": {}}, W + "service-modes = global", {"GlobalJob": {}}, {"ReplicatedJob": {}})
    free(operation, "Mode", {"Replicated": {"Replicas": 3}})
    requires(operation, W + "restrict-to = replicas=3", {"Mode.Replicated.Replicas": 3}, {"Mode.Replicated.Replicas": 4})
    requires(operation, W + "service-modes = replicated-job\nrestrict-to = replicas=2", {"Mode.ReplicatedJob": {"MaxConcurrent": 2}}, {"Mode.ReplicatedJob": {"MaxConcurrent": 3}},
             {"Mode.ReplicatedJob": {"TotalCompletions": 3}}, {"Mode.ReplicatedJob": {"MaxConcurrent": 3, "TotalCompletions": 2}})
    requires(operation, W + "restrict-to = memory=512M", {"TaskTemplate.Resources.Limits.MemoryBytes": 1 << 29, "TaskTemplate.Resources.SwapBytes": 1 << 29}, {},
             {"TaskTemplate.Resources.Limits.MemoryBytes": 1 << 30}, {"TaskTemplate.Resources.Limits.MemoryBytes": 1 << 29, "TaskTemplate.Resources.SwapBytes": (1 << 29) + 1},
             {"TaskTemplate.Resources.Limits.MemoryBytes": 1 << 29, "TaskTemplate.Resources.SwapBytes": -1})
    requires(operation, W + "require-no-new-privileges = yes", {SPEC + ".Privileges.NoNewPrivileges": True}, {})
    requires(operation, W + "require-read-only = yes", {SPEC + ".ReadOnly": True}, {})
    requires(operation, W + "require-non-root = yes", {SPEC + ".User": "1000"}, {}, {SPEC + ".User": "00"})
    row(operation, "TaskTemplate.Resources", {"Reservations": {"GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 1}}]}}, W + "device-requests = gpu",
        {"Reservations": {"GenericResources": [{"NamedResourceSpec": {"Kind": "fpga", "Value": "0"}}]}})
    row(operation, "EndpointSpec", {"Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "host"}]}, W + "ports = 8080", {"Ports": [{"TargetPort": 80, "PublishedPort": 80}]}, {"Ports": [{"TargetPort": 80}]})

# Volumes

V = "[volumes]\n"
row("VolumeCreate", "Driver", "sshfs", V + "drivers = sshfs", "rexray")
free("VolumeCreate", "Driver", "local", "")
for name, value in (("type", "none"), ("o", "bind"), ("device", "/"), ("size", "10G"), ("sshcmd", "x")):
    row("VolumeCreate", "DriverOpts", {name: value}, V + f"options = {name}={value}", {name: value + "x"}, {name.upper(): value}, {name: value, "other": "x"})
row("VolumeCreate", "DriverOpts", {"type": "none", "o": "bind", "device": "/srv/a"}, V + "options = type=none o=bind device=/srv/**", {"type": "none", "o": "bind", "device": "/etc"},
    {"type": "none", "o": "bind", "device": "/srv/../etc"}, {"type": "none", "o": "bind", "device": "/srv/a/../../etc"}, {"type": "none", "o": "bind", "device": "/srv/"})
narrows("VolumeCreate", "Name", "ci-1", V + "names = ci-*", "prod")
never("VolumeCreate", "ClusterVolumeSpec", {"Group": "x"}, "volumes")
never("VolumeCreate", "ClusterVolumeSpec", {}, "volumes")  # a pointer in Go: an empty one makes a cluster's volume, too
never("VolumeUpdate", "Spec", {"Availability": "drain"}, "volumes")
requires("VolumeCreate", W + "forbid-labels = com.docker.*", {"Labels": {"a": "b"}}, {"Labels": {"com.docker.compose.project": "x"}})

# Networks

N = "[networks]\n"
row("NetworkCreate", "Driver", "macvlan", N + "drivers = macvlan", "ipvlan", "overlay", "host")
free("NetworkCreate", "Driver", "bridge", "")
for option in ("parent", "com.docker.network.bridge.name", "com.docker.network.bridge.host_binding_ipv4", "com.docker.network.bridge.gateway_mode_ipv4", "com.docker.network.bridge.trusted_host_interfaces",
               "com.docker.network.bridge.gateway_mode_ipv6", "com.docker.network.bridge.enable_icc", "com.docker.network.bridge.enable_ip_masquerade", "com.docker.network.driver.mtu",
               "com.docker.network.container_iface_prefix", "com.docker.network.host_ipv4", "com.docker.network.host_ipv6"):
    row("NetworkCreate", "Options", {option: "x"}, N + f"options = {option}=x", {option: "y"}, {"other": "x"})
row("NetworkCreate", "IPAM", {"Driver": "plugin"}, N + "ipam-drivers = plugin", {"Driver": "other"}, named="IPAM.Driver")
row("NetworkCreate", "IPAM", {"Config": [{"Subnet": "172.28.0.0/16", "Gateway": "172.28.0.1"}]}, N + "subnets = 172.16.0.0/12", {"Config": [{"Subnet": "192.168.0.0/16"}]}, {"Config": [{"Subnet": "172.0.0.0/8"}]},
    {"Config": [{"Subnet": "172.28.0.0/16", "IPRange": "10.0.0.0/24"}]}, {"Config": [{"Subnet": "172.28.0.0/16", "AuxiliaryAddresses": {"a": "8.8.8.8"}}]}, {"Config": [{"Subnet": "172.28.0.0/16", "Gateway": "1.1.1.1"}]})
row("NetworkCreate", "IPAM", {"Config": [{"Subnet": "172.28.0.0/16", "IPRange": "172.28.1.0/24", "AuxiliaryAddresses": {"a": "172.28.1.1"}}]}, N + "subnets = 172.28.0.0/16",
    {"Config": [{"Subnet": "172.28.0.0/16", "IPRange": "172.0.0.0/8"}]}, {"Config": [{"Subnet": "172.28.0.0/16", "AuxiliaryAddresses": {"a": "172.29.0.1"}}]})
never("NetworkCreate", "IPAM", {"Options": {"a": "b"}}, "networks")
never("NetworkCreate", "Ingress", True, "networks")
never("NetworkCreate", "Scope", "swarm", "networks")
never("NetworkCreate", "ConfigOnly", True, "networks")
never("NetworkCreate", "ConfigFrom", {"Network": "x"}, "networks")
narrows("NetworkCreate", "Name", "ci-1", N + "names = ci-*", "prod")
requires("NetworkCreate", N + "require-internal = yes", {"Internal": True}, {}, {"Internal": False})
for field, value in (("EnableIPv6", True), ("EnableIPv4", True), ("CheckDuplicate", True), ("Internal", True), ("Attachable", True), ("Labels", {"a": "b"})):
    free("NetworkCreate", field, value)


@suite.test("NetworkCreate: an attachable network of a swarm needs [networks] attachable")
def _():
    made = body("NetworkCreate", "Driver", "overlay") | {"Attachable": True}
    with level("NetworkCreate", N + "drivers = overlay\n") as wire:
        refused(wire, "NetworkCreate", made, "Attachable", "(no [networks] attachable)")
    with level("NetworkCreate", N + "drivers = overlay\nattachable = yes\n") as wire:
        passes(wire, "NetworkCreate", made)


for operation in ("NetworkConnect", "NetworkDisconnect"):
    narrows(operation, "Container", "web", N + "containers = web", "db")
row("NetworkConnect", "EndpointConfig", {"IPAMConfig": {"IPv4Address": "172.20.0.7"}}, W + "addresses = 172.20.0.0/16", {"IPAMConfig": {"IPv4Address": "10.0.0.1"}})
row("NetworkConnect", "EndpointConfig", {"MacAddress": "02:42:ac:11:00:02"}, W + "mac-addresses = *", {"MacAddress": "a/b"})
row("NetworkConnect", "EndpointConfig", {"Links": ["db"]}, W + "links = db", {"Links": ["web"]})
row("NetworkConnect", "EndpointConfig", {"DriverOpts": {"a": "b"}}, W + "endpoint-options = a", {"DriverOpts": {"b": "b"}})
narrows("NetworkConnect", "EndpointConfig", {"Aliases": ["web"]}, W + "aliases = web", {"Aliases": ["db"]})
row("NetworkDisconnect", "Force", True, N + "force = yes")


@suite.test("NetworkConnect: [workload] networks holds for the network in the path")
def _():
    with level("NetworkConnect", W + "networks = front\n") as wire:
        passes(wire, "NetworkConnect", {"Container": "web"})
    with level("NetworkConnect", W + "networks = back\n") as wire:
        refused(wire, "NetworkConnect", {"Container": "web"}, "'front'", "(not in [workload] networks)")


# The swarm and its nodes, secrets, configs, registries

for field, value in (("ListenAddr", "0.0.0.0"), ("AdvertiseAddr", "192.0.2.1"), ("DataPathAddr", "192.0.2.1"), ("DataPathPort", 4789), ("ForceNewCluster", True), ("Spec", {"CAConfig": {"SigningCACert": "x"}}), ("Spec", {"CAConfig": {"SigningCAKey": "x"}}),
                     ("Spec", {"CAConfig": {"ExternalCAs": [{"Protocol": "cfssl", "URL": "https://evil.example"}]}}),
                     ("AutoLockManagers", True), ("DefaultAddrPool", ["10.0.0.0/8"])):
    never("SwarmInit", field, value, "swarm")
for field, value in (("RemoteAddrs", ["192.0.2.1"]), ("JoinToken", "x"), ("ListenAddr", "0.0.0.0")):
    never("SwarmJoin", field, value, "swarm")
for field, value in (("CAConfig", {"ForceRotate": 1}), ("EncryptionConfig", {"AutoLockManagers": True}), ("TaskDefaults", {"LogDriver": {"Name": "gelf"}}), ("Raft", {"ElectionTick": 1}), ("Dispatcher", {"HeartbeatPeriod": 1})):
    never("SwarmUpdate", field, value, "swarm")
for field, value in (("Role", "manager"), ("Availability", "drain"), ("Labels", {"a": "b"})):
    never("NodeUpdate", field, value, "swarm")
never("SecretCreate", "Driver", {"Name": "x"}, "swarm")
never("SecretCreate", "Templating", {"Name": "golang"}, "swarm")
never("ConfigCreate", "Templating", {"Name": "golang"}, "swarm")
for field in ("username", "password", "identitytoken"):
    free("SystemAuth", field, "x")
row("SystemAuth", "serveraddress", "https://a.example.com/v2/", "[auth]\nservers = https://*.example.com/**", "https://evil.example#.example.com/v2/", "https://evil.example?.example.com/v2/", "https://a.example.com/../x")
row(CREATE, "HostConfig.LogConfig", {"Config": {"gelf-address": "udp://a.example.com:1"}}, W + "log-options = gelf-address=udp://*.example.com:1", {"Config": {"gelf-address": "udp://evil.example#.example.com:1"}}, named="HostConfig.LogConfig.Config")
row("SystemAuth", "serveraddress", "https://ghcr.io", "[auth]\nservers = https://ghcr.io", "http://192.0.2.1")



@suite.test("passwords, tokens and the data of a secret are in no answer and in no record")
def _():
    secret = "c2VjcmV0LXdvcmQ="
    for operation, made in (("SystemAuth", {"username": "u", "password": secret, "identitytoken": secret, "serveraddress": "192.0.2.1"}), ("SystemAuth", {"password": [secret]}), ("SecretCreate", {"Name": "s", "Data": secret, "Driver": {"Name": "x"}}),
                            ("SecretCreate", {"Name": "s", "Data": [secret]}), ("SwarmJoin", {"JoinToken": secret}), ("SwarmUnlock", {"UnlockKey": secret, "Wings": 1}), ("SwarmInit", {"Spec": {"CAConfig": {"SigningCAKey": secret}}}),
                            ("VolumeCreate", {"DriverOpts": {"o": "addr=192.0.2.1,username=u,PassWord=" + secret}}), (CREATE, {"HostConfig": {"LogConfig": {"Type": "json-file", "Config": {"splunk-token": secret}}}}),
                            (CREATE, {"HostConfig": {"Mounts": [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Options": {"o": "password=" + secret}}}}]}}),
                            (CREATE, {"HostConfig": {"Annotations": {"com.example.secret": secret}}})):
        with level(operation) as wire:
            ask(wire, operation, made)
            answer = wire.answer()
            true(answer.status in (400, 403) and secret.encode() not in answer.body, f"{answer.status} {answer.body}")
            wire.end()
            true(secret not in str(wire.records()), f"{wire.records()}")


if __name__ == "__main__":
    sys.exit(suite.main())
