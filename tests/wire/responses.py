#!/usr/bin/env python3
"""The engine's answers: framing, interim answers, flushing, and an engine that talks nonsense (policies.md §5.8, 5.9)."""
import sys

from wire import OK, Wire, is_denial

from message import chunked, read_chunk, request
from tap import Suite, equal, true

suite = Suite("responses: ")
RULES = "allow = SystemPing SystemVersion SystemEvents ContainerList ContainerLogs ContainerWait ContainerStats ContainerArchive ContainerStart ImageCreate"


def answered(raw_answer, raw=request("GET", "/version"), method="GET"):
    """What the client gets when the engine answers `raw_answer`, and that the connection serves another request."""
    with Wire(RULES) as wire:
        wire.send(raw)
        wire.arrive()
        wire.up.send(raw_answer)
        got = wire.answer(method)
        wire.relay(request("GET", "/_ping"))
        return got


@suite.test("Content-Length answers pass with status, reason, fields and bytes")
def _():
    got = answered(b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 4\r\nContent-Type: text/x\r\nX-Any: a b\r\n\r\n\0\1\xff\n")
    equal((got.status, got.reason, got["content-type"], got["x-any"], got.body), (418, "I'm a teapot", "text/x", "a b", b"\0\1\xff\n"), "answer")


@suite.test("the daemon's headers of _ping reach the client")
def _():
    fields = {"Api-Version": "1.41", "Ostype": "linux", "Docker-Experimental": "false", "Builder-Version": "1", "Swarm": "inactive",
              "Server": "Docker/20.10.24 (linux)", "Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache", "Date": "Sun, 22 Nov 2026 02:27:16 GMT"}
    raw = b"HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"Content-Length: 0\r\n\r\n"
    for method in ("HEAD", "GET"):
        got = answered(raw, request(method, "/_ping"), method)
        equal({name: got[name] for name in fields}, fields, "fields")
        equal(got["content-length"], "0", "Content-Length")


@suite.test("X-Docker-Container-Path-Stat of HEAD archive reaches the client")
def _():
    got = answered(b"HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: e30=\r\n\r\n", request("HEAD", "/containers/x/archive?path=/"), "HEAD")
    equal(got["x-docker-container-path-stat"], "e30=", "field")


@suite.test("HEAD: a Content-Length without a body, and the next request works")
def _():
    got = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", request("HEAD", "/_ping"), "HEAD")
    equal((got.status, got["content-length"]), (200, "1000"), "answer")


@suite.test("204 and 304 have no body, with or without a Content-Length")
def _():
    for raw in (b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"):
        got = answered(raw, request("POST", "/containers/x/start"), "POST")
        equal(got.status, int(raw[9:12]), "status")


@suite.test("chunked answers pass chunk by chunk")
def _():
    got = answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"one", b"2", b"three" * 1000))
    equal((got["transfer-encoding"], got["content-length"], got.body), ("chunked", None, b"one2" + b"three" * 1000), "answer")
    equal(got.chunks[:2], [b"one", b"2"], "chunks")


@suite.test("two chunks in one segment stay two chunks")
def _():
    got = answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(*[b"{%d}\n" % n for n in range(100)]))
    equal(got.chunks, [b"{%d}\n" % n for n in range(100)], "chunks")


@suite.test("trailers of the engine are not forwarded as anything but trailers")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\n\r\n")
        equal(wire.answer(body=False).status, 200, "status")
        equal(read_chunk(wire.client), b"x", "chunk")
        rest = wire.client.recv_until(b"\r\n\r\n")
        true(rest in (b"0\r\n\r\n", b"0\r\nX-T: 1\r\n\r\n"), rest)
        wire.relay(request("GET", "/_ping"))


@suite.test("an answer without a length ends with the engine's close, and so does the connection")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\n\r\nsome bytes")
        wire.up.close()
        got = wire.answer()
        equal(got.body, b"some bytes", "body")


@suite.test("the head of an answer goes out at once, before any of its body (docker run deadlocks otherwise)")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/containers/x/wait"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        equal(wire.answer(body=False, limit=2).status, 200, "status")
        wire.up.send(chunked(b'{"StatusCode":0}'))
        equal(read_chunk(wire.client), b'{"StatusCode":0}', "body")


@suite.test("each chunk of an event stream goes out at once, and time does not end it")
def _():
    with Wire(RULES, limits="head-timeout = 1s\nidle-timeout = 1s") as wire:
        wire.send(request("GET", "/events"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.answer(body=False)
        for n in range(4):
            true(wire.client.quiet(0.6), "something came that was not sent")
            wire.up.send(b"3\r\n{%d}\r\n" % n)
            equal(read_chunk(wire.client, 2), b"{%d}" % n, "event")


@suite.test("a piece of a chunk goes out before the chunk is whole")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/containers/x/logs?follow=1"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nfirst")
        wire.answer(body=False)
        true(not wire.client.quiet(2), "nothing came")
        true(b"first" in wire.client.unread, bytes(wire.client.unread))


@suite.test("1xx answers pass before the final one, each at once")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/create?fromImage=x"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        equal(wire.client.recv_head(2).split(b"\r\n")[0], b"HTTP/1.1 102 Processing", "interim answer")
        wire.up.send(b"HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n" + OK)
        got = wire.answer()
        equal(([interim.status for interim in got.interim], got.status), ([103], 200), "answers")


@suite.test("an engine that goes in the middle of an answer ends it without inventing an end")
def _():
    for raw, end in ((b"Content-Length: 10\r\n\r\nhalf", b"half"), (b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", b"4\r\nhalf\r\n"),
                     (b"Transfer-Encoding: chunked\r\n\r\n8\r\nhalf", None)):
        with Wire(RULES) as wire:
            wire.send(request("GET", "/version"))
            wire.arrive()
            wire.up.send(b"HTTP/1.1 200 OK\r\n" + raw)
            wire.up.close()
            wire.answer(body=False)
            rest = wire.client.recv_to_end()
            true(b"0\r\n\r\n" not in rest, f"an end was invented: {rest!r}")
            if end is not None:
                equal(rest, end, "body")


@suite.test("an engine that resets in the middle of an answer ends it the same way")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version", "Accept: " + "x" * 3000))
        wire.up.recv_exactly(10)
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        wire.up.close()  # with bytes unread: a reset
        wire.client.recv_to_end()


# Nonsense

def nonsense(name, raw, statuses=(502,)):
    def check():
        with Wire(RULES) as wire:
            wire.send(request("GET", "/version"))
            wire.arrive()
            wire.up.try_send(raw)
            got = wire.answer()
            true(got.status in statuses, f"status {got.status}")
            is_denial(got, got.status)
            true(wire.client.at_end(), "the connection is still open")
    suite.add(f"{name} is answered 502", check)


nonsense("an engine that is no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
nonsense("a status line without a status", b"HTTP/1.1 OK\r\n\r\n")
nonsense("a status of two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")
nonsense("a status of 600", b"HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n")
nonsense("an HTTP/2.0 status line", b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
nonsense("two different Content-Lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nOK!")
nonsense("a negative Content-Length", b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nOK")
nonsense("an unknown transfer coding", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nOK")
nonsense("Content-Length with chunked", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"OK"))
nonsense("a bare LF in the head", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nOK\r\n\r\n")
nonsense("a head of 300 KB", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300000 + b"\r\n\r\n")
nonsense("101 to a request without upgrade", b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")


@suite.test("bytes that the engine sends behind an answer are not taken for the next one's")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.up.send(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        equal(wire.answer().body, b"OK", "body")
        wire.client.try_send(request("GET", "/_ping"))
        rest = wire.client.drain(1)
        true(b"poison" not in rest and rest[:12] in (b"", b"HTTP/1.1 502", b"HTTP/1.1 503"), f"the client got {rest!r}")


@suite.test("an answer before any request is not taken for one")
def _():
    with Wire(RULES) as wire:
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        wire.client.drain(0.3)
        wire.client.try_send(request("GET", "/_ping"))
        wire.client.drain(1)
        true(b"poison" not in wire.client.received, bytes(wire.client.received))


if __name__ == "__main__":
    sys.exit(suite.main())
