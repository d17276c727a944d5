#!/usr/bin/env python3
"""dspctl explain: its answers are the filter's."""
import re
import sys

from wire import EVERYTHING, Wire, policy

import dspctl
from message import read_response, request
from scripted import record
from tap import Suite, contains, equal, lacks, true

suite = Suite("dspctl explain: ")

# What is asked under every policy: operations of every section and method, names with slashes, versions, what is no operation,
# and targets that are refused before any policy is asked.
TARGETS = """
    GET /_ping                                 HEAD /_ping                                GET /v1.41/_ping
    GET /version                               GET /v1.24/version                         GET /v1.23/version
    GET /v1.041/version                        GET /v1/version                            GET /v1.41
    GET /info                                  GET /v1.45/info?x=y                        POST /info
    GET /events?since=1                        GET /system/df                             POST /auth
    GET /containers/json                       GET /v1.41/containers/json?all=1           GET /containers/jsonx
    GET /containers/web/json                   GET /containers/web/alias/json             GET /containers/secret/json
    GET /containers/%73ecret/json              GET /containers/secret/logs?follow=1       GET /containers/web/logs?follow=0
    GET /containers/web/archive?path=/         HEAD /containers/web/archive?path=/        PUT /containers/web/archive?path=/
    GET /containers/web/attach/ws              GET /containers/web/export                 GET /containers/web/stats
    POST /containers/create?name=x             POST /containers/web/start                 POST /containers/web/restart?t=1
    POST /containers/web/kill?signal=9         POST /containers/web/exec                  POST /containers/web/attach
    POST /containers/prune                     POST /containers/web/rename?name=b         POST /containers/web/update
    DELETE /containers/web                     DELETE /containers/web/checkpoints/one     DELETE /containers/a/b
    GET /exec/abc/json                         POST /exec/abc/start                       POST /commit
    GET /images/json                           GET /images/a/b/c/json                     GET /images/get?names=a
    POST /images/create?fromImage=nginx        POST /images/create?fromImage=ghcr.io/acme/app&tag=1
    POST /images/create?fromSrc=http://x       POST /images/a/push                        DELETE /images/a%3Ab
    POST /build                                POST /session                              POST /grpc
    GET /swarm                                 POST /swarm/init                           GET /services
    POST /services/create                      GET /nodes/x                               GET /tasks/x/logs
    GET /secrets                               GET /configs/x                             GET /plugins
    GET /networks                              GET /networks/                             GET /networks/a/b
    POST /networks/create                      POST /networks/x/connect                   GET /volumes
    PUT /volumes/x                             DELETE /volumes/x                          GET /distribution/a/b/json
    GET /debug/vars                            OPTIONS /anything                          GET /libpod/info
    GET /libpod/containers/json                POST /libpod/containers/x/start            PATCH /containers/x
    BREW /pot                                  get /_ping                                 GET containers/json
    GET /containers//json                      GET /containers/../json                    GET /containers/a%2fb/json
    GET /containers/a;b/json                   GET /containers/json/                      GET /containers/x/json?a=%zz
    GET /containers/x/json?a;b                 GET /v1.41/containers/%c3%28/json          GET /
"""
ASKED = re.findall(r"(\S+) (\S+)(?:\s{2,}|$)", TARGETS, re.MULTILINE)

POLICIES = {
    "no rule": dict(rules="deny = SystemInfo"),
    "operations": dict(rules="allow = SystemPing SystemVersion ContainerList ContainerInspect\nallow = ImageCreate NetworkList"),
    "a deny": dict(rules="allow = containers:read containers:sensitive containers:write\ndeny = ContainerLogs ContainerKill"),
    "paths": dict(rules="allow = GET /containers/*/json POST /containers/web/restart GET /libpod/** GET /images/**\ndeny = GET /containers/secret/json"),
    "a path's deny": dict(rules=EVERYTHING + "\ndeny = GET /containers/*/archive POST /containers/** HEAD /_ping"),
    "sections at POST=0": dict(sections="CONTAINERS = 1\nIMAGES = 1\nNETWORKS = 1\nALLOW_RESTARTS = 1\nALLOW_LOGS = 0"),
    "sections at POST=1": dict(sections="CONTAINERS = 1\nEXEC = 1\nSYSTEM = 1\nPOST = 1\nEVENTS = 0\nLIBPOD_CONTAINERS = 1"),
    "everything": dict(rules=EVERYTHING),
    "what queries may contain": dict(rules="allow = ImageCreate ImagePush ImageBuild Session Grpc ContainerKill PutContainerArchive ContainerArchive ImageGetAll DistributionInspect",
                                     bodies="[pull]\nimages = ghcr.io/**\n[archive]\nwrite = /srv/**\nread = /srv/**\n"),
    "min-api": dict(rules=EVERYTHING, limits="min-api = 1.44"),
    "audit mode": dict(rules="allow = SystemPing", mode="audit"),
}


def told(method, target, path):
    """(status, operation, rule as dsp logs it) that dspctl explain tells."""
    answer = dspctl.run("explain", "--json", path, method, target)[1]
    answer = dspctl.json.loads(answer)
    rule = answer["rule"]
    text = None if rule is None else f"{rule['file']}{':%d' % rule['line'] if rule['line'] else ''}: {rule['text']}"
    if answer["status"] == 403 and answer["reason"]:
        text += "; " + re.sub(r" \([^)]*\)$", "", answer["reason"])
    return answer["status"], answer["operation"], text


def done(method, target, options):
    """The same of the filter itself, which is asked on a connection of its own."""
    with Wire(script=record, **options) as wire:
        wire.client.try_send(request(method, target))
        status = read_response(wire.client, method).status
        wire.end()
        path, text = wire.path, wire.records()[-1][1]
    operation = text.split(": ", 1)[1].split(" ")[1]
    found = re.search(r"\dms (\S+): (.*)$", text)
    rule = None if not found or "no rule allows it" in text else f"{found[1]}: {found[2]}"
    return path, (status, None if operation == "-" else operation, rule and re.sub(r" \([^)]*\)$", "", rule))


def the_same(options):
    def check():
        wrong = []
        for method, target in ASKED:
            if options.get("mode") == "audit" and method == "get":
                continue    # passes, and the scripted engine does not know it
            path, filtered = done(method, target, options)
            with dspctl.Folder() as folder:
                copy = folder.policy(policy("/run/docker.sock", **options), name="wire.ini")
                explained = told(method, target, copy)
                if explained[2]:
                    explained = (*explained[:2], explained[2].replace(copy, path))
            if explained != filtered:
                wrong.append(f"{method} {target}: explain says {explained}, the filter did {filtered}")
        equal(wrong, [], "differences")
    return check


for name, options in POLICIES.items():
    suite.add(f"of {len(ASKED)} requests it says what the filter does with them, and by which line ({name})", the_same(options), limit=120)


@suite.test("the requests that are compared are of all kinds")
def _():
    statuses = {done(method, target, POLICIES["operations"])[1][0] for method, target in ASKED}
    equal(statuses, {200, 400, 403}, "statuses")
    true(len(ASKED) > 90, f"{len(ASKED)} requests")


@suite.test("of an allowed operation it says which parameter is not, and which key would allow it")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = ImageBuild"))
        text = dspctl.out("explain", path, "POST", "/build?remote=http://x/", status=1)
        contains(text, "verdict     denied, answered 403\n")
        contains(text, f"decided by  {path}:2: allow = ImageBuild; the parameter remote of ImageBuild 'http://x/' is not allowed by policy ")
        contains(text, "(no [build] remote)")
        dspctl.out("explain", path, "POST", "/build?t=x", status=0)


@suite.test("it lists every line that matches and marks the one that decides")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = ContainerLogs\nallow = containers:sensitive\nallow = SystemPing\ndeny = GET /containers/secret/**"))
        text = dspctl.out("explain", path, "GET", "/containers/secret/logs", status=1)
        for line in (f"{path}:2: allow = ContainerLogs\n", f"{path}:3: allow = containers:sensitive\n", f"{path}:5: deny = GET /containers/secret/**  <- decides"):
            contains(text, line)
        lacks(text, "SystemPing")


@suite.test("the status is 0 when allowed, 1 when refused, 2 when the policy is broken, 64 when misused")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = SystemPing"))
        dspctl.out("explain", path, "GET", "/_ping", status=0)
        dspctl.out("explain", path, "GET", "/info", status=1)
        dspctl.out("explain", folder.policy("nonsense\n", "broken.ini"), "GET", "/_ping", status=2)
        dspctl.out("explain", path, status=64)


@suite.test("a line that would allow what no rule allows is named")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = SystemPing"))
        contains(dspctl.out("explain", path, "GET", "/containers/x/json", status=1), "allow = ContainerInspect")


LINES = {
    "dsp's record": "<4>level: denied ImageList GET /v1.41/images/json 403 in=0 out=0 0.1ms level.ini: no rule allows it",
    "dockerd's debug log": 'time="2026-11-22T02:27:16Z" level=debug msg="Calling GET /v1.41/images/json" spanID=1',
    "HAProxy's log": 'Nov 22 02:27:16 h haproxy[12]: 172.18.0.3:51234 [22/Nov/2026:02:27:16.001] f d/d 0/0/0/1/1 200 300 - - ---- 1/1/0/0/0 0/0 "GET /v1.41/images/json HTTP/1.1"',
    "HAProxy's log as Tecnativa's container prints it": '172.18.0.3:51234 [22/Nov/2026:02:27:16.001] dockerfrontend dockerbackend/dockersocket 0/0/0/1/1 200 300 - - ---- 1/1/0/0/0 0/0 "GET /v1.41/images/json HTTP/1.1"',
    "HAProxy's log of a request that it refused": '172.18.0.3:51234 [22/Nov/2026:02:27:16.001] dockerfrontend dockerfrontend/<NOSRV> 0/-1/-1/-1/0 403 192 - - PR-- 1/1/0/0/0 0/0 "GET /v1.41/images/json HTTP/1.1"',
    "HAProxy's log of a client that takes it for a proxy": '172.18.0.3:51234 [22/Nov/2026:02:27:16.001] f b/s 0/0/0/1/1 200 300 - - ---- 1/1/0/0/0 0/0 "GET http://docker/v1.41/images/json HTTP/1.1"',
    "nginx's combined log format": '172.18.0.3 - - [22/Nov/2026:02:27:16 +0000] "GET /v1.41/images/json HTTP/1.1" 403 300 "-" "Docker-Client/24.0.7 (linux) GET /x"',
    "a line of journalctl": "Nov 28 10:00:01 host dsp[100]: level: denied ImageList GET /v1.41/images/json 403 in=0 out=0 0.1ms level.ini: no rule allows it",
    "a line of dspctl log": "Nov 28 05:31:07.123 level denied ImageList GET /v1.41/images/json 403 1.2ms (pid=1 uid=2 gid=3) level.ini: no rule allows it",
    "the common log format": '172.18.0.3 - - [22/Nov/2026:02:27:16 +0000] "GET /v1.41/images/json HTTP/1.1" 200 300',
    "Caddy's JSON": '{"level":"info","logger":"http.log.access","request":{"remote_ip":"1.2.3.4","proto":"HTTP/1.1","method":"GET","host":"h","uri":"/v1.41/images/json"},"status":200}',
    "Caddy's console line": '2021/09/05 08:37:07.067 DEBUG http.handlers.reverse_proxy upstream roundtrip {"upstream": "unix//x", "request": {"method": "GET", "uri": "/v1.41/images/json"}, "status": 200}',
    "journalctl -o json": '{"MESSAGE":"x","DSP_METHOD":"GET","DSP_TARGET":"/v1.41/images/json","DSP_POLICY":"level"}',
}
for kind, line in LINES.items():
    def one(line=line):
        with dspctl.Folder() as folder:
            path = folder.policy(dspctl.rules("allow = SystemPing ImageList"))
            for words in ([line], line.split(" ")):
                equal(dspctl.json.loads(dspctl.out("explain", "--json", path, *words))["operation"], "ImageList", "operation")
    suite.add(f"it reads {kind}", one)

CURLS = {
    "a GET": ("--unix-socket /run/dsp/x.sock -s http://d/v1.41/images/json", 200, "ImageList"),
    "-X and a value in the same word": ("-XPOST http://d/images/prune", 200, "ImagePrune"),
    "-I": ("-I http://d/_ping", 200, "SystemPingHead"),
    "a URL without a scheme": ("-H Accept:x d/images/json", 200, "ImageList"),
    "--json, which is a POST": ("--json {} http://d/volumes/create", 200, "VolumeCreate"),
    "letters in one word, the last with a value": ("-sSX POST http://d/images/prune", 200, "ImagePrune"),
    "a value behind '='": ("--unix-socket=/run/x.sock --request=POST http://d/images/prune", 200, "ImagePrune"),
    "options behind the URL": ("http://d/images/json -o /dev/null -w x --resolve a:1:b", 200, "ImageList"),
    "-G, whose data is the query": ("-G --data-urlencode fromSrc=http://x -X POST http://d/images/create?tag=1", 200, "ImageCreate"),
    "a URL in the query of one without a scheme": ("-X POST d/images/create?fromSrc=http://x", 200, "ImageCreate"),
    "-d, whose type dsp refuses": ("-d name=b http://d/containers/x/rename", 415, None),
    "-d with a type of its own": ("-H Content-Type:application/json -d {} http://d/volumes/create", 200, "VolumeCreate"),
}
for kind, (line, status, operation) in CURLS.items():
    def one(line=line, status=status, operation=operation):
        with dspctl.Folder() as folder:
            path = folder.policy("[rules]\n" + EVERYTHING + "\n[pull]\nunrestricted = yes\n")
            answer = dspctl.json.loads(dspctl.run("explain", "--json", path, "curl", *line.split(" "))[1])
            equal((answer["status"], answer["operation"]), (status, operation), "answer")
    suite.add(f"it reads a command line of curl: {kind}", one)


@suite.test("a command line of curl may be one word, quoted as for a shell")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy("[rules]\n" + EVERYTHING + "\n")
        for line in ("curl --unix-socket /run/x.sock -X POST -d '{\"Name\": \"a b\"}' -H \"Content-Type: application/json\" http://d/volumes/create",
                     "sudo curl -sX POST \\\n  http://d/volumes/create", "$ curl -X POST http://d/volumes\\/create"):
            answer = dspctl.json.loads(dspctl.out("explain", "--json", path, line))
            equal((answer["status"], answer["operation"]), (200, "VolumeCreate"), line)


@suite.test("data that -G puts into the query is judged as the query")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = ContainerList ? all=no"))
        dspctl.out("explain", path, "curl", "http://d/containers/json", status=0)
        dspctl.out("explain", path, "curl", "-Gd", "all=1", "http://d/containers/json?size=0", status=1)


@suite.test("METHOD may stand before a whole URL; what is no request at all is status 64")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = ImageList"))
        dspctl.out("explain", path, "GET", "http://localhost/v1.41/images/json", status=0)
        for words in (("docker", "images"), ("wget", "-qO-", "http://d/images/json"), ("curl", "-s"), ("",), ("GET", "/images/json", "--jsno")):
            dspctl.out("explain", path, *words, status=64)


@suite.test("options may stand before NAME, behind it, and before and behind METHOD and TARGET")
def _():
    request = ("GET", "/images/json")
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = ImageList ContainerCreate"))
        for words in (("--json", path, *request), (path, "--json", *request), (path, request[0], "--json", request[1]), (path, *request, "--json")):
            equal(dspctl.json.loads(dspctl.out("explain", *words))["operation"], "ImageList", "operation")
        body = folder.write("body.json", '{"Image": "a", "HostConfig": {"Privileged": true}}')
        contains(dspctl.out("explain", path, "POST", "/v1.41/containers/create", "--body", body, status=1), "HostConfig.Privileged", "what is refused")


CLIENTS = """[clients]
uids = 1000 0
gids = 999
units = traefik.service
containers = 0123456789ab
addresses = 172.18.0.0/16
tls-subjects = CN = ci, O = Acme
"""
CONTAINER = "0123456789abcdef" * 4
WHOLE = f"pid=7 uid=1000 gid=5 groups=4,999 unit=traefik.service container={CONTAINER} address=172.18.0.5 tls=CN = ci, O = Acme"
LEFT_OUT = {
    "uids": ("uid=1000", "uid=1001"),
    "gids": ("groups=4,999", "groups=4,998"),
    "units": ("unit=traefik.service", "unit=other.service"),
    "containers": (f"container={CONTAINER}", f"container={'f' * 64}"),
    "addresses": ("address=172.18.0.5", "address=172.19.0.5"),
    "tls-subjects": ("tls=CN = ci, O = Acme", "tls=CN = ci, O = Evil"),
}


def asked_by(peer, clients=CLIENTS, target="/_ping"):
    with dspctl.Folder() as folder:
        path = folder.policy(clients + dspctl.rules("allow = SystemPing"))
        status, text, _ = dspctl.run("explain", "--json", "--peer", peer, path, "GET", target)
        answer = dspctl.json.loads(text)
        return status, answer["status"], answer["client"]["admitted"], [(one["key"], one["line"]) for one in answer["client"]["left_out_by"]]


@suite.test("--peer says who the client is: one that [clients] names is let in")
def _():
    equal(asked_by(WHOLE), (0, 200, True, []), "answer")
    equal(asked_by(WHOLE.replace("address=172.18.0.5", "tcp=172.18.0.5:4711")), (0, 200, True, []), "answer of tcp=")
    equal(asked_by("tls=172.18.0.5 4711 (CN = ci)", "[clients]\naddresses = 172.18.0.5\ntls-subjects = CN = ci\n"), (0, 200, True, []), "answer of stunnel's")


for key, (good, bad) in LEFT_OUT.items():
    def one(key=key, good=good, bad=bad):
        line = list(LEFT_OUT).index(key) + 2
        equal(asked_by(WHOLE.replace(good, bad)), (1, 403, False, [(key, line)]), "answer")
    suite.add(f"--peer: one whom {key} leaves out is answered 403, and the line is named", one)


@suite.test("--peer: a container can be named where the level may ask the engine")
def _():
    clients = "[clients]\ncontainers = 0123456789ab web-*\nask-engine = yes\n"
    equal(asked_by("name=web-1", clients), (0, 200, True, []), "answer")
    equal(asked_by(f"container={CONTAINER}", clients), (0, 200, True, []), "answer of the id")
    equal(asked_by("name=web", clients), (1, 403, False, [("containers", 2)]), "answer of another name")


@suite.test("--peer: what is not told of a client is nobody's, and a stranger's malformed request is answered 403, too")
def _():
    equal(asked_by("uid=1000", "[clients]\nuids = 1000\ngids = 999\n"), (1, 403, False, [("gids", 3)]), "answer")
    equal(asked_by("uid=1", "[clients]\nuids = 1000\n", "/a//b")[:3], (1, 403, False), "answer")


@suite.test("without --peer it says that [clients] was not asked")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(CLIENTS + dspctl.rules("allow = SystemPing"))
        contains(dspctl.out("explain", path, "GET", "/_ping"), "--peer says whether [clients] lets it in")
        lacks(dspctl.out("explain", folder.policy(dspctl.rules("allow = SystemPing")), "GET", "/_ping"), "client ")


@suite.test("--peer: a word that is none, or has no such value, is status 64")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(CLIENTS + dspctl.rules("allow = SystemPing"))
        for peer in ("uuid=0", "uid", "uid=root", "gid=-1", "groups=", "groups=1,x", "unit=", "container=0123456789ab", "address=d", "tcp=1.2.3.4", "tls=", "", "x"):
            dspctl.out("explain", "--peer", peer, path, "GET", "/_ping", status=64)


@suite.test("--peer takes the words of a record, so that a refused client can be asked for again")
def _():
    with Wire("allow = SystemPing", more="[clients]\nuids = 4711\n") as wire:
        wire.send(request("GET", "/_ping"))
        equal(read_response(wire.client).status, 403, "status")
        wire.end()
        line = "\n".join(text for _, text in wire.records())
    equal(asked_by(line.split(" from ")[1].strip(), "[clients]\nuids = 4711\n"), (1, 403, False, [("uids", 2)]), "answer")


@suite.test("a body that is larger than body-max is refused as the filter does")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = VolumeCreate") + "[limits]\nbody-max = 16\n")
        for size, status in ((16, 200), (17, 413)):
            body = folder.write("body", '{"Name":"%s"}' % ("x" * (size - 11)))
            answer = dspctl.json.loads(dspctl.run("explain", "--json", "--body", body, path, "POST", "/volumes/create")[1])
            equal(answer["status"], status, f"status with {size} bytes")


@suite.test("it prints nothing of a request that could steer a terminal")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = SystemPing"))
        for target in ("/\x1b[31mx\r\n", "/\x9b31mx"):
            text = dspctl.out("explain", path, "GET", target, status=1)
            lacks(text, "\x1b")
            lacks(text, "\x9b")


if __name__ == "__main__":
    sys.exit(suite.main())
