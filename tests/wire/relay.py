#!/usr/bin/env python3
"""Requests one after another over one connection: order, keep-alive, the client's and the engine's ends."""
import sys
import threading

from wire import OK, Wire, is_denial

from message import chunked, read_chunk, read_response, request
from scripted import record
from tap import Suite, equal, true

suite = Suite("relay: ")
RULES = "allow = SystemPing SystemVersion SystemEvents ContainerList ContainerLogs ContainerWait ImageGet ImageLoad"

for over in ("socketpair", "tcp", "pipes"):
    @suite.test(f"a request and its answer pass over {over}, and dsp ends with the client")
    def _(over=over):
        with Wire(RULES, over=over) as wire:
            got, answer = wire.relay(request("GET", "/v1.41/_ping", "Accept: */*"))
            equal((got.line, got["host"], got["accept"]), ("GET /v1.41/_ping HTTP/1.1", "docker", "*/*"), "request")
            equal((answer.status, answer.reason, answer.body), (200, "OK", b"OK"), "answer")
            equal(wire.end(), 0, "exit status")
            equal(bytes(wire.up.recv_to_end()), b"", "what else the engine received")


@suite.test("keep-alive: a hundred requests over one connection, and one to the engine")
def _():
    with Wire(RULES, script=record) as wire:
        for n in range(100):
            wire.send(request("GET", f"/version?n={n}"))
            equal(read_response(wire.client).status, 200, "status")
        equal([got.target for got in wire.engine.requests], [f"/version?n={n}" for n in range(100)], "requests")
        equal(len(wire.engine.streams), 1, "connections to the engine")


@suite.test("pipelined requests are answered in their order")
def _():
    with Wire(RULES) as wire:
        wire.send(b"".join(request("GET", f"/version?n={n}") for n in range(20)))
        for n in range(20):
            equal(wire.arrive().target, f"/version?n={n}", "target")
            wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%02d" % n)
        equal([wire.answer().body for n in range(20)], [b"%02d" % n for n in range(20)], "answers")


@suite.test("a pipelined request does not reach the engine before the one ahead of it is answered")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version?n=1") + request("GET", "/version?n=2"))
        wire.arrive()
        true(wire.up.quiet(), "the second request went out before the first was answered")
        wire.up.send(OK)
        wire.answer()
        equal(wire.arrive().target, "/version?n=2", "target")


@suite.test("each pipelined request is judged: denials stand in their place among the answers")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version") + request("GET", "/info") + request("POST", "/containers/create", body=b"{}") + request("GET", "/_ping"))
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().status, 200, "first")
        is_denial(wire.answer(), 403, text="SystemInfo")
        is_denial(wire.answer(), 403, text="ContainerCreate")
        equal(wire.arrive().target, "/_ping", "what the engine got next")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "last")


@suite.test("a connection stays open for the next request, however long the first took")
def _():
    with Wire(RULES) as wire:
        for _ in range(2):
            wire.send(request("GET", "/version"))
            wire.arrive()
            true(wire.client.quiet(0.5), "something came before the engine answered")
            wire.up.send(OK)
            wire.answer()


@suite.test("Connection: close ends the connection behind the answer, and drops what was pipelined")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version", "Connection: close") + request("GET", "/_ping"))
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer()["connection"], "close", "Connection of the answer")
        true(wire.client.at_end(), "the connection is still open")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("Connection: close within a list counts")
def _():
    with Wire(RULES) as wire:
        wire.relay(request("GET", "/version", "Connection: foo, Close"))
        true(wire.client.at_end(), "the connection is still open")


@suite.test("Connection: keep-alive of an HTTP/1.1 client is no Connection to the engine, and keeps the connection")
def _():
    with Wire(RULES) as wire:
        for _ in range(2):
            got, answer = wire.relay(request("GET", "/version", "Connection: keep-alive"))
            equal((got["connection"], answer.status), (None, 200), "Connection and status")


@suite.test("an HTTP/1.0 request ends the connection behind its answer")
def _():
    with Wire(RULES) as wire:
        wire.send(b"GET /version HTTP/1.0\r\n\r\n")
        wire.arrive()
        wire.up.send(OK)
        got = wire.answer()
        equal((got.version, got.status, got.body), ("1.0", 200, b"OK"), "answer")
        true(wire.client.at_end(), "the connection is still open")


@suite.test("an HTTP/1.0 client gets a chunked answer without chunks, ended by the close")
def _():
    with Wire(RULES) as wire:
        wire.send(b"GET /containers/json HTTP/1.0\r\n\r\n")
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"one", b"two"))
        got = wire.answer()
        equal((got.version, got["transfer-encoding"], got.body), ("1.0", None, b"onetwo"), "answer")


@suite.test("an HTTP/1.0 client never gets a 1xx answer")
def _():
    with Wire(RULES) as wire:
        wire.send(b"GET /version HTTP/1.0\r\n\r\n")
        wire.arrive()
        wire.up.send(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)
        equal(wire.answer().interim, [], "interim answers")


# Ends

@suite.test("a client that goes while idle ends dsp and the engine's connection")
def _():
    with Wire(RULES) as wire:
        wire.relay(request("GET", "/version"))
        wire.client.close()
        equal(wire.dsp.wait(), 0, "exit status")
        true(wire.up.at_end(), "the engine's connection is still open")


@suite.test("a client that half-closes while idle ends dsp")
def _():
    with Wire(RULES) as wire:
        wire.relay(request("GET", "/version"))
        wire.client.half_close()
        equal(wire.dsp.wait(), 0, "exit status")
        true(wire.client.at_end(), "the client's connection is still open")


@suite.test("a client that never sends anything and goes ends dsp")
def _():
    with Wire(RULES) as wire:
        wire.client.half_close()
        equal(wire.dsp.wait(), 0, "exit status")


@suite.test("a half-close on an event stream reaches the engine, which ends it (as dockerd itself would)")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/events"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
        wire.answer(body=False)
        equal(read_chunk(wire.client), b"{}", "chunk")
        wire.client.half_close()
        true(wire.up.at_end(), "the engine does not see the end")


@suite.test("an event stream whose client vanished ends on the engine too")
def _():
    for over in ("socketpair", "tcp"):
        with Wire(RULES, over=over) as wire:
            wire.send(request("GET", "/events"))
            wire.arrive()
            wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
            wire.answer(body=False)
            wire.client.close()
            true(wire.up.at_end(), "the engine does not see the end")
            wire.up.close()  # as dockerd does
            wire.dsp.wait()


@suite.test("an event stream whose client sent more and then vanished ends on the engine too")
def _():
    for over in ("socketpair", "tcp", "pipes"):
        for behind in (request("GET", "/_ping"), b"x" * 200000):
            with Wire(RULES, over=over, limits="idle-timeout = 1s") as wire:
                wire.send(request("GET", "/events"))
                wire.arrive()
                wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
                wire.answer(body=False)
                wire.client.try_send(behind, 0.5)
                wire.client.close()
                true(wire.up.at_end(), f"over {over}, {len(behind)} bytes behind: the engine does not see the end")
                wire.up.close()
                wire.dsp.wait()


@suite.test("a client that vanishes before the engine has answered ends the request there")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/containers/x/wait"))
        wire.arrive()
        wire.client.close()
        true(wire.up.at_end(), "the engine does not see the end")
        wire.up.close()
        wire.dsp.wait()


@suite.test("a half-close straight behind a request still gets its whole answer")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.client.half_close()
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().body, b"OK", "body")
        equal(wire.dsp.wait(), 0, "exit status")


@suite.test("an engine that goes while idle: the next request is answered 502 or 503, or the connection was closed before it")
def _():
    with Wire(RULES) as wire:
        wire.relay(request("GET", "/version"))
        wire.up.close()
        if not wire.client.quiet(0.5):
            true(wire.client.at_end(), bytes(wire.client.unread))
        else:
            wire.client.try_send(request("GET", "/version"))
            true(wire.answer().status in (502, 503), "status is neither 502 nor 503")


@suite.test("an engine that goes before it answers: 502, not an empty answer")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.close()
        got = wire.answer()
        true(got.status in (502, 503), f"status {got.status}")
        is_denial(got, got.status)


@suite.test("an engine that says Connection: close: the answer passes, and the client is told of the end")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        wire.up.close()
        got = wire.answer()
        equal((got.status, got.body, got["connection"]), (200, b"OK", "close"), "answer")
        true(wire.client.at_end(), "the connection is still open")


# Bulk

@suite.test("64 MiB from the engine arrive whole")
def _():
    size = 64 << 20
    block = bytes(range(256)) * 256
    with Wire(RULES) as wire:
        wire.send(request("GET", "/images/x/get"))
        wire.arrive()

        def push():
            wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // len(block)):
                wire.up.send(block)
        thread = threading.Thread(target=push, daemon=True)
        thread.start()
        got = wire.answer(body=False)
        equal(got["content-length"], str(size), "Content-Length")
        for at in range(size // len(block)):
            true(wire.client.recv_exactly(len(block)) == block, f"bytes differ in block {at}")
            if at % 256 == 0:
                del wire.client.received[:wire.client.taken]
                wire.client.taken = 0
        thread.join()
        wire.relay(request("GET", "/_ping"))


@suite.test("64 MiB from the client, chunked, arrive whole")
def _():
    block = bytes(range(256)) * 128
    with Wire(RULES) as wire:
        def push():
            wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked"))
            for _ in range(2048):
                wire.send(b"%x\r\n%s\r\n" % (len(block), block))
            wire.send(b"0\r\n\r\n")
        thread = threading.Thread(target=push, daemon=True)
        thread.start()
        wire.arrive(body=False)
        total = 0
        while True:
            chunk = read_chunk(wire.up)
            if not chunk:
                break
            true(chunk == (block * 3)[total % len(block):][:len(chunk)], f"bytes differ at {total}")
            total += len(chunk)
            del wire.up.received[:wire.up.taken]
            wire.up.taken = 0
        equal(total, 2048 * len(block), "bytes")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


SIZES = (1 << 12, 1 << 16, (1 << 16) + 1, (80 << 10) - 33, (80 << 10) - 31, (80 << 10) - 1, 80 << 10, (80 << 10) + 1, 96 << 10, 160 << 10, 200000)


@suite.test("no byte of an answer waits for the next one, whatever size the pieces have")
def _():
    for framing in ("length", "chunked"):
        for size in SIZES:
            with Wire(RULES) as wire:
                wire.send(request("GET", "/images/x/get"))
                wire.arrive()
                wire.up.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n\r\n" % (2 * size) if framing == "length" else b"Transfer-Encoding: chunked\r\n\r\n"))
                wire.answer(body=False)
                for _ in range(2):
                    wire.up.send(b"x" * size if framing == "length" else b"%x\r\n%s\r\n" % (size, b"x" * size))
                    total = 0
                    while total < size:
                        wire.client.unread or wire.client.fill(2)
                        true(wire.client.unread, f"{framing}: {total} of {size} bytes arrived")
                        total += len(read_chunk(wire.client, 2) if framing == "chunked" else wire.client.recv_exactly(len(wire.client.unread)))


@suite.test("no byte of a body waits for the next one, whatever size the pieces have")
def _():
    for size in SIZES:
        with Wire(RULES) as wire:
            wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", f"Content-Length: {2 * size}"))
            wire.arrive(body=False)
            for _ in range(2):
                wire.send(b"x" * size)
                try:
                    wire.up.recv_exactly(size, 2)
                except Exception:
                    raise AssertionError(f"{len(wire.up.unread)} of {size} bytes arrived") from None
            wire.up.send(OK)
            wire.answer()


@suite.test("an answer that comes before the request's body is whole reaches the client at once")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked") + b"4\r\nxxxx\r\n")
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad")
        got = wire.answer(limit=3)
        equal((got.status, got.body), (500, b"bad"), "answer")


@suite.test("an engine that stops reading a body and answers: the client gets the answer, not a reset")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", f"Content-Length: {8 << 20}"))
        wire.arrive(body=False)
        thread = threading.Thread(target=lambda: wire.client.try_send(b"x" * (8 << 20), 5), daemon=True)
        thread.start()
        wire.up.recv_exactly(1000)
        wire.up.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad")
        wire.up.close()
        got = wire.answer()
        equal((got.status, got.body), (400, b"bad"), "answer")
        thread.join()


@suite.test("interim and final answers both ways while a body still moves do not deadlock")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked"))
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.answer(body=False)
        for n in range(200):
            wire.send(b"4\r\n%04d\r\n" % n)
            equal(read_chunk(wire.up), b"%04d" % n, "to the engine")
            wire.up.send(b"4\r\n%04d\r\n" % n)
            equal(read_chunk(wire.client), b"%04d" % n, "to the client")
        wire.send(b"0\r\n\r\n")
        equal(read_chunk(wire.up), b"", "last chunk")
        wire.up.send(b"0\r\n\r\n")
        equal(read_chunk(wire.client), b"", "last chunk")
        wire.relay(request("GET", "/_ping"))


if __name__ == "__main__":
    sys.exit(suite.main())
