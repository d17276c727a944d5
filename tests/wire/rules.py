#!/usr/bin/env python3
"""[policy] and [rules]: what an allow and a deny mean."""
import sys

from wire import OK, Wire, is_denial, passes, refuses

from message import read_response, request
from scripted import record
from tap import Suite, equal, true

suite = Suite("rules: ")


def verdicts(asked, rules="", **options):
    """The statuses of requests on one connection; `asked` is "GET /x" or "GET /x HEAD /y …" in a list."""
    with Wire(rules, script=record, **options) as wire:
        statuses = []
        for line in asked:
            method, target = line.split()
            wire.send(request(method, target))
            statuses.append(read_response(wire.client, method).status)
        wire.end()
        equal([f"{got.method} {got.target}" for got in wire.engine.requests],
              [line for line, status in zip(asked, statuses) if status == 200], "what the engine received")
        return statuses


def means(name, rules, table, suite=suite):
    """A test that under `rules` each "GET /x" of `table` is allowed (+) or denied (-)."""
    wanted = [(line[1:].strip(), 200 if line[0] == "+" else 403) for line in table.strip().splitlines() for line in [line.strip()]]
    suite.add(name, lambda: equal(list(zip([line for line, _ in wanted], verdicts([line for line, _ in wanted], rules))), wanted, "verdicts"))


@suite.test("what no rule matches is denied")
def _():
    refuses(request("GET", "/info"), 403, rules="allow = SystemVersion")


@suite.test("a policy without rules and sections denies everything")
def _():
    for target in ("/_ping", "/version", "/events", "/info", "/x"):
        refuses(request("GET", target), 403, rules="")


means("a list of operations allows each of them and nothing else", "allow = SystemVersion SystemInfo\nallow = ContainerList", """
    + GET /version
    + GET /info
    + GET /v1.41/containers/json
    - GET /containers/x/json
    - GET /_ping
    - POST /containers/create""")
means("a deny wins over an allow that follows it", "deny = ContainerExport\nallow = containers:sensitive", """
    + GET /containers/x/logs
    - GET /containers/x/export""")
means("a deny wins over an allow that precedes it", "allow = GET /**\ndeny = SystemInfo GET /containers/*/logs", """
    + GET /version
    - GET /info
    - GET /v1.41/info
    - GET /containers/x/logs
    + GET /containers/x/json""")
means("section:class allows that class of that section", "allow = networks:read", """
    + GET /networks
    + GET /networks/x
    - POST /networks/create
    - DELETE /networks/x
    - GET /containers/json""")
means("section:class of two sections", "allow = containers:write images:read", """
    + POST /containers/x/start
    + DELETE /containers/x
    - GET /containers/x/json
    - POST /containers/create
    - POST /containers/x/exec
    + GET /images/json
    - POST /images/create""")
means("METHOD /path allows exactly that, with every version", "allow = GET /containers/json", """
    + GET /containers/json
    + GET /v1.41/containers/json
    + GET /containers/json?all=1
    - GET /containers/jsonx
    - GET /containers/json/json
    - POST /containers/json""")
means("* is one segment", "allow = GET /containers/*/top", """
    + GET /containers/web/top
    - GET /containers/web/alias/top
    - GET /containers/top
    - GET /containers/web/json
    - GET /containers/web/top/x""")
means("* is a part of a segment", "allow = GET /containers/ci-*/json GET /images/*-app*/json", """
    + GET /containers/ci-1/json
    + GET /containers/ci-/json
    - GET /containers/xci-1/json
    - GET /containers/ci/json
    + GET /images/my-app/json
    + GET /images/my-app2/json
    - GET /images/x/my-app/json""")
means("several * in a segment backtrack", "allow = GET /containers/*a*b/json", """
    + GET /containers/ab/json
    + GET /containers/xaab/json
    + GET /containers/abab/json
    - GET /containers/ba/json
    - GET /containers/abx/json""")
means("a trailing ** is the rest", "allow = GET /images/acme/**", """
    + GET /images/acme/app/json
    + GET /images/acme/a/b/c/json
    - GET /images/acmex/json
    - GET /images/other/json""")
means("a rule's path is compared with the decoded path", "allow = GET /containers/**\ndeny = GET /containers/secret/json", """
    + GET /containers/open/json
    - GET /containers/secret/json
    - GET /containers/%73ecret/json
    - GET /v1.41/containers/s%65cret/json?x""")
means("a raw rule lets a request pass that is no operation", "allow = GET /libpod/info POST /new/thing", """
    + GET /libpod/info
    + GET /v4.3.1/libpod/info
    - GET /libpod/infox
    + POST /new/thing
    - PUT /new/thing""")
means("a deny of a path covers the same operation with a trailing slash", "allow = networks:read\nallow = DebugPprof\ndeny = GET /networks GET /debug/**", """
    - GET /networks
    - GET /networks/
    + GET /networks/x
    - GET /debug/pprof/""")
means("** covers a path that ends in a slash", "allow = GET /**", """
    + GET /networks/
    + GET /debug/pprof/
    + GET /version""")
means("a query is no part of what a path rule matches", "allow = GET /containers/*/json", """
    - GET /info?x=/containers/a/json
    + GET /containers/a/json?x=/info""")
means("a deny of an operation covers its HEAD", "allow = ContainerArchive SystemPing SystemPingHead\nallow = HEAD /**\ndeny = ContainerArchive SystemPing", """
    - GET /containers/x/archive
    - HEAD /containers/x/archive
    - HEAD /_ping
    - GET /_ping""")
means("methods are compared exactly", "allow = POST /containers/*/start", """
    + POST /containers/x/start
    - PUT /containers/x/start
    - GET /containers/x/start""")
means("characters that mean something in a regular expression are plain", "allow = GET /containers/a.c/json GET /containers/[x]/json GET /containers/a|b/json GET /containers/a+/json", """
    + GET /containers/a.c/json
    - GET /containers/abc/json
    - GET /containers/x/json
    - GET /containers/a/json
    - GET /containers/aa/json""")


@suite.test("mode = audit lets pass what would be denied, and says so in the log")
def _():
    with Wire("allow = SystemPing", mode="audit") as wire:
        wire.relay(request("POST", "/containers/create", "Content-Type: application/json", body=b"{}"))
        wire.relay(request("GET", "/_ping"))
        wire.end()
        records = [text for _, text in wire.records()]
        true("would" in records[-2] and "ContainerCreate" in records[-2], records)
        true("would" not in records[-1], records)


@suite.test("mode = audit still refuses what is malformed, too old or of form type")
def _():
    for raw, status in ((b"GET /x HTTP/1.1\nHost: d\n\n", 400), (request("GET", "/v1.23/version"), 400), (request("GET", "/containers//json"), 400),
                        (request("POST", "/containers/x/rename?name=a", "Content-Type: application/x-www-form-urlencoded", body=b"name=b"), 415)):
        refuses(raw, status, rules="allow = SystemPing", mode="audit", closes=False)


@suite.test("mode = enforce is the default")
def _():
    refuses(request("GET", "/info"), 403, rules="allow = SystemPing", mode="enforce")


@suite.test("an edited policy takes effect on the next connection, not on one that is open")
def _():
    with Wire("allow = SystemPing") as wire:
        wire.relay(request("GET", "/_ping"))
        with open(wire.path, encoding="utf-8") as file:
            text = file.read()
        with open(wire.path, "w", encoding="utf-8") as file:
            file.write(text.replace("SystemPing", "SystemInfo"))
        wire.relay(request("GET", "/_ping"))
        wire.send(request("GET", "/info"))
        is_denial(wire.answer(), 403)
        wire.end()
        passes(request("GET", "/info"), text=text.replace("SystemPing", "SystemInfo").replace(wire.engine.path, "@SOCKET@"))


@suite.test("a policy with CRLF line ends, a byte order mark or no final newline means the same or is refused")
def _():
    base = "[policy]\nsocket = @SOCKET@\n[rules]\nallow = SystemPing"
    for text in (base, base.replace("\n", "\r\n") + "\r\n", "\ufeff" + base + "\n"):
        with Wire(text=text) as wire:
            wire.send(request("GET", "/_ping"))
            if wire.client.quiet(0.2):
                wire.arrive()
                wire.up.send(OK)
                equal(wire.answer().status, 200, "status")
            else:
                equal(wire.answer().status, 503, "status")


@suite.test("a policy of 2,000 rules works")
def _():
    rules = "\n".join(f"allow = GET /containers/c{n}/json" for n in range(2000))
    passes(request("GET", "/containers/c1999/json"), rules=rules)
    refuses(request("GET", "/containers/c2000/json"), 403, rules=rules)


if __name__ == "__main__":
    sys.exit(suite.main())
