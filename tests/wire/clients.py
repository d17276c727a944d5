#!/usr/bin/env python3
"""What real clients do, each of which has broken a real proxy (clients/policies.md §5; the numbers are its items)."""
import json
import sys

from wire import OK, Wire, is_denial, passes, refuses

from message import chunked, read_chunk, read_response, request
from scripted import record
from tap import Suite, equal, true

suite = Suite("clients: ")
PING = ("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nBuilder-Version: 1\r\nCache-Control: no-cache, no-store, must-revalidate\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nDocker-Experimental: false\r\nOstype: linux\r\nPragma: no-cache\r\nServer: Docker/20.10.24 (linux)\r\n"
        "Swarm: inactive\r\nContent-Length: 2\r\n\r\nOK").encode()
TRAEFIK = "allow = SystemPing SystemVersion ContainerList ContainerInspect SystemEvents"

for prefix in ("", "/v1.24", "/v1.41", "/v1.56"):
    for target in ("/_ping", "/version", "/containers/json"):
        suite.add(f"1. {prefix + target} passes", lambda target=prefix + target: passes(request("GET", target), f"GET {target} HTTP/1.1", rules=TRAEFIK))


@suite.test("1. podman's three-part /v4.3.1/libpod/... is refused politely where only Docker's operations are allowed")
def _():
    refuses(request("GET", "/v4.3.1/libpod/info"), 403, rules=TRAEFIK)


@suite.test("2. HEAD and GET /_ping carry the daemon's fields")
def _():
    with Wire(TRAEFIK) as wire:
        for method in ("HEAD", "GET"):
            wire.send(request(method, "/_ping", "User-Agent: Docker-Client/28.2.2 (linux)"))
            equal(wire.arrive().line, f"{method} /_ping HTTP/1.1", "request line")
            wire.up.send(PING if method == "GET" else PING[:-2])
            got = wire.answer(method)
            equal((got["api-version"], got["ostype"], got["docker-experimental"], got["builder-version"], got["swarm"], got["server"]),
                  ("1.41", "linux", "false", "1", "inactive", "Docker/20.10.24 (linux)"), "fields")


@suite.test("3. docker-py's unversioned GET /version passes")
def _():
    passes(b"GET /version HTTP/1.1\r\nHost: localhost\r\nUser-Agent: docker-sdk-python/5.0.3\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
           "GET /version HTTP/1.1", rules=TRAEFIK)


for host in ("docker", "api.moby.localhost", "localhost", "d", "unix.sock", "[::1]", "1.28", "2f7661722f72756e2f646f636b65722e736f636b", ""):
    suite.add(f"4. Host: {host!r}", lambda host=host: passes(request("GET", "/version", host=host), rules=TRAEFIK))


@suite.test("4. HTTP/1.0 without Host (libnss-docker) passes and gets no chunks")
def _():
    with Wire(TRAEFIK) as wire:
        wire.send(b"GET /v1.12/containers/json HTTP/1.0\r\n\r\n".replace(b"v1.12", b"v1.24"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"[]"))
        got = wire.answer()
        equal((got.version, got["transfer-encoding"], got.body), ("1.0", None, b"[]"), "answer")


for name, target in (("raw braces, brackets and quotes (autoheal)", '/containers/json?filters={"health":["unhealthy"],"label":["autoheal=true"]}'),
                     ("+ for a blank (docker-py)", "/containers/json?limit=-1&all=0&size=0&trunc_cmd=0&filters=%7B%22label%22%3A+%5B%22a%22%5D%7D"),
                     ("booleans True and False (ansible)", "/containers/json?all=True&size=False"),
                     ("filters as a map of bool (Go)", "/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D"),
                     ('filters with {"service":false} (crowdsec)', '/events?filters={"type":{"service":false}}'),
                     ("a query of 16 KB (dockerode)", "/containers/json?filters=" + "%7B%22a%22%7D" * 1300)):
    suite.add(f"5. {name}: the query reaches the engine as it was", lambda target=target: passes(request("GET", target), f"GET {target} HTTP/1.1", rules=TRAEFIK))


@suite.test("5. a trailing question mark (fsouza)")
def _():
    passes(request("GET", "/containers/json?"), rules=TRAEFIK)


for name in ("library/alpine:3.20", "ghcr.io/acme/app@sha256:" + "ab" * 32, "localhost:5000/x"):
    suite.add(f"5. the image {name}", lambda name=name: passes(request("GET", f"/v1.41/images/{name}/json"), f"GET /v1.41/images/{name}/json HTTP/1.1", rules="allow = ImageInspect"))


@suite.test("6. exec start with Content-Length and Upgrade: tcp gets its 101 (HAProxy #1381, Tecnativa #132)")
def _():
    body = b'{"Detach":false,"Tty":false,"ConsoleSize":null}\n'
    with Wire("allow = ExecStart") as wire:
        wire.send(request("POST", "/v1.50/exec/abc/start", "User-Agent: Docker-Client/28.2.2 (linux)", "Connection: Upgrade", "Content-Type: application/json", "Upgrade: tcp", body=body))
        got = wire.arrive()
        equal((got["upgrade"], got.body), ("tcp", body), "request")
        wire.up.send(b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nApi-Version: 1.50\r\n\r\n")
        equal(wire.answer().status, 101, "status")


@suite.test("7. a half-close 1 ms after the 101 does not lose the output (linuxserver proxy #10)")
def _():
    with Wire("allow = ContainerAttach") as wire:
        wire.send(request("POST", "/containers/x/attach?stdout=1&stream=1", "Content-Type: text/plain", "Connection: Upgrade", "Upgrade: tcp"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        wire.answer()
        wire.client.half_close()
        true(wire.up.at_end(), "no half-close")
        true(wire.client.quiet(0.5), "the client's side ended with it")
        wire.up.send(b"\1\0\0\0\0\0\0\6output")
        wire.up.close()
        equal(wire.client.recv_to_end(), b"\1\0\0\0\0\0\0\6output", "output")


@suite.test("8. docker run: the head of POST /wait arrives before anything of its body")
def _():
    with Wire("allow = ContainerWait") as wire:
        wire.send(request("POST", "/v1.41/containers/x/wait?condition=next-exit", "Content-Length: 0"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        equal(wire.answer(body=False, limit=2).status, 200, "status")


@suite.test("9. a quiet event stream is not cut, whatever the time limits say")
def _():
    with Wire(TRAEFIK, limits="head-timeout = 500ms\nidle-timeout = 500ms") as wire:
        wire.send(request("GET", "/events"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.answer(body=False)
        true(wire.client.quiet(3), "it was cut")
        wire.up.send(b"2\r\n{}\r\n")
        equal(read_chunk(wire.client), b"{}", "event")


@suite.test("10. an idle keep-alive connection stays open for longer than Go clients hold one", limit=90)
def _():
    with Wire(TRAEFIK) as wire:
        wire.relay(request("GET", "/version"))
        true(wire.client.quiet(35), "it was closed")
        wire.relay(request("GET", "/version"))


@suite.test("11. many parallel streams: each connection has its own process and its own engine connection")
def _():
    wires = []
    try:
        for n in range(20):
            wire = Wire("allow = ContainerLogs")
            wires.append(wire)
            wire.send(request("GET", f"/containers/c{n}/logs?follow=1"))
            wire.arrive()
            wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            wire.answer(body=False)
        for n, wire in enumerate(wires):
            wire.up.send(b"3\r\n%03d\r\n" % n)
        for n, wire in enumerate(wires):
            equal(read_chunk(wire.client), b"%03d" % n, "line")
        for wire in wires:
            wire.end()
    finally:
        for wire in wires:
            wire.close()


@suite.test("12. a denial is 403, application/json, {\"message\": …}; no body on HEAD")
def _():
    got = refuses(request("GET", "/info"), 403, rules=TRAEFIK)
    equal(list(json.loads(got.body)), ["message"], "keys")
    with Wire("deny = SystemPing") as wire:
        wire.send(request("HEAD", "/_ping") + request("GET", "/_ping"))
        is_denial(wire.answer("HEAD"), 403, "HEAD")
        is_denial(wire.answer(), 403)


@suite.test("13. POST without Content-Length (curl -X POST), type plain/text on an empty POST (fsouza), text/plain for a tar (CLI 28 cp)")
def _():
    passes(request("POST", "/containers/x/start"), rules="allow = ContainerStart")
    equal(passes(request("POST", "/containers/x/stop?t=5", "Content-Type: plain/text"), rules="allow = ContainerStop").body, b"", "body")
    got = passes(request("PUT", "/v1.50/containers/x/archive?path=%2F&noOverwriteDirNonDir=true", "Content-Type: text/plain", "Transfer-Encoding: chunked") + chunked(b"tar" * 1000),
                 rules="allow = PutContainerArchive")
    equal((got.body, got["transfer-encoding"]), (b"tar" * 1000, "chunked"), "body")


@suite.test("docker ps: HEAD /_ping and GET /containers/json on one connection")
def _():
    with Wire(TRAEFIK, script=record) as wire:
        for method, target in (("HEAD", "/_ping"), ("GET", "/v1.50/containers/json")):
            wire.send(request(method, target, "User-Agent: Docker-Client/28.2.2 (linux)", host="api.moby.localhost"))
            equal(read_response(wire.client, method).status, 200, "status")
        equal([got.line for got in wire.engine.requests], ["HEAD /_ping HTTP/1.1", "GET /v1.50/containers/json HTTP/1.1"], "requests")


@suite.test("docker load: a chunked upload of text/plain with Connection fields of Go passes")
def _():
    got = passes(request("POST", "/v1.50/images/load?quiet=1", "User-Agent: Docker-Client/28.2.2 (linux)", "Content-Type: application/x-tar", "Transfer-Encoding: chunked",
                         "Accept-Encoding: gzip") + chunked(b"x" * 5000), rules="allow = ImageLoad")
    equal(got.body, b"x" * 5000, "body")


@suite.test("docker build: X-Registry-Config and a chunked tar pass, and so does classic builder's versioned target")
def _():
    got = passes(request("POST", "/v1.41/build?buildargs=%7B%7D&cachefrom=%5B%5D&dockerfile=Dockerfile&t=x&version=1", "Content-Type: application/x-tar",
                         "X-Registry-Config: e30=", "Transfer-Encoding: chunked") + chunked(b"tar"), rules="allow = ImageBuild")
    equal((got["x-registry-config"], got.body), ("e30=", b"tar"), "request")


@suite.test("docker pull: X-Registry-Auth of 8 KB passes")
def _():
    equal(passes(request("POST", "/images/create?fromImage=alpine&tag=latest", "X-Registry-Auth: " + "a" * 8192, "Content-Length: 0"), rules="allow = ImageCreate")["x-registry-auth"],
          "a" * 8192, "X-Registry-Auth")


@suite.test("curl's Expect: 100-continue on a large POST works")
def _():
    with Wire("allow = ImageLoad") as wire:
        wire.send(request("POST", "/images/load", "User-Agent: curl/7.88.1", "Accept: */*", "Content-Type: application/x-tar", "Content-Length: 2000000", "Expect: 100-continue"))
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        wire.client.recv_until(b"100 Continue\r\n\r\n")
        wire.send(b"x" * 100000)
        equal(wire.up.recv_exactly(100000), b"x" * 100000, "body")
        wire.up.send(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        equal(wire.answer().status, 200, "status")


if __name__ == "__main__":
    sys.exit(suite.main())
