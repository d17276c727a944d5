#!/usr/bin/env python3
"""[sections]: Tecnativa's and LinuxServer's variables with their meaning, and dsp's three deviations."""
import sys

from wire import passes, refuses

from message import request
from rules import verdicts
from tap import Suite, equal

suite = Suite("sections: ")

# variable: (reads that it opens, writes that it opens together with POST)
OPENS = {
    "AUTH": ([], ["POST /auth"]),
    "BUILD": ([], ["POST /build", "POST /build/prune", "POST /build/cancel"]),
    "COMMIT": ([], ["POST /commit"]),
    "CONFIGS": (["GET /configs", "GET /configs/x"], ["POST /configs/create", "DELETE /configs/x", "POST /configs/x/update"]),
    "CONTAINERS": (["GET /containers/json", "GET /containers/x/json", "GET /containers/x/changes", "GET /containers/x/stats"],
                   ["POST /containers/create", "POST /containers/x/start", "POST /containers/x/exec", "PUT /containers/x/archive", "DELETE /containers/x",
                    "POST /containers/prune", "POST /containers/x/wait"]),
    "DISTRIBUTION": (["GET /distribution/x/json"], []),
    "EVENTS": (["GET /events"], []),
    "EXEC": (["GET /exec/x/json"], ["POST /exec/x/resize"]),
    "IMAGES": (["GET /images/json", "GET /images/x/json", "GET /images/x/get", "GET /images/search"],
               ["POST /images/create", "DELETE /images/x", "POST /images/x/push", "POST /images/load"]),
    "INFO": (["GET /info"], []),
    "NETWORKS": (["GET /networks", "GET /networks/x"], ["POST /networks/create", "DELETE /networks/x", "POST /networks/x/connect"]),
    "NODES": (["GET /nodes", "GET /nodes/x"], ["POST /nodes/x/update", "DELETE /nodes/x"]),
    "PING": (["GET /_ping", "HEAD /_ping"], []),
    "PLUGINS": (["GET /plugins", "GET /plugins/x/json"], ["POST /plugins/pull", "DELETE /plugins/x", "POST /plugins/x/enable"]),
    "SECRETS": (["GET /secrets", "GET /secrets/x"], ["POST /secrets/create", "DELETE /secrets/x"]),
    "SERVICES": (["GET /services", "GET /services/x"], ["POST /services/create", "POST /services/x/update", "DELETE /services/x"]),
    "SWARM": (["GET /swarm", "GET /swarm/unlockkey"], ["POST /swarm/init", "POST /swarm/leave"]),
    "SYSTEM": (["GET /system/df"], []),
    "TASKS": (["GET /tasks", "GET /tasks/x"], []),
    "VERSION": (["GET /version"], []),
    "VOLUMES": (["GET /volumes", "GET /volumes/x"], ["POST /volumes/create", "PUT /volumes/x", "DELETE /volumes/x"]),
}
ALL_READS = [line for reads, _ in OPENS.values() for line in reads]
ALL_WRITES = [line for _, writes in OPENS.values() for line in writes]
OFF = "EVENTS = 0\nPING = 0\nVERSION = 0\n"


def opens(settings, wanted, asked):
    statuses = verdicts(asked, sections=settings)
    equal([line for line, status in zip(asked, statuses) if status == 200], wanted, f"allowed with {settings!r}")


for variable, (reads, writes) in OPENS.items():
    own = "" if variable not in ("EVENTS", "PING", "VERSION") else None
    off = OFF if own == "" else "\n".join(line for line in OFF.splitlines() if not line.startswith(variable)) + "\n"
    suite.add(f"{variable}=1 opens the reads of its section and nothing else", lambda variable=variable, reads=reads, off=off: opens(
        f"{off}{variable} = 1", reads, ALL_READS + ALL_WRITES))
    if writes:
        suite.add(f"{variable}=1 POST=1 opens its writes too", lambda variable=variable, reads=reads, writes=writes, off=off: opens(
            f"{off}{variable} = 1\nPOST = 1", reads + writes, ALL_READS + ALL_WRITES))


@suite.test("an empty [sections] opens EVENTS, PING and VERSION")
def _():
    opens("; nothing", ["GET /events", "GET /_ping", "HEAD /_ping", "GET /version"], ALL_READS + ALL_WRITES)


@suite.test("without [sections] nothing is opened by default")
def _():
    for target in ("/events", "/_ping", "/version"):
        refuses(request("GET", target), 403, rules="deny = SystemInfo")


@suite.test("POST=1 alone opens nothing")
def _():
    opens(OFF + "POST = 1", [], ALL_READS + ALL_WRITES)


@suite.test("every variable of Tecnativa's and LinuxServer's images is known")
def _():
    names = """ALLOW_ARCHIVE ALLOW_CHANGES ALLOW_EXPORT ALLOW_LOGS ALLOW_PAUSE ALLOW_RESTARTS ALLOW_STOP ALLOW_START ALLOW_TOP ALLOW_UNPAUSE AUTH BUILD
        COMMIT CONFIGS CONTAINERS DISTRIBUTION EVENTS EXEC GRPC IMAGES INFO NETWORKS NODES PING PLUGINS POST SECRETS SERVICES SESSION SWARM SYSTEM TASKS
        VERSION VOLUMES""".split()
    for value in "01":
        passes(request("GET", "/info"), rules="allow = SystemInfo", sections="\n".join(f"{name} = {value}" for name in names))


# The variables of LinuxServer's image for podman, and those that are settings of the container and not of the filter
LIBPOD = """LIBPOD_ALLOW_PAUSE LIBPOD_ALLOW_POD_PAUSE LIBPOD_ALLOW_POD_RESTARTS LIBPOD_ALLOW_POD_START LIBPOD_ALLOW_POD_STOP LIBPOD_ALLOW_POD_UNPAUSE
    LIBPOD_ALLOW_RESTARTS LIBPOD_ALLOW_START LIBPOD_ALLOW_STOP LIBPOD_ALLOW_UNPAUSE LIBPOD_CONTAINERS LIBPOD_EVENTS LIBPOD_EXEC LIBPOD_GENERATE
    LIBPOD_IMAGES LIBPOD_INFO LIBPOD_MANIFESTS LIBPOD_NETWORKS LIBPOD_PING LIBPOD_PLAY LIBPOD_PODS LIBPOD_SECRETS LIBPOD_SYSTEM LIBPOD_VERSION
    LIBPOD_VOLUMES""".split()


@suite.test("every LIBPOD_ variable of LinuxServer's image is known")
def _():
    passes(request("GET", "/info"), rules="allow = SystemInfo", sections="\n".join(f"{name} = 0" for name in LIBPOD))


ALLOW = {
    "ALLOW_START": ["POST /containers/x/start"],
    "ALLOW_STOP": ["POST /containers/x/stop"],
    "ALLOW_RESTARTS": ["POST /containers/x/stop", "POST /containers/x/restart", "POST /containers/x/kill"],
    "ALLOW_PAUSE": ["POST /containers/x/pause"],
    "ALLOW_UNPAUSE": ["POST /containers/x/unpause"],
}
ACTIONS = ["POST /containers/x/" + action for action in ("start", "stop", "restart", "kill", "pause", "unpause", "wait", "rename", "update", "exec")]
for variable, lines in ALLOW.items():
    for post in "01":
        suite.add(f"{variable}=1 opens what it names and no other action, also at POST={post}", lambda variable=variable, lines=lines, post=post: opens(
            f"{OFF}{variable} = 1\nPOST = {post}", lines, ACTIONS + ALL_READS))

GATED = {"ALLOW_ARCHIVE": ["GET /containers/x/archive", "HEAD /containers/x/archive"], "ALLOW_CHANGES": ["GET /containers/x/changes"],
         "ALLOW_EXPORT": ["GET /containers/x/export"], "ALLOW_LOGS": ["GET /containers/x/logs"], "ALLOW_TOP": ["GET /containers/x/top"]}
for variable, lines in GATED.items():
    suite.add(f"{variable}=0 closes what it names under CONTAINERS=1", lambda variable=variable, lines=lines: opens(
        f"{OFF}CONTAINERS = 1\n{variable} = 0", ["GET /containers/x/json"], ["GET /containers/x/json"] + lines))
    suite.add(f"{variable}=1 leaves open what it names under CONTAINERS=1", lambda variable=variable, lines=lines: opens(
        f"{OFF}CONTAINERS = 1\n{variable} = 1", ["GET /containers/x/json"] + lines, ["GET /containers/x/json"] + lines))
    suite.add(f"{variable}=1 alone opens nothing", lambda variable=variable, lines=lines: opens(f"{OFF}{variable} = 1", [], lines))


@suite.test("ALLOW_ARCHIVE=0 closes PUT archive too")
def _():
    opens(f"{OFF}CONTAINERS = 1\nPOST = 1\nALLOW_ARCHIVE = 0", [], ["PUT /containers/x/archive"])


TAKEN = {"ALLOW_EXEC": ["POST /containers/x/exec"], "ALLOW_KILL": ["POST /containers/x/kill"],
         "ALLOW_ATTACH": ["POST /containers/x/attach", "GET /containers/x/attach/ws"]}
for variable, lines in TAKEN.items():
    asked = [line for taken in TAKEN.values() for line in taken] + ["GET /containers/x/json", "POST /containers/x/stop"]
    for value in "01":
        suite.add(f"{variable}={value} decides on what it names and nothing else under CONTAINERS=1 POST=1", lambda variable=variable, lines=lines, value=value, asked=asked:
                  opens(f"{OFF}CONTAINERS = 1\nPOST = 1\n{variable} = {value}", [line for line in asked if value == "1" or line not in lines], asked))

METHODS = ["GET /volumes/x", "POST /volumes/create", "PUT /volumes/x", "DELETE /volumes/x"]
for settings, wanted in {"POST = 1": "GET POST PUT DELETE", "POST = 1\nDELETE = 0": "GET POST PUT", "POST = 1\nPUT = 0": "GET POST DELETE",
                         "POST = 0\nDELETE = 1": "GET DELETE", "POST = 0\nPUT = 1": "GET PUT", "DELETE = 1\nPUT = 1": "GET PUT DELETE",
                         "POST = 1\nDELETE = 0\nPUT = 0\nPATCH = 0": "GET POST", "PATCH = 1": "GET"}.items():
    suite.add(f"{settings.replace(chr(10), ', ')} lets {wanted} of an open section through", lambda settings=settings, wanted=wanted: opens(
        f"{OFF}VOLUMES = 1\n{settings}", [line for line in METHODS if line.split()[0] in wanted.split()], METHODS))


@suite.test("POST=0 refuses GET attach/ws, which writes to a container's standard input")
def _():
    refuses(request("GET", "/containers/x/attach/ws?stream=1&stdin=1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 403, rules="", sections="CONTAINERS = 1\nPOST = 0")


@suite.test("a name is matched whole: /containersXYZ is nothing")
def _():
    for target in ("/containersXYZ", "/containers_x/json", "/versions", "/v1.41/containersjson", "/_pingpong", "/eventsx", "/informer"):
        refuses(request("GET", target), 403, rules="", sections="CONTAINERS = 1\nINFO = 1\nPOST = 1")


@suite.test("what is no operation is not forwarded, even within an open section")
def _():
    for method, target in (("GET", "/containers/x/nothing"), ("FOO", "/containers/json"), ("PATCH", "/containers/x"), ("TRACE", "/containers/json"),
                           ("POST", "/containers/json"), ("GET", "/images/x"), ("PUT", "/networks/x")):
        refuses(request(method, target), (400, 403, 501), rules="", sections="CONTAINERS = 1\nIMAGES = 1\nNETWORKS = 1\nPOST = 1", closes=False)


@suite.test("[rules] add to [sections], and a deny of theirs wins")
def _():
    equal(verdicts(["GET /containers/json", "GET /containers/x/json", "GET /info", "GET /images/json"], "allow = SystemInfo\ndeny = ContainerInspect",
                   sections="CONTAINERS = 1"), [200, 403, 200, 403], "verdicts")


if __name__ == "__main__":
    sys.exit(suite.main())
