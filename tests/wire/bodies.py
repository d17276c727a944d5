#!/usr/bin/env python3
"""A body that is judged: read whole, read strictly, and forwarded as it was; what is refused says which field and which key."""
import json
import sys
import time

from bodies_fields import CREATE, OPERATIONS, arrive, ask, level, passes, refused
from wire import ANY_BODY, OK, Wire, is_denial

from message import chunked, read_response, request
from tap import Suite, contains, equal, true

suite = Suite("judged: ")
TYPE = "Content-Type: application/json"
RULES = "allow = ContainerCreate"
PATH = "/v1.41/containers/create"


def create(*fields, body=b'{"Image":"nginx"}'):
    return request("POST", PATH, *(fields or (TYPE,)), body=body)


# Read strictly

STRICT = {
    "a key that stands twice": (b'{"Image":"a","Image":"b"}', "a key stands twice"),
    "objects that Go would merge": (b'{"Image":"a","HostConfig":{"Privileged":true},"HostConfig":{}}', "a key stands twice"),
    "a key that stands twice, once escaped": (rb'{"Image":"a","HostConfig":{"Privileged":false,"\u0050rivileged":true}}', "a key stands twice"),
    "a key that stands twice in a map": (b'{"Image":"a","Labels":{"x":"1","x":"2"}}', "a key stands twice"),
    "bytes that are no UTF-8": (b'{"Image":"a\xff"}', "not UTF-8"),
    "an overlong form": (b'{"Image":"a\xc0\xaf"}', "not UTF-8"),
    "a lone surrogate": (rb'{"Image":"\ud800"}', "no JSON"),
    "a NUL": (rb'{"Image":"a\u0000"}', "NUL"),
    "a NUL in a key": (rb'{"Image":"a","Labels":{"a\u0000b":"c"}}', "NUL"),
    "a second value": (b'{"Image":"a"}{"HostConfig":{"Privileged":true}}', "follows the JSON value"),
    "junk behind the value": (b'{"Image":"a"} x', "follows the JSON value"),
    "a comma too many": (b'{"Image":"a",}', "no JSON"),
    "a comment": (b'{"Image":"a"/**/}', "no JSON"),
    "NaN": (b'{"Image":"a","StopTimeout":NaN}', "no JSON"),
    "a number too large for 64 bits": (b'{"Image":"a","StopTimeout":9223372036854775808}', "no JSON"),
    "no JSON": (b"Image=a", "no JSON"),
    "nothing but blanks": (b"  ", "no JSON"),
    "a list": (b"[]", "the body is no object"),
    "a string": (b'"x"', "the body is no object"),
    "a string for a boolean": (b'{"Image":"a","HostConfig":{"Privileged":"false"}}', "HostConfig.Privileged is not true or false"),
    "a fraction for a whole number": (b'{"Image":"a","HostConfig":{"Memory":1e8}}', "HostConfig.Memory is no whole number"),
    "a list for an object": (b'{"Image":"a","HostConfig":[]}', "HostConfig is no object"),
    "an object for a list": (b'{"Image":"a","HostConfig":{"Binds":{"0":"/:/x"}}}', "HostConfig.Binds is no list of strings"),
    "null in a list": (b'{"Image":"a","HostConfig":{"Binds":[null]}}', "HostConfig.Binds is no list of strings"),
    "nesting of 65 levels": (b'{"Labels":' + b"[" * 64 + b"]" * 64 + b"}", "nested too deeply"),
    "nesting without an end": (b"[" * 100000, "nested too deeply"),
    "more values than memory is meant for": (b'{"Env":[' + b"[]," * 40000 + b"[]]}", "too many values"),
}
for name, (raw, says) in STRICT.items():
    @suite.test(f"{name} is answered 400")
    def _(raw=raw, says=says):
        with level(CREATE) as wire:
            ask(wire, CREATE, raw)
            is_denial(wire.answer(), 400, text=says)
            wire.end()
            equal(wire.engine_bytes(), b"", "what the engine received")

FOLDED = ("hostconfig", "HOSTCONFIG", "Ho\u017ftConfig", "HostConfiG")
for key in FOLDED:
    @suite.test(f"the key {ascii(key)}, which Go takes for HostConfig, is refused whatever it holds")
    def _(key=key):
        with level(CREATE) as wire:
            for value in ({"Privileged": True}, {}, None):
                refused(wire, CREATE, {"Image": "a", key: value}, "is not spelled as")
for field in ("networ\u212aMode", "NetworkmodE", "bind\u017f", "Bind\u017f", "PRIVILEGED"):
    @suite.test(f"the key {ascii(field)} in HostConfig is refused")
    def _(field=field):
        with level(CREATE) as wire:
            refused(wire, CREATE, {"Image": "a", "HostConfig": {field: "host"}}, "is not spelled as")


@suite.test("an escaped key is the key that it spells: \\u0050rivileged, Privilege\\u0064")
def _():
    with level(CREATE) as wire:
        refused(wire, CREATE, rb'{"Image":"a","HostConfig":{"\u0050rivileged":true}}', "HostConfig.Privileged")
        refused(wire, CREATE, rb'{"Image":"a","HostConfig":{"Privilege\u0064":true}}', "HostConfig.Privileged")


@suite.test("keys of a map are the client's own, in any case and script")
def _():
    with level(CREATE) as wire:
        passes(wire, CREATE, {"Image": "a", "Labels": {"a": "1", "A": "2", "\u212a": "3", "hostconfig": "4"}})


# Fields

for operation, (_method, _target, ordinary) in OPERATIONS.items():
    @suite.test(f"{operation}: a field that dsp does not know is refused, and named")
    def _(operation=operation, ordinary=ordinary):
        with level(operation) as wire:
            for value in (True, 0, None, [], "x", {"a": 1}):
                refused(wire, operation, ordinary | {"Wings": value}, "Wings is no field that dsp knows", "unrestricted)")


@suite.test("a field that dsp does not know is refused at any depth")
def _():
    with level(CREATE) as wire:
        refused(wire, CREATE, {"Image": "a", "HostConfig": {"Wings": None}}, "HostConfig.Wings is no field")
        refused(wire, CREATE, {"Image": "a", "HostConfig": {"Mounts": [{"Type": "volume", "Target": "/x", "Wings": 1}]}}, "HostConfig.Mounts[0].Wings is no field")
        refused(wire, CREATE, {"Image": "a", "NetworkingConfig": {"EndpointsConfig": {"front": {"Wings": 1}}}}, "NetworkingConfig.EndpointsConfig.front.Wings is no field")


@suite.test("null, false, 0, an empty string, list and object are absent: what the docker command sends of each field passes")
def _():
    zeros = {"Binds": None, "Privileged": False, "CapAdd": [], "PidMode": "", "Devices": [], "Sysctls": {}, "LogConfig": {"Type": "", "Config": {}}, "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
             "ShmSize": 0, "OomKillDisable": None, "SecurityOpt": None, "MaskedPaths": None, "ReadonlyPaths": None, "VolumesFrom": None, "ExtraHosts": [], "PortBindings": {}, "UsernsMode": "", "Ulimits": None,
             "CpuRealtimePeriod": 0, "GroupAdd": None, "Links": None, "Cgroup": "", "CgroupParent": "", "BlkioDeviceReadBps": [], "DeviceCgroupRules": None, "DeviceRequests": [], "Isolation": "", "Mounts": []}
    with level(CREATE) as wire:
        passes(wire, CREATE, {"Image": "a", "Cmd": None, "MacAddress": "", "OnBuild": None, "Healthcheck": None, "HostConfig": zeros, "NetworkingConfig": None})
        passes(wire, CREATE, {"Image": "a", "HostConfig": None})


@suite.test("the answer and the record name field, value, key and rule")
def _():
    with level(CREATE) as wire:
        message = refused(wire, CREATE, {"Image": "a", "HostConfig": {"Privileged": True}})
        equal(message, "dsp: HostConfig.Privileged is not allowed by policy ci (no [workload] privileged)", "message")
        message = refused(wire, CREATE, {"Image": "a", "HostConfig": {"Binds": ["v:/v", "/:/host"]}})
        equal(message, "dsp: HostConfig.Binds[1] '/' is not allowed by policy ci (no [workload] binds)", "message")
        wire.end()
        told = str(wire.records())
        contains(told, "ci: denied ContainerCreate POST /v1.41/containers/create", "records")
        contains(told, "allow = ContainerCreate; HostConfig.Privileged is not allowed by policy ci (no [workload] privileged)", "records")


@suite.test("a network that docker-py names beside EndpointsConfig, as null, passes, and nothing else there")
def _():
    with level(CREATE) as wire:
        passes(wire, CREATE, {"Image": "a", "NetworkingConfig": {"front": None}})
        refused(wire, CREATE, {"Image": "a", "NetworkingConfig": {"front": {"NetworkID": "host"}}}, "NetworkingConfig.front", "unrestricted)")
        refused(wire, CREATE, {"Image": "a", "NetworkingConfig": {"endpointsConfig": None}}, "NetworkingConfig.endpointsConfig is not spelled")


# Clients of which no recording is here, as their sources have it.

DOCKER_JAVA = {
    "name": "tc-1", "authConfig": {"username": "u", "password": None, "email": None, "serveraddress": "https://index.docker.io/v1/", "auth": None, "registrytoken": None, "identitytoken": None, "stackOrchestrator": None}, "platform": None,
    "aliases": ["tc-abc"], "ipv4Address": None, "ipv6Address": None, "Hostname": None, "Domainname": None, "User": None, "AttachStdin": None, "AttachStdout": None, "AttachStderr": None, "PortSpecs": None, "Tty": None, "OpenStdin": None,
    "StdinOnce": None, "Env": ["A=1"], "Cmd": None, "Healthcheck": None, "ArgsEscaped": None, "Entrypoint": None, "Image": "nginx", "Volumes": {}, "WorkingDir": None, "MacAddress": None, "OnBuild": None, "NetworkDisabled": None,
    "ExposedPorts": {"80/tcp": {}}, "StopSignal": None, "StopTimeout": None, "Labels": {"org.testcontainers": "true"}, "Shell": None, "NetworkingConfig": None,
    "HostConfig": dict.fromkeys(("Binds", "BlkioWeight", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps", "MemorySwappiness", "NanoCpus", "Annotations", "CapAdd", "CapDrop", "ContainerIDFile",
                                 "CpuPeriod", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpuShares", "CpuQuota", "CpusetCpus", "CpusetMems", "Devices", "DeviceCgroupRules", "DeviceRequests", "DiskQuota", "Dns", "DnsOptions", "DnsSearch",
                                 "ExtraHosts", "GroupAdd", "IpcMode", "Cgroup", "Links", "LogConfig", "LxcConf", "Memory", "MemorySwap", "MemoryReservation", "KernelMemory", "NetworkMode", "OomKillDisable", "Init", "AutoRemove", "OomScoreAdj",
                                 "PortBindings", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "RestartPolicy", "Ulimits", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "VolumesFrom", "Mounts", "PidMode", "Isolation",
                                 "SecurityOpt", "StorageOpt", "CgroupParent", "VolumeDriver", "ShmSize", "PidsLimit", "Runtime", "Tmpfs", "UTSMode", "UsernsMode", "Sysctls", "ConsoleSize", "CgroupnsMode")),
}


@suite.test("docker-java says null of all that it knows, and its own words beside: Testcontainers' create, exec, networks and log-in pass")
def _():
    with level(CREATE) as wire:
        passes(wire, CREATE, DOCKER_JAVA)
        refused(wire, CREATE, DOCKER_JAVA | {"HostConfig": DOCKER_JAVA["HostConfig"] | {"LxcConf": [{"Key": "lxc.x", "Value": "y"}]}}, "HostConfig.LxcConf")
        refused(wire, CREATE, DOCKER_JAVA | {"PortSpecs": ["22"]}, "PortSpecs")
        refused(wire, CREATE, DOCKER_JAVA | {"HostConfig": DOCKER_JAVA["HostConfig"] | {"Privileged": True}}, "HostConfig.Privileged")
    for operation, made in (("ContainerExec", {"containerId": "web", "AttachStdout": True, "Cmd": ["id"]}), ("ExecStart", {"Detach": None, "Tty": None}), ("ContainerUpdate", {"CpuShares": 512, "Init": None, "Memory": None}),
                            ("NetworkConnect", {"Container": "web", "EndpointConfig": {"Aliases": ["a"]}, "containerConfig": {"Aliases": ["a"]}}), ("SystemAuth", {"username": "u", "stackOrchestrator": None, "serveraddress": ""}),
                            ("NetworkCreate", {"Name": "n", "Driver": None, "IPAM": {"Driver": None, "Config": [], "Options": None}, "Options": {}, "CheckDuplicate": True, "Internal": None, "EnableIPv6": None, "Attachable": None, "Labels": {}})):
        with level(operation) as wire:
            passes(wire, operation, made)


@suite.test("go-dockerclient sends its streams along to ExecStart, as null or {}, Docker.DotNet what is attached, and Portainer an id to ContainerExec: they pass, and nothing else in them")
def _():
    with level("ExecStart") as wire:
        for raw in (False, True):
            passes(wire, "ExecStart", {"InputStream": None, "OutputStream": {}, "ErrorStream": {}, "Tty": raw, "RawTerminal": raw})
        passes(wire, "ExecStart", {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": True})
        refused(wire, "ExecStart", {"OutputStream": {"Binds": ["/:/x"]}}, "OutputStream")
    with level("ContainerExec") as wire:
        passes(wire, "ContainerExec", {"id": "web", "AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": True, "Cmd": ["bash"]})


@suite.test("a value in an answer is escaped and bounded")
def _():
    with level(CREATE) as wire:
        message = refused(wire, CREATE, {"Image": "a", "HostConfig": {"PidMode": "container:\u001b[2J\n" + "x" * 5000}})
        true(len(message) < 500 and "\\x1b[2J\\x0a" in message, message)


# Read whole, forwarded as it was

@suite.test("what is forwarded is the bytes that were judged, blanks and escapes included, with their length")
def _():
    raw = b' \r\n{ "Image" :\t"ngin\\u0078" , "Labels":{"b":"\xc3\xa9","a":"1"} } \n'
    with level(CREATE) as wire:
        passes(wire, CREATE, raw)


@suite.test("a chunked body is forwarded whole, with a Content-Length")
def _():
    with level(CREATE) as wire:
        wire.send(request("POST", PATH, TYPE, "Transfer-Encoding: chunked") + chunked(b'{"Image"', b':"ngi', b'nx"}'))
        got = wire.arrive()
        equal((got.body, got["content-length"], got["transfer-encoding"]), (b'{"Image":"nginx"}', "17", None), "request")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")
        passes(wire, CREATE, {"Image": "next"})


@suite.test("nothing of a request reaches the engine before its body is whole")
def _():
    raw = create()
    with level(CREATE) as wire:
        wire.send(raw[:-1])
        time.sleep(0.2)
        true(wire.up.quiet(0.2), "the engine received something")
        wire.send(raw[-1:])
        equal(wire.arrive().body, b'{"Image":"nginx"}', "body")


@suite.test("a body byte by byte, and two requests at once, are judged each by itself")
def _():
    with level(CREATE) as wire:
        for byte in create():
            wire.send(bytes([byte]))
        equal(wire.arrive().body, b'{"Image":"nginx"}', "body")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")
        wire.send(create(body=b'{"HostConfig":{"Privileged":true}}') + create(body=b'{"Image":"b"}'))
        is_denial(wire.answer(), 403)
        equal(wire.arrive().body, b'{"Image":"b"}', "body")


@suite.test("a client that waits for 100 gets it from dsp, and the engine is not asked to continue")
def _():
    with level(CREATE) as wire:
        wire.send(request("POST", PATH, TYPE, "Expect: 100-continue", "Content-Length: 17"))
        equal(wire.client.recv_exactly(25), b"HTTP/1.1 100 Continue\r\n\r\n", "interim answer")
        wire.send(b'{"Image":"nginx"}')
        got = wire.arrive()
        equal((got.body, got["expect"]), (b'{"Image":"nginx"}', None), "request")


@suite.test("a body of body-max passes, one byte more is answered 413, whatever its framing")
def _():
    fits = b'{"Image":"a"}'.ljust(1024)
    for raw, framing in ((fits, False), (fits, True), (fits + b" ", False), (fits + b" ", True)):
        with Wire(RULES, limits="body-max = 1K", bodies="") as wire:
            wire.client.try_send(request("POST", PATH, TYPE, "Transfer-Encoding: chunked") + chunked(raw[:1000], raw[1000:]) if framing else create(body=raw))
            if len(raw) == 1024:
                equal(wire.arrive().body, raw, "body")
                wire.up.send(OK)
                equal(wire.answer().status, 200, "status")
            else:
                is_denial(wire.answer(), 413)
                wire.end()
                equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("the default body-max is 1 MiB")
def _():
    fits = b'{"Image":"a"}'.ljust(1 << 20)
    with level(CREATE) as wire:
        passes(wire, CREATE, fits)
        wire.client.try_send(create(body=fits + b" "))
        is_denial(wire.answer(), 413)


@suite.test("a body that stalls is answered 408 after head-timeout; one that drips goes on, but not for ever")
def _():
    with Wire(RULES, limits="head-timeout = 500ms\nidle-timeout = 2s", bodies="") as wire:
        began = time.monotonic()
        wire.send(create()[:-5])
        is_denial(wire.answer(), 408)
        true(0.4 < time.monotonic() - began < 1.5, "when")
    with Wire(RULES, limits="head-timeout = 500ms\nidle-timeout = 2s", bodies="") as wire:
        began = time.monotonic()
        wire.send(request("POST", PATH, TYPE, "Content-Length: 1000"))
        while wire.client.quiet(0.1) and wire.client.try_send(b" "):
            pass
        is_denial(wire.answer(), 408)
        true(1.8 < time.monotonic() - began < 4, "when")


@suite.test("a client that leaves within a body leaves nothing at the engine")
def _():
    with level(CREATE) as wire:
        wire.send(create()[:-5])
        wire.client.half_close()
        is_denial(wire.answer(), 400)
        wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("a refusal leaves the connection usable")
def _():
    with level(CREATE) as wire:
        for _ in range(3):
            refused(wire, CREATE, {"HostConfig": {"Privileged": True}})
            passes(wire, CREATE, {"Image": "a"})


# What dockerd would not decode, or decode otherwise

MEDIA = {
    "no Content-Type": ((), 415),
    "a form": (("Content-Type: application/x-www-form-urlencoded",), 415),
    "multipart": (("Content-Type: multipart/form-data; boundary=x",), 415),
    "text": (("Content-Type: text/plain",), 415),
    "a type that begins like JSON": (("Content-Type: application/json-seq",), 415),
    "gzip": ((TYPE, "Content-Encoding: gzip"), 415),
    "two types": ((TYPE, "Content-Type: text/plain"), 400),
}
for name, (fields, status) in MEDIA.items():
    @suite.test(f"{name} is refused with {status}")
    def _(fields=fields, status=status):
        with level(CREATE) as wire:
            wire.send(request("POST", PATH, *fields, body=b'{"Image":"nginx"}'))
            is_denial(wire.answer(), status)
            wire.end()
            equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("a charset beside the type changes nothing")
def _():
    with level(CREATE) as wire:
        wire.send(create("Content-Type: application/json; charset=utf-8", body=b'{"Image":"a","HostConfig":{"Privileged":true}}'))
        is_denial(wire.answer(), 403)
        wire.send(create("Content-Type: application/json; charset=utf-8"))
        equal(wire.arrive()["content-type"], "application/json; charset=utf-8", "type")


for name, fields, tail in (("no body", (), b""), ("Content-Length 0", (TYPE, "Content-Length: 0"), b""), ("an empty chunked body", (TYPE, "Transfer-Encoding: chunked"), b"0\r\n\r\n")):
    @suite.test(f"{name}, of which dockerd would decode nothing, is refused where there must be one")
    def _(fields=fields, tail=tail):
        for operation in ("ContainerCreate", "ContainerUpdate", "ContainerExec", "NetworkConnect", "ServiceCreate"):
            method, target, _ = OPERATIONS[operation]
            with level(operation) as wire:
                wire.send(request(method, target, *fields) + tail)
                is_denial(wire.answer(), 400, text="needs a body")


@suite.test("operations that may go without a body do: ContainerStart, ExecStart, VolumeCreate, ImageCommit")
def _():
    for operation in ("ContainerStart", "ExecStart", "VolumeCreate", "ImageCommit"):
        method, target, _ = OPERATIONS[operation]
        with level(operation) as wire:
            wire.send(request(method, target, "Content-Length: 0"))
            equal(arrive(wire, operation).line, f"{method} {target} HTTP/1.1", "request")


@suite.test("a stranger's upgrade does not skip the judgement: POST /containers/create with Upgrade")
def _():
    with level(CREATE) as wire:
        wire.send(create(TYPE, "Connection: Upgrade", "Upgrade: tcp", body=b'{"HostConfig":{"Privileged":true}}'))
        is_denial(wire.answer(), 403)


@suite.test("plugins: what is granted is a list that [plugins] privileges names")
def _():
    granted = [{"Name": "network", "Description": "", "Value": ["host"]}]
    for operation, target in (("PluginPull", "/v1.41/plugins/pull?remote=x"), ("PluginUpgrade", "/v1.41/plugins/x/upgrade?remote=x")):
        for lines, body, status in (("", [], 200), ("", granted, 403), ("privileges = network=host\n", granted, 200), ("privileges = network=host\n", [{"Name": "mount", "Value": ["/"]}], 403),
                                    ("privileges = network=host\n", [{"Name": "network", "Value": ["host", "x"]}], 403), ("", [{"Wings": 1}], 403), ("", {"Name": "network"}, 400)):
            with level(operation, "[plugins]\nremotes = docker.io/library/x\n" + lines) as wire:
                wire.send(request("POST", target, TYPE, body=json.dumps(body).encode()))
                if status == 200:
                    wire.arrive()
                    wire.up.send(OK)
                    equal(wire.answer().status, 200, "status")
                else:
                    is_denial(wire.answer(), status)


@suite.test("plugins: a setting is one that [plugins] settings names")
def _():
    with level("PluginSet", "[plugins]\nsettings = DEBUG\n") as wire:
        for body, good in ((["DEBUG=1"], True), (["data.source=/"], False), (["DEBUG=1", "x.path=/dev/sda"], False)):
            wire.send(request("POST", "/v1.41/plugins/x/set", TYPE, body=json.dumps(body).encode()))
            if good:
                wire.arrive()
                wire.up.send(OK)
                equal(wire.answer().status, 200, "status")
            else:
                is_denial(wire.answer(), 403, text="[1]" if len(body) > 1 else "[0]")


# Modes

@suite.test("mode = audit lets pass what it would deny, as it came, and says so")
def _():
    for raw in (b'{"HostConfig":{"Privileged":true}}', b'{"Image":"a","Image":"b"}'):
        with Wire(RULES, mode="audit", bodies="", name="ci") as wire:
            passes(wire, CREATE, raw)
            wire.end()
            told = str(wire.records())
            contains(told, "would-deny ContainerCreate", "records")
            contains(told, "HostConfig.Privileged is not allowed" if b"Priv" in raw else "a key stands twice", "records")


@suite.test("unrestricted = yes: a body is not looked at, nor waited for")
def _():
    with Wire(RULES, bodies=ANY_BODY) as wire:
        wire.send(create(body=b"{not JSON")[:-1])
        equal(wire.arrive(body=False).line, f"POST {PATH} HTTP/1.1", "request line")


@suite.test("unrestricted of a section is for its operations only")
def _():
    for section in ("exec", "volumes", "networks", "swarm", "plugins", "pull", "push", "build", "archive"):
        with level(CREATE, f"[{section}]\nunrestricted = yes\n") as wire:
            refused(wire, CREATE, {"HostConfig": {"Privileged": True}})


@suite.test("what is no JSON of the API is not touched: an archive, a build context, an image")
def _():
    for rule, method, target in (("PutContainerArchive", "PUT", "/containers/x/archive?path=/"), ("ImageBuild", "POST", "/build"), ("ImageLoad", "POST", "/images/load")):
        with level(rule, "[archive]\nwrite = /\n") as wire:
            got, _ = wire.relay(request(method, target, "Content-Type: application/x-tar", body=b'{"Wings":1}'))
            equal(got.body, b'{"Wings":1}', "body")


@suite.test("an exec that is allowed is a tunnel afterwards")
def _():
    with level("ExecStart") as wire:
        wire.send(request("POST", "/exec/4f5c/start", TYPE, "Connection: Upgrade", "Upgrade: tcp", body=b'{"Detach":false,"Tty":true}'))
        equal(arrive(wire, "ExecStart").body, b'{"Detach":false,"Tty":true}', "body")
        wire.up.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        equal(wire.answer().status, 101, "status")
        wire.send(b"in")
        equal(wire.up.recv_exactly(2), b"in", "to the engine")
        wire.up.send(b"out")
        equal(wire.client.recv_exactly(3), b"out", "to the client")


# Cost

@suite.test("a body of 1 MiB, of whatever shape, does not grow the process past 8 MiB")
def _():
    size = 1 << 20

    def many(before, item, after, count):
        return before + b",".join(item(n) for n in range(count)) + after
    shapes = [b'{"Env":["' + b"x" * (size - 12) + b'"]}', b'{"Env":[' + b'"",' * 60000 + b'""]}', b'{"Labels":{"' + b"x" * (size - 20) + b'":""}}', b'{"' + b"x" * (size - 8) + b'":0}',
              b'{"Env":[' + b"{}," * 10000 + b"{}]}", b'{"Env":[' + b"[]," * 18000 + b"[]]}", b"[" * (size - 1), b'{"Env":["' + b"\\u00e9" * ((size - 12) // 6) + b'"]}', b'{"Env":[' + b"1," * (size // 2 - 10) + b"1]}",
              b'{"StopTimeout":1.' + b"0" * (size - 20) + b"}"]
    # As many values as pass, and some more, with strings of what malloc has the least use for.
    for count in (30000, 36000, 42000, 52000, 65000):
        shapes += [many(b'{"Env":[', lambda n, width=width: b'"' + b"x" * width + b'"', b"]}", count) for width in (0, 8, 12, 24) if count * (width + 3) < size]
    for count in (13000, 15000, 18000, 22000):
        shapes += [many(b'{"Labels":{', lambda n, width=width: b'"%05x":"' % n + b"x" * width + b'"', b"}}", count) for width in (0, 24, 32) if count * (width + 11) < size]
    for count in (3500, 4000, 5000):
        shapes.append(many(b'{"HostConfig":{"Mounts":[', lambda n: b'{"Type":"volume","Source":"v%d","Target":"/%s"}' % (n, b"x" * 100), b"]}}", count))
    pieces = [request("POST", PATH, TYPE, "Transfer-Encoding: chunked") + chunked(*(shapes[1][at:at + 9000] for at in range(0, len(shapes[1]), 9000)))]
    true(all(len(shape) <= size for shape in shapes), "a shape is larger")
    for raw in [create(body=shape) for shape in shapes] + pieces:
        with level(CREATE) as wire:
            wire.relay(create())
            wire.send(raw)
            if not wire.up.quiet(0.3):
                wire.arrive(limit=5)
                wire.up.send(OK)
            equal(wire.answer().status in (200, 400, 403), True, "status")
            with open(f"/proc/{wire.dsp.pid}/status", encoding="ascii") as status:
                peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
            true(peak < 8192, f"{peak} kB at most, for {raw[-20:]}")


@suite.test("10,000 judged requests on one connection: no growth in memory")
def _():
    with level(CREATE, "[workload]\nbinds = /srv/**\n") as wire:
        raw = json.dumps({"Image": "a", "Labels": {str(n): "x" for n in range(50)}, "HostConfig": {"Binds": ["/srv/a:/x"] * 10}}).encode()

        def some(count):
            for _ in range(count):
                refused(wire, CREATE, {"HostConfig": {"Privileged": True}})
                passes(wire, CREATE, raw)
        some(500)
        before = wire.dsp.resident()
        some(4500)
        true(wire.dsp.resident() - before <= 128, f"{before} kB, then {wire.dsp.resident()} kB")


if __name__ == "__main__":
    sys.exit(suite.main())
