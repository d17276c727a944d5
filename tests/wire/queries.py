#!/usr/bin/env python3
"""Parameters, names in paths and credentials that can take more than the operation: refused by default, allowed by their key, refused beyond what it says.

A row: the operation, a query (or a path), what is named in the answer, the lines of the policy that let it pass, and queries that those lines do not mean.
"""
import base64
import json
import sys
from urllib.parse import parse_qs, urlsplit

from bodies_fields import Case, key_of, last, short_of
from wire import OK, Wire, is_denial

from message import read_response, request
from tap import Suite, contains, equal, true

suite = Suite("queries: ")

# Method, path, and a query that is ordinary.
OPERATIONS = {
    "ContainerCreate": ("POST", "/v1.41/containers/create", "name=web"),
    "ContainerRename": ("POST", "/v1.41/containers/web/rename", "name=db"),
    "ContainerStart": ("POST", "/v1.41/containers/web/start", "detachKeys=ctrl-x"),
    "ContainerStop": ("POST", "/v1.41/containers/web/stop", "t=10"),
    "ContainerRestart": ("POST", "/v1.41/containers/web/restart", "t=10"),
    "ContainerKill": ("POST", "/v1.41/containers/web/kill", "signal=SIGTERM"),
    "ContainerTop": ("GET", "/v1.41/containers/web/top", "ps_args=-ef"),
    "ContainerAttach": ("POST", "/v1.41/containers/web/attach", "stream=1&stdout=1&stderr=1"),
    "ContainerAttachWebsocket": ("GET", "/v1.42/containers/web/attach/ws", "stream=1&stdout=1"),
    "CheckpointList": ("GET", "/v1.41/containers/web/checkpoints", ""),
    "CheckpointDelete": ("DELETE", "/v1.41/containers/web/checkpoints/c1", ""),
    "ContainerDelete": ("DELETE", "/v1.41/containers/web", ""),
    "ImageDelete": ("DELETE", "/v1.41/images/web", ""),
    "BuildCancel": ("POST", "/v1.41/build/cancel", "id=x"),
    "ContainerArchive": ("GET", "/v1.41/containers/web/archive", "path=/srv/app"),
    "ContainerArchiveInfo": ("HEAD", "/v1.41/containers/web/archive", "path=/srv/app"),
    "PutContainerArchive": ("PUT", "/v1.41/containers/web/archive", ""),
    "ImageCreate": ("POST", "/v1.41/images/create", "fromImage=nginx&tag=1.27"),
    "ImageLoad": ("POST", "/v1.41/images/load", "quiet=1"),
    "ImageSearch": ("GET", "/v1.41/images/search", "term=nginx&limit=5"),
    "ImageGetAll": ("GET", "/v1.41/images/get", "names=nginx"),
    "ImageTag": ("POST", "/v1.41/images/web/tag", "repo=acme/web&tag=1"),
    "ImageCommit": ("POST", "/v1.41/commit", "container=web&repo=acme/web&comment=x&author=me&pause=1"),
    "ImageBuild": ("POST", "/v1.41/build", "t=acme/web&dockerfile=Dockerfile&rm=1&networkmode=default&shmsize=0&buildargs=%7B%7D&labels=%7B%7D&ulimits=null&cachefrom=%5B%5D&version=1&cgroupparent=&memory=0&target="),
    "BuildPrune": ("POST", "/v1.41/build/prune", "keep-storage=1000"),
    "VolumePrune": ("POST", "/v1.42/volumes/prune", ""),
    "ServiceCreate": ("POST", "/v1.41/services/create", ""),
    "ServiceUpdate": ("POST", "/v1.41/services/s/update", "version=1&registryAuthFrom=spec"),
    "SwarmUpdate": ("POST", "/v1.41/swarm/update", "version=1"),
    "SwarmLeave": ("POST", "/v1.41/swarm/leave", ""),
    "PluginPull": ("POST", "/v1.41/plugins/pull", ""),
    "PluginUpgrade": ("POST", "/v1.41/plugins/x/upgrade", ""),
    "PluginCreate": ("POST", "/v1.41/plugins/create", ""),
    "PluginEnable": ("POST", "/v1.41/plugins/x/enable", "timeout=30"),
    "PluginDisable": ("POST", "/v1.41/plugins/x/disable", ""),
    "PluginDelete": ("DELETE", "/v1.41/plugins/x", ""),
    "GetPluginPrivileges": ("GET", "/v1.41/plugins/privileges", ""),
    "VolumeCreate": ("POST", "/v1.41/volumes/create", ""),
    "SwarmInit": ("POST", "/v1.41/swarm/init", ""),
    "SwarmJoin": ("POST", "/v1.41/swarm/join", ""),
}
# Bodies of what has a body that is judged.
BODIES = {"ContainerCreate": b'{"Image":"nginx"}', "ServiceCreate": b'{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"nginx"}}}', "ServiceUpdate": b'{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"nginx"}}}',
          "SwarmUpdate": b"{}", "VolumeCreate": b'{"Name":"data"}', "SwarmInit": b"{}", "SwarmJoin": b"{}"}


def quoted(text):
    return "".join(c if c.isalnum() or c in "-._~/:@" else f"%{ord(c):02X}" for c in text)


def j(value):
    """JSON as it stands in a query."""
    return quoted(json.dumps(value))


def credentials(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def raw_of(operation, query, fields=()):
    """`query`: what stands behind the "?", or a whole target."""
    method, path, _ = OPERATIONS.get(operation, ("GET", "", ""))
    if query.startswith(("GET ", "POST ")):
        method, _, target = query.partition(" ")
    else:
        target = path + ("?" + query if query else "")
    body = BODIES.get(operation)
    return method, request(method, target, *fields, *(("Content-Type: application/json",) if body else ()), **({"body": body} if body else {}))


def passes(wire, operation, query, fields=()):
    method, raw = raw_of(operation, query, fields)
    wire.send(raw)
    got = wire.arrive()
    wire.up.send(OK if method != "HEAD" else OK.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    equal(wire.answer(method).status, 200, "status")
    return got


def refused(wire, operation, query, *says, fields=(), status=403):
    method, raw = raw_of(operation, query, fields)
    wire.send(raw)
    answer = read_response(wire.client, method)
    equal(answer.status, status, f"status for {operation} {query}")
    if method == "HEAD":
        return ""
    is_denial(answer, status)
    message = json.loads(answer.body)["message"]
    for word in says:
        true(word in message, f"{message!r} lacks {word!r}, for {query}")
    return message


def level(operation, lines="", **options):
    return Wire("allow = " + operation, bodies=lines, name="ci", **options)


def ordinary(wire, operation):
    if operation in OPERATIONS:
        passes(wire, operation, OPERATIONS[operation][2])


CASES = []    # as those of bodies_fields.py, of parameters: {name: values}, and of the path under "{path}"


def parameters(query):
    target = urlsplit(query.partition(" ")[2] if query.startswith(("GET ", "POST ")) else "?" + query)
    return {**parse_qs(target.query, keep_blank_values=True), **({"{path}": target.path} if target.path else {})}


def note(sense, operation, queries, outside, check, bounded=False):
    CASES.append(Case(sense, operation, [parameters(query) for query in queries], [parameters(query) for query in outside], bounded, check))


def row(operation, query, named, lines, *outside, plain=True):
    short = short_of(lines)
    if not outside and not short:
        raise ValueError(f"{operation} {query}: nothing is outside of {lines}")

    def check():
        with level(operation) as wire:
            if plain:
                ordinary(wire, operation)
            refused(wire, operation, query, named + " of " + operation, f"not allowed by policy ci (no {key_of(lines)})")
        with level(operation, lines + "\n") as wire:
            passes(wire, operation, query)
            for other in outside:
                refused(wire, operation, other, named.partition("[")[0])
        if short:
            with level(operation, short) as wire:
                refused(wire, operation, query, named + " of " + operation)
    note("refused", operation, [query], outside, check, bounded=short is not None)
    suite.add(f"{operation}: {query[:160]} needs {key_of(lines).split(' ')[0]} {last(lines)}", check)


def narrows(operation, query, named, lines, *outside):
    if not outside:
        raise ValueError(f"{operation} {query}: nothing is outside of {lines}")

    def check():
        with level(operation) as wire:
            for each in (query, *outside):
                passes(wire, operation, each)
        with level(operation, lines + "\n") as wire:
            passes(wire, operation, query)
            for other in outside:
                refused(wire, operation, other, named, f"(not in {key_of(lines)})")
    note("narrowed", operation, [query], outside, check)
    suite.add(f"{operation}: {query[:160]} is what {key_of(lines).split(' ')[0]} {last(lines)} names, where it stands", check)


def never(operation, query, named, section):
    row(operation, query, named, f"[{section}]\nunrestricted = yes", plain=operation != "SwarmUpdate")


def free(operation, *queries):
    def check():
        with level(operation) as wire:
            for query in queries:
                passes(wire, operation, query)
    note("passes", operation, queries, [], check)
    suite.add(f"{operation}: {', '.join(queries)[:60]} pass", check)


# Containers

W, X, P, U, B, A = "[workload]\n", "[exec]\n", "[pull]\n", "[push]\n", "[build]\n", "[archive]\n"
narrows("ContainerCreate", "name=ci-1", "name", W + "names = ci-*", "name=prod", "name=/prod")
narrows("ContainerRename", "name=ci-1", "name", W + "names = ci-*", "name=prod", "name=/prod")
free("ContainerCreate", "name=/web", "platform=linux/arm64", "")


@suite.test("ContainerCreate: where [workload] names stands a container has one of them, with or without a slash, and not one that the engine makes up")
def _():
    with level("ContainerCreate", W + "names = ci-*\n") as wire:
        passes(wire, "ContainerCreate", "name=/ci-1")
        refused(wire, "ContainerCreate", "", "the parameter name of ContainerCreate", "(not in [workload] names)")
    with level("ContainerCreate", W + "names = *\n") as wire:
        passes(wire, "ContainerCreate", "")


@suite.test("ContainerCreate, ContainerRename: a name of 64 hexadecimal digits could be the id of a container, and is refused, whatever names says")
def _():
    for operation in ("ContainerCreate", "ContainerRename"):
        for lines in ("", W + "names = *\n"):
            with level(operation, lines) as wire:
                for name in ("a1" * 32, "%2F" + "0" * 64, "f" * 63 + "%61"):
                    refused(wire, operation, "name=" + name, f"the parameter name of {operation} '", "could be the id of a container")
                for name in ("a1" * 31 + "a", "a1" * 33, "A1" * 32, "a1" * 31 + "ag"):
                    passes(wire, operation, "name=" + name)


never("ContainerStart", "checkpoint=c1", "the parameter checkpoint", "workload")
never("ContainerStart", "checkpoint-dir=/etc", "the parameter checkpoint-dir", "workload")
never("CheckpointList", "dir=/etc", "the parameter dir", "workload")
never("CheckpointDelete", "dir=/etc", "the parameter dir", "workload")
for operation in ("ContainerKill", "ContainerStop", "ContainerRestart"):
    row(operation, "signal=SIGSTOP", "the parameter signal", W + "signals = STOP", "signal=CONT", "signal=19", "signal=RTMIN%2B3")
    free(operation, *("signal=" + name for name in ("TERM", "SIGKILL", "sighup", "int", "QUIT", "USR1", "sigusr2", "9", "15", "1", "")))
row("ContainerTop", "ps_args=auxe", "the parameter ps_args", W + "ps-args = auxe", "ps_args=-o%20pid,args", "ps_args=auxww")
free("ContainerTop", "", "ps_args=aux", "ps_args=-ef")
for operation in ("ContainerAttach", "ContainerAttachWebsocket"):
    for parameter, key in (("stdin", "attach-stdin"), ("logs", "attach-logs")):
        @suite.test(f"{operation}: {parameter} passes, but for [exec] {key} = no, in each spelling of true")
        def _(operation=operation, parameter=parameter, key=key):
            for value in ("1", "true", "yes", "x"):
                with level(operation) as wire:
                    passes(wire, operation, f"stream=1&{parameter}={value}")
                with level(operation, f"{X}{key} = no\n") as wire:
                    passes(wire, operation, f"stream=1&{parameter}=none")
                    refused(wire, operation, f"stream=1&{parameter}={value}", f"the parameter {parameter} of {operation}", f"(not in [exec] {key})")


@suite.test("ContainerAttachWebsocket: [exec] attach-stdin = no refuses what engines before API 1.42 give stdin to")
def _():
    with level("ContainerAttachWebsocket", X + "attach-stdin = no\n") as wire:
        passes(wire, "ContainerAttachWebsocket", "stream=1")
        refused(wire, "ContainerAttachWebsocket", "GET /v1.41/containers/web/attach/ws?stream=1", "the parameter stdin")
        refused(wire, "ContainerAttachWebsocket", "GET /containers/web/attach/ws?stream=1", "the parameter stdin")


# What is removed: the operation is that already. A condition on a rule tells how (conditions.py).
free("ContainerDelete", "v=1&force=1", "")
free("ImageDelete", "force=1&noprune=1", "")

# Files

row("PutContainerArchive", "path=/srv/app", "the parameter path", A + "write = /srv/app /srv/data/**", "path=/", "path=/srv", "path=/srv/app2", "path=/srv/app/../../etc", "path=/srv//app", "path=etc", "path=/srv/data", "path=/srv/data/../../etc", "path=/srv/data/x/..", "path=/srv/data//x")
narrows("ContainerArchive", "path=/srv/app", "path", A + "read = /srv/app", "path=/etc/shadow", "path=/srv", "path=/")
narrows("ContainerArchiveInfo", "path=/srv/app", "path", A + "read = /srv/app", "path=/etc/shadow")


@suite.test("PutContainerArchive: a path is written in any way that the engine takes for the same: srv/app, /srv/app/, /srv/app/.")
def _():
    with level("PutContainerArchive", A + "write = /srv/app\n") as wire:
        for path in ("srv/app", "/srv/app/", "/srv/app/.", "srv/app/."):
            passes(wire, "PutContainerArchive", "path=" + path)
        passes(wire, "PutContainerArchive", "path=/srv/app&noOverwriteDirNonDir=true")


@suite.test("PutContainerArchive: copyUIDGID needs [archive] copy-uidgid = yes")
def _():
    with level("PutContainerArchive", A + "write = /srv\n") as wire:
        passes(wire, "PutContainerArchive", "path=/srv&copyUIDGID=false")
        refused(wire, "PutContainerArchive", "path=/srv&copyUIDGID=1", "the parameter copyUIDGID of PutContainerArchive is not allowed by policy ci (no [archive] copy-uidgid)")
    with level("PutContainerArchive", A + "write = /srv\ncopy-uidgid = yes\n") as wire:
        passes(wire, "PutContainerArchive", "path=/srv&copyUIDGID=1")
        refused(wire, "PutContainerArchive", "path=/etc&copyUIDGID=1", "the parameter path")


# Pull, import, load

free("ImageCreate", "fromImage=ghcr.io/acme/x&registry=ghcr.io&tag=1", "fromImage=nginx", "fromImage=evil.example:5000/x/y&tag=1", "fromImage=nginx&tag=sha256:" + "a" * 64, "fromImage=deadbeef&platform=linux/amd64")
narrows("ImageCreate", "fromImage=nginx&tag=1.27", "fromImage", P + "images = docker.io/library/nginx:1.*", "fromImage=nginx&tag=2", "fromImage=nginx", "fromImage=evil/nginx&tag=1.27", "fromImage=evil.example/library/nginx&tag=1.27",
        "fromImage=nginx:1.27&tag=2", "fromImage=nginx:2&tag=1.27", "fromImage=nginx&tag=sha256:" + "a" * 64, "fromImage=nginx:")
narrows("ImageCreate", "fromImage=nginx&tag=latest", "fromImage", P + "images = docker.io/library/nginx:latest", "fromImage=nginx", "fromImage=nginx:")
narrows("ImageCreate", "fromImage=nginx", "fromImage", P + "images = docker.io/library/nginx", "fromImage=redis", "fromImage=registry.example/nginx")
narrows("ImageCreate", "fromImage=ghcr.io/acme/web:1", "fromImage", P + "images = ghcr.io/acme/**", "fromImage=ghcr.io/other/web:1", "fromImage=acme/web", "fromImage=ghcr.io.evil.example/acme/web")
row("ImageCreate", "fromSrc=http://169.254.169.254/latest&repo=x", "the parameter fromSrc", P + "sources = http://169.254.169.254/latest", "fromSrc=http://127.0.0.1/", "fromSrc=-", "fromSrc=169.254.169.254/latest")
row("ImageCreate", "fromSrc=-&repo=acme/x&tag=1", "the parameter fromSrc", P + "sources = -", "fromSrc=http://127.0.0.1/")
row("ImageCreate", "fromImage=x&changes=USER%20root", "the parameter changes[0]", P + "changes = USER root", "fromImage=x&changes=USER%20root&changes=ENTRYPOINT%20x")
for operation, others, line in (("ImageCreate", "fromImage=x", P + "changes"), ("ImageCommit", "container=web", B + "changes")):
    row(operation, others + "&changes=ENV%20A%3D1", "the parameter changes[0]", line + " = ENV *", *(others + f"&changes=ENV%20A%3D1{end}USER%20root" for end in ("%0A", "%0D%0A")))


@suite.test("ImageCreate: an import is called what [pull] images and [build] tags name")
def _():
    for lines in ("[pull]\nsources = -\nimages = docker.io/acme/*\n", "[pull]\nsources = -\n[build]\ntags = docker.io/acme/*\n"):
        with level("ImageCreate", lines) as wire:
            passes(wire, "ImageCreate", "fromSrc=-&repo=acme/x&tag=1")
            refused(wire, "ImageCreate", "fromSrc=-&repo=nginx", "the parameter repo of ImageCreate 'docker.io/library/nginx:latest'")


@suite.test("ImageLoad: where [pull] images or [build] tags stands the archive's own names need [pull] load = yes")
def _():
    with level("ImageLoad") as wire:
        passes(wire, "ImageLoad", "quiet=0&platform=x&platform=y")
    for lines in ("[pull]\nimages = docker.io/acme/*\n", "[build]\ntags = docker.io/acme/*\n"):
        with level("ImageLoad", lines) as wire:
            refused(wire, "ImageLoad", "", "ImageLoad is not allowed by policy ci (no [pull] load)")
        with level("ImageLoad", lines + "[pull]\nload = yes\n" if "[build]" in lines else lines + "load = yes\n") as wire:
            passes(wire, "ImageLoad", "")


row("ImageSearch", "term=a.example.com/x", "the parameter term", P + "search = *.example.com", "term=evil.example%23.example.com/x", "term=evil.example%3F.example.com/x")
row("ImageSearch", "term=10.0.0.1:5000/x", "the parameter term", P + "search = 10.0.0.1:5000", "term=evil.example/x", "term=localhost/x")
free("ImageSearch", "term=acme/nginx", "term=nginx")
narrows("DistributionInspect", "GET /v1.41/distribution/ghcr.io/acme/web/json", "the name of DistributionInspect", P + "images = ghcr.io/acme/*", "GET /v1.41/distribution/10.0.0.1:5000/web/json", "GET /v1.41/distribution/web/json")

# Push, export, tag

row("ImagePush", "POST /v1.41/images/ghcr.io/acme/web/push?tag=1", "the name", U + "images = ghcr.io/acme/*", "POST /v1.41/images/evil.example/acme/web/push?tag=1", "POST /v1.41/images/web/push", "POST /v1.41/images/ghcr.io/acme/a/b/push?tag=1")
row("ImagePush", "POST /v1.41/images/ghcr.io/acme/web/push?tag=1", "the name", U + "images = ghcr.io/acme/web:1", "POST /v1.41/images/ghcr.io/acme/web/push?tag=2", "POST /v1.41/images/ghcr.io/acme/web/push", "POST /v1.41/images/ghcr.io/acme/web:2/push?tag=1")
row("ImagePush", "POST /v1.41/images/ghcr.io/acme/web/push?tag=latest", "the name", U + "images = ghcr.io/acme/web:latest", "POST /v1.41/images/ghcr.io/acme/web/push")
row("PluginPush", "POST /v1.41/plugins/ghcr.io/acme/p/push", "the name", U + "images = ghcr.io/acme/*", "POST /v1.41/plugins/evil.example/p/push")
narrows("ImageGetAll", "names=acme/web", "names", U + "exports = docker.io/acme/*", "names=acme/web&names=nginx", "names=deadbeef", "names=acme/web,nginx", "names=docker.io/acme/web,nginx")
narrows("ImageGet", "GET /v1.41/images/acme/web/get", "the name of ImageGet", U + "exports = docker.io/acme/*", "GET /v1.41/images/nginx/get")
for operation, more in (("ImageTag", ""), ("ImageCommit", "container=web&")):
    narrows(operation, more + "repo=acme/web&tag=1", "repo", B + "tags = docker.io/acme/*", more + "repo=nginx", more + "repo=nginx:acme&tag=latest", more + "repo=ghcr.io/acme/web")
row("ImageCommit", "container=web&changes=ENTRYPOINT%20%5B%22x%22%5D", "the parameter changes[0]", B + "changes = ENTRYPOINT **", "container=web&changes=USER%20root")

# Build

narrows("ImageBuild", "t=acme/web:1&t=acme/web", "t[", B + "tags = docker.io/acme/*", "t=acme/web&t=nginx", "t=library/nginx")
row("ImageBuild", "remote=https://git.example/x.git", "the parameter remote", B + "remote = https://git.example/**", "remote=http://169.254.169.254/", "remote=git.example/x", "remote=https://git.example/../x")
for operation, parameter, line in (("ImageBuild", "remote", B + "remote"), ("ImageCreate", "fromSrc", P + "sources")):
    row(operation, f"{parameter}=https://a.example.com/acme/x.git%23main", f"the parameter {parameter}", line + " = https://*.example.com/acme/**",
        *(f"{parameter}=https://evil.example{mark}.example.com/acme/x" for mark in ("%23", "%3F", "%5C", "%252f", "%20")), f"{parameter}=https://a.example.com/acme/%252e%252E/x")
row("ImageBuild", "networkmode=host", "the parameter networkmode", B + "networks = host", "networkmode=container:db", "networkmode=mynet")
free("ImageBuild", *("networkmode=" + mode for mode in ("default", "none", "bridge", "")))
row("ImageBuild", "extrahosts=x:10.0.0.1", "the parameter extrahosts[0]", B + "extra-hosts = x:*", "extrahosts=x:10.0.0.1&extrahosts=db:10.0.0.1", "extrahosts=y:host-gateway")
row("ImageBuild", "cachefrom=" + j(["acme/web"]), "the parameter cachefrom[0]", B + "cache-from = docker.io/acme/*", "cachefrom=" + j(["acme/web", "evil.example/x"]))
row("ImageBuild", "cgroupparent=/system.slice", "the parameter cgroupparent", B + "cgroup-parents = /system.slice", "cgroupparent=/")
row("ImageBuild", "ulimits=" + j([{"Name": "nofile", "Hard": 1024, "Soft": 1024}]), "the parameter ulimits", B + "ulimits = nofile=1024", "ulimits=" + j([{"Name": "nofile", "Hard": 2048, "Soft": 1024}]), "ulimits=" + j([{"Name": "rtprio", "Hard": 1, "Soft": 1}]))
row("ImageBuild", "shmsize=134217728", "the parameter shmsize", B + "shm-size = 128M", "shmsize=134217729")
free("ImageBuild", "shmsize=67108864", "memory=1000000&memswap=-1&cpushares=5&cpuperiod=1&cpuquota=1&cpusetcpus=0&cpusetmems=0", "q=1&nocache=1&pull=1&rm=0&forcerm=1&platform=linux/arm64&target=x&buildid=y", "isolation=default")
row("ImageBuild", "securityopt=seccomp%3Dunconfined", "the parameter securityopt[0]", B + "security-opt = seccomp=unconfined", "securityopt=apparmor%3Dunconfined")
never("ImageBuild", "squash=1", "the parameter squash", "build")
never("ImageBuild", "isolation=hyperv", "the parameter isolation", "build")
row("ImageBuild", "outputs=" + j([{"Type": "tar"}]), "the parameter outputs[0]", B + "outputs = tar", "outputs=" + j([{"Type": "local"}]), "outputs=" + j([{"Type": "tar", "Attrs": {"push": "true"}}]))
row("ImageBuild", "version=2", "the parameter version", B + "buildkit = yes")
row("ImageBuild", "session=abc", "the parameter session", B + "buildkit = yes")
row("ImageBuild", "version=1&remote=client-session", "the parameter remote", B + "buildkit = yes", "version=2&remote=http://x/")
narrows("ImageBuild", "buildargs=" + j({"VERSION": "1", "CI": None}), "buildargs", B + "args = VERSION CI", "buildargs=" + j({"HTTP_PROXY": "http://x"}))
free("BuildPrune", "filters=" + j({"until": {"1h": True}}))
free("BuildCancel", "id=x")
row("BuildPrune", "all=1", "the parameter all", B + "prune-all = yes")


@suite.test("ImageBuild: [workload] forbid-labels holds for labels")
def _():
    with level("ImageBuild", W + "forbid-labels = com.docker.*\n") as wire:
        passes(wire, "ImageBuild", "labels=" + j({"a": "b"}))
        refused(wire, "ImageBuild", "labels=" + j({"com.docker.compose.project": "x"}), "the parameter labels of ImageBuild 'com.docker.compose.project'")


@suite.test("ImageBuild: a Dockerfile is one of the context")
def _():
    with level("ImageBuild") as wire:
        passes(wire, "ImageBuild", "dockerfile=docker/Dockerfile..x")
        for path in ("../Dockerfile", "a/../../b", "/etc/passwd"):
            refused(wire, "ImageBuild", "dockerfile=" + path, "the parameter dockerfile of ImageBuild")


for operation, target in (("Grpc", "POST /v1.41/grpc"), ("Session", "POST /v1.41/session")):
    @suite.test(f"{operation}, a tunnel to BuildKit, needs [build] buildkit = yes")
    def _(operation=operation, target=target):
        with level(operation) as wire:
            refused(wire, operation, target, f"dsp: {operation} is not allowed by policy ci (no [build] buildkit)")
        with level(operation, B + "buildkit = yes\n") as wire:
            passes(wire, operation, target)


# Volumes, services, the swarm, plugins

row("VolumePrune", "filters=" + j({"all": ["1"]}), "the parameter filters", "[volumes]\nprune-named = yes")
row("VolumePrune", "filters=" + j({"all": {"true": True}}), "the parameter filters", "[volumes]\nprune-named = yes")
free("VolumePrune", "filters=" + j({"label": ["a=b"]}), "filters=" + j({"all": ["false"]}))


@suite.test("VolumePrune: before API 1.42, or by the engine's own version, named volumes go too: it needs [volumes] prune-named")
def _():
    for target in ("POST /v1.41/volumes/prune", "POST /volumes/prune"):
        with level("VolumePrune") as wire:
            refused(wire, "VolumePrune", target, "the parameter filters of VolumePrune", "(no [volumes] prune-named)")
        with level("VolumePrune", "[volumes]\nprune-named = yes\n") as wire:
            passes(wire, "VolumePrune", target)


row("ServiceUpdate", "version=1&rollback=previous", "the parameter rollback", W + "rollback = yes")
row("ServiceUpdate", "version=1&registryAuthFrom=previous-spec", "the parameter registryAuthFrom", W + "rollback = yes")
for parameter in ("rotateWorkerToken", "rotateManagerToken", "rotateManagerUnlockKey"):
    never("SwarmUpdate", f"version=1&{parameter}=1", f"the parameter {parameter}", "swarm")
never("SwarmLeave", "force=1", "the parameter force", "swarm")
never("PluginDisable", "force=1", "the parameter force", "plugins")
never("PluginDelete", "force=1", "the parameter force", "plugins")
row("PluginPull", "remote=vieux/sshfs&name=sshfs", "the parameter remote", "[plugins]\nremotes = docker.io/vieux/*", "remote=evil/sshfs&name=sshfs")
never("PluginCreate", "name=x", "the parameter name", "plugins")
for operation in ("PluginPull", "PluginUpgrade", "GetPluginPrivileges"):
    row(operation, "remote=vieux/sshfs", "the parameter remote", "[plugins]\nremotes = docker.io/vieux/*", "remote=evil/sshfs", "remote=10.0.0.1:5000/vieux/sshfs")

# Credentials

SECRET = {"username": "u", "password": "p", "serveraddress": "https://index.docker.io/v1/"}
TOKENS = ({"identitytoken": "t"}, {"registrytoken": "t"}, {"auth": "dTpw"}, {"Username": "u"}, {"wings": "x"}, ["x"], "x")
for operation, good, other, lines in (
        ("ImageCreate", "fromImage=ghcr.io/acme/web", "fromImage=evil.example/web", P + "credentials = ghcr.io"),
        ("ImageSearch", "term=nginx", None, P + "credentials = docker.io"),
        ("DistributionInspect", "GET /v1.41/distribution/ghcr.io/acme/web/json", "GET /v1.41/distribution/evil.example/web/json", P + "credentials = ghcr.io"),
        ("ImagePush", "POST /v1.41/images/ghcr.io/acme/web/push", "POST /v1.41/images/evil.example/web/push", U + "images = ghcr.io/** evil.example/**\ncredentials = ghcr.io")):
    @suite.test(f"{operation}: X-Registry-Auth passes empty, and with credentials to a registry that {key_of(lines).split(' ')[0]} {last(lines)} names")
    def _(operation=operation, good=good, other=other, lines=lines):
        without = lines.rpartition("\n")[0] + "\n"
        with level(operation, without if "=" in without else "") as wire:
            for empty in ("", credentials({}), credentials({"username": "", "password": ""}), credentials({"serveraddress": "x"}), credentials(None)):
                passes(wire, operation, good, [f"X-Registry-Auth: {empty}"])
            for value in (SECRET, *TOKENS):
                refused(wire, operation, good, f"the head's X-Registry-Auth of {operation}", "(no ", "credentials)", fields=[f"X-Registry-Auth: {credentials(value)}"])
            refused(wire, operation, good, "the head's X-Registry-Auth", fields=["X-Registry-Auth: ~~~"])
        with level(operation, lines + "\n") as wire:
            for value in (SECRET, *TOKENS):
                got = passes(wire, operation, good, [f"X-Registry-Auth: {credentials(value)}"])
                equal(got["x-registry-auth"], credentials(value), "what the engine got")
            if other:
                refused(wire, operation, other, "the head's X-Registry-Auth", "(not in ", fields=[f"X-Registry-Auth: {credentials(SECRET)}"])
            refused(wire, operation, good, "stands twice", fields=[f"X-Registry-Auth: {credentials({})}", f"X-Registry-Auth: {credentials(SECRET)}"], status=400)

for operation in ("PluginPull", "PluginUpgrade"):
    @suite.test(f"{operation}: credentials need [pull] credentials")
    def _(operation=operation):
        with level(operation, "[plugins]\nremotes = docker.io/vieux/*\n") as wire:
            refused(wire, operation, "remote=vieux/sshfs", "the head's X-Registry-Auth", fields=[f"X-Registry-Auth: {credentials(SECRET)}"])
        with level(operation, "[plugins]\nremotes = docker.io/vieux/*\n[pull]\ncredentials = docker.io\n") as wire:
            passes(wire, operation, "remote=vieux/sshfs", [f"X-Registry-Auth: {credentials(SECRET)}"])

for operation in ("ServiceCreate", "ServiceUpdate"):
    @suite.test(f"{operation}: credentials, which the swarm keeps, need [workload] credentials = yes")
    def _(operation=operation):
        query = OPERATIONS[operation][2]
        with level(operation) as wire:
            passes(wire, operation, query, [f"X-Registry-Auth: {credentials({})}"])
            refused(wire, operation, query, f"the head's X-Registry-Auth of {operation} is not allowed by policy ci (no [workload] credentials)", fields=[f"X-Registry-Auth: {credentials(SECRET)}"])
        with level(operation, W + "credentials = yes\n") as wire:
            passes(wire, operation, query, [f"X-Registry-Auth: {credentials(SECRET)}"])


@suite.test("ImageBuild: X-Registry-Config passes empty, and with credentials for registries that [build] credentials names")
def _():
    hub, evil = {"https://index.docker.io/v1/": SECRET}, {"evil.example": SECRET}
    with level("ImageBuild") as wire:
        for empty in ("", credentials({}), credentials(None), credentials({"ghcr.io": {}})):
            passes(wire, "ImageBuild", "", [f"X-Registry-Config: {empty}"])
        refused(wire, "ImageBuild", "", "the head's X-Registry-Config of ImageBuild 'docker.io' is not allowed by policy ci (no [build] credentials)", fields=[f"X-Registry-Config: {credentials(hub)}"])
        for bad in ("~~~", credentials([1])):
            refused(wire, "ImageBuild", "", "is no JSON object in base64", fields=[f"X-Registry-Config: {bad}"], status=400)
    with level("ImageBuild", B + "credentials = docker.io\n") as wire:
        passes(wire, "ImageBuild", "", [f"X-Registry-Config: {credentials(hub)}"])
        refused(wire, "ImageBuild", "", "'evil.example'", fields=[f"X-Registry-Config: {credentials(hub | evil)}"])


# How a query is read

STRICT = ["ContainerCreate", "CheckpointList", "CheckpointDelete", "PutContainerArchive", "ImageCreate", "ImageLoad", "ImageTag", "ImageCommit", "ImageBuild", "VolumeCreate", "VolumePrune", "ServiceCreate", "ServiceUpdate", "SwarmInit", "SwarmJoin",
          "SwarmUpdate", "SwarmLeave", "PluginPull", "PluginUpgrade", "PluginCreate", "PluginEnable", "PluginDisable", "PluginDelete", "GetPluginPrivileges"]
for operation in STRICT:
    @suite.test(f"{operation}: a parameter that dsp does not know is refused, whatever it holds")
    def _(operation=operation):
        with level(operation) as wire:
            for query in ("wings=1", "wings=", "wings", "a&wings=0"):
                refused(wire, operation, query, f" of {operation} is none that dsp knows", "unrestricted)")

for operation, query in (("ImageBuild", "Remote=http://x/"), ("ImageBuild", "NETWORKMODE=host"), ("ImageCreate", "FromSrc=http://x/"), ("ContainerKill", "SIGNAL=STOP"), ("ContainerStart", "Checkpoint=x"), ("PutContainerArchive", "PATH=/")):
    @suite.test(f"{operation}: {query.partition('=')[0]}, which Podman takes for another spelling, is refused")
    def _(operation=operation, query=query):
        with level(operation) as wire:
            refused(wire, operation, query, f"the parameter {query.partition('=')[0]} of {operation} is not spelled as the engine has it")


@suite.test("a parameter with one value that stands twice is answered 400: dockerd takes the first, Podman the last")
def _():
    for operation, query in (("ImageCreate", "fromImage=nginx&fromImage=evil"), ("ImageCreate", "fromImage=nginx&tag=1&tag=2"), ("ImageBuild", "networkmode=none&networkmode=host"), ("ContainerKill", "signal=TERM&signal=STOP")):
        with level(operation) as wire:
            refused(wire, operation, query, "stands twice", status=400)


@suite.test("a query that could be read in two ways is answered 400")
def _():
    for operation, query in (("ImageBuild", "memory=1x"), ("ImageBuild", "buildargs=x"), ("ImageBuild", "ulimits=" + j([{"Name": "a", "name": "b"}]).replace("name", "Name")), ("ImageBuild", "q=%C5%BFalse"), ("ImageBuild", "labels=" + j(["x"])),
                             ("VolumePrune", "filters=x"), ("ImageBuild", "%C5%BFquash=1"), ("ImageCreate", "fromImage=%FF")):
        with level(operation) as wire:
            refused(wire, operation, query, status=400)


@suite.test("names and values are decoded once before they are judged")
def _():
    with level("ImageBuild") as wire:
        refused(wire, "ImageBuild", "%6Eetworkmode=%68ost", "the parameter networkmode of ImageBuild 'host'")
        refused(wire, "ImageBuild", "networkmode=%2568ost", "'%68ost'")


@suite.test("JSON in a parameter is read as strictly as a body")
def _():
    with level("ImageBuild", B + "ulimits = nofile\n") as wire:
        refused(wire, "ImageBuild", "ulimits=" + j([{"name": "nofile", "Hard": 1, "Soft": 1}]), "the parameter ulimits[0].name of ImageBuild is not spelled")
        refused(wire, "ImageBuild", "outputs=" + j([{"Type": "", "Wings": 1}]), "the parameter outputs[0].Wings of ImageBuild is none that dsp knows")


@suite.test("ContainerCreate, VolumeCreate: dockerode repeats the body's fields in the query, which no engine reads there")
def _():
    with level("ContainerCreate") as wire:
        passes(wire, "ContainerCreate", "name=x&Image=nginx&HostConfig=" + j({"Privileged": True}))
        refused(wire, "ContainerCreate", "Wings=1", "the parameter Wings of ContainerCreate is none that dsp knows")
    with level("VolumeCreate") as wire:
        passes(wire, "VolumeCreate", "Name=data&Labels=" + j({"a": "b"}))


@suite.test("what is ignored by the engine passes where the operation gives little: hijack of dockerode's attach")
def _():
    with level("ContainerAttach") as wire:
        passes(wire, "ContainerAttach", "stream=1&stdout=1&hijack=true")


# What is told

@suite.test("the answer and the record name parameter, operation, value and key")
def _():
    with level("ImageBuild") as wire:
        message = refused(wire, "ImageBuild", "remote=http://evil.example/")
        equal(message, "dsp: the parameter remote of ImageBuild 'http://evil.example/' is not allowed by policy ci (no [build] remote)", "message")
        wire.end()
        contains(str(wire.records()), "allow = ImageBuild; the parameter remote of ImageBuild 'http://evil.example/' is not allowed by policy ci (no [build] remote)", "records")
        equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("in audit mode it passes, and is logged as would-deny")
def _():
    with level("ImageBuild", mode="audit") as wire:
        passes(wire, "ImageBuild", "networkmode=host")
        wire.end()
        contains(str(wire.records()), "would-deny ImageBuild", "records")
        contains(str(wire.records()), "(no [build] networks)", "records")


@suite.test("a refusal leaves the connection usable, body or none")
def _():
    with level("ImageBuild") as wire:
        for _ in range(3):
            wire.send(request("POST", "/build?remote=x", "Content-Type: application/x-tar", body=b"x" * 1000))
            is_denial(wire.answer(), 403)
            passes(wire, "ImageBuild", "t=x")


@suite.test("[workload] unrestricted = yes, and that of the section, let every parameter pass")
def _():
    for section, operation, query in (("pull", "ImageCreate", "fromSrc=http://x/&wings=1"), ("push", "ImagePush", "POST /v1.41/images/evil.example/x/push"), ("build", "ImageBuild", "remote=x&networkmode=host&version=2&wings=1"),
                                      ("archive", "PutContainerArchive", "path=/&copyUIDGID=1"), ("swarm", "SwarmLeave", "force=1"), ("plugins", "PluginPull", "remote=evil")):
        for name in (section, "workload"):
            with level(operation, f"[{name}]\nunrestricted = yes\n") as wire:
                passes(wire, operation, query)
        with level(operation, "[networks]\nunrestricted = yes\n") as wire:
            refused(wire, operation, query)


if __name__ == "__main__":
    sys.exit(suite.main())
