#!/usr/bin/env python3
"""One record per request, which says what was asked, what became of it and by which rule, and which nobody can forge."""
import os
import sys
import tempfile

from wire import EVERYTHING, Wire, is_denial, policy

from dsp import until
from message import request
from tap import Skip, Suite, contains, equal, lacks, true

suite = Suite("log: ")
WARNING, NOTICE = 4, 5


def logged(raws, rules="allow = SystemPing SystemVersion", answers=None, **options):
    """The records of requests on one connection; those in `answers` (by index) pass."""
    with Wire(rules, **options) as wire:
        for raw in raws:
            wire.client.try_send(raw)
            if not wire.client.quiet(0.1):
                wire.answer(raw.split(b" ")[0].decode("latin-1"))
            else:
                wire.arrive()
                wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"[:None if not raw.startswith(b"HEAD") else -2])
                wire.answer(raw.split(b" ")[0].decode())
        wire.end()
        return wire.records()


@suite.test("each request makes one record: denials at warning, the rest at notice")
def _():
    records = logged([request("GET", "/_ping"), request("GET", "/info"), request("GET", "/version"), request("POST", "/containers/create", body=b"{}")])
    equal([priority for priority, _ in records], [NOTICE, WARNING, NOTICE, WARNING], f"priorities of {records}")


@suite.test("a record has operation, method, target and status")
def _():
    (_, allowed), (_, denied) = logged([request("GET", "/v1.41/_ping?x=1"), request("GET", "/info")], name="traefik")
    for part in ("SystemPing", "GET", "/v1.41/_ping?x=1", "traefik.ini", "200"):
        contains(allowed, part, "record")
    for part in ("SystemInfo", "GET", "/info", "403"):
        contains(denied, part, "record")


@suite.test("the record of an allowed request names the rule's file and line")
def _():
    text = policy("@SOCKET@", "allow = SystemPing\nallow = SystemVersion")
    line = text.split("\n").index("allow = SystemVersion") + 1
    with Wire(text=text) as wire:
        wire.relay(request("GET", "/version"))
        wire.end()
        contains(wire.records()[-1][1], f"wire.ini:{line}", "record")


@suite.test("the record of a denial names the deny's file and line, or says that no rule allows it")
def _():
    text = policy("@SOCKET@", "allow = GET /**\ndeny = SystemInfo")
    line = text.split("\n").index("deny = SystemInfo") + 1
    with Wire(text=text) as wire:
        wire.send(request("GET", "/info") + request("PUT", "/volumes/x"))
        wire.answer()
        wire.answer()
        wire.end()
        contains(wire.records()[0][1], f"wire.ini:{line}", "record")
        lacks(wire.records()[1][1].replace("wire.ini: no rule", ""), "wire.ini:", "record")


@suite.test("what no operation is, malformed, too large or too slow is logged at warning with its status")
def _():
    for raw, status in ((request("GET", "/nothing"), "403"), (b"GET /version HTTP/1.1\r\n\r\n", "400"), (b"\x16\x03\x01\r\n\r\n", "400"),
                        (request("GET", "/x", "X: " + "y" * 70000), "431"), (request("GET", "/v1.2/version"), "400"),
                        (request("POST", "/build", "Content-Type: multipart/form-data; boundary=x", body=b"x"), "415")):
        records = logged([raw])
        equal(len(records), 1, f"number of records: {records}")
        equal(records[0][0], WARNING, "priority")
        contains(records[0][1], status, "record")
    with Wire(limits="head-timeout = 100ms") as wire:
        wire.send(b"G")
        is_denial(wire.answer(), 408)
        wire.end()
        contains(wire.records()[-1][1], "408", "record")


@suite.test("requests = denied logs only denials, none nothing")
def _():
    asked = [request("GET", "/_ping"), request("GET", "/info")]
    records = logged(asked, log="requests = denied\ntarget = stderr")
    equal(len(records), 1, f"number of records: {records}")
    contains(records[0][1], "SystemInfo", "record")
    equal(logged(asked, log="requests = none\ntarget = stderr"), [], "records")


@suite.test("requests = all is the default")
def _():
    equal(len(logged([request("GET", "/_ping"), request("GET", "/info")], log="target = stderr")), 2, "number of records")


@suite.test("target = none writes nothing")
def _():
    with Wire("allow = SystemPing", log="requests = all\ntarget = none") as wire:
        wire.relay(request("GET", "/_ping"))
        wire.end()
        equal(bytes(wire.dsp.stderr), b"", "standard error")


@suite.test("target = auto without a journal writes to standard error")
def _():
    if os.path.exists("/run/systemd/journal/socket"):
        raise Skip("this machine has a journal")
    with Wire("allow = SystemPing", log="requests = all\ntarget = auto") as wire:
        wire.relay(request("GET", "/_ping"))
        wire.end()
        equal(len(wire.records()), 1, "number of records")


@suite.test("nothing is written when descriptor 2 is the client")
def _():
    for over in ("socketpair", "tcp", "pipes"):
        for target in ("auto", "stderr"):
            with Wire("allow = SystemPing", over=over, stderr="client", log=f"requests = all\ntarget = {target}") as wire:
                wire.relay(request("GET", "/_ping"))
                wire.send(request("GET", "/info"))
                is_denial(wire.answer(), 403)
                wire.client.half_close()
                equal(wire.client.recv_to_end(), b"", "what the client got beside its answers")


@suite.test("nothing is written to the client when the policy is broken and descriptor 2 is the client")
def _():
    with Wire(text="[policy]\nsocket = @SOCKET@\n[rules]\nallow = Nonsense\n", stderr="client") as wire:
        wire.client.try_send(request("GET", "/_ping"))
        is_denial(wire.answer(), 503)
        equal(wire.client.recv_to_end(), b"", "what the client got beside its answer")


# Forging

FORGED = "<3>forged: SystemPing allowed"
for name, raw in {
        "a raw newline in the target": f"GET /x\n{FORGED} HTTP/1.1\r\nHost: d\r\n\r\n".encode(),
        "a raw CR in the target": f"GET /x\r{FORGED} HTTP/1.1\r\nHost: d\r\n\r\n".encode(),
        "an encoded newline in the path": request("GET", "/containers/x%0a%3C3%3Eforged/json"),
        "an encoded newline in the query": request("GET", "/info?x=%0a%3C3%3Eforged%0d%0a"),
        "terminal escapes in the target": b"GET /\x1b[2J\x1b]0;x\x07 HTTP/1.1\r\nHost: d\r\n\r\n",
        "terminal escapes in the query": b"GET /info?\x1b[31m HTTP/1.1\r\nHost: d\r\n\r\n",
        "C1 controls in the path": b"GET /containers/\xc2\x9b31m/json HTTP/1.1\r\nHost: d\r\n\r\n",
        "encoded C1 controls in the path": request("GET", "/containers/%C2%9b31m/json"),
        "a right-to-left override": request("GET", "/containers/%E2%80%AEx/json"),
        "a line separator": request("GET", "/containers/%E2%80%A8x/json"),
        "bytes that are no UTF-8": b"GET /containers/\xff\xfe/json HTTP/1.1\r\nHost: d\r\n\r\n",
        "a NUL": b"GET /containers/\0x/json HTTP/1.1\r\nHost: d\r\n\r\n",
        "a newline in the method": b"GET\nX /info HTTP/1.1\r\nHost: d\r\n\r\n",
        "a hostile method": b"<3>FORGED /info HTTP/1.1\r\nHost: d\r\n\r\n",
        "a newline in a field": request("GET", "/info", "User-Agent: x\nDSP_VERDICT=allow"),
        "a journal field in the target": request("GET", "/info?DSP_VERDICT=allow&MESSAGE=x"),
        "quotes and backslashes": request("GET", '/info?"\\x0a"\\n'),
        "a target of 60 KB": request("GET", "/info?" + "x" * 60000)}.items():
    @suite.test(f"{name} makes one record of printable ASCII")
    def _(raw=raw):
        for rules in ("deny = SystemPing", EVERYTHING + "\ndeny = SystemInfo ContainerInspect"):
            records = logged([raw], rules=rules)  # which checks that each line is a record of printable ASCII
            equal(len(records), 1, f"number of records: {records}")


@suite.test("an escaped record is unambiguous: a backslash in the target is escaped too")
def _():
    (_, text), = logged([request("GET", "/info?\\x0a")])
    lacks(text.replace("\\x5cx0a", ""), "\\x0a", "record")


@suite.test("two clients cannot share a record: a record is written whole, at most one line")
def _():
    with Wire("allow = SystemPing") as wire:
        for n in range(20):  # one by one: a pipe that is full costs records, never answers
            wire.send(request("GET", "/info?" + "y" * 3000))
            is_denial(wire.answer(), 403)
            true(until(lambda n=n: len(wire.records()) > n), f"record {n} is missing")


@suite.test("a record has no credentials: X-Registry-Auth and bodies are not logged")
def _():
    records = logged([request("POST", "/auth", "X-Registry-Auth: c2VjcmV0", body=b'{"password":"hunter2"}')], rules="allow = SystemAuth")
    text = " ".join(text for _, text in records)
    lacks(text, "c2VjcmV0", "log")
    lacks(text, "hunter2", "log")


@suite.test("an upgraded connection is logged, with its operation, when it ends or before")
def _():
    with Wire("allow = ContainerAttach") as wire:
        wire.send(request("POST", "/containers/x/attach", "Connection: Upgrade", "Upgrade: tcp"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        wire.answer()
        wire.send(b"hello")
        wire.up.recv_exactly(5)
        wire.end()
        equal(len(wire.records()), 1, f"number of records: {wire.records()}")
        contains(wire.records()[0][1], "ContainerAttach", "record")
        contains(wire.records()[0][1], "101", "record")


@suite.test("a request whose client vanished is logged all the same")
def _():
    with Wire("allow = SystemEvents") as wire:
        wire.send(request("GET", "/events"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
        wire.answer(body=False)
        wire.end()
        equal(len(wire.records()), 1, f"number of records: {wire.records()}")
        contains(wire.records()[0][1], "SystemEvents", "record")


@suite.test("SIGTERM within an event stream ends dsp in order and leaves a record that it was stopped")
def _():
    with Wire("allow = SystemEvents") as wire:
        wire.send(request("GET", "/events"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.answer(body=False)
        wire.dsp.process.terminate()
        wire.dsp.wait()
        contains(wire.records()[0][1], "stopped", "record")


@suite.test("a connection without a request makes no record")
def _():
    with Wire("allow = SystemPing") as wire:
        wire.end()
        equal(wire.records(), [], "records")


@suite.test("standard error that leads nowhere does not stop requests")
def _():
    with Wire("allow = SystemPing", stderr="null") as wire:
        for _ in range(3):
            wire.relay(request("GET", "/_ping"))


@suite.test("without a descriptor 2 nothing is written elsewhere: not to the client, not to the engine")
def _():
    for target in ("auto", "stderr"):
        with Wire("allow = SystemPing", stderr="closed", log=f"requests = all\ntarget = {target}") as wire:
            for _ in range(3):
                wire.relay(request("GET", "/_ping"))
                wire.send(request("GET", "/info?POST /containers/create HTTP/1.1".replace(" ", "+")))
                is_denial(wire.answer(), 403)
            wire.client.half_close()
            equal(wire.client.recv_to_end(), b"", "what the client got beside its answers")
            wire.end()
            equal(wire.up.recv_to_end(), b"", "what the engine received beside its requests")


@suite.test("standard error that is a file gets the records, and dsp lives (its own file size limit is zero)")
def _():
    with tempfile.TemporaryFile() as file:
        with Wire("allow = SystemPing", stderr=file.fileno(), log="requests = all\ntarget = stderr") as wire:
            wire.relay(request("GET", "/_ping"))
            wire.relay(request("GET", "/_ping"))


@suite.test("standard error that nobody reads does not stop requests once it is full")
def _():
    ours, theirs = os.pipe()
    try:
        with Wire("allow = SystemPing", stderr=theirs) as wire:
            for _ in range(300):
                wire.send(request("GET", "/info?" + "y" * 1500))
                is_denial(wire.answer(), 403)
    finally:
        os.close(ours)
        os.close(theirs)


@suite.test("standard error whose reader is gone does not stop requests")
def _():
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        with Wire("allow = SystemPing", stderr=theirs) as wire:
            for _ in range(3):
                wire.relay(request("GET", "/_ping"))
    finally:
        os.close(theirs)


if __name__ == "__main__":
    sys.exit(suite.main())
