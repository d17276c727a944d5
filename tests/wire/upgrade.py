#!/usr/bin/env python3
"""Upgrades: only where the operation is of that kind and the policy allows it; then bytes both ways (policies.md §5.6–7, routing.md §6)."""
import sys
import threading

from wire import Wire, is_denial, refuses

from message import request
from tap import Suite, equal, lacks, true

suite = Suite("upgrade: ")
TCP = ("Connection: Upgrade", "Upgrade: tcp")
H2C = ("Connection: Upgrade", "Upgrade: h2c")
WS = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
JSON = "Content-Type: application/json"
SWITCH = b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
RAW = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
EXEC = request("POST", "/v1.41/exec/e1/start", JSON, *TCP, body=b'{"Detach":false,"Tty":false}')
ATTACH = request("POST", "/v1.41/containers/x/attach?stream=1&stdin=1&stdout=1", "Content-Type: text/plain", *TCP)
RULES = "allow = ContainerAttach ExecStart Session Grpc ContainerAttachWebsocket SystemPing SystemVersion"
ROUTES = {
    "exec start": EXEC, "attach": ATTACH,
    "session": request("POST", "/session", *H2C, "X-Docker-Expose-Session-Uuid: u1"),
    "grpc": request("POST", "/grpc", *H2C),
    "attach/ws": request("GET", "/containers/x/attach/ws?stream=1", *WS),
}
TOKENS = {"exec start": "tcp", "attach": "tcp", "session": "h2c", "grpc": "h2c", "attach/ws": "websocket"}


def opened(wire, raw, answer=SWITCH):
    """Sends `raw` and answers it: the connection is then upgraded. Returns the engine's request and the client's answer."""
    wire.send(raw)
    got = wire.arrive()
    wire.up.send(answer)
    return got, wire.answer(body=False)


def exchange(wire):
    """Bytes pass both ways as they are."""
    for data in (b"stdin\n", bytes(range(256)), request("GET", "/info"), b"\r\n\r\n"):
        wire.send(data)
        equal(wire.up.recv_exactly(len(data)), data, "to the engine")
        wire.up.send(data[::-1])
        equal(wire.client.recv_exactly(len(data)), data[::-1], "to the client")


for route, raw in ROUTES.items():
    answer = SWITCH.replace(b"Upgrade: tcp", b"Upgrade: " + TOKENS[route].encode())

    @suite.test(f"{route}: the upgrade reaches the engine, its 101 the client, then bytes pass both ways")
    def _(route=route, raw=raw, answer=answer):
        with Wire(RULES) as wire:
            got, told = opened(wire, raw, answer)
            equal((got["connection"], got["upgrade"]), ("Upgrade", TOKENS[route]), "Connection and Upgrade")
            equal((told.status, told["connection"].lower(), told["upgrade"]), (101, "upgrade", TOKENS[route]), "answer")
            exchange(wire)

    suite.add(f"{route}: refused by the policy, the upgrade is not tried", lambda raw=raw: is_denial(
        refuses(raw, 403, rules="allow = SystemPing", closes=False), 403))

    @suite.test(f"{route}: both directions half-close by themselves")
    def _(raw=raw, answer=answer):
        for over in ("socketpair", "pipes"):
            with Wire(RULES, over=over) as wire:
                opened(wire, raw, answer)
                wire.send(b"last words")
                wire.client.half_close()
                equal(wire.up.recv_to_end(), b"last words", "to the engine")
                wire.up.send(b"still")
                equal(wire.client.recv_exactly(5), b"still", "to the client")
                wire.up.send(b" speaking")
                wire.up.half_close()
                equal(wire.client.recv_to_end(), b" speaking", "to the client")
                equal(wire.dsp.wait(), 0, "exit status")


@suite.test("the fields of a session and a websocket reach the engine")
def _():
    with Wire(RULES) as wire:
        got, _ = opened(wire, request("POST", "/session", *H2C, "X-Docker-Expose-Session-Uuid: u1", "X-Docker-Expose-Session-Name: n",
                                      "X-Docker-Expose-Session-Sharedkey: k", "X-Docker-Expose-Session-Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy"))
        equal([got["x-docker-expose-session-" + name] for name in ("uuid", "name", "sharedkey")], ["u1", "n", "k"], "fields")
    with Wire(RULES) as wire:
        got, _ = opened(wire, ROUTES["attach/ws"])
        equal((got["sec-websocket-version"], got["sec-websocket-key"]), ("13", "dGhlIHNhbXBsZSBub25jZQ=="), "fields")


@suite.test("several X-Docker-Expose-Session-Grpc-Method fields all reach the engine (buildx sends one per method)")
def _():
    methods = [f"/moby.filesync.v1.FileSync/M{n}" for n in range(5)]
    raw = request("POST", "/session", *H2C, "X-Docker-Expose-Session-Uuid: u1", *[f"X-Docker-Expose-Session-Grpc-Method: {method}" for method in methods])
    with Wire(RULES) as wire:
        wire.send(raw)
        head = wire.up.recv_head()
        for method in methods:
            true(method.encode() in head, f"{method} is missing in {head!r}")


@suite.test("exec start: the JSON body goes with the upgrade, whole and by its length")
def _():
    with Wire(RULES) as wire:
        got, _ = opened(wire, EXEC)
        equal((got["content-length"], got["transfer-encoding"], got.body), ("28", None, b'{"Detach":false,"Tty":false}'), "body")
        equal(got["content-type"], "application/json", "Content-Type")


@suite.test("an upgrade answered by a bare 200 raw-stream is raw from there on, both ways")
def _():
    for raw in (EXEC, ATTACH):
        with Wire(RULES) as wire:
            _, told = opened(wire, raw, RAW)
            equal((told.status, told["content-type"]), (200, "application/vnd.docker.raw-stream"), "answer")
            exchange(wire)
            wire.client.half_close()
            true(wire.up.at_end(), "no half-close")
            wire.up.send(b"rest")
            wire.up.close()
            equal(wire.client.recv_to_end(), b"rest", "to the client")


@suite.test("attach and exec start without Upgrade, answered by a bare 200 raw-stream, are raw too")
def _():
    for raw in (request("POST", "/containers/x/attach?stream=1"), request("POST", "/exec/e1/start", JSON, body=b"{}")):
        with Wire(RULES) as wire:
            got, told = opened(wire, raw, RAW)
            equal((got["upgrade"], told.status), (None, 200), "Upgrade and status")
            exchange(wire)


@suite.test("a stream whose engine speaks first (session: the daemon is the HTTP/2 client) passes")
def _():
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    with Wire(RULES) as wire:
        wire.send(ROUTES["session"])
        wire.arrive()
        wire.up.send(SWITCH.replace(b"tcp", b"h2c") + preface)
        equal(wire.answer().status, 101, "status")
        equal(wire.client.recv_exactly(len(preface)), preface, "to the client")


@suite.test("client bytes that come with the upgrade request are held until the engine has answered, then sent")
def _():
    for raw in (EXEC, ATTACH, ROUTES["grpc"]):
        with Wire(RULES) as wire:
            wire.send(raw + b"early bytes")
            wire.arrive()
            true(wire.up.quiet(0.3), f"bytes before the answer: {bytes(wire.up.unread)!r}")
            wire.send(b", later bytes")
            true(wire.up.quiet(0.3), f"bytes before the answer: {bytes(wire.up.unread)!r}")
            wire.up.send(SWITCH)
            wire.answer()
            equal(wire.up.recv_exactly(24), b"early bytes, later bytes", "to the engine")


@suite.test("more client bytes than fit a buffer are held, not lost, until the engine has answered")
def _():
    data = bytes(range(256)) * 4096
    with Wire(RULES) as wire:
        thread = threading.Thread(target=lambda: wire.client.try_send(ATTACH + data), daemon=True)
        thread.start()
        wire.arrive()
        true(wire.up.quiet(0.3), "bytes before the answer")
        wire.up.send(SWITCH)
        wire.answer()
        true(wire.up.recv_exactly(len(data)) == data, "the bytes differ")
        thread.join()


@suite.test("a half-close that comes with the upgrade request is passed on after the answer (docker exec without -i)")
def _():
    with Wire(RULES) as wire:
        wire.send(EXEC)
        wire.client.half_close()
        wire.arrive()
        wire.up.send(SWITCH)
        wire.answer()
        true(wire.up.at_end(), "no half-close")
        wire.up.send(b"output")
        wire.up.half_close()
        equal(wire.client.recv_to_end(), b"output", "to the client")


@suite.test("held bytes and a half-close arrive in their order after the answer")
def _():
    with Wire(RULES) as wire:
        wire.send(EXEC + b"input")
        wire.client.half_close()
        wire.arrive()
        wire.up.send(SWITCH)
        wire.answer()
        equal(wire.up.recv_to_end(), b"input", "to the engine")


@suite.test("a client that ends in the middle of exec start's body ends the request on the engine: nothing waits for the rest")
def _():
    for fields in (TCP, ()):
        with Wire(RULES) as wire:
            wire.send(request("POST", "/exec/e1/start", JSON, *fields, "Content-Length: 28") + b'{"Detach"')
            wire.client.half_close()
            wire.up.recv_head()
            true(b"}" not in wire.up.recv_to_end(), "the body was completed")


@suite.test("no answer to a wanted upgrade says close: 403 of the policy, 503 of an engine that left, 502 of one that talks nonsense")
def _():
    for rules, reply, status in (("deny = ExecStart", None, 403), (RULES, b"", 503), (RULES, b"nonsense\r\n\r\n", 502)):
        with Wire(rules) as wire:
            wire.send(EXEC)
            if reply is not None:
                wire.arrive()
                wire.up.send(reply)
                wire.up.close()
            got = wire.answer()
            equal(got.status, status, "status")
            lacks(got.names(), "connection", "fields")  # Docker's client up to 20.10 would take it for the upgrade
            true(wire.client.at_end(), "the connection is still open")


@suite.test("a refused upgrade (409) is an ordinary answer, and ends the connection: what was meant for a process is not read as requests")
def _():
    with Wire(RULES) as wire:
        wire.send(EXEC)
        wire.arrive()
        wire.up.send(b"HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}")
        got = wire.answer()
        equal(got.status, 409, "status")
        lacks(got.names(), "connection", "fields")  # Docker's client up to 20.10 takes "close" for the upgrade
        wire.client.try_send(request("GET", "/version"))
        true(wire.client.at_end(), "the connection is still open")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("requests pipelined behind an upgrade that the engine refuses are judged, or dropped with the connection")
def _():
    with Wire(RULES) as wire:
        wire.send(EXEC + request("POST", "/containers/create", JSON, body=b"{}"))
        wire.arrive()
        wire.up.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        equal(wire.answer().status, 404, "status")
        if not wire.client.at_end(0.5):
            is_denial(wire.answer(), 403)
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("dockerd's hand-written error of attach (404, raw-stream type, no length, write side shut) passes whole")
def _():
    with Wire(RULES) as wire:
        wire.send(ATTACH)
        wire.arrive()
        wire.up.send(b"HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: x\r\n")
        wire.up.half_close()
        got = wire.answer()
        equal((got.status, got.body), (404, b"No such container: x\r\n"), "answer")


@suite.test("exec start with Detach: an ordinary 200 with a length keeps the connection for the next request")
def _():
    with Wire(RULES) as wire:
        wire.relay(request("POST", "/exec/e1/start", JSON, body=b'{"Detach":true}'), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        wire.send(request("GET", "/info"))
        is_denial(wire.answer(), 403)


# Ends and bulk

@suite.test("an engine that closes an upgraded connection ends the client's, all bytes delivered")
def _():
    with Wire(RULES) as wire:
        opened(wire, ATTACH)
        wire.up.send(b"x" * 100000)
        wire.up.close()
        equal(len(wire.client.recv_to_end()), 100000, "bytes")
        wire.client.close()
        wire.dsp.wait()


@suite.test("a client that vanishes from an upgraded connection ends the engine's")
def _():
    with Wire(RULES) as wire:
        opened(wire, ATTACH)
        wire.client.close()
        true(wire.up.at_end(), "the engine does not see the end")
        wire.up.close()
        wire.dsp.wait()


@suite.test("32 MiB each way at the same time through an upgraded connection")
def _():
    block = bytes(range(256)) * 256
    count = 512
    with Wire(RULES) as wire:
        opened(wire, ATTACH)

        def push(stream):
            for _ in range(count):
                stream.send(block)

        def pull(stream, result):
            result.append(all(stream.recv_exactly(len(block)) == block for _ in range(count)))
        results = []
        threads = [threading.Thread(target=push, args=(end,), daemon=True) for end in (wire.client, wire.up)]
        threads += [threading.Thread(target=pull, args=(end, results), daemon=True) for end in (wire.client, wire.up)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(50)
        equal(results, [True, True], "blocks equal")


@suite.test("no byte of an upgraded connection waits for the next one, whatever size the pieces have")
def _():
    with Wire(RULES) as wire:
        opened(wire, ATTACH)
        for size in (1, 4096, 65535, 65536, 81887, 81889, 81919, 81920, 81921, 131072, 163840, 200000):
            for here, there in ((wire.client, wire.up), (wire.up, wire.client)):
                here.send(b"x" * size)
                try:
                    there.recv_exactly(size, 2)
                except Exception:
                    raise AssertionError(f"{len(there.unread)} of {size} bytes arrived") from None


@suite.test("an upgraded connection idles as long as it likes")
def _():
    with Wire(RULES, limits="head-timeout = 1s\nidle-timeout = 1s") as wire:
        opened(wire, ATTACH)
        true(wire.client.quiet(2.5), "it ended")
        exchange(wire)


@suite.test("an upgrade may wait for its answer as long as the engine likes")
def _():
    with Wire(RULES, limits="head-timeout = 1s\nidle-timeout = 1s") as wire:
        wire.send(ATTACH)
        wire.arrive()
        true(wire.client.quiet(2.5), "it ended")
        wire.up.send(SWITCH)
        equal(wire.answer().status, 101, "status")


if __name__ == "__main__":
    sys.exit(suite.main())
