#!/usr/bin/env python3
"""Requests one after another over one connection: order, keep-alive, the client's and the engine's ends."""
import sys
import time

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
                equal(read_chunk(wire.client), b"{}", "chunk")  # nothing unread, so that closing is a FIN and not a reset
                wire.client.try_send(behind, 0.5)
                wire.client.close()
                if over == "tcp":  # holds the FIN back behind data that nobody reads: the next event finds out
                    for _ in range(2):
                        wire.up.try_send(b"2\r\n{}\r\n", 0.2)
                        time.sleep(0.2)
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


if __name__ == "__main__":
    sys.exit(suite.main())
