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
