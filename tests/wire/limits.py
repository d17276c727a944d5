#!/usr/bin/env python3
"""What an attacker controls is bounded; a response never is."""
import sys
import threading
import time

from wire import OK, Wire, is_denial, passes, refuses

from message import chunked, request
from tap import Suite, equal, true

suite = Suite("limits: ")
RULES = "allow = SystemPing SystemVersion SystemEvents ImageLoad ContainerWait"


def head_of(size, fill="GET /version?{} HTTP/1.1\r\nHost: docker\r\n\r\n"):
    return fill.format("a" * (size - len(fill) + 2)).encode()


@suite.test("a head of 64 KiB passes")
def _():
    raw = head_of(64 * 1024)
    equal(len(raw), 65536, "length of the head")
    passes(raw, rules=RULES)


@suite.test("a head of 64 KiB and one byte is answered 431")
def _():
    refuses(head_of(64 * 1024 + 1), 431)


@suite.test("a field of 64 KiB is answered 431, and so is a head without an end")
def _():
    refuses(request("GET", "/version", "Accept: " + "a" * 65536), 431)
    refuses(b"GET /version HTTP/1.1\r\nHost: docker\r\nAccept: " + b"a" * 200000, 431)
    refuses(b"G" * 200000, (400, 431))


@suite.test("100 field lines pass, 101 are answered 431")
def _():
    passes(request("GET", "/version", *[f"X-{n}: a" for n in range(99)]), rules=RULES)
    refuses(request("GET", "/version", *[f"X-{n}: a" for n in range(100)]), 431)


@suite.test("a JSON body of body-max passes, one byte more is answered 413")
def _():
    rules = "allow = ContainerCreate"
    passes(request("POST", "/containers/create", "Content-Type: application/json", body=b"x" * 1024), rules=rules, limits="body-max = 1K")
    refuses(request("POST", "/containers/create", "Content-Type: application/json", body=b"x" * 1025), 413, rules=rules, limits="body-max = 1K", closes=False)


@suite.test("what the policy denies is answered 403, whatever its body's size or framing")
def _():
    for operation, fields, body in (("/containers/create", ("Content-Type: application/json",), b"x" * 1025), ("/exec/e1/start", ("Transfer-Encoding: chunked",), chunked(b"{}")),
                                    ("/containers/x/attach", (), b"x")):
        refuses(request("POST", operation, *fields, body=body) if body[:1] == b"x" else request("POST", operation, *fields) + body, 403,
                rules="allow = SystemPing", limits="body-max = 1K", closes=False)


@suite.test("a chunked JSON body beyond body-max is answered 413, and what reached the engine of it never looks whole")
def _():
    with Wire("allow = ContainerCreate", limits="body-max = 1K") as wire:
        wire.client.try_send(request("POST", "/containers/create", "Content-Type: application/json", "Transfer-Encoding: chunked") + chunked(b"x" * 1000, b"x" * 1000))
        is_denial(wire.answer(), 413)
        true(wire.client.at_end(), "still open")
        wire.end()
        true(not wire.engine_bytes().endswith(b"0\r\n\r\n"), "the engine received a body that looks whole")


@suite.test("body-max does not bound what is a stream: an image, an archive, a build context")
def _():
    for method, target, rule in (("POST", "/images/load", "ImageLoad"), ("PUT", "/containers/x/archive?path=/", "PutContainerArchive"), ("POST", "/build", "ImageBuild")):
        passes(request(method, target, "Content-Type: application/x-tar", body=b"x" * 5000), rules="allow = " + rule, limits="body-max = 1K")


@suite.test("a head that is not complete in time is answered 408 and closed")
def _():
    with Wire(RULES, limits="head-timeout = 1s") as wire:
        wire.send(b"GET /version HT")
        began = time.monotonic()
        is_denial(wire.answer(), 408)
        taken = time.monotonic() - began
        true(0.8 < taken < 3, f"after {taken:.1f} s")
        true(wire.client.at_end(), "still open")


@suite.test("the time counts from the first byte, however regularly the rest drips")
def _():
    with Wire(RULES, limits="head-timeout = 1s") as wire:
        began = time.monotonic()
        for byte in request("GET", "/version", "Accept: " + "a" * 200):
            if not wire.client.quiet(0.05) or not wire.client.try_send(bytes([byte])):
                break
        is_denial(wire.answer(), 408)
        taken = time.monotonic() - began
        true(0.8 < taken < 3, f"after {taken:.1f} s")


@suite.test("the head's time does not run before its first byte")
def _():
    with Wire(RULES, limits="head-timeout = 1s") as wire:
        true(wire.client.quiet(1.5), "something came")
        wire.relay(request("GET", "/version"))
        true(wire.client.quiet(1.5), "something came")
        wire.relay(request("GET", "/version"))


@suite.test("the default head-timeout is 10 seconds")
def _():
    with Wire(RULES) as wire:
        wire.send(b"G")
        true(wire.client.quiet(8), "earlier than after 8 s")
        is_denial(wire.answer(limit=5), 408)


@suite.test("a connection that is idle too long before its first request or between two is closed without an answer")
def _():
    with Wire(RULES, limits="idle-timeout = 1s") as wire:
        true(wire.client.at_end(5), f"{bytes(wire.client.unread)!r}")
        equal(wire.dsp.wait(), 0, "exit status")
    with Wire(RULES, limits="idle-timeout = 1s") as wire:
        wire.relay(request("GET", "/version"))
        began = time.monotonic()
        true(wire.client.at_end(5), f"{bytes(wire.client.unread)!r}")
        true(time.monotonic() - began > 0.8, "too early")
        equal(wire.dsp.wait(), 0, "exit status")


@suite.test("idle-timeout does not count while the engine works on an answer")
def _():
    with Wire(RULES, limits="idle-timeout = 1s\nhead-timeout = 1s") as wire:
        wire.send(request("POST", "/containers/x/wait"))
        wire.arrive()
        true(wire.client.quiet(2.5), "something came")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("idle-timeout does not count while an answer stalls")
def _():
    with Wire(RULES, limits="idle-timeout = 1s\nhead-timeout = 1s") as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        wire.answer(body=False)
        wire.client.recv_exactly(2)
        true(wire.client.quiet(2.5), "something came")
        wire.up.send(b"cd")
        equal(wire.client.recv_exactly(2), b"cd", "rest")


@suite.test("a slow upload that the policy allows is not cut")
def _():
    with Wire(RULES, limits="idle-timeout = 1s\nhead-timeout = 1s") as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Content-Length: 4") + b"ab")
        wire.arrive(body=False)
        true(wire.client.quiet(2.5), "something came")
        wire.send(b"cd")
        equal(wire.up.recv_exactly(4), b"abcd", "body")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("a client that reads slowly is not cut")
def _():
    with Wire(RULES, limits="idle-timeout = 1s\nhead-timeout = 1s") as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        body = b"x" * (4 << 20)
        thread = threading.Thread(target=lambda: wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body), daemon=True)
        thread.start()
        time.sleep(2.5)
        true(wire.answer().body == body, "the bytes differ")
        thread.join()


@suite.test("units of time: ms, s, min, h as the manual has them, and a plain policy of each")
def _():
    for value in ("500ms", "1s", "5min", "1h"):
        passes(request("GET", "/version"), rules=RULES, limits=f"idle-timeout = {value}")


@suite.test("fifty idle connections are fifty small processes, and each goes with its client")
def _():
    wires = []
    try:
        for _ in range(50): 
            wires.append(Wire(RULES))
        for wire in wires:
            wire.relay(request("GET", "/_ping"))
        true(max(wire.dsp.resident() for wire in wires) < 8192, "a process holds more than 8 MiB")
        for wire in wires:
            wire.end()
    finally:
        for wire in wires:
            wire.close()


if __name__ == "__main__":
    sys.exit(suite.main())
