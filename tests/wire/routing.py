#!/usr/bin/env python3
"""Every operation of the Engine API is known by its name, and what is none is refused (api/endpoints.tsv, api/routing.md §1)."""
import sys

from wire import Wire, is_denial, passes, refuses

from message import request
from tap import Suite, equal, true

suite = Suite("routing: ")

# The rows of api/endpoints.tsv that an engine from API 1.24 on serves over HTTP/1.1: name, method, path.
# The names are the operationIds of moby's swagger.yaml, and dsp's own for what it lacks.
TABLE = """
SystemPing GET /_ping
SystemPingHead HEAD /_ping
SystemVersion GET /version
SystemInfo GET /info
SystemEvents GET /events
SystemDataUsage GET /system/df
SystemAuth POST /auth
ContainerList GET /containers/json
ContainerCreate POST /containers/create
ContainerInspect GET /containers/ID/json
ContainerTop GET /containers/ID/top
ContainerLogs GET /containers/ID/logs
ContainerChanges GET /containers/ID/changes
ContainerExport GET /containers/ID/export
ContainerStats GET /containers/ID/stats
ContainerAttachWebsocket GET /containers/ID/attach/ws
ContainerArchiveInfo HEAD /containers/ID/archive
ContainerArchive GET /containers/ID/archive
PutContainerArchive PUT /containers/ID/archive
ContainerStart POST /containers/ID/start
ContainerStop POST /containers/ID/stop
ContainerRestart POST /containers/ID/restart
ContainerKill POST /containers/ID/kill
ContainerPause POST /containers/ID/pause
ContainerUnpause POST /containers/ID/unpause
ContainerWait POST /containers/ID/wait
ContainerResize POST /containers/ID/resize
ContainerRename POST /containers/ID/rename
ContainerUpdate POST /containers/ID/update
ContainerAttach POST /containers/ID/attach
ContainerExec POST /containers/ID/exec
ContainerDelete DELETE /containers/ID
ContainerPrune POST /containers/prune
CheckpointList GET /containers/ID/checkpoints
CheckpointCreate POST /containers/ID/checkpoints
CheckpointDelete DELETE /containers/ID/checkpoints/CP
ExecInspect GET /exec/ID/json
ExecStart POST /exec/ID/start
ExecResize POST /exec/ID/resize
ImageCommit POST /commit
ImageList GET /images/json
ImageSearch GET /images/search
ImageGetAll GET /images/get
ImageGet GET /images/NAME/get
ImageHistory GET /images/NAME/history
ImageInspect GET /images/NAME/json
ImageAttestations GET /images/NAME/attestations
ImageLoad POST /images/load
ImageCreate POST /images/create
ImagePush POST /images/NAME/push
ImageTag POST /images/NAME/tag
ImagePrune POST /images/prune
ImageDelete DELETE /images/NAME
ImageBuild POST /build
BuildPrune POST /build/prune
BuildCancel POST /build/cancel
Session POST /session
Grpc POST /grpc
SwarmInit POST /swarm/init
SwarmJoin POST /swarm/join
SwarmLeave POST /swarm/leave
SwarmInspect GET /swarm
SwarmUnlockkey GET /swarm/unlockkey
SwarmUpdate POST /swarm/update
SwarmUnlock POST /swarm/unlock
ServiceList GET /services
ServiceCreate POST /services/create
ServiceInspect GET /services/SEG
ServiceUpdate POST /services/SEG/update
ServiceDelete DELETE /services/SEG
ServiceLogs GET /services/SEG/logs
NodeList GET /nodes
NodeInspect GET /nodes/SEG
NodeDelete DELETE /nodes/SEG
NodeUpdate POST /nodes/SEG/update
TaskList GET /tasks
TaskInspect GET /tasks/SEG
TaskLogs GET /tasks/SEG/logs
SecretList GET /secrets
SecretCreate POST /secrets/create
SecretInspect GET /secrets/SEG
SecretUpdate POST /secrets/SEG/update
SecretDelete DELETE /secrets/SEG
ConfigList GET /configs
ConfigCreate POST /configs/create
ConfigInspect GET /configs/SEG
ConfigUpdate POST /configs/SEG/update
ConfigDelete DELETE /configs/SEG
PluginList GET /plugins
GetPluginPrivileges GET /plugins/privileges
PluginInspect GET /plugins/NAME/json
PluginInspect GET /plugins/NAME
PluginPull POST /plugins/pull
PluginCreate POST /plugins/create
PluginEnable POST /plugins/NAME/enable
PluginDisable POST /plugins/NAME/disable
PluginSet POST /plugins/NAME/set
PluginPush POST /plugins/NAME/push
PluginUpgrade POST /plugins/NAME/upgrade
PluginDelete DELETE /plugins/NAME
NetworkList GET /networks
NetworkList GET /networks/
NetworkInspect GET /networks/ID
NetworkCreate POST /networks/create
NetworkConnect POST /networks/ID/connect
NetworkDisconnect POST /networks/ID/disconnect
NetworkPrune POST /networks/prune
NetworkDelete DELETE /networks/ID
VolumeList GET /volumes
VolumeInspect GET /volumes/ID
VolumeCreate POST /volumes/create
VolumeUpdate PUT /volumes/ID
VolumePrune POST /volumes/prune
VolumeDelete DELETE /volumes/ID
DistributionInspect GET /distribution/NAME/json
DebugVars GET /debug/vars
DebugPprof GET /debug/pprof/
DebugPprof GET /debug/pprof/cmdline
DebugPprof GET /debug/pprof/profile
DebugPprof GET /debug/pprof/symbol
DebugPprof GET /debug/pprof/trace
DebugPprof GET /debug/pprof/SEG
"""
ROWS = [tuple(line.split()) for line in TABLE.strip().splitlines()]

# Rows of endpoints.tsv that no engine routes from API 1.24 on: never an operation.
HISTORIC = [("GET", "/auth"), ("GET", "/images/viz"), ("POST", "/images/x/insert"), ("POST", "/containers/x/copy"), ("GET", "/containers/x/resize"),
            ("POST", "/moby.buildkit.v1.Control/Solve"), ("POST", "/moby.buildkit.v1.Control/Session"),
            ("POST", "/moby.buildkit.v1.frontend.LLBBridge/Ping"), ("POST", "/containerd.services.content.v1.Content/Read"),
            ("POST", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]


def fill(path, deep=False):
    """A target of the template. ID and NAME may hold slashes (`deep`), SEG and CP may not."""
    return path.replace("ID", "web/alias" if deep else "web").replace("NAME", "ghcr.io/acme/app:1.2" if deep else "alpine").replace("SEG", "s1").replace("CP", "c1")


def denied_as(method, target, name):
    """Checks the name that the denial of a request gives, with nothing allowed."""
    with Wire("allow = GET /nothing") as wire:
        wire.send(request(method, target))
        if method == "HEAD":
            is_denial(wire.answer("HEAD"), 403, "HEAD")
            wire.end()
            text = wire.records()[-1][1]
        else:
            text = is_denial(wire.answer(), 403).message
            wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")
        true(name in text.replace("(", " ").split(), f"{method} {target} is not called {name}: {text!r}")
        return text


for name, method, path in ROWS:
    suite.add(f"{method} {path} is {name.rstrip('?')}, with and without version",
              lambda method=method, path=path, name=name: [denied_as(method, prefix + fill(path), name) for prefix in ("", "/v1.41")])

for name, method, path in ROWS:
    if method != "HEAD":
        suite.add(f"allow = {name} lets {method} {path} pass", lambda method=method, path=path, name=name: passes(
            request(method, "/v1.41" + fill(path)), f"{method} /v1.41{fill(path)} HTTP/1.1", rules=f"allow = {name}"))

for name, method, path in ROWS:
    if "NAME" in path or ("ID" in path and "CP" not in path):
        suite.add(f"{method} {path} is {name.rstrip('?')} also when the name holds slashes",
                  lambda method=method, path=path, name=name: denied_as(method, fill(path, deep=True), name))

for method, path in HISTORIC:
    suite.add(f"{method} {path} is no operation", lambda method=method, path=path: refuses(
        request(method, path), 403, rules="allow = " + " ".join(sorted({row[0] for row in ROWS}))))

# The last segments decide, as in dockerd (routing.md §1.10)
for method, target, name in (
        ("GET", "/containers/ia/logs/json", "ContainerInspect"), ("POST", "/containers/create/start", "ContainerStart"),
        ("DELETE", "/containers/a/b/c", "ContainerDelete"), ("DELETE", "/containers/a/checkpoints/c", "CheckpointDelete"),
        ("GET", "/containers/json/json", "ContainerInspect"), ("GET", "/containers/web/json/export", "ContainerExport"),
        ("GET", "/containers/x/attach/ws/archive", "ContainerArchive"), ("GET", "/containers/x/archive/attach/ws", "ContainerAttachWebsocket"),
        ("GET", "/images/json/json", "ImageInspect"), ("GET", "/images/a/get/history", "ImageHistory"), ("GET", "/images/x/json/get", "ImageGet"),
        ("POST", "/images/create/push", "ImagePush"), ("POST", "/images/x/tag/push", "ImagePush"), ("GET", "/networks/a/b", "NetworkInspect"),
        ("GET", "/volumes/a/b", "VolumeInspect"), ("GET", "/plugins/privileges/json", "PluginInspect"), ("GET", "/exec/a/b/json", "ExecInspect"),
        ("POST", "/exec/create/start", "ExecStart"), ("DELETE", "/images/a/json", "ImageDelete"), ("DELETE", "/containers/prune", "ContainerDelete"),
        ("GET", "/distribution/a/json/json", "DistributionInspect"), ("POST", "/containers/a/exec/exec", "ContainerExec")):
    suite.add(f"{method} {target} is {name}", lambda method=method, target=target, name=name: denied_as(method, target, name))

# What dockerd answers 404 to, or what only resembles an operation
for method, target in (
        ("GET", "/"), ("GET", "/v1.41"), ("GET", "/containersXYZ"), ("GET", "/containers"), ("GET", "/versionfoo"), ("GET", "/_pingx"), ("GET", "/x_ping"),
        ("GET", "/Version"), ("GET", "/CONTAINERS/json"), ("GET", "/containers/JSON"), ("GET", "/containers/web"), ("POST", "/containers/web"),
        ("GET", "/containers/web/start"), ("POST", "/containers/json"), ("POST", "/version"), ("DELETE", "/version"), ("PUT", "/containers/web/json"),
        ("HEAD", "/version"), ("HEAD", "/containers/json"), ("HEAD", "/containers/web/json"), ("HEAD", "/events"), ("HEAD", "/images/x/json"),
        ("GET", "/services/a/b"), ("GET", "/nodes/a/b"), ("GET", "/secrets/a/b"), ("GET", "/tasks/a/b/logs"), ("GET", "/system"), ("GET", "/debug"),
        ("GET", "/debug/pprof/a/b"), ("POST", "/swarm"), ("GET", "/build"), ("GET", "/session"), ("GET", "/grpc"), ("GET", "/commit"),
        ("GET", "/containers/web/attach"), ("POST", "/containers/web/attach/ws"), ("GET", "/v1.41/v1.41/version"), ("GET", "/libpod/info"),
        ("OPTIONS", "/version")):
    suite.add(f"{method} {target} is no operation, even where every section's operations are allowed", lambda method=method, target=target: refuses(
        request(method, target), (400, 403), method=method, rules="allow = SystemVersion ContainerList ContainerInspect ContainerAttach ServiceInspect SystemPing SystemInfo"))


@suite.test("a denial of what is no operation says that it is none")
def _():
    got = refuses(request("GET", "/containersXYZ"), 403, rules="allow = ContainerList")
    true("GET /containersXYZ" in got.message, got.message)


@suite.test("SystemPing covers HEAD, SystemPingHead only HEAD")
def _():
    passes(request("HEAD", "/_ping"), rules="allow = SystemPing")
    passes(request("HEAD", "/_ping"), rules="allow = SystemPingHead")
    refuses(request("GET", "/_ping"), 403, rules="allow = SystemPingHead")


@suite.test("ContainerArchive covers HEAD, ContainerArchiveInfo only HEAD, and neither PUT")
def _():
    passes(request("HEAD", "/containers/x/archive?path=/"), rules="allow = ContainerArchive")
    passes(request("HEAD", "/containers/x/archive?path=/"), rules="allow = ContainerArchiveInfo")
    refuses(request("GET", "/containers/x/archive?path=/"), 403, rules="allow = ContainerArchiveInfo")
    refuses(request("PUT", "/containers/x/archive?path=/", body=b"x"), 403, rules="allow = ContainerArchive")


if __name__ == "__main__":
    sys.exit(suite.main())
