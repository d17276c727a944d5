#!/usr/bin/env python3
"""What the process holds and may do once it serves, and that none of it grows."""
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys

from wire import OK, Wire, is_denial

from dsp import Dsp, binary, until
from message import read_response, request
from scripted import record
from tap import Skip, Suite, contains, equal, true

suite = Suite("lock-down: ", limit=120)
RULES = "allow = SystemPing SystemVersion ContainerAttach"


def ready(wire):
    """The process after its first request: locked for certain."""
    wire.relay(request("GET", "/_ping"))
    return wire.dsp


@suite.test("no new privileges, and a seccomp filter, before the first byte of the client")
def _():
    with Wire(RULES) as wire:
        true(until(lambda: wire.dsp.status("Seccomp") == "2", 5), f"Seccomp: {wire.dsp.status('Seccomp')}")
        equal(wire.dsp.status("NoNewPrivs"), "1", "NoNewPrivs")
        wire.relay(request("GET", "/_ping"))


@suite.test("no ambient capabilities")
def _():
    with Wire(RULES) as wire:
        ready(wire)
        equal(wire.dsp.status("CapAmb"), "0" * 16, "CapAmb")


@suite.test("not dumpable: what /proc shows of it belongs to root, whoever it runs as")
def _():
    with Wire(RULES) as wire:
        os.chmod(wire.engine.folder, 0o755)
        os.chmod(wire.engine.path, 0o666)
        other = Dsp("--policy=" + wire.path, user=65534 if os.geteuid() == 0 else None)
        try:
            other.client.send(request("GET", "/info"))
            is_denial(read_response(other.client), 403)
            equal(os.stat(f"/proc/{other.pid}/mem").st_uid, 0, "owner of /proc/PID/mem")
            other.stop()
        finally:
            other.kill()


@suite.test("limits: no processes, no files, no cores")
def _():
    with Wire(RULES) as wire:
        dsp = ready(wire)
        for name, limit in (("NPROC", resource.RLIMIT_NPROC), ("FSIZE", resource.RLIMIT_FSIZE), ("CORE", resource.RLIMIT_CORE)):
            equal(resource.prlimit(dsp.pid, limit), (0, 0), name)
        true(resource.prlimit(dsp.pid, resource.RLIMIT_NOFILE)[1] <= 64, f"NOFILE {resource.prlimit(dsp.pid, resource.RLIMIT_NOFILE)}")


@suite.test("limits: no locked memory, no message queues, and address space for a small program")
def _():
    with Wire(RULES) as wire:
        dsp = ready(wire)
        for name, limit in (("MEMLOCK", resource.RLIMIT_MEMLOCK), ("MSGQUEUE", resource.RLIMIT_MSGQUEUE)):
            equal(resource.prlimit(dsp.pid, limit), (0, 0), name)
        true(0 < resource.prlimit(dsp.pid, resource.RLIMIT_AS)[1] <= 128 << 20, f"AS {resource.prlimit(dsp.pid, resource.RLIMIT_AS)}")


@suite.test("the environment is wiped: /proc shows nothing of it, and no memory holds it")
def _():
    if os.geteuid() != 0:
        raise Skip("only root may look")
    secret = "of-the-environment-only-" + os.urandom(8).hex()
    with Wire(RULES, environment={"DSP_SECRET": secret, "LISTEN_FDNAMES": secret}) as wire:
        dsp = ready(wire)
        with open(f"/proc/{dsp.pid}/environ", "rb") as file:
            equal(file.read().strip(b"\0"), b"", "environ")
        with open(f"/proc/{dsp.pid}/maps", encoding="ascii") as maps, open(f"/proc/{dsp.pid}/mem", "rb", buffering=0) as memory:
            areas = [line.split() for line in maps]
            true(any(area[-1] == "[stack]" for area in areas), areas)
            for area in areas:
                if area[1].startswith("rw"):
                    start, end = (int(at, 16) for at in area[0].split("-"))
                    memory.seek(start)
                    true(secret.encode() not in memory.read(end - start), f"{area[-1]} holds it")


@suite.test("only the needed descriptors are open: client, engine, log")
def _():
    for over, most in (("socketpair", 4), ("pipes", 4)):
        with Wire(RULES, over=over) as wire:
            open_now = ready(wire).descriptors()
            kinds = [what.split(":")[0] for what in open_now.values()]
            true(len(open_now) <= most + 3, open_now)
            true(all(kind in ("socket", "pipe", "anon_inode") or what == "/dev/null" for kind, what in zip(kinds, open_now.values())), open_now)


@suite.test("descriptors that a careless parent leaves open are closed")
def _():
    with Wire(RULES) as wire:
        ours, theirs = socket.socketpair()
        extra = [os.open("/etc/passwd", os.O_RDONLY) for _ in range(5)] + [os.open("/", os.O_RDONLY)]
        for fd in extra:
            os.set_inheritable(fd, True)
        process = subprocess.Popen([binary(), "--policy=" + wire.path], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, close_fds=False)
        try:
            theirs.close()
            ours.sendall(request("GET", "/info"))
            ours.recv(1000)
            left = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")]
            true(not [path for path in left if path in ("/etc/passwd", "/")], left)
        finally:
            ours.close()
            process.wait(10)
            for fd in extra:
                os.close(fd)


@suite.test("one process, no threads, no children")
def _():
    with Wire(RULES) as wire:
        dsp = ready(wire)
        equal(dsp.status("Threads"), "1", "Threads")
        with open(f"/proc/{dsp.pid}/task/{dsp.pid}/children", encoding="ascii") as file:
            equal(file.read(), "", "children")


@suite.test("no memory is writable and executable at once")
def _():
    with Wire(RULES) as wire:
        with open(f"/proc/{ready(wire).pid}/maps", encoding="ascii") as maps:
            equal([line for line in maps if "wx" in line.split()[1]], [], "maps")


@suite.test("the policy is not open, and may be removed while it is in use")
def _():
    with Wire(RULES) as wire:
        dsp = ready(wire)
        true(wire.path not in dsp.descriptors().values(), dsp.descriptors())
        os.unlink(wire.path)
        wire.relay(request("GET", "/_ping"))


@suite.test("SIGPIPE is ignored")
def _():
    with Wire(RULES) as wire:
        dsp = ready(wire)
        os.kill(dsp.pid, signal.SIGPIPE)
        wire.relay(request("GET", "/_ping"))


@suite.test("a client that closes while it is answered does not kill dsp by SIGPIPE")
def _():
    for over in ("socketpair", "tcp", "pipes"):
        with Wire(RULES, over=over) as wire:
            wire.send(request("GET", "/version"))
            wire.arrive()
            wire.client.close()
            try:
                wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000000, 2)
            except Exception:
                pass
            wire.dsp.wait()


@suite.test("every kind of request in one process: no system call outside the table")
def _():
    # A call outside the filter's list is death by SIGSYS, which Wire reports.
    with Wire(RULES + " ImageLoad SystemEvents", limits="idle-timeout = 2s") as wire:
        wire.relay(request("GET", "/_ping"))
        wire.relay(request("HEAD", "/_ping"))
        wire.relay(request("POST", "/images/load", "Content-Type: application/x-tar", body=b"x" * 300000), b"HTTP/1.1 204 No Content\r\n\r\n")
        wire.send(request("GET", "/info") + request("POST", "/containers/create", body=b"{}"))
        is_denial(wire.answer(), 403)
        is_denial(wire.answer(), 403)
        wire.send(request("GET", "/v1.2/version"))
        is_denial(wire.answer(), 400)


# Growth

@suite.test("10,000 requests on one connection: no growth in memory or descriptors")
def _():
    with Wire(RULES, script=record, log="requests = none\ntarget = none") as wire:
        raw = request("GET", "/v1.41/version?x=1", "User-Agent: test")
        denied = request("GET", "/info")

        def rounds(count):
            for _ in range(count // 100):
                wire.send(raw * 50 + denied * 50)
                for _ in range(50):
                    equal(read_response(wire.client).status, 200, "status")
                for _ in range(50):
                    equal(read_response(wire.client).status, 403, "status")
                del wire.client.received[:wire.client.taken]
                wire.client.taken = 0
                wire.engine.requests.clear()
                del wire.engine.streams[0].received[:wire.engine.streams[0].taken]
                wire.engine.streams[0].taken = 0
        rounds(500)
        memory, descriptors = wire.dsp.resident(), wire.dsp.descriptors()
        rounds(10000)
        true(wire.dsp.resident() - memory <= 128, f"{memory} kB, then {wire.dsp.resident()} kB")
        equal(wire.dsp.descriptors(), descriptors, "descriptors")


@suite.test("10,000 logged requests on one connection: no growth either")
def _():
    with Wire(RULES) as wire:
        denied = request("GET", "/info")

        def rounds(count):
            for _ in range(count // 100):
                wire.send(denied * 100)
                for _ in range(100):
                    read_response(wire.client)
                del wire.client.received[:wire.client.taken]
                wire.client.taken = 0
        rounds(500)
        memory, descriptors = wire.dsp.resident(), wire.dsp.descriptors()
        rounds(10000)
        true(wire.dsp.resident() - memory <= 128, f"{memory} kB, then {wire.dsp.resident()} kB")
        equal(wire.dsp.descriptors(), descriptors, "descriptors")


@suite.test("10,000 connections one after another leave no process and no descriptor behind", limit=300)
def _():
    count = int(os.environ.get("WIRE_CONNECTIONS", "10000"))
    with Wire(RULES, script=record) as wire:
        raw = request("GET", "/_ping", "Connection: close")
        before = len(os.listdir("/proc/self/fd"))
        for at in range(count):
            ours, theirs = socket.socketpair()
            process = subprocess.Popen([binary(), "--policy=" + wire.path], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
            theirs.close()
            ours.sendall(raw)
            got = b""
            while data := ours.recv(4096):
                got += data
            ours.close()
            true(got.startswith(b"HTTP/1.1 200 ") and got.endswith(b"OK"), f"connection {at}: {got!r}")
            equal(process.wait(10), 0, f"exit status of connection {at}")
            wire.engine.requests.clear()
        true(until(lambda: len(os.listdir("/proc/self/fd")) <= before + 2, 5), "descriptors of the engine's side are left")


@suite.test("a process serving costs little memory")
def _():
    with Wire(RULES) as wire:
        true(ready(wire).resident() < 6000, f"{wire.dsp.resident()} kB")


@suite.test("64 MiB relayed do not stay in memory")
def _():
    block = b"x" * (1 << 20)

    def answer(_, stream):
        while not (stream.at_end(60) or stream.ended):
            stream.recv_head()
            stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 << 20))
            for _ in range(64):
                stream.send(block)
    with Wire("allow = ImageGet SystemPing", script=answer) as wire:
        wire.send(request("GET", "/images/x/get"))
        read_response(wire.client, body=False)
        for _ in range(64):
            wire.client.recv_exactly(1 << 20)
            del wire.client.received[:wire.client.taken]
            wire.client.taken = 0
        true(wire.dsp.resident() < 8192, f"{wire.dsp.resident()} kB")


@suite.test("the program is position-independent, and resolves every symbol before it starts: its tables are read-only then")
def _():
    if not shutil.which("readelf"):
        raise Skip("readelf is missing")
    told = subprocess.run(["readelf", "--wide", "--file-header", "--program-headers", "--dynamic", binary()], capture_output=True, text=True, check=True).stdout
    for part in ("DYN (", "NOW PIE", "GNU_RELRO"):
        contains(told, part, "what readelf says")


@suite.test("a hostile environment changes nothing")
def _():
    with Wire(RULES) as wire:
        other = Dsp("--policy=" + wire.path, environment={"LC_ALL": "xx", "LANG": "yy", "LD_DEBUG": "", "TZ": ":/etc/passwd"})
        try:
            other.client.send(request("GET", "/info"))
            is_denial(read_response(other.client), 403)
            other.stop()
        finally:
            other.kill()


@suite.test("an engine that answers while nobody asked any more does not keep dsp alive")
def _():
    with Wire(RULES) as wire:
        wire.send(request("GET", "/version"))
        wire.arrive()
        wire.client.close()
        wire.up.try_send(OK)
        wire.dsp.wait()


if __name__ == "__main__":
    sys.exit(suite.main())
