#!/usr/bin/env python3
"""A journal that takes nothing: records are lost, requests are not. dsp runs in a mount namespace with a /run and a journal of its own."""
import contextlib
import os
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
