#!/usr/bin/env python3
"""An exec is started when the engine's own record of it is what [exec] allows, whoever made it and wherever."""
import json
import sys
import time

from wire import OK, Wire, is_denial

from message import chunked, request
from tap import Suite, contains, equal, true

suite = Suite("exec start: ")

ID, CONTAINER = "4f5c" * 16, "c0de" * 16
PATH = f"/v1.41/exec/{ID}/start"
TYPE = "Content-Type: application/json"
START = request("POST", PATH, TYPE, body=b'{"Detach":true}')


def record(entrypoint="id", arguments=(), **process):
    """What dockerd shows of an exec."""
    return {"ID": ID, "Running": False, "ExitCode": None, "OpenStdin": False, "OpenStderr": True, "OpenStdout": True, "CanRemove": False, "ContainerID": CONTAINER, "DetachKeys": "", "Pid": 0,
            "ProcessConfig": {"tty": False, "entrypoint": entrypoint, "arguments": list(arguments), "privileged": False, **process}}


def answer(value, status=200):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data)


def level(lines="", **options):
    return Wire("allow = ExecStart", bodies=lines, name="ci", **options)


def asked(wire, value, status=200, path=f"/v1.41/exec/{ID}/json"):
    """The engine is asked, and answers."""
    got = wire.arrive()
    equal((got.line, got.body), (f"GET {path} HTTP/1.1", b""), "question")
    wire.up.send(answer(value, status))


def starts(wire, made, container=None):
    wire.send(START)
    asked(wire, made)
    if container is not None:
        asked(wire, container, path=f"/v1.41/containers/{CONTAINER}/json")
    got = wire.arrive()
    equal((got.line, got.body), (f"POST {PATH} HTTP/1.1", b'{"Detach":true}'), "request")
    wire.up.send(OK)
    equal(wire.answer().status, 200, "status")


def refused(wire, made, *says, container=None, status=403):
    wire.send(START)
    asked(wire, made)
    if container is not None:
        asked(wire, container, path=f"/v1.41/containers/{CONTAINER}/json")
    got = is_denial(wire.answer(), status)
    for word in says:
        contains(got.message, word, "message")


def inspected(user):
    return {"Id": CONTAINER, "Name": "/web", "Config": {"User": user}, "HostConfig": {}}


@suite.test("the engine is asked for the exec's record before it is started, in the client's version of the API")
def _():
    with level() as wire:
        starts(wire, record())
        wire.end()
    with level() as wire:
        wire.send(request("POST", f"/exec/{ID}/start"))
        asked(wire, record(), path=f"/exec/{ID}/json")
        equal(wire.arrive().line, f"POST /exec/{ID}/start HTTP/1.1", "request")


@suite.test("commands: the record's entrypoint and arguments are the command")
def _():
    with level("[exec]\ncommands = pg_dump -U *\ncommands = id\n") as wire:
        starts(wire, record())
        starts(wire, record("pg_dump", ["-U", "app"]))
        refused(wire, record("sh", ["-c", "id"]), "exec.Cmd 'sh' is not allowed by policy ci (not in [exec] commands)")
        refused(wire, record("id", ["-u"]), "exec.Cmd")
        refused(wire, record("pg_dump", ["-U", "app", "-f", "/etc/passwd"]), "exec.Cmd")
        starts(wire, record())
        wire.end()
        contains(str(wire.records()), "allow = ExecStart; exec.Cmd 'sh' is not allowed by policy ci", "records")


@suite.test("privileged, and a terminal, as [exec] has them")
def _():
    with level() as wire:
        starts(wire, record(tty=True))
        refused(wire, record(privileged=True), "exec.Privileged is not allowed by policy ci (no [exec] privileged)")
    with level("[exec]\nprivileged = yes\ntty = no\n") as wire:
        starts(wire, record(privileged=True))
        refused(wire, record(tty=True), "exec.Tty")


@suite.test("a user who is named passes; the container's own passes, asked for; any other is refused")
def _():
    with level("[exec]\nusers = 1000\n") as wire:
        starts(wire, record(user="1000"))
        starts(wire, record(user="www-data"), inspected("www-data"))
        refused(wire, record(user="0"), "exec.User '0' is not allowed by policy ci (not in [exec] users)", container=inspected("www-data"))
        refused(wire, record(user="root"), "exec.User", container=inspected(""))
        starts(wire, record(user=""))
        starts(wire, record())


@suite.test("the container that is asked for is the exec's: another one's answer says nothing of its user")
def _():
    with level() as wire:
        refused(wire, record(user="0"), "exec.User", container=inspected("0") | {"Id": "f" * 64})
    with level() as wire:
        refused(wire, record(user="0") | {"ContainerID": ""}, "exec.User")


def narrow(*rules):
    return Wire("allow = ExecStart\n" + "\n".join(rules), bodies="", name="ci")


def in_container(wire, name, ident=CONTAINER):
    """The exec is in that container: the engine is asked for its name."""
    wire.send(START)
    asked(wire, record())
    asked(wire, {"Id": ident, "Name": "/" + name, "Config": {"User": ""}, "HostConfig": {}}, path=f"/v1.41/containers/{CONTAINER}/json")


@suite.test("where rules allow ContainerExec in some containers by a path, an exec that is elsewhere is not started, whoever made it")
def _():
    for rule in ("allow = POST /containers/web/exec", "allow = POST /containers/w*/exec", "allow = POST /containers/web/**", f"allow = POST /containers/{CONTAINER}/exec"):
        with narrow(rule) as wire:
            in_container(wire, "web")
            equal(wire.arrive().line, f"POST {PATH} HTTP/1.1", rule)
            wire.up.send(OK)
            equal(wire.answer().status, 200, "status")
            if CONTAINER not in rule:
                in_container(wire, "db")
                equal(is_denial(wire.answer(), 403).message, "dsp: exec.ContainerID 'db' is not allowed by policy ci (no [exec] unrestricted); no rule allows ContainerExec there", "message")


@suite.test("where a rule denies ContainerExec in a container by its name, an exec that was made there by its id is not started")
def _():
    with narrow("allow = ContainerExec", "deny = POST /containers/db/exec") as wire:
        in_container(wire, "db")
        is_denial(wire.answer(), 403, text="exec.ContainerID 'db'")
        in_container(wire, "web")
        equal(wire.arrive().method, "POST", "request")
        wire.up.send(OK)
        wire.answer()


@suite.test("where rules have paths, an exec whose container cannot be told is not started")
def _():
    with narrow("allow = POST /containers/web/exec") as wire:
        in_container(wire, "web", "f" * 64)
        is_denial(wire.answer(), 403, text="exec.ContainerID")
        wire.send(START)
        asked(wire, record() | {"ContainerID": ""})
        is_denial(wire.answer(), 403, text="exec.ContainerID")
        wire.send(START)
        asked(wire, record())
        asked(wire, {"message": "no such container"}, 404, path=f"/v1.41/containers/{CONTAINER}/json")
        is_denial(wire.answer(), 403, text="exec.ContainerID")


@suite.test("rules with paths of other operations ask nothing more: nor does ContainerExec as an operation")
def _():
    for rule in ("allow = GET /containers/web/exec", "deny = POST /containers/*/attach", "allow = ContainerExec", "allow = POST /exec/**"):
        with narrow(rule) as wire:
            starts(wire, record())


@suite.test("unrestricted = yes: nothing is asked")
def _():
    for lines in ("[exec]\nunrestricted = yes\n", "[workload]\nunrestricted = yes\n"):
        with level(lines) as wire:
            got, _ = wire.relay(START)
            equal(got.line, f"POST {PATH} HTTP/1.1", "request")


@suite.test("an exec that the engine does not know is answered 404, and not started")
def _():
    for status in (404, 409):
        with level() as wire:
            wire.send(START)
            asked(wire, {"message": "No such exec instance"}, status)
            is_denial(wire.answer(), status, text="does not tell what this exec runs")
            wire.end()
            equal(wire.engine_bytes().count(b"POST"), 0, "starts")


BAD = {
    "another exec's record": record() | {"ID": "0" * 64},
    "a record without an id": {"ProcessConfig": record()["ProcessConfig"]},
    "a record without a process": {"ID": ID, "ContainerID": CONTAINER},
    "an entrypoint that is no string": record(["id"]),
    "no entrypoint": record(None),
    "arguments that are no list": record() | {"ProcessConfig": {"entrypoint": "id", "arguments": "-u"}},
    "arguments that are no strings": record("id", [1]),
    "a user that is no string": record(user=0),
    "a privilege that is no boolean": record(privileged="false"),
    "a terminal that is no boolean": record(tty="no"),
    "a list": [record()],
    "no JSON": b"{",
    "JSON that can be read in two ways": json.dumps(record()).encode()[:-1] + b',"ID":"' + ID.encode() + b'"}',
    "nothing": b"",
    "an answer above 256K": json.dumps(record() | {"Junk": "x" * 262144}).encode(),
    "a status other than 200": None,
}
for name, value in BAD.items():
    @suite.test(f"{name} for an answer: the exec is not started")
    def _(value=value):
        with level() as wire:
            wire.send(START)
            wire.arrive()
            wire.up.try_send(answer(value) if value is not None else answer(record(), 201))
            got = wire.answer()
            true(got.status in (502, 503), f"status {got.status}")
            is_denial(got, got.status)
            wire.end()
            equal(wire.engine_bytes().count(b"POST"), 0, "starts")


@suite.test("an answer in chunks, byte by byte, behind an interim one, is read whole")
def _():
    with level() as wire:
        data = json.dumps(record()).encode()
        wire.send(START)
        wire.arrive()
        for byte in b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(data[:7], data[7:]):
            wire.up.send(bytes([byte]))
        equal(wire.arrive().body, b'{"Detach":true}', "request")


@suite.test("an engine that is silent to the question is given up after head-timeout, with 503")
def _():
    for piece in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"):
        with level(limits="head-timeout = 500ms") as wire:
            wire.send(START)
            wire.arrive()
            wire.up.send(piece)
            began = time.monotonic()
            is_denial(wire.answer(), 503, text="did not answer what dsp asked it")
            true(0.3 < time.monotonic() - began < 2, "when")
            true(wire.client.at_end(), "the connection goes on")


@suite.test("an engine that drips its answer is given up all the same")
def _():
    with level(limits="head-timeout = 1s") as wire:
        wire.send(START)
        wire.arrive()
        began = time.monotonic()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while wire.client.quiet(0.1) and wire.up.try_send(b" "):
            true(time.monotonic() - began < 5, "when")
        is_denial(wire.answer(), 503)


ENDS = {
    "closes": b"",
    "sends no HTTP": b"hello\r\n\r\n",
    "switches protocols": b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    "answers more than it was asked": answer(record()) + answer(record()),
    "breaks its chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "closes within its answer": b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n{",
}
for name, piece in ENDS.items():
    @suite.test(f"an engine that {name}: 503, and the exec is not started")
    def _(piece=piece):
        with level() as wire:
            wire.send(START)
            wire.arrive()
            wire.up.send(piece)
            if not piece or piece.endswith(b"{"):
                wire.up.half_close()
            is_denial(wire.answer(), 503)
            true(wire.client.at_end(), "the connection goes on")
            wire.end()
            equal(wire.engine_bytes().count(b"POST"), 0, "starts")


@suite.test("an engine that closes behind its answer is not asked to start anything")
def _():
    with level() as wire:
        data = json.dumps(record()).encode()
        wire.send(START)
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(data), data))
        is_denial(wire.answer(), 503, text="closed the connection")


@suite.test("what the client sent ahead waits until the question is answered, and goes to the process then")
def _():
    with level() as wire:
        wire.send(request("POST", PATH, TYPE, "Connection: Upgrade", "Upgrade: tcp", body=b'{"Tty":true}') + b"early")
        wire.arrive()
        true(wire.up.quiet(0.2), "something beside the question")
        wire.up.send(answer(record(tty=True)))
        equal(wire.arrive().body, b'{"Tty":true}', "request")
        wire.up.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        equal(wire.answer().status, 101, "status")
        equal(wire.up.recv_exactly(5), b"early", "to the process")
        wire.up.send(b"out")
        equal(wire.client.recv_exactly(3), b"out", "to the client")


@suite.test("a client that leaves during the question leaves no exec started")
def _():
    with level() as wire:
        wire.send(START)
        wire.arrive()
        wire.client.close()
        time.sleep(0.2)
        wire.up.try_send(answer(record()))
        wire.dsp.wait()
        equal(wire.engine_bytes().count(b"POST"), 0, "starts")


@suite.test("mode = audit: what would be refused is started, and logged as would-deny")
def _():
    with level("[exec]\ncommands = id\n", mode="audit") as wire:
        starts(wire, record("sh"))
        wire.send(START)
        asked(wire, {"message": "no such exec"}, 404)
        equal(wire.arrive().method, "POST", "request")
        wire.up.send(OK)
        wire.answer()
        wire.end()
        told = str(wire.records())
        contains(told, "would-deny ExecStart", "records")
        contains(told, "exec.Cmd 'sh' is not allowed by policy ci", "records")
        contains(told, "does not tell what this exec runs", "records")


@suite.test("an id is asked for as the client wrote it, escaped anew")
def _():
    with level() as wire:
        wire.send(request("POST", "/v1.41/exec/%41%20b/start", TYPE, body=b"{}"))
        got = wire.arrive()
        equal(got.line, "GET /v1.41/exec/A%20b/json HTTP/1.1", "question")


@suite.test("10,000 questions on one connection: no growth in memory")
def _():
    with level("[exec]\ncommands = id\n") as wire:
        def some(count):
            for _ in range(count):
                starts(wire, record())
                refused(wire, record("sh"))
        some(500)
        before = wire.dsp.resident()
        some(4500)
        true(wire.dsp.resident() - before <= 128, f"{before} kB, then {wire.dsp.resident()} kB")


if __name__ == "__main__":
    sys.exit(suite.main())
