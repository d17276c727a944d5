#!/usr/bin/env python3
"""dspctl learn: from what was asked for to the least policy that allows it."""
import json
import os
import random
import re
import sys

from wire import Wire

import dspctl
from dspctl import Folder, operations, out, rules, run
from message import read_response, request
from scripted import record
from tap import Suite, contains, equal, lacks, true

suite = Suite("dspctl learn: ")
PRESETS = os.path.join(dspctl.REPO, "units", "policies")

# What Traefik's Docker provider sends: start, the containers, the event stream, and after an event all of it again.
IDS = ["3f4e" + "a1" * 30, "9c2b" + "b2" * 30]
TRAEFIK = ["HEAD /_ping", "GET /v1.51/version", "GET /v1.51/containers/json?all=1", *(f"GET /v1.51/containers/{one}/json" for one in IDS),
           "GET /v1.51/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D", "GET /v1.51/containers/json?all=1",
           *(f"GET /v1.51/containers/{one}/json" for one in IDS)]


def lines(asked, verdict="would-deny", name="level"):
    """The records that dsp writes of `asked`, as they stand in a saved log."""
    return "".join(f"{name}: {verdict} - {line} 200 in=0 out=2 0.4ms {name}.ini: no rule allows it\n" for line in asked)


def learn(log, *options, policy="[policy]\nmode = audit\n", name="level"):
    """The text of the policy learned from `log`."""
    with Folder() as folder:
        return out("learn", *options, folder.policy(policy, f"{name}.ini"), "-", input=log)


def learned(log, *options, **more):
    """Its operations, and the rules as written."""
    text = learn(log, *options, **more)
    with Folder() as folder:
        path = folder.policy(text)
        equal(run("check", "-q", path)[0], 0, f"status of check of\n{text}")
        return operations(path), re.findall(r"^allow = (.*)$", text, re.MULTILINE)


@suite.test("from a recorded Traefik-like session it makes a policy equal to the traefik preset's operations")
def _():
    preset = operations(os.path.join(PRESETS, "traefik.ini"))
    equal(learned(lines(TRAEFIK))[0], preset)
    with Folder() as folder:
        equal(out("diff", folder.policy(learn(lines(TRAEFIK))), os.path.join(PRESETS, "traefik.ini")), "")


@suite.test("what it learns from a level in audit mode lets the same session pass when it is enforced, and nothing else")
def _():
    asked = ["HEAD /_ping", "GET /version", "GET /containers/json?all=1", f"GET /containers/{IDS[0]}/json", "POST /containers/web/restart?t=5", "DELETE /volumes/cache"]
    with Wire("allow = SystemPing", mode="audit", script=record) as wire:
        for line in asked:
            method, target = line.split()
            wire.send(request(method, target))
            equal(read_response(wire.client, method).status, 200, line)
        wire.end()
        log = "".join(f"<{priority}>{text}\n" for priority, text in wire.records())
        text = out("learn", wire.path, "-", input=log)
    socket = "".join(re.findall(r"^socket = .*$", text, re.MULTILINE))
    with Wire(text=text.replace(socket, "socket = @SOCKET@"), script=record) as wire:
        def status(line):
            method, target = line.split()
            wire.send(request(method, target))
            return read_response(wire.client, method).status
        equal([status(line) for line in asked], [200] * len(asked), "statuses of what was learned")
        equal([status(line) for line in ("POST /containers/db/restart", "DELETE /volumes/data", "GET /containers/x/logs", "POST /containers/create")], [403] * 4, "statuses of the rest")


@suite.test("it says how often each operation was seen, and how often it was refused")
def _():
    text = learn(lines(["GET /info"] * 3, "allowed") + lines(["GET /info"], "denied"))
    contains(text, "seen 4, of which 1 refused")


@suite.test("ids are generalised, names of what is only looked at too")
def _():
    equal(learned(lines([f"GET /containers/{one}/logs" for one in ("web", *IDS)]))[1], ["ContainerLogs"])
    equal(learned(lines([f"POST /containers/{one}/stop" for one in IDS]))[1], ["ContainerStop"])
    equal(learned(lines(["POST /containers/3f4ea1a1a1a1/stop"]))[1], ["ContainerStop"])
    equal(learned(lines(["DELETE /services/4cdgfyky7ozwh3htjfw0d12qv"]))[1], ["ServiceDelete"])


@suite.test("what changes something is allowed for the names that it was used on, up to five of them")
def _():
    equal(learned(lines(["POST /containers/web/restart", "POST /containers/db/restart", "POST /v1.41/containers/web/restart"]))[1],
          ["POST /containers/web/restart", "POST /containers/db/restart"])
    equal(learned(lines([f"POST /containers/web{n}x/restart" for n in range(6)]))[1], ["ContainerRestart"])
    equal(learned(lines(["POST /containers/web/restart", f"POST /containers/{IDS[0]}/restart"]))[1], ["ContainerRestart"])


@suite.test("a name that a rule cannot spell is generalised")
def _():
    equal(learned(lines(["POST /containers/a*b/restart"]))[1], ["ContainerRestart"])
    equal(learned(lines(["DELETE /images/a%25b", "GET /info"]))[1], ["SystemInfo"])


@suite.test("risky operations are told where they stand")
def _():
    contains(learn(lines(["POST /containers/create"])), "; Beware (root): runs images, any unless [workload] images says which, as root in their containers")


@suite.test("requests that are no operation are listed and not allowed")
def _():
    allowed, _ = learned(lines(["GET /libpod/info", "GET /_ping"]))
    equal(set(allowed), {"SystemPing", "SystemPingHead"})
    contains(learn(lines(["GET /libpod/info"] * 2 + ["GET /_ping"])), "; seen 2: allow = GET /libpod/info\n")


@suite.test("of a thousand different requests that are no operation each is told, of more their number")
def _():
    text = learn(lines([f"GET /x/{n}" for n in range(1007)]))
    equal(text.count("; seen 1: allow = GET /x/"), 1000, "paths told")
    contains(text, "; and 7 requests for other paths\n")


@suite.test("malformed requests are left out and counted")
def _():
    text = learn(lines(["GET /containers//json", "GET /_ping"], "refused"))
    contains(text, "Malformed requests, left out: 1")
    equal(text.count("allow ="), 1, "rules")


@suite.test("with --add only what today's policy refuses is told")
def _():
    text = learn(lines(TRAEFIK), "--add", policy=rules("allow = SystemPing ContainerList"))
    equal(re.findall(r"^allow = (.*)$", text, re.MULTILINE), ["SystemVersion", "SystemEvents", "ContainerInspect"])
    contains(text, "left out: 3")
    lacks(text, "[policy]")


@suite.test("records of other levels are left out and counted")
def _():
    text = learn(lines(["GET /info"], name="other") + lines(["GET /_ping"]))
    equal(re.findall(r"^allow = (.*)$", text, re.MULTILINE), ["SystemPing"])
    contains(text, "Records of other levels, left out: 1")


@suite.test("it reads journalctl -o json, -o short, and the access logs of other proxies")
def _():
    fields = [{"DSP_POLICY": "level", "DSP_METHOD": line.split()[0], "DSP_TARGET": line.split()[1], "DSP_VERDICT": "allowed", "MESSAGE": "x"} for line in TRAEFIK]
    wanted = operations(os.path.join(PRESETS, "traefik.ini"))
    for log in ("".join(json.dumps(one) + "\n" for one in fields),
                "".join(f"Nov 28 05:31:07 host dsp[123]: {line}" for line in lines(TRAEFIK).splitlines(True)),
                "".join(f'1.2.3.4 - - [28/Nov/2026:05:31:07 +0000] "{line} HTTP/1.1" 200 17\n' for line in TRAEFIK),
                "".join(f'time="x" level=debug msg="Calling {line}"\n' for line in TRAEFIK)):
        equal(learned(log)[0], wanted, log.splitlines()[0])


@suite.test("a target that a record has escaped or cut is read as what it was, or without its query")
def _():
    equal(learned(lines(["POST /containers/caf\\xc3\\xa9/restart"]))[1], [])    # the filter refuses raw bytes: malformed
    equal(learned(lines(["GET /containers/json?filters=" + "x" * 2010 + "..."]))[1], ["ContainerList"])


@suite.test("a target cannot put a line of its own into the policy")
def _():
    text = learn(lines(["GET /x/\\x0aallow = ContainerCreate", "GET /_ping"]) + 'GET /a\\x0aallow=ContainerCreate "x"\n')
    equal(re.findall(r"^allow = (.*)$", text, re.MULTILINE), ["SystemPing"])


@suite.test("a name with a blank in it cannot put a rule of its own into the policy")
def _():
    equal(learned(lines(["DELETE /containers/x%20ContainerCreate"]))[1], ["ContainerDelete"])


@suite.test("the engine's socket of today's policy is kept")
def _():
    contains(learn(lines(["GET /_ping"]), policy="[policy]\nsocket = /run/podman/podman.sock\n"), "socket = /run/podman/podman.sock\n")


@suite.test("a fuzzed log crashes neither learn nor import, and what is learned from it is a valid policy")
def _():
    source = random.Random(7)
    pieces = [*TRAEFIK, '{"DSP_METHOD":"GET","DSP_TARGET":"', '{"request":{"method":"POST","uri":"/containers/', "level: denied ContainerStop POST ", '"}', "}", "\\x0a", "\\xzz", "%2e%2e", "/", "?",
              "\n", " ", '"', "environment:\n", "services:\n  a:\n", "- CONTAINERS=1", "acl x path_reg ^(/v[\\d.]+)?/x(", "http-request allow if x {", "@a path_regexp [", "\x00", "é", "x" * 5000]
    for _ in range(120):
        log = "".join(source.choice(pieces) for _ in range(source.randrange(1, 40)))
        with Folder() as folder:
            level = folder.policy("[policy]\nmode = audit\n")
            status, text, _ = run("learn", level, folder.write("log", log))
            true(status in (0, 1), f"status of learn {status}")
            if "allow = " in text:
                equal(run("check", "-q", folder.policy(text, "learned.ini"))[0], 0, f"status of check of what was learned from {log!r}")
            true(run("import", folder.write("log", log))[0] in (0, 1, 2), "status of import")


@suite.test("nothing to learn from is status 1, a file that cannot be read status 2, a time that is none status 64")
def _():
    with Folder() as folder:
        path = folder.policy("[policy]\nmode = audit\n")
        status, text, errors = run("learn", path, "-", input="nothing\n")
        equal((status, text), (1, ""), "status and output")
        contains(errors, "no request of level level")
        equal(run("learn", path, folder.path + "/none")[0], 2, "status")
        equal(run("learn", "--since", "yesterweek", path)[0], 64, "status")


if __name__ == "__main__":
    sys.exit(suite.main())
