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
    "-d, whose type dsp refuses": ("-d name=b http://d/containers/x/rename", 415, None),
    "-d with a type of its own": ("-H Content-Type:application/json -d {} http://d/volumes/create", 200, "VolumeCreate"),
}
for kind, (line, status, operation) in CURLS.items():
    def one(line=line, status=status, operation=operation):
        with dspctl.Folder() as folder:
            path = folder.policy("[rules]\n" + EVERYTHING + "\n")
            answer = dspctl.json.loads(dspctl.run("explain", "--json", path, "curl", *line.split(" "))[1])
            equal((answer["status"], answer["operation"]), (status, operation), "answer")
    suite.add(f"it reads a command line of curl: {kind}", one)


@suite.test("a body that is larger than body-max is refused as the filter does")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = VolumeCreate") + "[limits]\nbody-max = 16\n")
        for size, status in ((16, 200), (17, 413)):
            body = folder.write("body", "x" * size)
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
