#!/usr/bin/env python3
"""[workload] recreate = yes: a container is made anew with exactly what one of its name has, or had before it was stopped on this connection."""
import copy
import json
import os
import re
import sys
import threading
import time
from urllib.parse import parse_qs, unquote, urlsplit

from wire import Wire, is_denial

from message import read_request, read_response, request
from tap import Suite, contains, equal, lacks, true

suite = Suite("recreate: ")
TYPE = "Content-Type: application/json"
V = "/v1.41"
RULES = "allow = SystemPing ContainerInspect ContainerStop ContainerKill ContainerRename ContainerDelete ContainerCreate ContainerStart NetworkConnect NetworkDisconnect"
LINES = "[workload]\nrecreate = yes\n"
MASKED = ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def inspection(name, ident, image="nginx:1.27", host=None, config=None, networks=None):
    """What dockerd 28 shows of a container, the parts that matter and some that do not."""
    return {
        "Id": ident, "Created": "2026-01-01T00:00:00Z", "Path": "/docker-entrypoint.sh", "Args": ["nginx"], "State": {"Status": "running", "Running": True}, "Image": "sha256:" + "0" * 64, "Name": "/" + name,
        "Platform": "linux", "Mounts": [], "GraphDriver": {"Name": "overlay2", "Data": None}, "RestartCount": 0,
        "HostConfig": {"Binds": ["/etc/ssl:/ssl:ro", "data:/data"], "ContainerIDFile": "", "LogConfig": {"Type": "json-file", "Config": {}}, "NetworkMode": "front", "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
                       "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "AutoRemove": False, "VolumeDriver": "", "VolumesFrom": None, "ConsoleSize": [0, 0], "CapAdd": ["NET_ADMIN"], "CapDrop": ["MKNOD"],
                       "CgroupnsMode": "private", "Dns": [], "DnsOptions": [], "DnsSearch": [], "ExtraHosts": None, "GroupAdd": None, "IpcMode": "private", "Cgroup": "", "Links": None, "OomScoreAdj": 0, "PidMode": "",
                       "Privileged": False, "PublishAllPorts": False, "ReadonlyRootfs": True, "SecurityOpt": ["no-new-privileges"], "UTSMode": "", "UsernsMode": "", "ShmSize": 67108864, "Runtime": "runc", "Isolation": "",
                       "CpuShares": 0, "Memory": 268435456, "NanoCpus": 0, "CgroupParent": "", "BlkioWeight": 0, "BlkioWeightDevice": [], "Devices": [{"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"}],
                       "DeviceCgroupRules": None, "DeviceRequests": None, "MemorySwap": 536870912, "MemorySwappiness": None, "OomKillDisable": False, "PidsLimit": None, "Ulimits": None,
                       "Mounts": [{"Type": "bind", "Source": "/srv/www", "Target": "/www", "ReadOnly": True, "BindOptions": {"Propagation": "rprivate"}}], "MaskedPaths": MASKED, "ReadonlyPaths": READONLY, **(host or {})},
        "Config": {"Hostname": ident[:12], "Domainname": "", "User": "101", "AttachStdin": False, "AttachStdout": True, "AttachStderr": True, "ExposedPorts": {"80/tcp": {}}, "Tty": False, "OpenStdin": False, "StdinOnce": False,
                   "Env": ["TOKEN=secret", "PATH=/usr/bin", "NGINX_VERSION=1.27"], "Cmd": ["nginx", "-g", "daemon off;"], "Image": image, "Volumes": None, "WorkingDir": "", "Entrypoint": ["/docker-entrypoint.sh"], "OnBuild": None,
                   "Labels": {"maintainer": "x"}, "StopSignal": "SIGQUIT", **(config or {})},
        "NetworkSettings": {"Networks": networks if networks is not None else {
            "front": {"IPAMConfig": {"IPv4Address": "172.20.0.9"}, "Links": None, "Aliases": ["www", ident[:12]], "MacAddress": "02:42:ac:14:00:09", "NetworkID": "f" * 64, "EndpointID": "e" * 64, "Gateway": "172.20.0.1",
                      "IPAddress": "172.20.0.9", "IPPrefixLen": 16, "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DriverOpts": None, "DNSNames": ["web", "www"]}}},
    }


WEB, DB = "a1" * 32, "b2" * 32
NGINX = {"Config": {"User": "101", "Env": ["PATH=/usr/bin", "NGINX_VERSION=1.27"], "Cmd": ["nginx", "-g", "daemon off;"], "Entrypoint": ["/docker-entrypoint.sh"]}}
IMAGES = {"sha256:" + "0" * 64: NGINX, "nginx:1.27": NGINX,
          "nginx:1.28": {"Config": {"User": "102", "Env": ["PATH=/usr/bin", "NGINX_VERSION=1.28"], "Cmd": ["nginx"], "Entrypoint": ["/docker-entrypoint.sh"]}}}


class Docker:
    """An engine with containers, as far as these tests need one. `hook(engine, line)` is called before each answer."""

    def __init__(self, *containers, images=None):
        self.containers = {each["Id"]: each for each in containers}
        self.images = IMAGES if images is None else images
        self.lines = []
        self.bodies = []
        self.hook = None
        self.raw = {}        # an answer's bytes by the beginning of the request line
        self.lock = threading.Lock()
        self.made = 0

    def find(self, name):
        for match in (lambda one: one["Id"] == name, lambda one: one["Name"] == "/" + name.lstrip("/"), lambda one: one["Id"].startswith(name)):
            for one in self.containers.values():
                if match(one):
                    return one
        return None

    def script(self, _, stream):
        while not (stream.at_end(3600) or stream.ended):
            got = read_request(stream, 60)
            with self.lock:
                if self.hook:
                    self.hook(self, got.line)
                self.lines.append(got.line.rsplit(" ", 1)[0])
                self.bodies.append(got.body)
                special = next((raw for start, raw in self.raw.items() if got.line.startswith(start)), None)
                status, value = (None, None) if special is not None else self.answer(got)
            data = json.dumps(value).encode() if value is not None else b""
            stream.send(special if special is not None else b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data))

    def answer(self, got):
        url = urlsplit(got.target)
        query = {key: value[0] for key, value in parse_qs(url.query).items()}
        path = re.sub(r"\A/v[0-9.]+", "", unquote(url.path))
        if path == "/containers/create":
            self.made += 1
            name = query.get("name", "").lstrip("/") or f"quirky_name{self.made}"
            if self.find(name):
                return 409, {"message": "Conflict."}
            made = json.loads(got.body)
            ident = f"{self.made:064x}"
            self.containers[ident] = inspection(name, ident, made["Image"], made.get("HostConfig"))
            return 201, {"Id": ident}
        match = re.match(r"/(containers|images)/(.*?)(?:/(json|stop|kill|rename|start))?\Z", path)
        if match and match[1] == "images":
            found = self.images.get(match[2])
        elif match:
            found = self.find(match[2])
        else:
            return 200, {}
        if found is None:
            return 404, {"message": "No such thing"}
        if match[3] == "json":
            return 200, found
        if match[3] == "rename":
            found["Name"] = "/" + query["name"].lstrip("/")
        if match[3] in ("stop", "kill"):
            for network in found["NetworkSettings"]["Networks"].values():
                network.update(MacAddress="", IPAddress="")
            if found["HostConfig"]["AutoRemove"]:
                del self.containers[found["Id"]]
        if got.method == "DELETE":
            del self.containers[found["Id"]]
        return 204, None

    def creates(self):
        return [line for line in self.lines if "/containers/create" in line]


class Level(Wire):
    """A level with `recreate = yes` before such an engine."""

    def __init__(self, *containers, lines=LINES, images=None, **options):
        self.docker = Docker(*containers, images=images)
        super().__init__(RULES, script=self.docker.script, **({"bodies": lines, "name": "ci"} | options))

    def ask(self, method, target, body=None):
        raw = None if body is None else json.dumps(body).encode()
        self.send(request(method, V + target, *([TYPE] if raw is not None else []), body=raw))
        return read_response(self.client, method)

    def create(self, body, name="web"):
        return self.ask("POST", "/containers/create" + (f"?name={name}" if name else ""), body)

    def passes(self, body, name="web", **host):
        """`host` is what is another in HostConfig when it comes to the engine."""
        got = self.create(body, name)
        equal(got.status, 201, f"status ({got.body})")
        equal(json.loads(self.docker.bodies[-1]), {**body, "HostConfig": {**body["HostConfig"], **host}} if host else body, "what the engine got")
        return json.loads(got.body)["Id"]

    def refused(self, body, *says, name="web"):
        count = len(self.docker.creates())
        got = is_denial(self.create(body, name), 403)
        for word in says:
            contains(got.message, word, "message")
        equal(len(self.docker.creates()), count, "creates at the engine")
        return got.message

    def gone(self, name=WEB):
        """Stops and removes it."""
        equal(self.ask("POST", f"/containers/{name}/stop").status, 204, "stop")
        equal(self.ask("DELETE", f"/containers/{name}").status, 204, "remove")


def web(**changes):
    return inspection("web", WEB, **changes)


def body_of(inspected, **changes):
    """A create with all that an inspection has, as Portainer and WUD send it."""
    return {**copy.deepcopy(inspected["Config"]), "HostConfig": copy.deepcopy(inspected["HostConfig"]), "NetworkingConfig": {"EndpointsConfig": copy.deepcopy(inspected["NetworkSettings"]["Networks"])}, **changes}


def watchtower(inspected):
    """The same without what the image says, as Watchtower sends it."""
    made = body_of(inspected)
    made.update(User="", Entrypoint=None, Cmd=None, Env=["TOKEN=secret"])
    for endpoint in made["NetworkingConfig"]["EndpointsConfig"].values():
        endpoint["Aliases"] = ["www"]
    return made


def host(field, value):
    made = body_of(web())
    made["HostConfig"][field] = value
    return made


# The sequences of the tools

@suite.test("without recreate the settings of the old container are refused, and nothing is asked")
def _():
    with Level(web(), lines="") as level:
        level.gone()
        level.refused(body_of(web()), "HostConfig.Binds[0] '/etc/ssl' is not allowed by policy ci (no [workload] binds)")
        equal([line for line in level.docker.lines if line.startswith("GET")], [], "questions")


@suite.test("Watchtower: kill, remove, create, disconnect, connect, start")
def _():
    with Level(web(), lines=LINES + "[networks]\nforce = yes\n") as level:
        seen = level.ask("GET", f"/containers/{WEB}/json")
        old = json.loads(seen.body)
        equal(level.ask("POST", f"/containers/{WEB}/kill?signal=SIGQUIT").status, 204, "kill")
        level.ask("GET", f"/containers/{WEB}/json")
        equal(level.ask("DELETE", f"/containers/{WEB}?force=1").status, 204, "remove")
        equal(level.ask("GET", f"/containers/{WEB}/json").status, 404, "inspect")
        ident = level.passes(watchtower(old), "%2Fweb")
        equal(level.ask("POST", "/networks/front/disconnect", {"Container": ident, "Force": True}).status, 200, "disconnect")
        endpoint = watchtower(old)["NetworkingConfig"]["EndpointsConfig"]["front"]
        equal(level.ask("POST", "/networks/front/connect", {"Container": ident, "EndpointConfig": endpoint}).status, 200, "connect")
        equal(level.ask("POST", f"/containers/{ident}/start").status, 204, "start")


@suite.test("the preset watchtower lets Watchtower do its work, and no more")
def _():
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "units", "policies", "watchtower.ini"), encoding="utf-8") as file:
        preset = file.read().replace("[policy]\n", "[policy]\nsocket = @SOCKET@\n", 1)
    other = inspection("db", DB)
    with Level(web(), other, text=preset, name="watchtower", stderr="null") as level:
        old = json.loads(level.ask("GET", f"/containers/{WEB}/json").body)
        for method, target in (("POST", f"/containers/{WEB}/kill?signal=SIGTERM"), ("DELETE", f"/containers/{WEB}?force=1")):
            equal(level.ask(method, target).status, 204, target)
        level.refused({**watchtower(old), "HostConfig": {**old["HostConfig"], "Binds": ["/:/host"]}}, "HostConfig.Binds", name="%2Fweb")
        level.refused(watchtower(old), "HostConfig.Binds", name="%2Fdb2")
        ident = level.passes(watchtower(old), "%2Fweb")
        equal(level.ask("POST", "/networks/front/disconnect", {"Container": ident, "Force": True}).status, 200, "disconnect")
        endpoint = watchtower(old)["NetworkingConfig"]["EndpointsConfig"]["front"]
        equal(level.ask("POST", "/networks/front/connect", {"Container": ident, "EndpointConfig": endpoint}).status, 200, "connect")
        equal(level.ask("POST", f"/containers/{ident}/start").status, 204, "start")


@suite.test("Watchtower: all containers are stopped and removed before the first is created")
def _():
    many = [inspection(f"c{n}", f"{n:02x}" * 32) for n in range(1, 41)]
    with Level(*many) as level:
        for one in many:
            level.gone(one["Id"])
        for one in reversed(many):
            level.passes(watchtower(one), one["Name"][1:])


@suite.test("Portainer: stop, rename to NAME-old, disconnect, create, connect, start, remove")
def _():
    with Level(web(), lines=LINES + "[networks]\nforce = yes\n") as level:
        old = json.loads(level.ask("GET", f"/containers/{WEB}/json").body)
        equal(level.ask("POST", f"/containers/{WEB}/stop").status, 204, "stop")
        equal(level.ask("POST", f"/containers/{WEB}/rename?name=%2Fweb-old").status, 204, "rename")
        level.ask("POST", f"/networks/{'f' * 64}/disconnect", {"Container": WEB, "Force": True})
        ident = level.passes(body_of(old), "%2Fweb")
        endpoint = old["NetworkSettings"]["Networks"]["front"]
        equal(level.ask("POST", f"/networks/{'f' * 64}/connect", {"Container": ident, "EndpointConfig": endpoint}).status, 200, "connect")
        equal(level.ask("DELETE", f"/containers/{WEB}").status, 204, "remove")


@suite.test("WUD: stop, remove, create with a newer tag and what the newer image says")
def _():
    with Level(web()) as level:
        old = json.loads(level.ask("GET", f"/containers/{WEB}/json").body)
        level.gone()
        level.passes(body_of(old, Image="nginx:1.28", name="web", Cmd=["nginx"], Env=["PATH=/usr/bin", "NGINX_VERSION=1.28", "TOKEN=secret"]))


@suite.test("a container that removes itself when it is stopped (--rm) is known from its stop")
def _():
    one = web(host={"AutoRemove": True})
    with Level(one) as level:
        made = body_of(one)
        equal(level.ask("POST", f"/containers/{WEB}/stop").status, 204, "stop")
        equal(level.docker.containers, {}, "containers")
        level.passes(made)


@suite.test("one that still has its name is asked for at the create: the engine says that there is one")
def _():
    with Level(web()) as level:
        got = level.create(body_of(web()))
        equal(got.status, 409, "status")
        contains(level.docker.lines[0], f"GET {V}/containers/web/json", "question")


@suite.test("a container renamed first and made anew under its old name, which Watchtower does with itself")
def _():
    with Level(web()) as level:
        equal(level.ask("POST", f"/containers/{WEB}/rename?name=xyz").status, 204, "rename")
        level.passes(watchtower(web()))


@suite.test("the network of another container by the name that it has, with or without a slash")
def _():
    vpn = inspection("vpn", DB)
    one = web(host={"NetworkMode": "container:" + DB, "PortBindings": {}}, networks={})
    for mode in ("container:" + DB, "container:/vpn", "container:vpn"):
        with Level(one, vpn) as level:
            level.gone()
            made = body_of(one)
            made["HostConfig"]["NetworkMode"] = mode
            level.passes(made, NetworkMode="container:" + DB)
    with Level(one, vpn, inspection("db", "d" * 64)) as level:
        level.gone()
        for mode in ("container:db", "container:/vpn/", "container://vpn", "container:", "host"):
            made = body_of(one)
            made["HostConfig"]["NetworkMode"] = mode
            level.refused(made, "HostConfig.NetworkMode")


# The same is the same

DIFFERENT = {
    "another bind": ("Binds", ["/etc/ssl:/ssl:ro", "/:/host"]), "a bind that can be written to": ("Binds", ["/etc/ssl:/ssl", "data:/data"]), "a bind elsewhere": ("Binds", ["/etc/ssl:/etc:ro", "data:/data"]),
    "privileges": ("Privileged", True), "a capability": ("CapAdd", ["NET_ADMIN", "SYS_ADMIN"]), "a capability kept": ("CapDrop", []), "the host's processes": ("PidMode", "host"), "the host's network": ("NetworkMode", "host"),
    "another network": ("NetworkMode", "back"), "another port": ("PortBindings", {"80/tcp": [{"HostIp": "", "HostPort": "443"}]}), "a file system to write to": ("ReadonlyRootfs", False), "new privileges": ("SecurityOpt", None),
    "no seccomp": ("SecurityOpt", ["no-new-privileges", "seccomp=unconfined"]), "more memory": ("Memory", 0), "paths shown": ("MaskedPaths", []), "paths to write to": ("ReadonlyPaths", []), "paths as the engine has them": ("MaskedPaths", None),
    "another device": ("Devices", [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"}]),
    "a mount to write to": ("Mounts", [{"Type": "bind", "Source": "/srv/www", "Target": "/www", "BindOptions": {"Propagation": "rprivate"}}]),
    "a mount with a key that Go folds": ("Mounts", [{"Type": "bind", "Source": "/srv/www", "Target": "/www", "ReadOnly": True, "readonly": False, "BindOptions": {"Propagation": "rprivate"}}]),
    "a mount whose changes the host sees": ("Mounts", [{"Type": "bind", "Source": "/srv/www", "Target": "/www", "ReadOnly": True, "BindOptions": {"Propagation": "rshared"}}]),
    "another runtime": ("Runtime", "kata"), "another restart policy": ("RestartPolicy", {"Name": "unless-stopped"}), "another log driver": ("LogConfig", {"Type": "syslog"}), "a field of a later engine": ("Wings", 1),
    "an annotation": ("Annotations", {"a": "b"}), "a sysctl": ("Sysctls", {"net.ipv4.ip_forward": "1"}), "mounts of another container": ("VolumesFrom", ["db"]), "a bind fewer": ("Binds", ["/etc/ssl:/ssl:ro"]),
}
for name, (field, value) in DIFFERENT.items():
    @suite.test(f"{name} in HostConfig: refused, and HostConfig.{field} is named")
    def _(field=field, value=value):
        with Level(web()) as level:
            level.gone()
            level.refused(host(field, value), "HostConfig." + field)
            level.passes(body_of(web()))


@suite.test("what a later engine has in HostConfig and dsp does not know: the container is not the same without it")
def _():
    one = web(host={"Wings": "on", "Tail": ""})
    with Level(one) as level:
        level.gone()
        made = body_of(web())
        level.refused(made, "HostConfig is to be what the existing container has")
        level.refused(body_of(one), "HostConfig.Wings is no field that dsp knows")


@suite.test("null, false, 0 and what is empty are absent; of masked paths only null is")
def _():
    one = web(host={"Privileged": True, "MaskedPaths": None, "ReadonlyPaths": None})
    with Level(one) as level:
        level.gone()
        made = body_of(one)
        level.refused({**made, "HostConfig": {**made["HostConfig"], "MaskedPaths": []}}, "HostConfig.MaskedPaths")
        made["HostConfig"] = {key: value for key, value in made["HostConfig"].items() if value}
        level.passes(made)


@suite.test("a key that Go folds to another, in what is compared as a whole, makes it another")
def _():
    mounts = [{"Type": "bind", "Source": path, "Target": path, "ReadOnly": True} for path in ("/a", "/b")]
    one = web(host={"Mounts": mounts})
    for key in ("readonly", "Wings"):
        with Level(one) as level:
            level.gone()
            made = body_of(one)
            made["HostConfig"]["Mounts"][1][key] = False
            level.refused(made, "HostConfig.Mounts")
            level.passes(body_of(one))


CODE = {
    "another command": ("Cmd", {"Cmd": ["sh", "-c", "x"]}), "another entrypoint": ("Entrypoint", {"Entrypoint": ["/bin/sh"]}), "an entrypoint of [], which takes the image's away": ("Entrypoint", {"Entrypoint": []}), "root": ("User", {"User": "0"}), "another working directory": ("WorkingDir", {"WorkingDir": "/data"}),
    "a shell for its health check": ("Shell", {"Shell": ["/bin/sh", "-c", "x"]}),
    "a health check": ("Healthcheck.Test", {"Healthcheck": {"Test": ["CMD-SHELL", "x"]}}), "another repository": ("Image", {"Image": "alpine:3"}), "a repository that begins alike": ("Image", {"Image": "nginx-x:1.27"}),
    "another registry": ("Image", {"Image": "evil.example/library/nginx:1.27"}), "an image by its id": ("Image", {"Image": "sha256:" + "1" * 64}), "an image by the beginning of its id": ("Image", {"Image": "abcdef"}),
    "a variable more": ("Env", {"Env": ["TOKEN=secret", "LD_PRELOAD=/data/x.so", "PATH=/usr/bin", "NGINX_VERSION=1.27"]}), "a variable changed": ("Env", {"Env": ["TOKEN=secret", "PATH=/data"]}),
    "a variable of its own missing": ("Env", {"Env": ["PATH=/usr/bin"]}), "no variables": ("Env", {"Env": None}), "a variable twice": ("Env", {"Env": ["TOKEN=secret", "NGINX_VERSION=1.28", "NGINX_VERSION=1.28"], "Image": "nginx:1.28"}),
    "more variables than there are": ("Env", {"Env": ["TOKEN=secret"] * 50}), "another network": ("NetworkingConfig", {"NetworkingConfig": {"EndpointsConfig": {"back": {}}}}),
    "a network by another's id": ("NetworkingConfig", {"NetworkingConfig": {"EndpointsConfig": {"front": {"NetworkID": "d" * 64}}}}),
}
for name, (field, changes) in CODE.items():
    @suite.test(f"{name} with the old container's binds: refused, and {field} is named")
    def _(field=field, changes=changes):
        with Level(web()) as level:
            level.gone()
            level.refused(body_of(web(), **changes), f"{field} is to be what the existing container has, asks policy ci ([workload] recreate)")


@suite.test("a body without the HostConfig of the container gets nothing else of it: its static address")
def _():
    with Level(web()) as level:
        level.gone()
        made = body_of(web())
        del made["HostConfig"]
        level.refused(made, "HostConfig.", "is to be what the existing container has")
        made["HostConfig"] = {"NetworkMode": "front"}
        level.refused(made, "HostConfig.", "is to be what the existing container has")


@suite.test("what the container has of its own cannot be left to the image: user, command, entrypoint, health check")
def _():
    own = {"User": "1000", "Cmd": ["serve"], "Entrypoint": ["/own"], "WorkingDir": "/srv", "Healthcheck": {"Test": ["CMD", "/own"]}}
    for field, value in own.items():
        one = web(config={field: value})
        with Level(one) as level:
            level.gone()
            made = body_of(one)
            del made[field]
            level.refused(made, field)
            if field in ("Cmd", "Entrypoint", "User"):
                made[field] = IMAGES["nginx:1.28"]["Config"][field]
                level.refused(made | {"Image": "nginx:1.28"}, field)
            level.passes(body_of(one))


@suite.test("when the old image is gone, what the container has must be sent in full")
def _():
    with Level(web(), images={}) as level:
        level.gone()
        level.refused(watchtower(web()), "Entrypoint is to be what")
        level.passes(body_of(web()))


@suite.test("what is no matter of host or code is the policy's as ever: labels, hostname, stop signal, exposed ports")
def _():
    with Level(web()) as level:
        level.gone()
        level.passes(body_of(web(), Labels={"other": "1"}, Hostname="h", StopSignal="SIGTERM", ExposedPorts={"81/tcp": {}}, Image="docker.io/library/nginx@sha256:" + "1" * 64))


@suite.test("requirements hold all the same: require-non-root, restrict-to, forbid-labels")
def _():
    one = web(config={"User": "root", "Labels": {"admin": "1"}})
    for lines, says in (("require-non-root = yes", "User"), ("restrict-to = memory=128M", "Memory"), ("forbid-labels = admin", "Labels"), ("require-read-only = yes", None)):
        with Level(one, lines=LINES + lines + "\n") as level:
            level.gone()
            if says:
                level.refused(body_of(one), says)
            else:
                level.passes(body_of(one))


@suite.test("keys that narrow do not stand in the way of what the container has: images, users, networks, env")
def _():
    one = web(config={"User": "", "Image": "nginx"})
    one_image = {"sha256:" + "0" * 64: {"Config": {"User": "", "Env": ["PATH=/usr/bin", "NGINX_VERSION=1.27"], "Cmd": one["Config"]["Cmd"], "Entrypoint": one["Config"]["Entrypoint"]}}}
    narrow = LINES + "images = ghcr.io/acme/**\nusers = 1000\nnetworks = back\nenv = OTHER\ncommands = x\nentrypoints = y\naliases = z\n"
    with Level(one, lines=narrow, images=one_image) as level:
        level.refused(body_of(one), "(not in [workload]", name="other")
        level.gone()
        level.refused(body_of(one, Image="alpine"), "Image 'docker.io/library/alpine:latest' is not allowed")
        level.passes(body_of(one, Image="nginx:1.29"))


# Whose settings

@suite.test("what two containers have cannot be put together in one")
def _():
    other = inspection("db", DB, host={"Privileged": True, "Binds": ["/var:/var"]})
    with Level(web(), other) as level:
        level.gone(WEB)
        level.gone(DB)
        both = body_of(web())
        both["HostConfig"].update(Privileged=True)
        level.refused(both, "HostConfig.Privileged")
        level.refused(both, "HostConfig.Binds", name="db")
        both["HostConfig"] = copy.deepcopy(other["HostConfig"])
        level.refused(both, "HostConfig")
        level.refused(both, "no [workload] binds", name="third")
        level.passes(both, "db")


@suite.test("a name that no container has or had is no container's: nothing is lent")
def _():
    with Level(web()) as level:
        level.gone()
        for name in ("web2", "we", "WEB", "web%00", "web%2Fweb", "..%2Fweb", "%2F", "%2F%2Fweb", "a1a1"):
            level.refused(body_of(web()), "no [workload] binds", name=name)
        for target in ("/containers/create?name=web&name=x", "/containers/create?name=&name=web", "/containers/create?name=&Name=web", "/containers/create?name=x&name=web", "/containers/create?Name=web", "/containers/create?Name=x&name=web", "/containers/create?name=web;x"):
            got = level.ask("POST", target, body_of(web()))
            true(got.status in (400, 403), f"{target} was answered {got.status}")
        equal(level.docker.creates(), [], "creates")


@suite.test("a name that begins an id is not the container that has the id")
def _():
    with Level(web()) as level:
        level.refused(body_of(web()), "no [workload] binds", name=WEB[:12])
        level.refused(body_of(web()), "could be the id of a container", name=WEB)


@suite.test("once: what was removed is made anew one time")
def _():
    with Level(web()) as level:
        level.gone()
        ident = level.passes(body_of(web()))
        level.docker.containers.clear()   # removed past this level
        level.refused(body_of(web()), "no [workload] binds")
        true(ident, "id")


@suite.test("a create that the engine refuses does not count")
def _():
    with Level(web()) as level:
        level.gone()
        level.docker.raw[f"POST {V}/containers/create"] = b"HTTP/1.1 400 X\r\nContent-Length: 2\r\n\r\n{}"
        equal(level.create(body_of(web())).status, 400, "status")
        level.docker.raw.clear()
        level.passes(body_of(web()))


@suite.test("another connection knows nothing of it")
def _():
    with Level(web()) as level:
        level.gone()
        with Level() as other:
            said = other.refused(body_of(web()))
            equal(said, "dsp: HostConfig.Binds[0] '/etc/ssl' is not allowed by policy ci (no [workload] binds); recreate: no container of that name was seen on this connection", "message")


@suite.test("the last container of a name counts, when the name is used again")
def _():
    with Level(web(host={"Privileged": True})) as level:
        level.gone()
        level.docker.containers[DB] = inspection("web", DB)
        level.gone(DB)
        made = body_of(web(host={"Privileged": True}))
        level.refused(made, "HostConfig.Privileged")
        level.passes(body_of(inspection("web", DB)))


@suite.test("of 65 containers the oldest is forgotten")
def _():
    many = [inspection(f"c{n}", f"{n:02x}" * 32) for n in range(1, 66)]
    with Level(*many) as level:
        for one in many:
            equal(level.ask("DELETE", f"/containers/{one['Id']}").status, 204, "remove")
        level.refused(body_of(many[0]), "no [workload] binds", name="c1")
        level.passes(body_of(many[1]), "c2")
        level.passes(body_of(many[64]), "c65")


@suite.test("what is kept stays within its bound, and the process within 8 MiB, whatever the engine tells")
def _():
    many = [inspection(f"c{n}", f"{n:02x}" * 32, config={"Labels": {"x": "y" * 100000}}) for n in range(1, 31)]
    with Level(*many) as level:
        for one in many:
            equal(level.ask("DELETE", f"/containers/{one['Id']}").status, 204, "remove")
        level.passes(body_of(many[29]), "c30")
        level.refused(body_of(many[20]), "no [workload] binds", name="c21")
        with open(f"/proc/{level.dsp.pid}/status", encoding="ascii") as status:
            peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
        true(peak < 8192, f"{peak} kB at most")


@suite.test("a body of 1 MiB that is compared with a container of as many values as an answer may have: the process stays within 8 MiB")
def _():
    def many(values):
        return [f"A{n:05d}=xxxxxxxx" for n in range(values)]
    for lends, count in (True, 3000), (False, 12000):
        big = web(config={"Env": many(count)})
        images = {name: {"Config": {**image["Config"], "Env": many(count)}} for name, image in IMAGES.items()}
        with Level(big, images=images) as level:
            level.gone()
            for values in (20000, 30000, 32000):
                made = body_of(web(), Env=many(values))
                equal(level.create(made).status, 403, "status")
            says = level.refused(body_of(web(), Image="other", Env=[]), "Image is to be" if lends else "no [workload] binds")
            with open(f"/proc/{level.dsp.pid}/status", encoding="ascii") as status:
                peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
            true(peak < 8192, f"{peak} kB at most, with {count} values in an answer ({says})")


@suite.test("1,000 containers made anew on one connection, and as many refusals: no growth in memory")
def _():
    with Level(web()) as level:
        def some(count):
            for _ in range(count):
                level.gone("web")
                level.refused(host("Privileged", True))
                level.passes(body_of(web()))
        some(100)
        before = level.dsp.resident()
        some(900)
        true(level.dsp.resident() - before <= 128, f"{before} kB, then {level.dsp.resident()} kB")


# Races, and an engine that answers badly

@suite.test("removed between dsp's question and the client's own removal: the engine's word, and it is known")
def _():
    def hook(docker, line):
        if line.startswith("DELETE"):
            docker.containers.clear()
    with Level(web()) as level:
        level.docker.hook = hook
        equal(level.ask("DELETE", f"/containers/{WEB}").status, 404, "remove")
        level.passes(body_of(web()))


@suite.test("renamed between the question and the removal: the name is the one that it had when asked")
def _():
    def hook(docker, line):
        if line.startswith("DELETE"):
            docker.containers[WEB]["Name"] = "/other"
    with Level(web()) as level:
        level.docker.hook = hook
        equal(level.ask("DELETE", f"/containers/{WEB}").status, 204, "remove")
        level.refused(body_of(web()), "no [workload] binds", name="other")
        level.passes(body_of(web()))


@suite.test("removed, or made anew by somebody else, between the question and the create: the engine decides on the name")
def _():
    def gone(docker, line):
        if line.startswith(f"POST {V}/containers/create"):
            docker.containers.clear()
    with Level(web()) as level:
        level.docker.hook = gone
        level.passes(body_of(web()))

    def taken(docker, line):
        if line.startswith(f"POST {V}/containers/create"):
            docker.containers[DB] = inspection("web", DB)
    with Level(web()) as level:
        level.gone()
        level.docker.hook = taken
        equal(level.create(body_of(web())).status, 409, "status")


@suite.test("a container that was never there is not known from an attempt to remove it")
def _():
    with Level() as level:
        equal(level.ask("DELETE", "/containers/web").status, 404, "remove")
        level.refused(body_of(web()), "no [workload] binds")


ANSWERS = {
    "no JSON": b"{", "a list": b"[]", "nothing": b"", "a key twice": b'{"Id":1,"Id":"x"}', "no name": b'{"Id":"x","Name":1,"Config":{},"HostConfig":{}}', "no id": b'{"Name":"/web","Config":{},"HostConfig":{}}',
    "no settings": b'{"Id":"x","Name":"/web"}', "settings that are none": b'{"Id":"x","Name":"/web","Config":[],"HostConfig":1}', "networks that are none": b'{"Id":"x","Name":"/web","Config":{},"HostConfig":{},"NetworkSettings":[]}',
    "an error": None,
}
for name, raw in ANSWERS.items():
    @suite.test(f"an engine that answers the question with {name}: the removal passes, and nothing is lent")
    def _(raw=raw):
        with Level(web()) as level:
            level.docker.raw[f"GET {V}/containers/{WEB}/json"] = b"HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n{}" if raw is None else b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(raw), raw)
            equal(level.ask("DELETE", f"/containers/{WEB}").status, 204, "remove")
            level.docker.raw.clear()
            level.refused(body_of(web()), "no [workload] binds")


@suite.test("an engine that is silent to the question, or tells without end: 503, nothing is removed, the connection ends")
def _():
    for raw in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + b" " * 400000, b"junk\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n"):
        with Level(web(), limits="head-timeout = 500ms") as level:
            level.docker.raw[f"GET {V}/containers/{WEB}/json"] = raw
            began = time.monotonic()
            is_denial(level.ask("DELETE", f"/containers/{WEB}"), 503)
            true(time.monotonic() - began < 2, "when")
            true(level.client.at_end(), "the connection goes on")
            true(WEB in level.docker.containers, "the container was removed")


@suite.test("an engine that is silent to the question at the create: 503, and nothing is created")
def _():
    for start in (f"GET {V}/containers/web/json", f"GET {V}/images/nginx:1.27/json"):
        with Level(web(), limits="head-timeout = 500ms") as level:
            if "images" in start:
                level.gone()
            level.docker.raw[start] = b""
            got = level.create(body_of(web()))
            true(got.status in (403, 503), f"status {got.status}")
            equal(level.docker.creates(), [], "creates")


# Where it does not matter

@suite.test("a body that the policy allows anyway is not asked about")
def _():
    with Level() as level:
        level.passes({"Image": "nginx"}, "plain")
        equal(len(level.docker.lines), 1, "requests")


@suite.test("unrestricted = yes beside it: nothing is asked")
def _():
    with Level(web(), lines=LINES + "unrestricted = yes\n") as level:
        level.gone()
        level.passes(body_of(web()))
        equal([line for line in level.docker.lines if line.startswith("GET")], [], "questions")


@suite.test("what is malformed or unknown is refused without a question: no container can have it")
def _():
    with Level(web()) as level:
        level.gone()
        count = len(level.docker.lines)
        for changes in ({"Wings": 1}, {"hostconfig": {}}, {"Tty": 1}):
            got = level.create({"Image": "nginx", **changes})
            true(got.status in (400, 403), f"status {got.status}")
        equal(len(level.docker.lines), count, "requests at the engine")


@suite.test("NetworkConnect: addresses are lent to the container that was made anew, in the networks that it had")
def _():
    with Level(web(), inspection("db", DB)) as level:
        level.gone()
        ident = level.passes(body_of(web()))
        fixed = {"IPAMConfig": {"IPv4Address": "172.20.0.9"}}

        def connect(network, container, endpoint):
            return level.ask("POST", f"/networks/{network}/connect", {"Container": container, "EndpointConfig": endpoint})
        equal(connect("front", ident, fixed).status, 200, "its own")
        equal(connect("f" * 64, ident, fixed | {"NetworkID": "f" * 64}).status, 200, "by the network's id")
        contains(is_denial(connect("front", ident, {"IPAMConfig": {"IPv4Address": "172.20.0.1"}}), 403).message, "IPv4Address '172.20.0.1'", "another address")
        contains(is_denial(connect("back", ident, fixed), 403).message, "IPv4Address", "another network")
        contains(is_denial(connect("front", DB, fixed), 403).message, "IPv4Address", "another container")
        contains(is_denial(connect("front", "", fixed), 403).message, "IPv4Address", "no container")


@suite.test("NetworkConnect: a key that narrows networks does not stand in the way of those that the container had")
def _():
    with Level(web(), lines=LINES + "networks = back\n") as level:
        level.gone()
        ident = level.passes(body_of(web()))
        for network, endpoint, status in (("front", {}, 200), ("front", {"NetworkID": "f" * 64}, 200), ("front", {"NetworkID": "d" * 64}, 403), ("other", {}, 403), ("back", {}, 200)):
            equal(level.ask("POST", f"/networks/{network}/connect", {"Container": ident, "EndpointConfig": endpoint}).status, status, f"{network} {endpoint}")


@suite.test("mode = audit: what recreate would refuse passes, and is logged as would-deny")
def _():
    with Level(web(), mode="audit") as level:
        level.gone()
        level.passes(host("Privileged", True))
        level.gone("web")
        level.passes(body_of(web()))
        level.end()
        told = [text for _, text in level.records() if "ContainerCreate" in text]
        contains(told[0], "would-deny", "record")
        contains(told[0], "HostConfig.Privileged", "record")


@suite.test("the record of a create that passes so is an ordinary one; dsp's questions are in none")
def _():
    with Level(web()) as level:
        level.gone()
        level.passes(body_of(web()))
        level.end()
        told = [text for _, text in level.records()]
        equal(len([text for text in told if " allowed " in text]), 3, f"records: {told}")
        lacks(str(told), "images", "records")


if __name__ == "__main__":
    sys.exit(suite.main())
