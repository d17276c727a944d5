#!/usr/bin/env python3
"""The third start mode: a parent with listening sockets, and a process of its own for each connection."""
import os
import signal
import socket
import sys
import time

from wire import is_denial

from dsp import until
from message import read_request, read_response, request
from resident import Resident, settle
from tap import Suite, contains, equal, true

suite = Suite("pool: ", limit=60)
PING = request("GET", "/_ping")


def answer(client, raw=PING):
    client.send(raw)
    return read_response(client)


def tell(pid, number):
    """A signal; a spare may have ended meanwhile, when its policy was young."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


@suite.test("a client of a listening socket is served, and refused what the policy does not allow")
def _():
    for how in ("activation", "wait"):
        for kind in ("unix", "tcp"):
            with Resident("allow = SystemPing", how=how, listeners=(kind,)) as level:
                client = level.connect()
                equal(answer(client).status, 200, "status")
                is_denial(answer(client, request("POST", "/containers/create", body=b"{}")), 403)


@suite.test("four spares are kept ahead; nothing of them has accepted a client")
def _():
    with Resident("allow = SystemPing") as level:
        before = level.spares(4)
        time.sleep(0.2)
        equal(level.children(), before, "children")


@suite.test("each connection has a process of its own, which ends with it")
def _():
    with Resident("allow = SystemPing") as level:
        clients = [level.connect() for _ in range(3)]
        for client in clients:
            equal(answer(client).status, 200, "status")
        serving = until_serving(level, 3)
        for client in clients:
            client.close()
        true(until(lambda: not set(serving) & set(level.children())), "a process is left")


def listening(level, pid):
    """Whether a process holds the listening socket."""
    inode = os.fstat(level.listeners[0].fileno()).st_ino
    folder = f"/proc/{pid}/fd"
    try:
        return f"socket:[{inode}]" in [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
    except FileNotFoundError:      # it ends
        return True


def until_serving(level, count):
    """The processes that have let go of the listening socket: those that serve, once others have started or ended."""
    found = []

    def check():
        found[:] = [pid for pid in level.children() if not listening(level, pid)]
        return len(found) == count
    true(until(check), f"{len(found)} processes without the listening socket")
    return found


@suite.test("a process that serves holds its client, its engine and its log, and nothing of the others")
def _():
    with Resident("allow = SystemPing") as level:
        client = level.connect()
        equal(answer(client).status, 200, "status")
        (serving,) = until_serving(level, 1)
        held = [os.readlink(f"/proc/{serving}/fd/{fd}") for fd in os.listdir(f"/proc/{serving}/fd")]
        equal(sorted(what.split(":")[0] for what in held), ["pipe", "socket", "socket"], f"descriptors {held}")


@suite.test("spares are replaced as they are taken: forty connections at once are all served")
def _():
    with Resident("allow = SystemPing") as level:
        clients = [level.connect() for _ in range(40)]
        for client in clients:
            client.send(PING)
        for client in clients:
            equal(read_response(client).status, 200, "status")


@suite.test("a quiet level goes back to four spares")
def _():
    with Resident("allow = SystemPing") as level:
        clients = [level.connect() for _ in range(100)]
        for client in clients:
            equal(answer(client).status, 200, "status")
        # The last that was taken is replaced a moment later.
        true(until(lambda: len(level.children()) >= 104, 5), f"{len(level.children()) - 100} spares")
        for client in clients:
            client.close()
        if not until(lambda: len(level.children()) == 4, 30):
            raise AssertionError(f"{len(level.children())} children are left")


@suite.test("connections: no more processes than the limit; the next client is served when one of them ends")
def _():
    with Resident("allow = SystemPing", limits="connections = 3") as level:
        clients = [level.connect() for _ in range(3)]
        for client in clients:
            equal(answer(client).status, 200, "status")
        waiting = level.connect()
        waiting.send(PING)
        time.sleep(0.3)
        equal(len(level.children()), 3, "children")
        true(not waiting.fill(0.1), "the fourth was served")
        clients[0].close()
        equal(read_response(waiting).status, 200, "status of the fourth")


@suite.test("two listening sockets: each client is served, whichever it comes to, under a crowd at the other too")
def _():
    with Resident("allow = SystemPing", listeners=("unix", "tcp")) as level:
        for round_ in range(10):
            crowd = [level.connect(round_ % 2) for _ in range(20)]
            single = level.connect(1 - round_ % 2)
            for client in (single, *crowd):
                client.send(PING)
            for client in (single, *crowd):
                equal(read_response(client).status, 200, "status")
                client.close()


@suite.test("a client that waits at the other socket is not forgotten while spares sleep")
def _():
    # All children are busy when both clients come, so that each new spare is told of two sockets at once.
    with Resident("allow = SystemPing", listeners=("unix", "unix"), limits="connections = 2") as level:
        for _ in range(20):
            busy = [level.connect() for _ in range(2)]
            for client in busy:
                equal(answer(client).status, 200, "status")
            waiting = [level.connect(at) for at in (0, 1, 0, 1)]
            for client in waiting:
                client.send(PING)
            for client in busy:
                client.close()
            for client in waiting:
                equal(read_response(client).status, 200, "status")
                client.close()


# The policy

@suite.test("an edited policy is used by the next connection, without a restart")
def _():
    with Resident("allow = SystemPing") as level:
        settle(level)
        equal(answer(level.connect(), request("GET", "/version")).status, 403, "status before")
        level.spares(5)
        level.write(RULES="allow = SystemVersion")
        for _ in range(6):
            client = level.connect()
            equal(answer(client, request("GET", "/version")).status, 200, "status of version")
            equal(answer(client).status, 403, "status of ping")


@suite.test("edits in quick succession: each next connection is judged by the last")
def _():
    with Resident("allow = SystemPing") as level:
        for round_ in range(100):
            level.write(RULES="allow = " + ("SystemPing", "SystemVersion")[round_ % 2])
            client = level.connect()
            equal(answer(client).status, (200, 403)[round_ % 2], f"status of ping in round {round_}")
            client.close()


@suite.test("a policy that is never the same age costs no process while nobody comes")
def _():
    with Resident("allow = SystemPing") as level:
        level.spares(4)
        os.utime(level.path, (time.time() + 3600, time.time() + 3600))   # of tomorrow, and changed just now
        equal(answer(level.connect()).status, 200, "status")
        level.spares(5)
        before = set(level.children())
        time.sleep(0.5)
        equal(set(level.children()), before, "children")


@suite.test("a policy that changes all the time keeps no client waiting")
def _():
    import threading
    over = threading.Event()
    with Resident("allow = SystemPing") as level:
        def churn():
            while not over.is_set():
                os.utime(level.path)
        thread = threading.Thread(target=churn)
        thread.start()
        statuses = set()
        try:
            for _ in range(5):
                client = level.connect()
                statuses.add(answer(client).status)
                client.close()
        finally:
            over.set()
            thread.join()
        # 503: it changed between the last look and the accept, and what was read is not believed any more.
        true(200 in statuses and statuses <= {200, 503}, statuses)


@suite.test("a broken policy answers 503 and says why once it is read; mended, the next connection is served")
def _():
    with Resident("allow = SystemPing") as level:
        settle(level)
        equal(answer(level.connect()).status, 200, "status")
        level.write(RULES="allow = SystemPong")
        got = answer(level.connect())
        equal(got.status, 503, "status")
        contains(got.body.decode(), "policy of this socket is invalid")
        true(until(lambda: any("SystemPong" in line for line in level.lines())), level.lines())
        level.write(RULES="allow = SystemPing")
        equal(answer(level.connect()).status, 200, "status when mended")


@suite.test("a policy that cannot be read for a moment does not break the level for good")
def _():
    with Resident("allow = SystemPing") as level:
        settle(level)
        os.rename(level.path, level.path + ".away")
        equal(answer(level.connect()).status, 503, "status without the file")
        os.rename(level.path + ".away", level.path)
        equal(answer(level.connect()).status, 200, "status with it")


# The engine

@suite.test("an engine that is away is answered 503 at once, and not asked before there is a client")
def _():
    with Resident("allow = SystemPing", engine=False) as level:
        began = time.monotonic()
        equal(answer(level.connect()).status, 503, "status")
        true(time.monotonic() - began < 5, f"{time.monotonic() - began} s")


@suite.test("an engine that comes back is used by the next connection")
def _():
    with Resident("allow = SystemPing", engine=False) as level:
        equal(answer(level.connect()).status, 503, "status")
        again = Comeback(level.engine.path)
        try:
            equal(answer(level.connect()).status, 200, "status")
        finally:
            again.close()


class Comeback:
    """An engine at a path where one was before."""
    def __init__(self, path):
        import threading
        from scripted import OK
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(64)

        def serve(one):
            while data := one.recv(65536):
                for _ in range(data.count(b"\r\n\r\n")):
                    one.sendall(OK)

        def run():
            while True:
                try:
                    one = self.listener.accept()[0]
                except OSError:
                    return
                threading.Thread(target=serve, args=(one,), daemon=True).start()
        threading.Thread(target=run, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@suite.test("an engine that was restarted: spares that were connected to the old one are renewed")
def _():
    with Resident("allow = SystemPing") as level:
        old = level.spares(4)
        level.engine.close()

        def renewed():
            for stream in list(level.engine.streams):      # also those that it accepted at the last moment
                try:
                    stream.sock.shutdown(socket.SHUT_RDWR)
                except (OSError, AttributeError):          # closed already
                    pass
            return not set(old) & set(level.children())
        true(until(renewed), "a spare of the old engine is left")
        os.makedirs(level.engine.folder, exist_ok=True)
        again = Comeback(level.engine.path)
        try:
            for _ in range(6):
                equal(answer(level.connect()).status, 200, "status")
        finally:
            again.close()


# Processes that die

@suite.test("a spare that is killed is replaced")
def _():
    with Resident("allow = SystemPing") as level:
        victim = level.spares(4)[0]
        os.kill(victim, signal.SIGKILL)
        true(until(lambda: victim not in level.children() and len(level.children()) == 4), level.children())
        equal(answer(level.connect()).status, 200, "status")


@suite.test("all spares killed while a client waits: it is served")
def _():
    with Resident("allow = SystemPing") as level:
        for _ in range(5):
            spares = level.spares(4)
            for pid in spares:
                tell(pid, signal.SIGSTOP)
            client = level.connect()
            client.send(PING)
            for pid in spares:
                tell(pid, signal.SIGKILL)
            equal(read_response(client).status, 200, "status")
            client.close()


@suite.test("kill -9 and kill -STOP of one connection's process hurt that connection only")
def _():
    with Resident("allow = SystemPing") as level:
        level.spares(4)
        clients = [level.connect() for _ in range(3)]
        for client in clients:
            equal(answer(client).status, 200, "status")
        pids = [peer_process(level, client) for client in clients]
        os.kill(pids[0], signal.SIGKILL)
        os.kill(pids[1], signal.SIGSTOP)
        try:
            true(clients[0].fill(5) and clients[0].ended, "the killed one's client sees no end")
            equal(answer(clients[2]).status, 200, "status of the third")
            equal(answer(level.connect()).status, 200, "status of another")
        finally:
            os.kill(pids[1], signal.SIGCONT)
        equal(answer(clients[1]).status, 200, "status of the second once it goes on")


def peer_process(level, client):
    """The process that serves a client: the only one whose end of the connection is open. By the order in which they were taken."""
    taken = vars(level).setdefault("taken", {})
    if id(client) not in taken:
        serving = [pid for pid in level.children() if not listening(level, pid) and pid not in taken.values()]
        # A request makes exactly one of them read.
        before = {pid: reads(pid) for pid in serving}
        equal(answer(client).status, 200, "status")
        (taken[id(client)],) = [pid for pid in serving if reads(pid) != before[pid]]
    return taken[id(client)]


def reads(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return file.read().split("rchar: ")[1].split()[0]


@suite.test("a process that crashes: the next client waits a second, and one more after each further crash")
def _():
    with Resident("allow = SystemPing") as level:
        level.spares(4)
        client = level.connect()
        equal(answer(client).status, 200, "status")
        waits = []
        for _ in range(3):
            os.kill(peer_process(level, client), signal.SIGSEGV)
            true(client.fill(5) and client.ended, "the client sees no end")
            true(until(lambda: str(level.lines()).count("died of signal 11") > len(waits)), level.lines())
            began = time.monotonic()
            time.sleep(0.1)                # for the spares to be sent home
            client = level.connect()
            equal(answer(client).status, 200, "status")
            waits.append(time.monotonic() - began)
        for at, wait in enumerate(waits):
            true(at + 0.5 < wait < at + 3, f"served after {waits} s")
        level.spares(2)


@suite.test("a client that resets before it is accepted costs nothing")
def _():
    import struct
    with Resident("allow = SystemPing", listeners=("tcp",)) as level:
        spares = level.spares(4)
        for pid in spares:
            tell(pid, signal.SIGSTOP)
        for _ in range(3):
            client = socket.create_connection(level.listeners[0].getsockname())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        for pid in spares:
            tell(pid, signal.SIGCONT)
        equal(answer(level.connect()).status, 200, "status")
        equal([line for line in level.lines() if "allowed" not in line], [], "lines")


# The end

@suite.test("SIGTERM: the parent accepts no more and ends; its open connections get five seconds")
def _():
    with Resident("allow = SystemEvents", script=lambda _, stream: (read_request(stream), stream.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"), stream.at_end(3600))) as level:
        client = level.connect()
        client.send(request("GET", "/events"))
        read_response(client, body=False)
        began = time.monotonic()
        level.process.send_signal(signal.SIGTERM)
        late = level.connect()
        true(not client.fill(1), "the stream was ended at once")
        true(level.process.poll() is None, "the parent left its connection")
        equal(level.process.wait(20), 0, "exit status")
        true(4 < time.monotonic() - began < 8, f"it took {time.monotonic() - began:.1f} s")
        late.close()


@suite.test("SIGTERM with nothing open ends it at once")
def _():
    with Resident("allow = SystemPing") as level:
        level.spares(4)
        began = time.monotonic()
        equal(level.stop(), 0, "exit status")
        true(time.monotonic() - began < 2, f"{time.monotonic() - began} s")


@suite.test("SIGHUP is harmless")
def _():
    with Resident("allow = SystemPing") as level:
        client = level.connect()
        equal(answer(client).status, 200, "status")
        for pid in (level.process.pid, *level.children()):
            tell(pid, signal.SIGHUP)
        time.sleep(0.2)
        equal(answer(client).status, 200, "status afterwards")
        equal(answer(level.connect()).status, 200, "status of another")


@suite.test("idle-exit: without connections it ends, and what comes later waits for the next start")
def _():
    with Resident("allow = SystemPing", limits="connections = 10") as level:
        level.process.kill()
        level.process.wait()
        level.write(IDLE="300ms")
        level.start()
        client = level.connect()
        equal(answer(client).status, 200, "status")
        time.sleep(0.8)
        true(level.process.poll() is None, "it ended under an open connection")
        client.close()
        equal(level.process.wait(10), 0, "exit status")
        later = level.connect()
        later.send(PING)
        level.start()
        equal(read_response(later).status, 200, "status")


@suite.test("idle-exit as it is in the file when the time has come: a level that may stay longer by then stays")
def _():
    with Resident("allow = SystemPing") as level:
        level.stop()
        level.write(IDLE="1s")
        level.start()
        client = level.connect()
        equal(answer(client).status, 200, "status")
        client.close()
        level.spares(4)
        time.sleep(0.3)     # from here on it does nothing
        level.write(IDLE="1h")
        time.sleep(2)
        true(level.process.poll() is None, "it ended by what the file said before")
        level.write(IDLE="300ms")
        level.connect().close()
        equal(level.process.wait(10), 0, "exit status")


@suite.test("a client at the very moment of the idle exit is served, by it or by the next")
def _():
    with Resident("allow = SystemPing") as level:
        level.stop()
        level.write(IDLE="100ms")
        for round_ in range(30):
            level.start()
            level.spares(4)
            time.sleep(0.07 + round_ * 0.002)
            client = level.connect()
            client.send(PING)
            if level.process.poll() is None and not client.fill(0.3):
                level.process.wait(10)
            if level.process.poll() is not None and not client.received:
                level.start()
            equal(read_response(client).status, 200, f"status in round {round_}")
            client.close()
            level.stop()


# What it tells

@suite.test("READY when it serves, and STATUS with the connections and how many were served")
def _():
    with Resident("allow = SystemPing", notify=True) as level:
        contains(level.told(), "READY=1")
        clients = [level.connect() for _ in range(3)]
        for client in clients:
            equal(answer(client).status, 200, "status")
        said = [level.told()]
        while "3 connections, 0 served" not in said[-1]:
            said.append(level.told())
        clients[0].close()
        while "2 connections, 1 served" not in said[-1]:
            said.append(level.told())
        level.process.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in said[-1]:
            said.append(level.told())


@suite.test("READY is told when the manager's queue was full at first")
def _():
    with Resident("allow = SystemPing", notify=True) as level:
        level.stop()
        stuffing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        stuffing.setblocking(False)
        stuffing.connect(level.notify.getsockname())
        try:
            while True:
                stuffing.send(b"STUFF=1")
        except BlockingIOError:
            pass
        level.start()
        level.spares(4)
        time.sleep(0.3)
        said = [level.told()]
        while "READY=1" not in said[-1]:
            said.append(level.told())
        stuffing.close()


@suite.test("the watchdog is fed when there is one")
def _():
    with Resident("allow = SystemPing", notify=True, environment={"WATCHDOG_USEC": "400000"}) as level:
        began = time.monotonic()
        fed = 0
        while fed < 4:
            fed += "WATCHDOG=1" in level.told()
        true(time.monotonic() - began < 3, f"{time.monotonic() - began} s")


@suite.test("descriptors that are neither a connection nor listening sockets are refused, not overlooked")
def _():
    import subprocess
    from dsp import binary
    with Resident("allow = SystemPing") as level:
        reader, writer = os.pipe()
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for fd, kind in ((reader, "a pipe"), (datagram.fileno(), "a datagram socket")):
            done = subprocess.run(["bash", "-c", f'exec 30<&{fd} 3<&- 4<&-; exec 3<&30 4<&30; LISTEN_FDS=2 LISTEN_PID=$$ exec {binary()} --policy={level.path}'],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, pass_fds=(fd,), check=False)
            equal(done.returncode, 69, f"exit status for {kind}")
            contains(done.stderr, "cannot serve this")
        os.close(reader)
        os.close(writer)
        datagram.close()


@suite.test("a thousand connections one after the other: no process, no descriptor and no memory is left in the parent")
def _():
    with Resident("allow = SystemPing", log="requests = none\ntarget = none") as level:
        def rounds(count):
            for _ in range(count):
                client = level.connect()
                equal(answer(client).status, 200, "status")
                client.close()
                level.clients.clear()
                level.engine.requests.clear()
        rounds(100)
        level.spares(4)
        before, memory = fds(level.process.pid), resident(level.process.pid)
        rounds(1000)
        level.spares(4)
        equal(fds(level.process.pid), before, "descriptors")
        true(resident(level.process.pid) - memory <= 64, f"{memory} kB, then {resident(level.process.pid)} kB")


def fds(pid):
    return sorted(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(file.read().split("VmRSS:")[1].split()[0])


if __name__ == "__main__":
    sys.exit(suite.main())
