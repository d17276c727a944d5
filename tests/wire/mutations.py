#!/usr/bin/env python3
"""Mutated requests, answers and policies, from a fixed seed: whatever reaches the engine is well formed and allowed, and dsp is never killed.

WIRE_MUTATIONS is how many connections each test makes (default 1500); WIRE_SEED another seed. A failure prints what was sent.
"""
import os
import random
import re
import socket
import subprocess
import sys
from urllib.parse import unquote_to_bytes

from wire import OK, Wire, policy

from dsp import binary
from message import Request, chunked, read_body, request
from stream import End, Stream
from tap import Suite, equal, true

suite = Suite("mutations: ", limit=600)
COUNT = int(os.environ.get("WIRE_MUTATIONS", "1500"))
SEED = int(os.environ.get("WIRE_SEED", "20261122"))
RULES = "allow = SystemPing SystemVersion ContainerList ContainerInspect ContainerAttach ExecStart ImageLoad ImageCreate\ndeny = GET /containers/secret/json"
# The same policy, said a second time and independently, on the decoded path without its version.
ALLOWED = re.compile(rb"(GET|HEAD) /_ping|GET /version|GET /containers/json|GET /containers/(?!secret/json$)[^\n]+/json|POST /containers/[^\n]+/attach|POST /exec/[^\n]+/start|"
                     rb"POST /images/(load|create)", re.DOTALL)
TCP = ("Connection: Upgrade", "Upgrade: tcp")
SEEDS = [
    request("GET", "/_ping"), request("HEAD", "/v1.41/_ping", "User-Agent: Docker-Client/28"), request("GET", "/v1.24/version", "Connection: keep-alive"),
    request("GET", '/containers/json?all=1&filters={"a":["b"]}', "Accept: */*"), request("GET", "/v1.41/containers/a%20b/json"), request("GET", "/containers/secret/json"),
    request("POST", "/containers/x/attach?stream=1", *TCP), request("POST", "/exec/x/start", "Content-Type: application/json", *TCP, body=b'{"Tty":false}'),
    request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked") + chunked(b"hello", b"x" * 30) + request("GET", "/_ping"),
    request("POST", "/images/load", "Expect: 100-continue", body=b"0123456789") + request("GET", "/info"),
    request("POST", "/images/create?fromImage=x", "Content-Length: 0") + request("GET", "/version"), b"GET /version HTTP/1.0\r\n\r\n",
    request("POST", "/containers/create", "Content-Type: application/json", body=b"{}") + request("GET", "/_ping"), request("GET", "/secrets"), request("GET", "/info") * 3,
]
PIECES = [b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\0", b":", b"/", b"//", b"/..", b"%2f", b"%2e%2e", b"%00", b"%", b"?", b"#", b";", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n",
          b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Upgrade: tcp\r\n", b"Upgrade: h2c\r\n", b"Host: x\r\n", b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"0\r\n\r\n",
          b"GET /secrets HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"ffffffffffffffff\r\n", b"\xff", b"\xc3\xa9", b"v1.41/", b"/secrets", b"containers/", b"-1", b"+", b",", b"chunked"]


def mutate(rng, data, pieces=PIECES):
    """One to four random changes of `data`."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[at:at + rng.choice((1, 1, 2, 5, 20))]
        elif kind == 3:
            data[at:at] = bytes([rng.randrange(256)])
        elif kind == 4 and data:
            start = rng.randrange(len(data))
            data[at:at] = data[start:start + rng.randrange(1, 40)]
        else:
            data[at:at] = rng.choice(pieces)
    return bytes(data)


def strict(engine, stream):
    """A script: takes only strict requests that the policy allows; the rest is an error of the test."""
    while not (stream.at_end(3600) or stream.ended):
        raw = stream.recv_head(60)
        got = Request(raw).check()
        path = got.target.partition("?")[0].encode("latin-1")
        true(not re.search(rb"%(2f|25|5c|[01][0-9a-f]|7f)|//|/\.\.?(/|$)", path, re.IGNORECASE), f"an unclean path reached the engine: {raw!r}")
        bare = re.sub(rb"\A/v[0-9.]+(?=/)", b"", unquote_to_bytes(path))
        true(ALLOWED.fullmatch(got.method.encode() + b" " + bare), f"what is not allowed reached the engine: {raw!r}")
        read_body(stream, got, 60)
        stream.send(OK if got.method != "HEAD" else OK[:-2])
        engine.requests.append(got)


def attempt(path, raw):
    """One connection: sends `raw`, half-closes, reads to the end. Returns the exit status and the answer."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([binary(), "--policy=" + path], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    theirs.close()
    client = Stream(ours)
    try:
        client.try_send(raw)
        client.half_close()
        return process.wait(20), client.recv_to_end(5)
    except (subprocess.TimeoutExpired, End) as error:
        raise AssertionError(f"dsp hangs on {raw!r}: {error}") from None
    finally:
        client.close()
        if process.poll() is None:
            process.kill()
            process.wait()


@suite.test("what of mutated requests reaches the engine parses strictly and is allowed; dsp never dies")
def _():
    rng = random.Random(SEED)
    with Wire(RULES, script=strict, log="requests = none\ntarget = none") as wire:
        for at in range(COUNT):
            raw = mutate(rng, rng.choice(SEEDS))
            if rng.random() < 0.3:
                raw += mutate(rng, rng.choice(SEEDS))
            status, told = attempt(wire.path, raw)
            equal(status, 0, f"exit status after {raw!r}, which was answered {told[:200]!r}")
            true(told == b"" or told.startswith(b"HTTP/1."), f"{raw!r} was answered {told!r}")
            wrong = [error for error in wire.engine.errors if not isinstance(error, (End, OSError))]
            true(not wrong, f"connection {at}: {raw!r}: {wrong}")
            wire.engine.errors.clear()
            wire.engine.streams.clear()
        true(len(wire.engine.requests) > COUNT / 10, f"only {len(wire.engine.requests)} requests of {COUNT} connections reached the engine")


ANSWERS = [
    OK, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hello", b"x" * 50), b"HTTP/1.1 204 No Content\r\nApi-Version: 1.41\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nraw", b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"message\":\"x\"}",
]
QUESTIONS = [request("GET", "/version"), request("HEAD", "/_ping"), request("POST", "/containers/x/attach", *TCP), b"GET /version HTTP/1.0\r\n\r\n",
             request("POST", "/images/load", body=b"0123456789")]


@suite.test("mutated answers of the engine never kill dsp, and never hang it once both ends are closed")
def _():
    rng = random.Random(SEED + 1)
    current = [b""]

    def answer(_, stream):
        stream.recv_head(60)
        stream.try_send(current[0])
        stream.half_close()
        stream.drain(5)
    with Wire(RULES, script=answer, log="requests = none\ntarget = none") as wire:
        for _ in range(COUNT // 3):
            current[0] = mutate(rng, rng.choice(ANSWERS))
            raw = rng.choice(QUESTIONS)
            status, told = attempt(wire.path, raw)
            equal(status, 0, f"exit status after {raw!r}, answered {current[0]!r}")
            true(told == b"" or told.startswith(b"HTTP/1."), f"{raw!r}, answered {current[0]!r}, became {told!r}")
            wire.engine.streams.clear()
            wire.engine.errors.clear()


@suite.test("mutated policies never kill dsp: it serves or answers 503, and what it serves it denies by default")
def _():
    rng = random.Random(SEED + 2)
    with Wire("allow = SystemPing") as wire:
        base = policy(wire.engine.path, RULES + "\nallow = GET /libpod/*/x-* POST /a/**\ndeny = containers:write", sections="CONTAINERS = 1\nPOST = 0",
                      limits="min-api = 1.24\nhead-timeout = 10s\nidle-timeout = 5min\nbody-max = 1M", log="requests = none\ntarget = none").encode()
        pieces = [b"\n", b"\r\n", b"[", b"]", b"=", b";", b"#", b"\0", b"allow = ", b"deny", b"[rules]\n", b"**", b"*", b" ", b"\t", b"x" * 300, b"\xff", b"GET /x", b"1", b"containers:"]
        path = wire.path + ".mutated"
        for _ in range(COUNT // 3):
            text = mutate(rng, base, pieces)
            with open(path, "wb") as file:
                file.write(text)
            status, told = attempt(path, request("GET", "/secrets"))
            equal(status, 0, f"exit status with {text!r}")
            true(re.match(rb"HTTP/1\.1 (403|503) ", told), f"GET /secrets was answered {told!r} with {text!r}")


if __name__ == "__main__":
    sys.exit(suite.main())
