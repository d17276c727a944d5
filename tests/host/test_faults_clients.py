"""Clients that misbehave hurt nobody but themselves."""
import contextlib
import os
import time

from modes import HALF, PING, close_gently, refused, register_each
from tap import contains, equal, eventually, true

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = "head-timeout = 2s\nidle-timeout = 3s"
PROMPT = 2


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode))


def _register(test, host, mode):
    def rude(how):
        """A client of rude.py, over TCP, of which the other side is reset."""
        host.copy_in(os.path.join(HERE, "rude.py"), "/root/rude.py")
        return host.do("python3", "/root/rude.py", how, str(mode.port)).strip()

    @test("a client that sends one byte a second is answered 408 after head-timeout; meanwhile others are served")
    def _():
        mode.policy(QUICK)
        with mode.connect() as client:
            started = time.monotonic()
            client.settimeout(1)
            for number in range(20):
                client.sendall(PING[number:number + 1])
                mode.prompt(PROMPT)
                with contextlib.suppress(TimeoutError):
                    if client.recv(1, 2):      # MSG_PEEK
                        break
            equal(mode.host.answer(client)[0], 408, "status")
            true(time.monotonic() - started < 8, f"after {time.monotonic() - started:.1f} s")
        mode.quiet()

    @test("a client that never speaks is disconnected after idle-timeout; meanwhile others are served")
    def _():
        mode.policy(QUICK)
        with mode.connect() as client:
            started = time.monotonic()
            mode.prompt(PROMPT)
            client.settimeout(15)
            equal(client.recv(1), b"", "what it reads")
            true(2.5 < time.monotonic() - started < 10, f"after {time.monotonic() - started:.1f} s")
        mode.quiet()

    @test("a client that never reads a long answer holds one process, and no memory beyond its buffers; others are served", limit=90)
    def _():
        mode.prompt(10)
        client, pid = mode.open()
        with client:
            before = _kilobytes(host, pid)
            client.sendall(b"GET /images/bb/get HTTP/1.1\r\nHost: d\r\n\r\n")
            for _ in range(5):
                mode.prompt(PROMPT)
                time.sleep(0.2)
            contains(mode.serving(), pid, "the processes with a connection")
            grown = _kilobytes(host, pid) - before
            true(grown < 512, f"its process grew by {grown} KiB")
        mode.quiet()

    @test("a client that asks and asks and never reads the answers is given up after head-timeout")
    def _():
        mode.policy(QUICK)
        with mode.connect() as client:
            client.settimeout(1)
            with contextlib.suppress(OSError):
                while True:
                    client.sendall(b"GET /no/such/operation HTTP/1.1\r\nHost: d\r\n\r\n" * 100)
            mode.prompt(PROMPT)
            mode.quiet(10)
        mode.healthy()

    @test("a client that leaves with the answer unread, or in the middle of a head or a body, leaves nothing")
    def _():
        body = b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        for said in (b"", HALF, PING, body, PING * 50):
            with mode.connect() as client:
                client.sendall(said)
        mode.quiet()
        mode.healthy()

    @test("a client over TCP that resets, at once, in a head, with the answer unread, in a body or in a stream, leaves nothing")
    def _():
        for how in ("at-once", "head", "unread", "body", "stream"):
            equal(rude(how), "reset", how)
        mode.quiet()
        mode.healthy()

    @test("1,000 idle connections at once are all served, the last as the first, and leave nothing", limit=400)
    def _():
        clients = []
        try:
            started = time.monotonic()
            for _ in range(1000):
                clients.append(mode.connect())
            answers = [_answer(client) for client in clients]
            opened = time.monotonic() - started
            equal({status: answers.count(status) for status in answers}, {200: 1000}, "answers")
            eventually(lambda: len(mode.serving()) == 1000, 10, "a process for each")
            mode.prompt(PROMPT)
            equal({_answer(client) for client in clients[::50]}, {200}, "answers to a second request")
            true(opened < 180, f"opening them took {opened:.0f} s")
        finally:
            close_gently(clients, mode)
        mode.quiet(30)
        mode.healthy()

    @test("when the most connections are open " + ("one more waits for its turn" if mode.resident else "one more is closed without an answer") +
          "; when one has gone the next is served", limit=60)
    def _():
        with _at_most(host, mode, 5):
            clients = [mode.connect() for _ in range(5)]
            try:
                equal([_answer(client) for client in clients], [200] * 5, "statuses")
                extra = mode.connect()
                if mode.resident:
                    extra.sendall(PING)
                    extra.settimeout(1)
                    true(_waits(extra), "the connection beyond the bound was answered")
                    clients.pop().close()
                    extra.settimeout(5)
                    equal(host.answer(extra)[0], 200, "status of the one that waited")
                else:
                    true(refused(extra), "the connection beyond the bound was not closed")
                    clients.pop().close()
                extra.close()
                equal(_answer(clients[0]), 200, "an open one's status")
                eventually(lambda: len(mode.serving()) <= 4, 5, "the end of one")
                mode.prompt(5)
            finally:
                for client in clients:
                    client.close()
        mode.quiet()
        mode.healthy()


def _answer(client):
    client.settimeout(60)
    client.sendall(PING)
    data = b""
    while not data.endswith(b"\r\n\r\nOK"):
        part = client.recv(4096)
        if not part:
            return data or "closed"
        data += part
    return int(data.split()[1])


def _waits(client):
    try:
        client.recv(1)
    except TimeoutError:
        return True
    return False


@contextlib.contextmanager
def _at_most(host, mode, count):
    """A level with room for so many connections."""
    drop_in = f"/etc/systemd/system/{mode.socket_unit}.d/most.conf"
    if mode.resident:
        mode.policy(f"connections = {count}")
        host.do("systemctl", "stop", mode.service)
        yield
        return
    host.write(drop_in, f"[Socket]\nMaxConnections={count}\n")
    host.sh(f"systemctl daemon-reload; systemctl restart {mode.socket_unit}")
    try:
        yield
    finally:
        host.sh(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {mode.socket_unit}")


def _kilobytes(host, pid):
    return next(int(line.split()[1]) for line in host.read(f"/proc/{pid}/status").splitlines() if line.startswith("VmRSS:"))
