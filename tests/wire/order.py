#!/usr/bin/env python3
"""The order of a start, seen by strace: nothing of the client is read before the last step of the lock-down.

The client has sent its request before dsp is started, or before it is accepted: a byte read too early would be seen.
"""
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from wire import *  # noqa: F401,F403  finds tests/lib
from wire import OK, policy

import tables
from dsp import binary, until
from message import read_request, read_response, request
from resident import Resident
from scripted import Engine, record
from stream import Stream
from tap import Skip, Suite, equal, true

suite = Suite("order: ", limit=60)

CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\w+)", re.MULTILINE)
READS = {"read", "readv", "pread64", "preadv", "preadv2", "recv", "recvfrom", "recvmsg", "recvmmsg", "splice", "tee", "sendfile", "copy_file_range", "io_uring_enter"}
RULES = "allow = SystemPing"

# The lock-down, in this order, without a gap that another call could stand in.
STEPS = ("close_range", "prctl(PR_SET_NO_NEW_PRIVS", "prctl(PR_SET_DUMPABLE", "landlock_create_ruleset", "prlimit64", "seccomp")


def need_strace():
    if not shutil.which("strace"):
        raise Skip("strace is missing")


def strace(folder):
    """A command that execs dsp: the tracer stands aside (-D), so that dsp has the number and the signals that are meant for it."""
    return ("strace", "-D", "-ff", "-s", "64", "-o", folder + "/t")


def whole(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    return text if "\n+++ " in text else None


class Trace:
    """The calls of one process that has ended, as (name, arguments, result)."""

    def __init__(self, path):
        true(until(lambda: whole(path), 10), f"{path} has no end")
        self.calls = CALL.findall(whole(path))

    def filters(self):
        """Where the system-call filters came in."""
        return [at for at, (name, arguments, result) in enumerate(self.calls) if name == "seccomp" and "SECCOMP_SET_MODE_FILTER" in arguments and result == "0"]

    def reads(self, fd):
        return [at for at, (name, arguments, _) in enumerate(self.calls) if name in READS and arguments.startswith(f"{fd},")]

    def check_order(self, fd, filters=1):
        """That descriptor `fd` is read, and not before the last of that many filters is in."""
        found = self.filters()
        equal(len(found), filters, "filters")
        reads = self.reads(fd)
        true(reads, f"descriptor {fd} was never read: {self.calls[found[-1]:]}")
        true(reads[0] > found[-1], f"descriptor {fd} is read by call {reads[0]}, and the filter comes in by {found[-1]}")

    def check_after(self):
        """That what follows the last filter is in its table."""
        made = {name for name, _, _ in self.calls[self.filters()[-1] + 1:]}
        equal(sorted(made - tables.names("connection")), [], "calls that are not in the table")

    def check_narrowed(self, fd, accepted):
        """That between its accept and the first read of client `fd` a spare closes all but three descriptors, and from there on calls as a connection."""
        first = self.reads(fd)[0]
        closed = [tuple(int(word) for word in arguments.split(", ")[:2]) for name, arguments, result in self.calls[accepted:first] if name == "close_range" and result == "0"]
        left = [number for number in range(64) if not any(low <= number <= high for low, high in closed)]
        true(fd in left and len(left) <= 3, f"descriptors {left} are left of {closed}")
        equal(max(high for _, high in closed), 0xFFFFFFFF, "the last that is closed")
        made = {name for name, _, _ in self.calls[first:]}
        equal(sorted(made - tables.names("connection")), [], "calls that are not in the connection's table")

    def check_steps(self):
        """That the lock-down's steps are all there, in order, and that the filter is the last."""
        told = [name + "(" + arguments for name, arguments, _ in self.calls[:self.filters()[0] + 1]]
        at = [max((number for number, call in enumerate(told) if call.startswith(step)), default=-1) for step in STEPS]
        true(-1 not in at and at == sorted(at), f"the steps {STEPS} are calls {at} of {len(told)}")


def traced(start, through=()):
    """The trace of a dsp whose client has sent its request before it began. `through`: a command that execs strace."""
    need_strace()
    folder = tempfile.mkdtemp(prefix="dsp-order-")
    engine = Engine(record)
    with open(folder + "/order.ini", "w", encoding="utf-8") as file:
        file.write(policy(engine.path, RULES))
    try:
        client, stdin, stdout = start()
        client.send(request("GET", "/_ping"))
        process = subprocess.Popen([*through, *strace(folder), binary(), f"--policy={folder}/order.ini"], stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL)
        for fd in {stdin, stdout}:
            os.close(fd)
        equal(read_response(client).status, 200, "status")
        client.close()
        equal(process.wait(20), 0, "exit status")
        return Trace(glob.glob(folder + "/t.*")[0])
    finally:
        shutil.rmtree(folder)
        engine.close()


def over_socket():
    ours, theirs = socket.socketpair()
    fd = theirs.detach()
    return Stream(ours), fd, fd


def over_tcp():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        fd = listener.accept()[0].detach()
    return Stream(ours), fd, fd


def over_pipes():
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    return Stream(reader=our_in, writer=our_out), their_in, their_out


for name_, start_ in (("a Unix socket on 0 and 1", over_socket), ("a TCP connection on 0 and 1", over_tcp), ("two pipes", over_pipes)):
    def case(start=start_):
        @suite.test(f"{name_}: the client is read after the filter is in, and by calls of its table only")
        def _():
            trace = traced(start)
            trace.check_order(0)
            trace.check_after()
            trace.check_steps()
    case()


@suite.test("Accept=yes of systemd (LISTEN_FDS): the client is read after the filter is in, and by calls of its table only")
def _():
    shell = 'exec 3<&0 0</dev/null 1>/dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=connection exec "$@"'
    trace = traced(over_socket, ("bash", "-c", shell, "bash"))
    trace.check_order(3)
    trace.check_after()
    trace.check_steps()


def resident(how, status=200, **options):
    """The traces of a resident dsp that answered three clients with that status: (the parent's, the others)."""
    need_strace()
    folder = tempfile.mkdtemp(prefix="dsp-order-")
    try:
        with Resident(RULES, how=how, through=strace(folder), **options) as level:
            until(lambda: len(glob.glob(folder + "/t.*")) >= 5, 10)
            for _ in range(3):
                client = level.connect()
                client.send(request("GET", "/_ping"))
                equal(read_response(client).status, status, "status")
                client.close()
        traces = sorted(glob.glob(folder + "/t.*"), key=lambda path: int(path.rsplit(".", 1)[1]))
        return Trace(traces[0]), [Trace(path) for path in traces[1:]]
    finally:
        shutil.rmtree(folder)


def client_of(trace):
    """The descriptor that a spare accepted, or None."""
    return next((int(result) for name, _, result in trace.calls if name == "accept4" and result.isdigit()), None)


for how_, name_ in (("activation", "Accept=no of systemd"), ("wait", "inetd's wait")):
    def of_listener(how=how_):
        @suite.test(f"{name_}: a spare is locked down before it accepts, and reads its client after it has closed what it waited with")
        def _():
            _, spares = resident(how)
            served = [trace for trace in spares if client_of(trace) is not None]
            true(len(served) >= 3, f"{len(served)} of {len(spares)} accepted")
            for trace in served:
                first = trace.filters()[0]
                accepted = next(at for at, (name, _, result) in enumerate(trace.calls) if name == "accept4" and result.isdigit())
                true(first < accepted, f"the filter comes in by call {first}, the client by {accepted}")
                trace.check_order(client_of(trace))
                trace.check_narrowed(client_of(trace), accepted)
                trace.check_steps()

        @suite.test(f"{name_}: the parent accepts nobody, and reads no socket")
        def _():
            parent, _ = resident(how)
            equal([call for call in parent.calls if call[0].startswith("accept")], [], "accepted")
            locked = parent.filters()[0]
            made = {name for name, _, _ in parent.calls[locked + 1:]}
            equal(sorted(made - tables.names("parent")), [], "calls that are not in the table")
            sockets = {arguments.split(",")[0] for name, arguments, _ in parent.calls if name in ("getsockopt", "setsockopt", "getpeername")}
            reads = {arguments.split(",")[0] for name, arguments, _ in parent.calls[locked:] if name in READS}
            equal(sorted(reads & sockets), [], "sockets that were read")
    of_listener()


WITH_CLIENTS = "[policy]\nsocket = @SOCKET@\n[log]\n@LOG@\n[limits]\nidle-exit = 1h\n[clients]\n{}\n[rules]\n@RULES@\n"
for name_, options_ in (
        ("while the engine is away", {"status": 503, "engine": False}),
        ("with units in [clients]", {"status": 403, "text": WITH_CLIENTS.format("units = no-such.service")}),
        ("with containers in [clients]", {"status": 403, "text": WITH_CLIENTS.format("containers = " + "0" * 64)})):
    def of_late_lock(name=name_, options=options_):
        @suite.test(f"{name} a spare accepts first, and is locked down in full before it reads its client")
        def _():
            _, spares = resident("activation", **options)
            served = [trace for trace in spares if client_of(trace) is not None]
            true(len(served) >= 3, f"{len(served)} of {len(spares)} accepted")
            for trace in served:
                accepted = next(at for at, (name, _, result) in enumerate(trace.calls) if name == "accept4" and result.isdigit())
                true(accepted < trace.filters()[0], "it was locked before it accepted")
                trace.check_order(client_of(trace))
                trace.check_after()
                trace.check_steps()
    of_late_lock()


if __name__ == "__main__":
    sys.exit(suite.main())
