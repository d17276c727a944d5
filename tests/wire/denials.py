#!/usr/bin/env python3
"""What dsp answers itself: status, Docker's error form, and what becomes of the connection (policies.md §5.12)."""
import sys
import threading
import time

from wire import OK, TOO_OLD, Wire, is_denial, refuses

from message import chunked, request
from tap import Suite, equal, true

suite = Suite("denials: ")
RULES = "allow = SystemPing ImageLoad"
CREATE = request("POST", "/v1.41/containers/create", "Content-Type: application/json", body=b'{"Image":"x"}')


@suite.test("a denial has the words that the docker CLI prints: operation, method, path, policy")
def _():
    got = refuses(CREATE, 403, rules=RULES, name="traefik")
    equal(got.message, "dsp: ContainerCreate (POST /v1.41/containers/create) is not allowed by policy traefik", "message")


@suite.test("a denial has no Api-Version, Server or other field of the daemon")
def _():
    got = refuses(CREATE, 403, rules=RULES)
    true(not {"api-version", "server", "docker-experimental", "ostype", "transfer-encoding"} & set(got.names()), got.raw)


@suite.test("a denial quotes a hostile target as valid JSON, without control characters")
def _():
    for target in ('/x/"}', "/containers/%C3%A9%E2%80%AE/json", '/info?a="', "/" + "x" * 3000):
        got = refuses(request("GET", target), (400, 403), rules=RULES, closes=False)
        true(all(ord(char) >= 0x20 for char in got.message), got.message)


@suite.test("a denial of a request with Connection: close closes")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/info", "Connection: close"))
        equal(is_denial(wire.answer(), 403)["connection"], "close", "Connection")
        true(wire.client.at_end(), "still open")


@suite.test("a denied HEAD has no body, and the connection serves the next request")
def _():
    with Wire("allow = SystemVersion") as wire:
        wire.send(request("HEAD", "/_ping") + request("GET", "/version"))
        is_denial(wire.answer("HEAD"), 403, "HEAD")
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("after a denial without a body the connection serves the next request")
def _():
    with Wire(RULES) as wire:
        for _ in range(50):
            wire.send(request("GET", "/info"))
            is_denial(wire.answer(), 403)
        wire.relay(request("GET", "/_ping"))


@suite.test("after a denial the small body is skipped, and the connection serves the next request")
def _():
    with Wire(RULES) as wire:
        for raw in (CREATE, request("POST", "/build", "Content-Type: application/x-tar", "Transfer-Encoding: chunked") + chunked(b"x" * 100, b"y" * 100)):
            wire.send(raw)
            got = is_denial(wire.answer(), 403)
            if got["connection"] == "close":
                true(wire.client.at_end(), "Connection: close, but open")
                return
        wire.relay(request("GET", "/_ping"))


@suite.test("a small denied body that arrives with its head keeps the connection usable")
def _():
    with Wire(RULES) as wire:
        wire.send(CREATE + request("GET", "/_ping"))
        equal(is_denial(wire.answer(), 403)["connection"], None, "Connection")
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("a denied body that looks like a request is skipped as a body")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/containers/create", body=request("GET", "/_ping") * 3) + request("GET", "/_ping", "User-Agent: real"))
        is_denial(wire.answer(), 403)
        equal(wire.arrive()["user-agent"], "real", "the next request")


def big(over):
    def check():
        with Wire(RULES, over=over) as wire:
            wire.client.try_send(request("POST", "/build", "Content-Type: application/x-tar", f"Content-Length: {64 << 20}"))
            sender = threading.Thread(target=lambda: wire.client.try_send(b"x" * (64 << 20), 20), daemon=True)
            sender.start()
            got = is_denial(wire.answer(limit=5), 403, text="ImageBuild")
            equal(got["connection"], "close", "Connection")
            true(wire.client.at_end(40), "the connection stays open")
            wire.client.close()
            sender.join()
            wire.end()
            equal(wire.engine_bytes(), b"", "what the engine received")
    suite.add(f"a denied upload of 64 MiB over {over}: the client reads the 403, then the connection ends", check)


big("socketpair")
big("tcp")
big("pipes")


@suite.test("a short chunked body of a denied request, come with it, leaves the connection for the next")
def _():
    with Wire(RULES) as wire:
        for body in (chunked(), chunked(b"{}"), chunked(b"a" * 1000, b"b" * 2000), chunked(b"x")[:-2] + b"A: b\r\n\r\n"):
            wire.send(request("POST", "/containers/create", "Content-Type: application/json", "Transfer-Encoding: chunked") + body)
            equal(is_denial(wire.answer(), 403)["connection"], None, "Connection")
            wire.relay(request("GET", "/_ping"))


@suite.test("a denied upload that never comes: answered at once")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/build", "Content-Type: application/x-tar", "Content-Length: 1000000"))
        began = time.monotonic()
        is_denial(wire.answer(limit=3), 403)
        true(time.monotonic() - began < 2, "not at once")


@suite.test("a denied client that never ends its body cannot hold dsp for ever")
def _():
    with Wire(RULES, limits="head-timeout = 1s\nidle-timeout = 1s") as wire:
        wire.send(request("POST", "/build", "Content-Type: application/x-tar", "Content-Length: 1000000") + b"x")
        is_denial(wire.answer(), 403)
        wire.dsp.wait(20)


@suite.test("400, 403, 408, 415, 417, 431, 501, 505 all come in Docker's error form with a length")
def _():
    table = ((b"GET /version HTTP/1.1\r\n\r\n", 400), (request("GET", "/info"), 403), (request("POST", "/images/load", "Content-Type: multipart/form-data; boundary=x", body=b"x"), 415),
             (request("POST", "/images/load", "Expect: x", body=b"x"), 417), (request("GET", "/_ping", "X: " + "x" * 70000), 431),
             (request("POST", "/images/load", "Transfer-Encoding: gzip") + b"x", 501), (b"GET / HTTP/2.0\r\n\r\n", 505))
    for raw, status in table:
        refuses(raw, status, rules=RULES, closes=False)


@suite.test("an answer that closes says Connection: close")
def _():
    for raw in (b"GET /version HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n", request("POST", "/images/load", "Content-Length: x")):
        equal(refuses(raw, 400, rules=RULES)["connection"], "close", "Connection")


@suite.test("an engine that is not there: 503 in Docker's error form, and it says so")
def _():
    with Wire(text="[log]\ntarget = stderr\n[policy]\nsocket = /nonexistent/docker.sock\n[rules]\nallow = SystemPing\n") as wire:
        wire.client.try_send(request("GET", "/_ping"))
        is_denial(wire.answer(), 503)
        wire.end()
        true(any(priority <= 4 for priority, _ in wire.records()), wire.records())


@suite.test("an engine that refuses connections: 503, HEAD without a body")
def _():
    with Wire(RULES, engine=False) as wire:
        wire.client.try_send(request("HEAD", "/_ping"))
        is_denial(wire.answer("HEAD"), 503, "HEAD")
    with Wire(RULES, engine=False) as wire:
        wire.client.try_send(request("GET", "/_ping"))
        is_denial(wire.answer(), 503)


@suite.test("an engine that is away does not change what is denied or malformed")
def _():
    with Wire(RULES, engine=False) as wire:
        wire.client.try_send(request("GET", "/info"))
        true(wire.answer().status in (403, 503), "status is neither 403 nor 503")
    with Wire(RULES, engine=False) as wire:
        wire.client.try_send(b"nonsense\r\n\r\n")
        true(wire.answer().status in (400, 503), "status is neither 400 nor 503")


@suite.test("an HTTP/1.0 client gets an HTTP/1.0 denial, then the end")
def _():
    with Wire(RULES) as wire:
        wire.send(b"GET /info HTTP/1.0\r\n\r\n")
        got = is_denial(wire.answer(), 403)
        equal(got.version, "1.0", "version")
        true(wire.client.at_end(), "still open")


@suite.test("a client that does not read its denials does not stop dsp from ending with it")
def _():
    with Wire(RULES, limits="head-timeout = 1s\nidle-timeout = 1s") as wire:
        wire.client.try_send(request("GET", "/info") * 20000, 2)
        wire.client.close()
        wire.dsp.wait(20)


@suite.test("the message of what is too old is Docker's own")
def _():
    equal(refuses(request("GET", "/v1.12/_ping"), 400, rules=RULES, closes=False).message, TOO_OLD.format("1.12", "1.24"), "message")


if __name__ == "__main__":
    sys.exit(suite.main())
