#!/usr/bin/env python3
"""What is named by a pattern, or bounded by a key, cannot be had by another way of writing it.

Each has what the engine makes of it (moby, swarmkit) beside it; tests/host/test_evasions.py shows some of it.
"""
import json
import sys

from wire import OK, Wire, is_denial

from message import request
from tap import Suite, equal, true

suite = Suite("evasion: ")
W = "[workload]\n"
CREATE = ("ContainerCreate", "POST", "/v1.41/containers/create")
SERVICE = ("ServiceCreate", "POST", "/v1.44/services/create")
SERVICE_UPDATE = ("ServiceUpdate", "POST", "/v1.44/services/s/update?version=1")
VOLUME = ("VolumeCreate", "POST", "/v1.41/volumes/create")


def ask(wire, operation, made=None, query=""):
    _, method, target = operation
    raw = b"" if made is None else json.dumps(made).encode()
    wire.send(request(method, target + query, *(["Content-Type: application/json"] if made is not None else []), body=raw))
    return raw


def passes(wire, operation, made=None, query=""):
    raw = ask(wire, operation, made, query)
    equal(wire.arrive().body, raw, "the body that the engine got")
    wire.up.send(OK)
    equal(wire.answer().status, 200, "status")


def refused(wire, operation, made=None, *says, query=""):
    ask(wire, operation, made, query)
    answer = wire.answer()
    is_denial(answer, 403)
    for word in says:
        true(word in json.loads(answer.body)["message"], f"{answer.body!r} lacks {word!r}, for {made} {query}")


def level(operation, lines=""):
    return Wire("allow = " + operation[0], bodies=lines, name="ci")


def versioned(operation, version):
    """The operation with another version in its path, or none."""
    name, method, target = operation
    return name, method, ("/" + version if version else "") + target[target.index("/", 1):]


def quoted(text):
    return "".join(c if c.isalnum() or c in "-._~/:@" else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def container(**host):
    return {"Image": "nginx", "HostConfig": host}


def service(**spec):
    task = {"Image": "nginx"} | spec.pop("ContainerSpec", {})
    return {"Name": "s", "TaskTemplate": {"ContainerSpec": task, **spec.pop("TaskTemplate", {})}, **spec}


# '..' (the kernel resolves it in device=; runc in a cgroup's path; curl in a URL)

BIND = {"type": "none", "o": "bind"}
UP = ("/srv/../etc", "/srv/data/../../etc", "/srv/..", "/srv/a/..", "/srv/./a", "/srv//a", "/srv/.", "/srv//", "//srv/a", "//srv/../etc")


@suite.test("volumes: neither '*' nor '**' of device=PATTERN stands for what leads out of it: '..', '.', '//'")
def _():
    for pattern in ("/srv/**", "/srv/*"):
        with level(VOLUME, f"[volumes]\noptions = type=none o=bind device={pattern}\n") as wire:
            for good in ("/srv/a", "/srv/a/", "/srv/..a"):
                passes(wire, VOLUME, {"Name": "x", "DriverOpts": {**BIND, "device": good}})
            for bad in (*UP, "/srv", "/srv/"):
                refused(wire, VOLUME, {"Name": "x", "DriverOpts": {**BIND, "device": bad}}, "DriverOpts")


@suite.test("volumes: a device of NFS or CIFS passes as it is written, and without '..'")
def _():
    with level(VOLUME, "[volumes]\noptions = type=cifs type=nfs o device=//nas/share/** device=:/export/**\n") as wire:
        for device in ("//nas/share/a", ":/export/a/b"):
            passes(wire, VOLUME, {"Name": "x", "DriverOpts": {"type": "nfs", "o": "addr=192.0.2.1", "device": device}})
        for device in ("//nas/share/../other", "//nas/other", ":/export/../etc", ":/export/a/../../etc", "///nas/share/a"):
            refused(wire, VOLUME, {"Name": "x", "DriverOpts": {"type": "nfs", "o": "addr=192.0.2.1", "device": device}}, "DriverOpts")


@suite.test("mounts: the same of a volume that a container or a service makes")
def _():
    for operation, made in ((CREATE, lambda m: container(Mounts=[m])), (SERVICE, lambda m: service(ContainerSpec={"Mounts": [m]}))):
        with level(operation, W + "volume-options = type=none o=bind device=/srv/**\n") as wire:
            def mount(device):
                return made({"Type": "volume", "Source": "x", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {**BIND, "device": device}}}})
            passes(wire, operation, mount("/srv/a"))
            for bad in (*UP, "/srv"):
                refused(wire, operation, mount(bad), "VolumeOptions.DriverConfig.Options")


@suite.test("tmpfs, cgroup-parents: no star stands for '..'")
def _():
    with level(CREATE, W + "tmpfs = /run/**\ncgroup-parents = /acme/**\n") as wire:
        passes(wire, CREATE, container(Tmpfs={"/run/a": ""}, CgroupParent="/acme/a"))
        refused(wire, CREATE, container(Tmpfs={"/run/../etc": ""}), "HostConfig.Tmpfs")
        refused(wire, CREATE, container(Mounts=[{"Type": "tmpfs", "Target": "/run/../etc"}]), "HostConfig.Mounts[0].Target")
        refused(wire, CREATE, container(CgroupParent="/acme/../system.slice"), "HostConfig.CgroupParent")


@suite.test("conditions of a rule: no star stands for '..', but for '**' alone, which is everything")
def _():
    for rule, target, good in (("/srv/**", "/srv/a", True), ("/srv/**", "/srv/../etc/shadow", False), ("/srv/*", "/srv/..", False), ("**", "/srv/../etc", True)):
        with Wire(f"allow = ContainerArchive ? path={rule}", bodies="[archive]\nunrestricted = yes\n", name="ci") as wire:
            wire.send(request("GET", "/v1.41/containers/x/archive?path=" + target))
            if good:
                wire.arrive()
            else:
                is_denial(wire.answer(), 403)


# Templates (swarmkit template/expand.go: sources, targets and driver options of mounts)

TEMPLATES = ('/srv/data/{{"\\x2e\\x2e"}}/{{"\\x2e\\x2e"}}/etc', '/srv/data/{{index .Service.Labels "p"}}', "/srv/data/{{.Node.Hostname}}")


@suite.test("services: a template in the source of a bind names no path, whatever the pattern")
def _():
    for operation in (SERVICE, SERVICE_UPDATE):
        with level(operation, W + "binds = /srv/data/** /srv/data/*\n") as wire:
            passes(wire, operation, service(ContainerSpec={"Mounts": [{"Type": "bind", "Source": "/srv/data/a", "Target": "/x"}]}))
            for source in TEMPLATES:
                refused(wire, operation, service(Labels={"p": "../../etc"}, ContainerSpec={"Mounts": [{"Type": "bind", "Source": source, "Target": "/x"}]}), "Mounts[0].Source", "is a template")


@suite.test("services: nor in the target of a tmpfs or a driver's option")
def _():
    with level(SERVICE, W + "tmpfs = /run/**\nvolume-options = type=none o=bind device=/srv/data/**\n") as wire:
        for text in TEMPLATES:
            refused(wire, SERVICE, service(ContainerSpec={"Mounts": [{"Type": "tmpfs", "Target": text.replace("/srv/data", "/run")}]}), "Mounts[0].Target", "is a template")
            refused(wire, SERVICE, service(ContainerSpec={"Mounts": [{"Type": "volume", "Source": "v", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Options": {**BIND, "device": text}}}}]}),
                    "DriverConfig.Options", "is a template")


@suite.test("services: templates of a host's name and of what a variable holds pass")
def _():
    with level(SERVICE) as wire:
        passes(wire, SERVICE, service(ContainerSpec={"Hostname": "{{.Node.Hostname}}", "Env": ["NODE={{.Node.ID}}"]}))


@suite.test("containers: '{{' in a path is that path")
def _():
    with level(CREATE, W + "binds = /srv/*\n") as wire:
        passes(wire, CREATE, container(Binds=["/srv/{{x}}:/x"]))


# What is there without being anything

@suite.test("entrypoints: [], with which the engine takes the image's away, is not an absent one")
def _():
    with level(CREATE, W + "entrypoints = /entry.sh **\n") as wire:
        passes(wire, CREATE, {"Image": "a", "Entrypoint": None, "Cmd": ["sh"]})
        passes(wire, CREATE, {"Image": "a", "Cmd": ["sh"]})
        passes(wire, CREATE, {"Image": "a", "Entrypoint": ["/entry.sh", "x"]})
        refused(wire, CREATE, {"Image": "a", "Entrypoint": [], "Cmd": ["sh"]}, "Entrypoint", "(not in [workload] entrypoints)")
    with level(CREATE) as wire:
        passes(wire, CREATE, {"Image": "a", "Entrypoint": []})


@suite.test("images: a container of no image, which the engine makes of nothing, is of none that is named")
def _():
    made = {"Cmd": ["/x/sh"], "HostConfig": {"Binds": ["shared:/x"]}}
    with level(CREATE, W + "images = ghcr.io/acme/**\n") as wire:
        passes(wire, CREATE, made | {"Image": "ghcr.io/acme/web"})
        for image in ({}, {"Image": ""}, {"Image": None}):
            refused(wire, CREATE, made | image, "Image 'scratch'", "(not in [workload] images)")
    for lines in ("", W + "images = **\n"):
        with level(CREATE, lines) as wire:
            passes(wire, CREATE, made)


@suite.test("[swarm]: what changes the swarm is refused, even if it says nothing")
def _():
    for operation in (("SwarmUpdate", "POST", "/v1.41/swarm/update?version=1"), ("NodeUpdate", "POST", "/v1.41/nodes/n/update?version=1"), ("SwarmInit", "POST", "/v1.41/swarm/init"), ("SwarmJoin", "POST", "/v1.41/swarm/join")):
        with level(operation) as wire:
            refused(wire, operation, {}, f"dsp: {operation[0]} is not allowed by policy ci (no [swarm] unrestricted)")
            wire.send(request("POST", operation[2], "Content-Type: application/json", body=b"null"))
            is_denial(wire.answer(), 403, text=operation[0])
        with level(operation, "[swarm]\nunrestricted = yes\n") as wire:
            passes(wire, operation, {})


@suite.test("what a key requires it requires of a body that is null as well")
def _():
    with level(("ContainerCreate", "", ""), W + "require-read-only = yes\n") as wire:
        wire.send(request("POST", CREATE[2], "Content-Type: application/json", body=b"null"))
        is_denial(wire.answer(), 403, text="require-read-only")
    with level(("NetworkCreate", "", ""), "[networks]\nrequire-internal = yes\n") as wire:
        wire.send(request("POST", "/v1.41/networks/create", "Content-Type: application/json", body=b"null"))
        is_denial(wire.answer(), 403, text="require-internal")


@suite.test("[volumes] names: a volume that the engine names is refused, unless a pattern is '*'")
def _():
    with level(VOLUME, "[volumes]\nnames = acme-*\n") as wire:
        passes(wire, VOLUME, {"Name": "acme-a"})
        for made in ({}, {"Name": ""}, {"Name": None}):
            refused(wire, VOLUME, made, "Name", "(not in [volumes] names)")
        wire.send(request("POST", VOLUME[2]))
        is_denial(wire.answer(), 403, text="[volumes] names")
    for lines in ("", "[volumes]\nnames = *\n"):
        with level(VOLUME, lines) as wire:
            passes(wire, VOLUME, {})


@suite.test("restrict-to replicas: a job that says only how many run at a time has as many in all")
def _():
    with level(SERVICE, W + "service-modes = replicated-job\nrestrict-to = replicas=3\n") as wire:
        for good in ({"MaxConcurrent": 3}, {"TotalCompletions": 3}, {"MaxConcurrent": 2, "TotalCompletions": 3}, {}):
            passes(wire, SERVICE, service(Mode={"ReplicatedJob": good}))
        for bad in ({"MaxConcurrent": 4}, {"MaxConcurrent": 4, "TotalCompletions": 3}, {"MaxConcurrent": 3, "TotalCompletions": 4}, {"MaxConcurrent": 4, "TotalCompletions": None}):
            refused(wire, SERVICE, service(Mode={"ReplicatedJob": bad}), "Mode", "(" + "[workload] restrict-to)")


# Versions (moby daemon/server/router/swarm/helpers.go: older ones leave a field out)

REQUIRED = (
    ("require-no-new-privileges = yes", {"ContainerSpec": {"Privileges": {"NoNewPrivileges": True}}}, ("v1.44", "v1.51"), ("v1.43", "v1.24", "")),
    ("require-dropped-capabilities = ALL", {"ContainerSpec": {"CapabilityDrop": ["ALL"]}}, ("v1.41", "v1.51", ""), ("v1.40", "v1.24")),
    ("restrict-to = pids=100", {"TaskTemplate": {"Resources": {"Limits": {"Pids": 100}}}}, ("v1.41", "v1.51", ""), ("v1.40", "v1.24")),
)
for line, spec, new, old in REQUIRED:
    @suite.test(f"{line}: a service has it by an API that knows it, {new[0]} or later")
    def _(line=line, spec=spec, new=new, old=old):
        for base in (SERVICE, SERVICE_UPDATE):
            with level(base, W + line + "\n") as wire:
                for version in new:
                    passes(wire, versioned(base, version), service(**json.loads(json.dumps(spec))))
                for version in old:
                    refused(wire, versioned(base, version), service(**json.loads(json.dumps(spec))), "asks policy ci ([workload] " + line.split(" ")[0])
                refused(wire, base, service(), "asks policy ci ([workload] " + line.split(" ")[0])


# Names

@suite.test("forbid-labels: '*' stands for '/' too, and no case and no '**' matters")
def _():
    for pattern in ("ofelia.*", "ofelia.**", "Ofelia.*"):
        with level(CREATE, W + f"forbid-labels = {pattern}\n") as wire:
            passes(wire, CREATE, {"Image": "a", "Labels": {"my.ofelia.x": "", "ofelia": ""}})
            for name in ("ofelia.job-local.a.command", "ofelia.job-local.a/b.command", "ofelia./", "OFELIA.enabled", "Ofelia.a/../b"):
                refused(wire, CREATE, {"Image": "a", "Labels": {"x": "", name: "1"}}, "Labels", "[workload] forbid-labels")
            refused(wire, CREATE, {"Image": "a", "Labels": {"x" * 2000: ""}}, "Labels", "too long")
    with level(CREATE) as wire:
        passes(wire, CREATE, {"Image": "a", "Labels": {"x" * 2000: "", "ofelia.a/b": ""}})


@suite.test("aliases: a host's name, which the engine's DNS tells as well, is one")
def _():
    for operation, made in ((CREATE, lambda name: {"Image": "a", "Hostname": name}), (SERVICE, lambda name: service(ContainerSpec={"Hostname": name}))):
        with level(operation, W + "aliases = acme-*\n") as wire:
            passes(wire, operation, made("acme-1"))
            passes(wire, operation, made(""))
            refused(wire, operation, made("db"), "Hostname 'db'", "(not in [workload] aliases)")
        with level(operation) as wire:
            passes(wire, operation, made("db"))


@suite.test("bind-options: private and rprivate, which are the default, need not be named")
def _():
    def mount(mode):
        return container(Mounts=[{"Type": "bind", "Source": "/srv/a", "Target": "/x", "BindOptions": {"Propagation": mode}}])
    with level(CREATE, W + "binds = /srv/a\n") as wire:
        for mode in ("private", "rprivate", ""):
            passes(wire, CREATE, mount(mode))
        for mode in ("shared", "rshared", "slave", "rslave", "Private"):
            refused(wire, CREATE, mount(mode), "BindOptions.Propagation", "[workload] bind-options")


@suite.test("sysctls: a value holds no second setting, which engines would take out of it for eth0")
def _():
    for operation, made in ((CREATE, lambda v: container(Sysctls=v)), (SERVICE, lambda v: service(ContainerSpec={"Sysctls": v}))):
        with level(operation, W + "sysctls = net.ipv4.conf.eth0.log_martians net.ipv4.ip_local_reserved_ports\n") as wire:
            passes(wire, operation, made({"net.ipv4.conf.eth0.log_martians": "1", "net.ipv4.ip_local_reserved_ports": "8080,9148"}))
            refused(wire, operation, made({"net.ipv4.conf.eth0.log_martians": "1,net.ipv4.conf.IFNAME.forwarding=1"}), "Sysctls", "another setting")


@suite.test("o=PATTERN of a volume and the settings of an interface: '*' is no ',', behind which there would be more")
def _():
    with level(VOLUME, "[volumes]\noptions = type=nfs device=:/export o=addr=10.0.0.*,rw\n") as wire:
        def made(flags):
            return {"Name": "x", "DriverOpts": {"type": "nfs", "device": ":/export", "o": flags}}
        passes(wire, VOLUME, made("addr=10.0.0.7,rw"))
        for bad in ("addr=10.0.0.7,bind,rw", "addr=10.0.0.7,addr=192.0.2.1,rw", "addr=10.0.0.7"):
            refused(wire, VOLUME, made(bad), "DriverOpts 'o=", "[volumes] options)")
    with level(VOLUME, "[volumes]\noptions = type device o=*\n") as wire:
        passes(wire, VOLUME, {"Name": "x", "DriverOpts": {"type": "nfs", "device": ":/export", "o": "addr=10.0.0.7,rw"}})
    name = "com.docker.network.endpoint.sysctls"
    with level(CREATE, W + f"endpoint-options = {name}=net.ipv4.conf.IFNAME.log_martians=*\n") as wire:
        def endpoint(text):
            return {"Image": "a", "NetworkingConfig": {"EndpointsConfig": {"front": {"DriverOpts": {name: text}}}}}
        passes(wire, CREATE, endpoint("net.ipv4.conf.IFNAME.log_martians=1"))
        refused(wire, CREATE, endpoint("net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.forwarding=1"), "DriverOpts", "endpoint-options)")


@suite.test("log-options: the host of an address is what its pattern says: '@', '?' and '#' end none")
def _():
    with level(CREATE, W + "log-drivers = syslog fluentd\nlog-options = syslog-address=udp://10.0.0.*:514 fluentd-address=10.0.0.*:24224 syslog-address=unixgram:///run/log/**\n") as wire:
        def made(name, address):
            return container(LogConfig={"Type": name, "Config": {f"{name}-address": address}})
        for name, address in (("syslog", "udp://10.0.0.7:514"), ("fluentd", "10.0.0.7:24224"), ("syslog", "unixgram:///run/log/a")):
            passes(wire, CREATE, made(name, address))
        for name, address in (("syslog", "udp://10.0.0.1@evil.net:514"), ("syslog", "udp://10.0.0.evil.net?:514"), ("syslog", "udp://10.0.0.evil.net#:514"), ("fluentd", "10.0.0.1@evil.net:24224"),
                              ("syslog", "unixgram:///run/log/../docker.sock")):
            refused(wire, CREATE, made(name, address), "LogConfig.Config")


@suite.test("[pull] search: a registry has no '?', '#' or '@' in it, behind which the engine's address would end")
def _():
    operation = ("ImageSearch", "GET", "/v1.41/images/search")
    with level(operation, "[pull]\nsearch = *.acme.com\n") as wire:
        passes(wire, operation, query="?term=hub.acme.com/nginx")
        for bad in ("evil.net?.acme.com/nginx", "evil.net#.acme.com/nginx", "evil.net\\.acme.com/x", "evil.net%3f.acme.com/x", "a@evil.net/x", "evil.net .acme.com/x"):
            refused(wire, operation, None, "the parameter term", query="?term=" + quoted(bad))


@suite.test("services: a network that can be an id, as the host's has one, is none of '*', but where the host's is named; of other patterns it is")
def _():
    def on(target):
        return service(TaskTemplate={"Networks": [{"Target": target}]})
    ids = ("k3gd2sxp61y9v5zzp0v8r1wdq", "4f5c", "front", "4")
    with level(SERVICE, W + "networks = *\n") as wire:
        passes(wire, SERVICE, on("front-net"))
        for target in ids:
            refused(wire, SERVICE, on(target), "Networks[0]", "(no [workload] host-namespaces)")
    with level(SERVICE, W + "networks = * front k3*\n") as wire:
        for target in ("front", "k3gd2sxp61y9v5zzp0v8r1wdq"):
            passes(wire, SERVICE, on(target))
        refused(wire, SERVICE, on("4f5c"), "Networks[0]", "(no [workload] host-namespaces)")
    with level(SERVICE, W + "networks = *\nhost-namespaces = network\n") as wire:
        for target in (*ids, "host"):
            passes(wire, SERVICE, on(target))


# Queries

CHANGES = ((("ImageCommit", "POST", "/v1.41/commit"), "?container=web", "[build]\n"), (("ImageCreate", "POST", "/v1.41/images/create"), "?fromSrc=-", "[pull]\nsources = -\n"))
for operation, query, lines in CHANGES:
    @suite.test(f"{operation[0]}: a change is one instruction: no line break, nor a line that goes on in the next")
    def _(operation=operation, query=query, lines=lines):
        with level(operation, lines + "changes = LABEL **\nchanges = ENV MODE=*\n") as wire:
            passes(wire, operation, query=query + "&changes=LABEL%20a=b&changes=LABEL%20a=/x/../y%20z&changes=ENV%20MODE=x")
            for text in ("LABEL a=b\nUSER root", "LABEL a=b\r\nUSER root", "\nUSER root", "LABEL a=b \\", "LABEL a=b\\\t ", "LABEL a=`"):
                refused(wire, operation, None, "changes[0]", query=query + "&changes=" + quoted(text))
            for text in ("USER root", "LABEL", "LABEL ", "ENV MODE=/x"):
                refused(wire, operation, None, "changes[0]", "changes)", query=query + "&changes=" + quoted(text))


ADDRESSES = ((("ImageCreate", "POST", "/v1.41/images/create"), "?fromSrc=", "[pull]\nsources"), (("ImageBuild", "POST", "/v1.41/build"), "?remote=", "[build]\nremote"))
for operation, query, key in ADDRESSES:
    @suite.test(f"{operation[0]}: no host but those that the pattern of an address has: '?', '#', '@', '\\\\' and '%' end none")
    def _(operation=operation, query=query, key=key):
        with level(operation, f"{key} = https://*.acme.com/** http://10.0.0.*/x.tar https://github.com/acme/** git@github.com:acme/**\n") as wire:
            for good in ("https://a.acme.com/x/y.tar", "http://10.0.0.7/x.tar", "https://github.com/acme/x.git#main:docker", "https://token@github.com/acme/x.git", "https://u:p@github.com/acme/x.git", "git@github.com:acme/x.git"):
                passes(wire, operation, query=query + quoted(good))
            for bad in ("https://evil.net?.acme.com/x", "https://evil.net#.acme.com/x", "https://evil.net\\.acme.com/x", "https://evil.net%2f.acme.com/x", "http://10.0.0.1@evil.net/x.tar", "http://10.0.0.1@a@evil.net/x.tar",
                        "https://evil.net @a.acme.com/x", "https://evil.net\n.acme.com/x", "https://a.acme.com@evil.net/x", "git@evil.net:acme/x.git", "git@x@github.com:acme/x.git"):
                refused_any(wire, operation, query + quoted(bad))

    @suite.test(f"{operation[0]}: '..' leads out of no address, in escapes neither")
    def _(operation=operation, query=query, key=key):
        with level(operation, f"{key} = https://github.com/acme/** **\n") as wire:
            passes(wire, operation, query=query + "https://github.com/acme/..x/y...git")
            for bad in ("https://github.com/acme/../evil/x.git", "https://github.com/acme/%2e%2e/evil/x.git", "https://github.com/acme/.%2E/evil/x.git", "https://github.com/acme/.."):
                refused(wire, operation, None, "has a '..' in it", query=query + quoted(bad))


def refused_any(wire, operation, query):
    ask(wire, operation, None, query)
    true(wire.answer().status in (400, 403), query)


if __name__ == "__main__":
    sys.exit(suite.main())
