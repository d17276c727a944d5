"""One process for one connection: locked while it lives, and gone with its client."""
import contextlib
import os
import subprocess

import machine
from stream import Stream
from tap import contains, equal, eventually, lacks, true

DYNAMIC_UIDS = range(61184, 65520)      # systemd.exec(5), DynamicUser=


def register(suite, host):
    test = suite.test

    @test("process: the units hold nothing that this systemd does not know")
    def _():
        said = host.ask("sh", "-c", "journalctl -q --no-pager -b _PID=1 | grep dsp- || true").stdout
        for complaint in ("Unknown", "Failed to parse", "ignoring", "deprecated"):
            lacks(said, complaint, "what systemd says of dsp's units")

    @test("process: a connection runs as a dynamic user, not as root")
    def _():
        with Open(host, "traefik") as live:
            shown = host.property(live.unit, "DynamicUser", "UID", "NoNewPrivileges")
            equal((shown["DynamicUser"], shown["NoNewPrivileges"]), ("yes", "yes"), "DynamicUser and NoNewPrivileges")
            true(int(shown["UID"]) in DYNAMIC_UIDS, f"UID={shown['UID']} is no dynamic user")
            equal(live.status["Uid"].split(), [shown["UID"]] * 4, "the process's user ids")

    @test("process: a connection has no capability, no new privileges and a system call filter")
    def _():
        with Open(host, "traefik") as live:
            equal({name: int(live.status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")},
                  {"CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapAmb": 0}, "capabilities")
            equal((live.status["NoNewPrivs"], live.status["Seccomp"]), ("1", "2"), "NoNewPrivs and Seccomp")

    @test("process: a connection is locked down before the client has sent a byte")
    def _():
        with Open(host, "traefik", request=False) as live:
            eventually(lambda: live.read_status()["Seccomp"] == "2" and live.read_status()["NoNewPrivs"] == "1", 5, "the lock-down")

    @test("process: a connection holds only sockets and pipes, no open file")
    def _():
        with Open(host, "traefik") as live:
            folder = host.path(f"/proc/{live.pid}/fd")
            held = {number: os.readlink(f"{folder}/{number}") for number in os.listdir(folder)}
            files = {number: what for number, what in held.items() if not what.startswith(("socket:", "pipe:", "/dev/null"))}
            equal(files, {}, "open files")
            true(len(held) <= 10, f"{len(held)} descriptors: {held}")

    @test("process: other processes of its user cannot look into a connection")
    def _():
        with Open(host, "traefik") as live:
            # Of a process that is not dumpable, /proc belongs to root (proc(5)).
            equal(os.stat(host.path(f"/proc/{live.pid}/environ")).st_uid, 0, "owner of /proc/PID/environ")

    @test("process: no dsp process and no unit is left after a client has gone")
    def _():
        for _ in range(5):
            host.allowed("traefik", "ps")
        host.docker("traefik", "images")
        host.all_gone()

    @test("process: a client that connects, says nothing and goes leaves nothing behind")
    def _():
        for _ in range(5):
            host.connect("traefik").close()
        host.all_gone()

    @test("process: an abandoned event stream ends in dsp and on the engine")
    def _():
        host.all_gone()
        before = _engine_connections(host)
        events = host.popen(*host.docker_as("traefik", "events"))
        try:
            eventually(lambda: _engine_connections(host) > before, 10, "the connection to the engine")
            eventually(lambda: len(host.processes()) == 1, 10, "the event stream's process")
        finally:
            machine.end(events)
        host.all_gone()
        eventually(lambda: _engine_connections(host) <= before, 10, "the end of the connection on the engine")

    @test("process: an abandoned logs -f of a silent container ends on the engine")
    def _():
        host.container("silent", command=("sh", "-c", "echo one; sleep 1000000"))
        host.all_gone()
        before = _engine_connections(host)
        with Stream(host, *host.docker_as("readonly", "logs", "-f", "silent")) as logs:
            logs.await_line("one")
            true(_engine_connections(host) > before, "no connection to the engine is seen")
        host.all_gone()
        eventually(lambda: _engine_connections(host) <= before, 10, "the end of the connection on the engine")

    @test("process: an abandoned docker run -i leaves no process")
    def _():
        host.all_gone()
        run = host.popen(*host.docker_as("full", "run", "--rm", "-i", "--network", "none", "--name", "orphan", "bb", "cat"), stdin=subprocess.PIPE)
        try:
            eventually(lambda: host.engine("ps", "-q", "--filter", "name=^orphan$"), 10, "the container")
        finally:
            machine.end(run)
        host.ask(*host.docker_as(None, "rm", "-f", "orphan"))
        host.all_gone()

    @test("process: a terminated connection ends both its sides at once")
    def _():
        with Open(host, "traefik") as live:
            host.do("systemctl", "stop", live.unit)
            equal(live.socket.recv(1), b"", "what the client reads")
        host.all_gone()

    @test("process: dsp --version and --help say what it is, and a policy name that leaves its folder is refused")
    def _():
        contains(host.do("/usr/libexec/dsp", "--version"), "dsp")
        contains(host.do("/usr/libexec/dsp", "--help"), "--policy")
        for name in ("dsp-../../etc/passwd", "dsp-.hidden", "dsp-"):
            done = host.ask("/usr/libexec/dsp", f"--unit={name}", input="GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
            lacks(done.stdout, "HTTP/1.1 200", f"the answer with --unit={name}")


class Open:
    """A connection that stays open, and the process behind it."""

    def __init__(self, host, level, request=True):
        self.host = host
        host.clear(level)
        self.socket = host.connect(level)
        if request:
            self.socket.sendall(b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
            contains(self.socket.recv(4096), b"HTTP/1.1 200")
        self.unit = eventually(lambda: host.instances(level), 5, "the instance")[0]
        # Until systemd's child has become dsp, it is systemd.
        self.pid = eventually(host.processes, 5, "the process")[0]
        equal(host.property(self.unit, "MainPID"), {"MainPID": str(self.pid)}, "the instance's process")
        self.status = self.read_status()

    def read_status(self):
        lines = self.host.read(f"/proc/{self.pid}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def _engine_connections(host):
    """How many sockets the engine holds. (ss does not show them: they belong to the network namespace of dsp's side.)"""
    engine = host.do("pidof", "dockerd").split()[0]
    folder = host.path(f"/proc/{engine}/fd")
    held = 0
    for number in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            held += os.readlink(f"{folder}/{number}").startswith("socket:")
    return held
