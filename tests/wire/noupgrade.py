#!/usr/bin/env python3
"""Where there is nothing to upgrade, nothing is: other operations, other tokens, bodies that would become standard input (routing.md §6)."""
import sys

from wire import EVERYTHING, OK, Wire, is_denial, refuses

from message import chunked, request
from tap import Suite, equal, lacks, true
from upgrade import H2C, JSON, RAW, RULES, SWITCH, TCP, WS

suite = Suite("no upgrade: ")


@suite.test("Upgrade and Connection do not reach the engine on ordinary operations, and the request is judged as any")
def _():
    for fields in (TCP, H2C, WS, ("Upgrade: tcp",), ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")):
        with Wire(RULES) as wire:
            wire.send(request("GET", "/version", *fields))
            got = wire.arrive()
            for name in ("upgrade", "connection", "http2-settings"):
                lacks(got.names(), name, "fields")
            wire.up.send(OK)
            equal(wire.answer().status, 200, "status")
            wire.send(request("GET", "/info", *fields))
            is_denial(wire.answer(), 403)


@suite.test("101 to an ordinary operation opens nothing")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version", *TCP))
        wire.arrive()
        wire.up.send(SWITCH)
        true(wire.answer().status != 101, "101 passed")
        wire.client.try_send(request("POST", "/containers/create", JSON, body=b"{}"))
        wire.client.drain(0.5)
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("a bare 200 raw-stream to an ordinary operation is no tunnel")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(RAW)
        wire.answer(body=False)
        wire.client.try_send(request("POST", "/containers/create", JSON, body=b"{}"))
        wire.client.drain(0.3)
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("a raw rule that allows what is no operation gives it no upgrade")
def _():
    with Wire(EVERYTHING) as wire:
        wire.send(request("POST", "/new/stream", *TCP))
        lacks(wire.arrive().names(), "upgrade", "fields")


@suite.test("Upgrade tokens other than the route's own are refused or not forwarded")
def _():
    for path, value in (("/containers/x/attach", "websocket"), ("/containers/x/attach", "x"), ("/containers/x/attach", ""), ("/containers/x/attach", "tcp, h2c"),
                        ("/exec/e/start", "h2c"), ("/session", "tcp"), ("/grpc", "websocket"), ("/session", "H2C, tcp")):
        with Wire(RULES) as wire:
            wire.send(request("POST", path, "Connection: Upgrade", f"Upgrade: {value}"))
            if wire.client.quiet(0.2):
                got = wire.arrive()
                own = "h2c" if path in ("/session", "/grpc") else "tcp"
                true(got["upgrade"] in (None, own), f"{path} {value!r}: {got.raw!r}")
            else:
                is_denial(wire.answer(), 400)


@suite.test("a chunked body on attach, exec start, session, grpc and attach/ws is answered 411")
def _():
    for method, target, fields in (("POST", "/containers/x/attach", TCP), ("POST", "/containers/x/attach", ()), ("POST", "/exec/e/start", TCP), ("POST", "/exec/e/start", ()),
                                   ("POST", "/session", H2C), ("POST", "/grpc", H2C), ("GET", "/containers/x/attach/ws", WS)):
        refuses(request(method, target, *fields, JSON, "Transfer-Encoding: chunked") + chunked(b"{}"), 411, rules=RULES, closes=False)


@suite.test("a body on attach, session, grpc and attach/ws, which would become stdin, is refused")
def _():
    for method, target, fields in (("POST", "/containers/x/attach", TCP), ("POST", "/session", H2C), ("POST", "/grpc", H2C), ("GET", "/containers/x/attach/ws", WS)):
        refuses(request(method, target, *fields, body=b"xxxx"), (400, 411, 413), rules=RULES, closes=False)


@suite.test("a body of JSON on attach, which dockerode sends, is read and left out: what follows it is stdin, all of it and nothing else")
def _():
    for fields in ((JSON, *TCP), (JSON,), (JSON + "; charset=utf-8", *TCP)):
        for options in (b'{"stream":true}', b"not looked at", b"x" * 100000):
            with Wire(RULES) as wire:
                raw = request("POST", "/containers/x/attach?stream=1&stdin=1", *fields, body=options) + b"first\n"
                for piece in (raw[:90], raw[90:-8], raw[-8:]):
                    wire.send(piece)
                got = wire.arrive()
                equal((got.line, got["content-length"], got["content-type"], got.body), ("POST /containers/x/attach?stream=1&stdin=1 HTTP/1.1", "0", None, b""), "request")
                wire.up.send(SWITCH if TCP[0] in fields else RAW)
                wire.answer(body=False)
                equal(wire.up.recv_exactly(6), b"first\n", "input")
                wire.send(b"second\n")
                equal(wire.up.recv_exactly(7), b"second\n", "input")
                wire.up.send(b"out")
                equal(wire.client.recv_exactly(3), b"out", "output")


@suite.test("a body of another type on attach is refused, and one of JSON that is longer than body-max")
def _():
    for kind in ("text/plain", "application/octet-stream", "application/json-seq", "application/vnd.docker.raw-stream"):
        refuses(request("POST", "/containers/x/attach", *TCP, "Content-Type: " + kind, body=b"{}"), 400, rules=RULES, closes=False)
    refuses(request("POST", "/containers/x/attach", *TCP, JSON, "Content-Encoding: gzip", body=b"{}"), 400, rules=RULES, closes=False)
    with Wire(RULES, limits="body-max = 1K") as wire:
        wire.client.try_send(request("POST", "/containers/x/attach", *TCP, JSON, body=b" " * 1025))
        is_denial(wire.answer(), 413)
        wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("the body that attach leaves out is not waited for longer than head-timeout, and nothing of the request is forwarded before it is whole")
def _():
    with Wire(RULES, limits="head-timeout = 500ms") as wire:
        wire.send(request("POST", "/containers/x/attach", *TCP, JSON, body=b'{"stream":true}')[:-3])
        is_denial(wire.answer(), 408)
        wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("HTTP/1.0 gets no upgrade")
def _():
    with Wire(RULES) as wire:
        wire.send(b"POST /containers/x/attach HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        if wire.client.quiet(0.2):
            lacks(wire.arrive().names(), "upgrade", "fields")
        else:
            true(wire.answer().status == 400, "status is not 400")


if __name__ == "__main__":
    sys.exit(suite.main())
