#!/usr/bin/env python3
"""The third start mode under attack: engines that hang, vanish or spit, processes that are stopped, logs that are full."""
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from wire import is_denial

from dsp import until
from message import read_response, request
from resident import Resident, settle
from scripted import OK
from tap import Skip, Suite, contains, equal, true

suite = Suite("pool: ", limit=60)
PING = request("GET", "/_ping")
CREATE = request("POST", "/containers/create", body=b"{}")


def answer(client, raw=PING):
    client.send(raw)
    return read_response(client)


# Idling, leaving, limits

IDLE = "[policy]\nsocket = @SOCKET@\n[log]\n@LOG@\n[limits]\nidle-exit = {}\n@LIMITS@\n[rules]\n@RULES@\n"


@suite.test("a level that has only connections too short to be seen is not idle")
def _():
    with Resident("allow = SystemPing", text=IDLE.format("1s")) as level:
        address, end = level.listeners[0].getsockname(), time.monotonic() + 5
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(address)
                client.sendall(CREATE)
                client.shutdown(socket.SHUT_WR)
                contains(client.recv(65536), b" 403 ", "the answer")
            time.sleep(0.02)
            equal(level.process.poll(), None, "the parent's end")


@suite.test("a stopped spare keeps nobody waiting when the level goes idle")
def _():
    with Resident("allow = SystemPing", text=IDLE.format("500ms")) as level:
        os.kill(level.spares(4)[0], signal.SIGSTOP)
        level.process.wait(3)
        level.start()
        equal(answer(level.connect()).status, 200, "status")


@suite.test("more connections count while all that there were are in use")
def _():
    with Resident("allow = SystemPing", limits="connections = 2") as level:
        settle(level)
        clients = [level.connect(), level.connect()]
        for client in clients:
            equal(answer(client).status, 200, "status")
        third = level.connect()
        third.send(PING)
        true(not third.fill(0.3), "three connections at once")
        level.write(LIMITS="connections = 10")
        equal(read_response(third, limit=4).status, 200, "status")


@suite.test("a client who comes after an edit, to a spare that has just looked, is not served by the old policy")
def _():
    if not shutil.which("strace"):
        raise Skip("strace is missing")
    with Resident("allow = SystemPing", limits="connections = 1") as level:
        settle(level)
        client = level.connect()
        equal(answer(client).status, 200, "status")
        serving = level.children()
        client.close()
        until(lambda: level.children() not in ([], serving))
        spare, = level.spares(1)
        trace = subprocess.Popen(["strace", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e", "inject=accept4:delay_enter=1500000", "-p", str(spare)])
        try:
            true(until(lambda: "TracerPid:\t0\n" not in open(f"/proc/{spare}/status", encoding="ascii").read()), "strace does not trace")
            client = level.connect()
            time.sleep(0.5)
            level.write(RULES="deny = SystemPing")
            client.send(PING)
            response = read_response(client)
            equal(response.status, 503, "status")
            contains(response.body, b"has just changed", "the answer")
            client.close()
        finally:
            trace.terminate()
            trace.wait()
        is_denial(answer(level.connect()), 403)


@suite.test("an engine that goes before the first request of a connection: the client is told")
def _():
    def leave(_, stream):
        time.sleep(1.5)
        stream.close()

    with Resident("allow = SystemPing", script=leave) as level:
        settle(level)
        client = level.connect()
        time.sleep(2)
        response = answer(client)
        true(response.status in (502, 503), f"status {response.status}")


# The log

def keep_bytes(received):
    """A script for an engine that answers, and keeps every byte that it gets."""
    def script(_, stream):
        while not (stream.at_end(3600) or stream.ended):
            head = stream.recv_head()
            received.append(head)
            stream.send(OK)
    return script


@suite.test("inetd's wait mode: no record goes to the engine or to a client, whose descriptors are never standard error")
def _():
    for target in ("stderr", "auto"):
        received = []
        with Resident("allow = SystemPing", how="wait", script=keep_bytes(received), log=f"requests = all\ntarget = {target}") as level:
            for _ in range(6):
                client = level.connect()
                is_denial(answer(client, CREATE), 403)
                equal(answer(client).status, 200, "status")
                true(not client.fill(0.05), f"more than the answers: {bytes(client.received)!r}")
            for stream in level.engine.streams:
                bytes_of = bytes(stream.received)
                true(b"<4>" not in bytes_of and b"<5>" not in bytes_of, f"the engine got {bytes_of!r}")


@suite.test("a log that is switched on by an edit goes to standard error, and neither to the engine nor to a client")
def _():
    received = []
    with Resident("allow = SystemPing", script=keep_bytes(received), log="requests = all\ntarget = none") as level:
        settle(level)
        is_denial(answer(level.connect(), CREATE), 403)
        equal(level.lines(), [], "lines before")
        level.write(LOG="requests = all\ntarget = stderr")
        for _ in range(6):
            client = level.connect()
            is_denial(answer(client, CREATE), 403)
            equal(answer(client).status, 200, "status")
            true(not client.fill(0.05), f"more than the answers: {bytes(client.received)!r}")
        true(until(lambda: sum("denied ContainerCreate" in line for line in level.lines()) == 6), level.lines())
        true(all(b"<" not in bytes(stream.received) for stream in level.engine.streams), "the engine got a record")


@suite.test("a policy that an edit breaks is reported in the log that it had, though there was none when the level was started")
def _():
    with Resident("allow = SystemPing", log="requests = all\ntarget = none") as level:
        settle(level)
        level.write(LOG="requests = all\ntarget = stderr")
        equal(answer(level.connect()).status, 200, "status")
        level.write(RULES="allow = SystemPong")
        equal(answer(level.connect()).status, 503, "status of the broken one")
        true(until(lambda: any("SystemPong" in line for line in level.lines())), level.lines())


@suite.test("standard error that nobody reads holds up no connection, and not the end")
def _():
    # One page of the pipe is left: of those who find it writable at the same moment one can write.
    raw = request("GET", "/" + "a" * 3000)
    for _ in range(4):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 8192)
        os.write(writer, b"x" * 4096)
        try:
            with Resident("allow = SystemPing", stderr=writer) as level:
                clients = [level.connect() for _ in range(24)]
                for client in clients:
                    client.send(raw)
                for client in clients:
                    is_denial(read_response(client), 403)
                for client in clients:
                    equal(answer(client).status, 200, "status")
                flags = {pid: fd_flags(pid, 2) for pid in level.children()}
                equal([pid for pid, value in flags.items() if value is not None and not value & os.O_NONBLOCK], [], f"processes that could wait: {flags}")
                for client in clients:
                    client.close()
                equal(level.stop(), 0, "exit status")
                equal(fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK, 0, "O_NONBLOCK of the test's own descriptor")
        finally:
            os.close(reader)
            os.close(writer)


def fd_flags(pid, fd):
    """The flags of a process's descriptor; None when it has none, or is none any more."""
    try:
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as file:
            return int(file.read().split("flags:")[1].split()[0], 8)
    except (FileNotFoundError, ProcessLookupError):
        return None


# Engines

@suite.test("an engine that ends every connection at once is not tried over and over while nobody comes")
def _():
    for spit in (b"", b"unasked"):
        tried = []

        def script(_, stream):
            tried.append(stream)
            if spit:
                stream.try_send(spit)
        with Resident("allow = SystemPing", script=script) as level:
            level.spares(4)
            time.sleep(0.5)
            before = len(tried)
            time.sleep(1)
            true(len(tried) - before <= 4, f"{len(tried) - before} connections in a second")
            true(before < 40, f"{before} connections at first")
            true(answer(level.connect()).status in (502, 503), "a client's answer")


class Hung:
    """An engine whose queue is full: connecting to it waits."""

    def __init__(self, path):
        os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(0)
        self.fillers = []
        while True:
            filler = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            filler.setblocking(False)
            self.fillers.append(filler)
            try:
                filler.connect(path)
            except BlockingIOError:
                return

    def recover(self):
        """Accepts and answers from now on."""
        for filler in self.fillers:
            filler.close()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                one = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    @staticmethod
    def _serve(one):
        try:
            while data := one.recv(65536):
                for _ in range(data.count(b"\r\n\r\n")):
                    one.sendall(OK)
        except OSError:
            pass

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


def hang(level):
    """The level's engine goes, its spares notice, and one comes that hangs."""
    old = level.spares(4)
    level.engine.close()

    def gone():
        for stream in list(level.engine.streams):
            try:
                stream.sock.shutdown(socket.SHUT_RDWR)
            except (OSError, AttributeError):
                pass
        return not set(old) & set(level.children())
    true(until(gone), "a spare of the old engine is left")
    os.makedirs(level.engine.folder, exist_ok=True)
    open(level.engine.path, "w", encoding="ascii").close()
    return Hung(level.engine.path)


def connecting(pid):
    """Whether a process waits in connect(2)."""
    with open(f"/proc/{pid}/wchan", encoding="ascii") as file:
        return "unix" in file.read()


@suite.test("with an engine that hangs, a client that comes after an edit is judged by the new policy, and one from before by the old")
def _():
    with Resident("allow = SystemVersion", engine=False) as level:
        settle(level)
        equal(answer(level.connect()).status, 403, "status")      # from now on no spare connects ahead
        level.spares(5)
        time.sleep(0.3)
        open(level.engine.path, "w", encoding="ascii").close()
        engine = Hung(level.engine.path)
        try:
            before = level.connect()
            before.send(request("GET", "/version"))
            time.sleep(0.3)
            level.write(RULES="allow = SystemPing")
            held_up = [pid for pid in level.children() if connecting(pid)]
            after = [level.connect() for _ in range(4)]
            for client in after:
                client.send(request("GET", "/version"))
            time.sleep(0.3)
            for pid in held_up:                # so that the others come first
                os.kill(pid, signal.SIGSTOP)
            engine.recover()
            time.sleep(0.3)
            for pid in held_up:
                os.kill(pid, signal.SIGCONT)
            equal(len(held_up), 1, "processes that were connecting before the edit")
            for client in after:
                equal(read_response(client, limit=15).status, 403, "status of one that came after")
            equal(read_response(before, limit=15).status, 200, "status of the one that came before")
        finally:
            engine.close()


@suite.test("with an engine that hangs each client is answered 503 in time, also when the level ends sooner if it is idle")
def _():
    with Resident("allow = SystemPing") as level:
        engine = hang(level)
        try:
            level.write(IDLE="200ms")
            clients = [level.connect() for _ in range(12)]
            for client in clients:
                client.send(PING)
            began = time.monotonic()
            for client in clients:
                equal(read_response(client, limit=25).status, 503, "status")
            true(time.monotonic() - began < 15, f"{time.monotonic() - began:.1f} s for all of them")
        finally:
            engine.close()


@suite.test("an engine that is back is used by the next client, also of a spare that found it away for a client that another one took")
def _():
    with Resident("allow = SystemPing", engine=False) as level:
        settle(level)
        first = level.connect()
        equal(answer(first).status, 503, "status while it is away")
        first.close()
        time.sleep(0.3)
        for pid in level.spares(4):            # young ones, which were made while the policy was
            os.kill(pid, signal.SIGTERM)
        time.sleep(0.3)
        spares = level.spares(4)
        for pid in spares:
            os.kill(pid, signal.SIGSTOP)
        client = level.connect()               # all that come in their place are told of this one
        client.send(PING)
        for pid in spares:
            os.kill(pid, signal.SIGKILL)
        equal(read_response(client).status, 503, "status while it is away")
        time.sleep(0.3)
        open(level.engine.path, "w", encoding="ascii").close()
        engine = Hung(level.engine.path)
        engine.recover()
        try:
            for _ in range(8):
                equal(answer(level.connect()).status, 200, "status when it is back")
        finally:
            engine.close()


# Processes

@suite.test("a spare that is stopped does not keep the parent from its end, at SIGTERM or when idle")
def _():
    with Resident("allow = SystemPing") as level:
        os.kill(level.spares(4)[0], signal.SIGSTOP)
        began = time.monotonic()
        equal(level.stop(15), 0, "exit status")
        true(time.monotonic() - began < 10, f"{time.monotonic() - began:.1f} s")
        level.write(IDLE="500ms")
        level.start()
        os.kill(level.spares(4)[0], signal.SIGSTOP)
        equal(level.process.wait(15), 0, "exit status when idle")


@suite.test("kill -9 of the parent, as under inetd: its spares go home, its connections go on, and the next parent serves who waits")
def _():
    with Resident("allow = SystemPing", how="wait", log="target = none") as level:
        client = level.connect()
        equal(answer(client).status, 200, "status before")
        children = level.spares(5)
        level.process.kill()
        level.process.wait()
        alive = lambda: [pid for pid in children if os.path.exists(f"/proc/{pid}")]
        true(until(lambda: len(alive()) == 1, 5), f"alive: {alive()}")
        equal(answer(client).status, 200, "status of the connection that is open")
        waiting = level.connect()
        waiting.send(PING)
        level.start()
        equal(read_response(waiting).status, 200, "status of who waits")


@suite.test("SIGUSR1 is harmless to the parent")
def _():
    with Resident("allow = SystemPing") as level:
        level.spares(4)
        os.kill(level.process.pid, signal.SIGUSR1)
        time.sleep(0.2)
        equal(answer(level.connect()).status, 200, "status")


@suite.test("a link that leads elsewhere, or nowhere, is another policy from the next connection on")
def _():
    with Resident("allow = SystemPing") as level:
        other = level.path + ".other"
        os.rename(level.path, other)
        os.symlink(other, level.path)
        settle(level)
        equal(answer(level.connect()).status, 200, "status by the link")
        os.unlink(level.path)
        os.symlink(other + ".none", level.path)
        equal(answer(level.connect()).status, 503, "status by a link that leads nowhere")
        os.unlink(level.path)
        os.symlink(other, level.path)
        equal(answer(level.connect()).status, 200, "status by the link again")
        contains("\n".join(level.lines()), "No such file or directory")


if __name__ == "__main__":
    sys.exit(suite.main())
