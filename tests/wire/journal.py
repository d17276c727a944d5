#!/usr/bin/env python3
"""A journal that takes nothing: records are lost, requests are not. dsp runs in a mount namespace with a /run and a journal of its own."""
import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
import time

from wire import Wire, is_denial

from message import request
from tap import Skip, Suite, contains, equal, true

suite = Suite("journal: ")
RULES = "allow = SystemPing"
LOG = "requests = all\ntarget = journal"
# The folder with the socket is put where the journal's is; then dsp is what runs.
MOUNT = """folder=$1 && shift && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && mount --bind "$folder" /run/systemd/journal && exec "$@" """


class Journal:
    """A journal that nobody reads."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Skip("a mount namespace needs root")
        self.folder = tempfile.mkdtemp(prefix="dsp-journal-")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.folder + "/socket")
        self.through = ("unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh", self.folder)

    def fill(self):
        """Sends until not even a new sender, whose own buffer is empty, gets a record in."""
        count = 1
        while count:
            count = 0
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(BlockingIOError):
                sender.setblocking(False)
                while True:
                    sender.sendto(b"MESSAGE=x\n", self.folder + "/socket")
                    count += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        shutil.rmtree(self.folder)


def peer(environment, through=(), over="socketpair"):
    """The record's DSP_PEER of a connection whose parent sets these variables. The parent is this process, and the other end as well."""
    with Journal() as journal, Wire(RULES, log=LOG, over=over, through=("env", *environment, *journal.through, *through)) as wire:
        wire.send(request("GET", "/info"))
        is_denial(wire.answer(), 403)
        journal.socket.settimeout(5)
        while True:
            for line in journal.socket.recv(65536).splitlines():
                if line.startswith(b"DSP_PEER="):
                    return line.removeprefix(b"DSP_PEER=").decode()


OURS = f"pid={os.getpid()} uid=0 gid=0"
FORWARDED = {
    "stunnel's": (("REMOTE_HOST=192.0.2.1", "REMOTE_PORT=4711", "SSL_CLIENT_DN=O=dsp, CN=alice"), " tls=192.0.2.1 4711 (O=dsp, CN=alice)"),
    "sshd's": (("SSH_CONNECTION=2001:db8::1 4711 2001:db8::2 22",), " ssh=2001:db8::1 4711"),
    "stunnel's, though somebody was logged in by ssh who started it":
        (("SSH_CONNECTION=192.0.2.9 1 192.0.2.8 22", "REMOTE_HOST=192.0.2.1", "REMOTE_PORT=4711"), " tls=192.0.2.1 4711"),
    "nobody's": ((), ""),
}

for whose, (environment, wanted) in FORWARDED.items():
    suite.add(f"a record tells the client of a parent that stands in between: {whose}",
              lambda environment=environment, wanted=wanted: equal(peer(environment), OURS + wanted, "DSP_PEER"))


@suite.test("a record does not take what a parent inherited for its client: the other end is not the parent")
def _():
    # dsp's parent is a shell, which inherited the variables; the other end is this process.
    said = peer(("SSH_CONNECTION=192.0.2.9 1 192.0.2.8 22", "REMOTE_HOST=192.0.2.1", "REMOTE_PORT=4711"), ("sh", "-c", '"$@"; exit', "sh"))
    equal(said, OURS, "DSP_PEER")


@suite.test("a record tells the client of stunnel, which connects by TCP on this host, and of nobody else who could")
def _():
    stunnel, ssh, xinetd, systemd = ("REMOTE_HOST=192.0.2.1", "REMOTE_PORT=4711"), ("SSH_CONNECTION=192.0.2.9 1 192.0.2.8 22",), ("REMOTE_HOST=127.0.0.1",), ("REMOTE_PORT=4711",)
    true(re.fullmatch(r"tcp=127\.0\.0\.1:\d+ tls=192\.0\.2\.1 4711", peer(stunnel, over="tcp")), "stunnel's client is not told")
    for inherited in (ssh, xinetd, systemd):
        said = peer(inherited, over="tcp")
        true(re.fullmatch(r"tcp=127\.0\.0\.1:\d+", said), f"with {inherited}: {said}")


@suite.test("what a parent says of its client cannot forge a field")
def _():
    equal(peer(("REMOTE_HOST=192.0.2.1", "REMOTE_PORT=1", "SSL_CLIENT_DN=CN=x\nDSP_VERDICT=allowed")), OURS + " tls=192.0.2.1 1 (CN=x\\x0aDSP_VERDICT=allowed)", "DSP_PEER")


@suite.test("records go to the journal")
def _():
    with Journal() as journal, Wire(RULES, log=LOG, through=journal.through) as wire:
        wire.send(request("GET", "/info"))
        is_denial(wire.answer(), 403)
        journal.socket.settimeout(5)
        got = b""
        while b"403" not in got:
            got = journal.socket.recv(1 << 16)
        contains(got, b"SystemInfo", "record")


@suite.test("a journal that becomes full loses records, not requests: 200 are answered")
def _():
    with Journal() as journal, Wire(RULES, log=LOG, through=journal.through) as wire:
        wire.send(request("GET", "/info"))
        is_denial(wire.answer(), 403)
        journal.fill()
        for _ in range(100):
            wire.send(request("GET", "/info"))
            is_denial(wire.answer(limit=3), 403)
            wire.relay(request("GET", "/_ping"))
        true(wire.dsp.running(), "dsp ended")
        equal(wire.end(), 0, "exit status")


@suite.test("a connection that finds a full journal is answered within 3 s")
def _():
    with Journal() as journal:
        journal.fill()
        start = time.monotonic()
        with Wire(RULES, log=LOG, through=journal.through) as wire:
            wire.send(request("GET", "/info"))
            is_denial(wire.answer(limit=3), 403)
            true(time.monotonic() - start < 3, "it took longer")
            for _ in range(20):
                wire.relay(request("GET", "/_ping"))


if __name__ == "__main__":
    sys.exit(suite.main())
