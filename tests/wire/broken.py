#!/usr/bin/env python3
"""A broken policy stops the level: 503 to the client, file, line and reason in the log, and no line is ever skipped."""
import os
import sys

from wire import Wire, is_denial, refuses

from dsp import Dsp, run
from message import read_response, request
from tap import Suite, contains, equal, lacks, true

suite = Suite("policy errors: ")
LOG = "[log]\ntarget = stderr\n"
HEAD = "[policy]\nsocket = @SOCKET@\n"


def broken(name, lines, line, says=(), head=HEAD, log=LOG):
    """A test that `lines` behind HEAD (their first is line 3) are an error on `line`, whose reason holds each word of `says`."""
    line += log.count("\n")

    def check():
        with Wire(text=log + head + lines + "\n") as wire:
            wire.send(request("GET", "/_ping"))
            answer = is_denial(wire.answer(), 503, text="policy")
            lacks(answer.message, "/", "what the client is told")
            lacks(answer.message, ".ini:", "what the client is told")
            true(wire.client.at_end(), "the connection is still open")
            wire.end()
            equal(wire.engine_bytes(), b"", "what the engine received")
            told = "\n".join(text for _, text in wire.records())
            contains(told, f"{wire.path}:{line}: ", "log")
            for word in says:
                contains(told, word, "log")
    suite.add(f"{name} is an error", check)


# Sections and keys

broken("an unknown section", "[rule]\nallow = SystemPing", 3, ["rule", "rules"])
broken("an unknown section at the end", "[rules]\nallow = SystemPing\n[sectoins]\n", 5, ["sectoins", "sections"])
broken("[responses], which a later version may know,", "[responses]\nx = 1", 3, ["responses"])
broken("a section name in another case", "[RULES]\nallow = SystemPing", 3, ["RULES"])
broken("a section name cut to a known one", "[policy" + "x" * 60 + "]\nmode = audit", 3)
broken("a key cut to a known one", "[limits]\nmin-api" + "x" * 60 + " = 1.24", 4)
broken("an unknown key of [policy]", "sockets = /x", 3, ["sockets", "socket"])
broken("an unknown key of [rules]", "[rules]\nalow = SystemPing", 4, ["alow", "allow"])
broken("an unknown key of [limits]", "[limits]\nmin-apis = 1.24", 4, ["min-apis", "min-api"])
broken("an unknown key of [log]", "[log]\nrequest = all", 4, ["request", "requests"], log="")
broken("a key in another case", "[rules]\nAllow = SystemPing", 4, ["Allow"])
broken("a key of another section", "[rules]\nmin-api = 1.24", 4, ["min-api"])
broken("a base that is not there", "extends = no-such-policy", 3, ["extends", "no-such-policy"])
broken("a key before any section", "mode = enforce\n", 1, ["mode"], head="", log="")
broken("a key given twice", "mode = enforce\nmode = audit", 4, ["mode"])

# Rules

broken("an unknown operation", "[rules]\nallow = ContainerInpsect", 4, ["ContainerInpsect", "ContainerInspect"])
broken("an unknown operation among known ones", "[rules]\nallow = SystemPing SystemVersoin SystemInfo", 4, ["SystemVersoin", "SystemVersion"])
broken("an unknown operation in a deny", "[rules]\nallow = SystemPing\ndeny = ContainerExprt", 5, ["ContainerExprt", "ContainerExport"])
broken("an operation in another case", "[rules]\nallow = containerlist", 4, ["containerlist", "ContainerList"])
broken("an unknown section of a class", "[rules]\nallow = container:read", 4, ["container", "containers"])
broken("an unknown class", "[rules]\nallow = containers:raed", 4, ["raed", "read"])
broken("a class without section", "[rules]\nallow = :read", 4)
broken("a section without class", "[rules]\nallow = containers:", 4)
broken("an empty allow", "[rules]\nallow =", 4)
broken("an allow without equals sign", "[rules]\nallow", 4)
broken("a method without path", "[rules]\nallow = GET", 4, ["GET"])
broken("a path without method", "[rules]\nallow = /containers/json", 4)
broken("a path without leading slash", "[rules]\nallow = GET containers/json", 4)
broken("an unknown method", "[rules]\nallow = GTE /containers/json", 4, ["GTE", "GET"])
broken("a method in lower case", "[rules]\nallow = get /containers/json", 4, ["get", "GET"])
broken("** that is not the end", "[rules]\nallow = GET /containers/**/json", 4, ["**"])
broken("** as a part of a segment", "[rules]\nallow = GET /containers/a**", 4, ["**"])
broken("*** at the end", "[rules]\nallow = GET /containers/***", 4)
broken("a rule's path that no request can have (//)", "[rules]\nallow = GET /containers//json", 4)
broken("a rule's path that no request can have (..)", "[rules]\nallow = GET /containers/../json", 4)
broken("a query in a rule's path", "[rules]\nallow = GET /containers/json?all=1", 4)
broken("a condition on no parameter of the operation", "[rules]\nallow = ImageCreate ? fromImages=x", 4, ["fromImages", "fromImage"])
broken("a comma in a list", "[rules]\nallow = SystemPing, SystemInfo", 4)
broken("a comma behind a path", "[rules]\nallow = GET /**\ndeny = GET /containers/*/json, GET /version", 5)
broken("a comma between a path and an operation", "[rules]\nallow = GET /**\ndeny = GET /containers/*/json,ContainerLogs", 5)
broken("a semicolon behind a path", "[rules]\nallow = GET /**\ndeny = GET /containers/*/json; GET /version", 5)
broken("a pattern of a version in a rule's path, which is without,", "[rules]\nallow = GET /v1.*/x", 4)

# Sections, limits, log

broken("an unknown variable", "[sections]\nCONTAINER = 1", 4, ["CONTAINER", "CONTAINERS"])
broken("a variable in lower case", "[sections]\ncontainers = 1", 4, ["containers", "CONTAINERS"])
for value in ("2", "-1", "maybe", "", "1x", "01"):
    broken(f"the value {value!r} of a variable", f"[sections]\nCONTAINERS = {value}", 4)
broken("a variable given twice", "[sections]\nCONTAINERS = 1\nCONTAINERS = 0", 5, ["CONTAINERS"])
broken("an unknown mode", "mode = audits", 3, ["audits", "audit"])
for value in ("", "1", "1.x", "v1.24", "1.24.x", "-1.24", "latest"):
    broken(f"min-api = {value!r}", f"[limits]\nmin-api = {value}", 4)
for value in ("", "10x", "s", "-1s", "1.5s", "10 s s", "999999999999999999999s", "ten"):
    broken(f"head-timeout = {value!r}", f"[limits]\nhead-timeout = {value}", 4)
broken("head-timeout = '0s', which would never let a head in,", "[limits]\nhead-timeout = 0s", 4)
for value in ("", "x", "-1", "1Q", "1.5M", "99999999999999999999G"):
    broken(f"body-max = {value!r}", f"[limits]\nbody-max = {value}", 4)
broken("an unknown log selection", "[log]\nrequests = some", 4, ["some"], log="")
broken("an unknown log target", "[log]\ntarget = syslog", 4, ["syslog"], log="")
broken("a relative socket", "[policy]\nsocket = engine.sock", 2, head="")
broken("an empty socket", "[policy]\nsocket =", 2, head="")
broken("a socket path too long for an address", f"[policy]\nsocket = /{'x' * 120}", 2, head="")
broken("a socket beside SOCKET_PATH", "[sections]\nSOCKET_PATH = /run/x.sock", 4, ["SOCKET_PATH"])
broken("SOCKET_PATH beside a socket", "[sections]\nSOCKET_PATH = /run/x.sock\n[policy]\nsocket = /run/y.sock", 4, ["SOCKET_PATH"], head="")
broken("LOG_LEVEL beside requests", "[sections]\nLOG_LEVEL = info", 4, ["LOG_LEVEL"], log="[log]\ntarget = stderr\nrequests = all\n")

# Syntax

broken("a section without closing bracket", "[rules\nallow = SystemPing", 3)
broken("text behind the closing bracket", "[rules] x\nallow = SystemPing", 3)
broken("an empty section name", "[]\nallow = SystemPing", 3)
broken("an empty key", "[rules]\n= SystemPing", 4)
broken("a line of words", "[rules]\nallow SystemPing", 4)
broken("a NUL in a line", "[rules]\nallow = SystemPing\0\n", 4)
broken("a NUL that hides the rest of a line", "[rules]\nallow = SystemPing\0 SystemInfo\n", 4)
broken("a control character in a value", "description = a\x1b[31mb", 3)
broken("a line of 100,000 characters", "[rules]\nallow = " + "SystemPing " * 9000, 4)
broken("a comment line of 100,000 characters", "[rules]\n; " + "x" * 100000 + "\nallow = SystemPing", 4)
broken("a line just long enough to be split by inih's default", "[rules]\nallow = " + "SystemPing " * 17 + "ContainerInpsect", 4, ["ContainerInpsect"])


@suite.test("of two errors the first is logged")
def _():
    with Wire(text=LOG + HEAD + "[rules]\nallow = Aaa\nallow = Bbb\n") as wire:
        wire.send(request("GET", "/_ping"))
        equal(wire.answer().status, 503, "status")
        wire.end()
        contains("\n".join(text for _, text in wire.records()), f"{wire.path}:6: ", "log")


@suite.test("no allow before an error counts, and no deny behind it is lost")
def _():
    for text in ("[rules]\nallow = SystemPing\nallow = Nonsense", "[rules]\nallow = Nonsense\nallow = SystemPing"):
        refuses(request("GET", "/_ping"), 503, text=HEAD + text)


@suite.test("a malformed request under a broken policy is answered 503 too")
def _():
    for raw in (b"GET /\x01 HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n", request("GET", "/_ping", "X: " + "y" * 70000), b"GET /../x HTTP/1.1\r\nHost: d\r\n\r\n"):
        refuses(raw, 503, says="policy", text=HEAD + "[rules]\nallow = Nonsense\n")


@suite.test("an error is logged at priority error or worse")
def _():
    with Wire(text=LOG + HEAD + "[rules]\nallow = Nonsense\n") as wire:
        wire.send(request("GET", "/_ping"))
        wire.answer()
        wire.end()
        true(any(priority <= 3 and "Nonsense" in text for priority, text in wire.records()), wire.records())


@suite.test("HEAD gets 503 without a body")
def _():
    with Wire(text=HEAD + "[nonsense]\n") as wire:
        wire.send(request("HEAD", "/_ping"))
        is_denial(wire.answer("HEAD"), 503, "HEAD")
        true(wire.client.at_end(), "there is a body")


@suite.test("control characters of a policy are escaped in the log")
def _():
    with Wire(text=LOG + HEAD + "[rules]\nallow = a\x1b[2Jb\x07\n") as wire:
        wire.send(request("GET", "/_ping"))
        wire.answer()
        wire.end()
        true(wire.records(), "nothing is logged")  # records() refuses control characters


def unreadable(name, prepare):
    def check():
        with Wire("allow = SystemPing") as wire:
            path = prepare(wire.engine.folder)
            other = Dsp("--policy=" + path)
            try:
                other.client.try_send(request("GET", "/_ping"))
                is_denial(read_response(other.client), 503, text="policy")
                other.stop()
                contains(bytes(other.stderr).decode(), os.path.basename(path), "log")
            finally:
                other.kill()
    suite.add(f"{name} is an error", check)


def make(folder, kind):
    path = os.path.join(folder, "other.ini")
    if kind == "folder":
        os.mkdir(path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "empty":
        open(path, "wb").close()
    elif kind == "binary":
        with open(path, "wb") as file:
            file.write(bytes(range(256)) * 100)
    elif kind == "huge":
        with open(path, "wb") as file:
            file.write(b"; x\n" * (8 << 20))
    return path


unreadable("a policy file that is not there", lambda folder: make(folder, "none"))
unreadable("a folder in place of a policy file", lambda folder: make(folder, "folder"))
unreadable("a FIFO in place of a policy file", lambda folder: make(folder, "fifo"))
unreadable("a policy file of random bytes", lambda folder: make(folder, "binary"))

for unit in ("dsp-../x", "dsp-..", "dsp-.hidden", "dsp-a/b", "dsp-/etc/passwd", "dsp-", "", "traefik", "dsp-a\nb", "dsp-" + "x" * 5000):
    def _refused(unit=unit):
        status, out, errors = run("--unit=" + unit)
        answered = out.startswith(b"HTTP/1.1 503 ")
        true(status != 0 or answered, f"status {status}, {out!r}, {errors!r}")
        true(errors or answered, "no word about it")
    suite.add(f"--unit={unit[:40]!r} is refused", _refused)

for arguments in ((), ("--policy",), ("--policy=",), ("--nonsense",), ("--policy=/x", "--unit=dsp-y"), ("--policy=/x", "more"), ("x",)):
    def _usage(arguments=arguments):
        status, out, errors = run(*arguments)
        true(errors or out.startswith(b"HTTP/1.1 503 "), "no word about it")
    suite.add(f"the command line {' '.join(('dsp', *arguments))!r} is refused", _usage)


@suite.test("--version and --help print on standard output and exit 0")
def _():
    for argument, word in (("--version", b"dsp"), ("--help", b"--policy")):
        status, out, errors = run(argument)
        equal((status, errors), (0, b""), "status and errors")
        contains(out, word, "output")


@suite.test("--unit takes its policy from a file of the unit's name: an unknown level is 503")
def _():
    dsp = Dsp("--unit=dsp-no-such-level-anywhere")
    try:
        dsp.client.try_send(request("GET", "/_ping"))
        is_denial(read_response(dsp.client), 503, text="policy")
    finally:
        dsp.kill()


@suite.test("the instance part of a unit's name is not part of the level's")
def _():
    # Accept=yes gives dsp-x@3-17-0.service; what dsp gets is up to the unit, but it must never look outside of its folders.
    status, out, _ = run("--unit=dsp-x@3-17-0")
    true(status != 0 or b" 503 " in out, f"{status} {out!r}")


if __name__ == "__main__":
    sys.exit(suite.main())
