#!/usr/bin/env python3
"""What becomes of a process that is locked down and tries what it must not: death, for all but the rows of its table.

The harness (tests/escape) is dsp's own objects with a hook before the lock-down: it forks a process for each thing to
try, which dsp's own code then locks down. What the tables are is read from src/sandbox/*.def.
"""
import contextlib
import ctypes
import functools
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile

from wire import *  # noqa: F401,F403  finds tests/lib

import tables
from dsp import binary, until
from resident import Resident
from tap import Skip, Suite, equal, true

suite = Suite("escape: ", limit=120)

HARNESS = os.path.join(os.path.dirname(os.path.dirname(binary())), "tests", "escape", "escape")
ROLES = ("connection", "narrowed", "spare", "parent")

# The kernel itself lets these pass all filters (kernel/seccomp.c): outside of a probe they do nothing, or end the process.
OF_THE_KERNEL = {"x86_64": {335: "SIGILL", 336: "ENXIO"}}   # uretprobe, uprobe

def landlock_abi():
    """Of this kernel; less than 1 where it has no Landlock."""
    return ctypes.CDLL(None, use_errno=True).syscall(444, 0, 0, 1)


def by_landlock(abi, word):
    """What an attack comes to that Landlock stops from that ABI on."""
    return word if landlock_abi() >= abi else "done"


# What an attack comes to where its system call is in the table with these arguments. The rest is death.
COMES_TO = {
    # It has descriptors for these until it has a client.
    "spare": {"another client": "done", "wake the parent": "done"},
    "narrowed": {"another client": "EBADF", "wake the parent": "EBADF"},
    "parent": {
        "look at a file": "done",              # the policy's stamp
        "another client": "done",              # of its children's listening socket: its children are what it has for that
        "wake the parent": "done",
        "read a file": "done",                 # the policy
        "read a folder": "done",
        "read init's memory": by_landlock(1, "EACCES"),  # not a process of its own
        "a unix socket": "done",               # the engine, the journal
        "connect elsewhere": "ENOTSOCK",       # on the descriptor it was tried on
        "connect to an abstract socket": by_landlock(6, "EPERM"),
        "connect to a socket's file": "done",  # as to the engine's
        "fork": "done",
        "end a process": by_landlock(6, "EPERM"),  # none but its children
        "set a socket's mark": "ENOTSOCK", "attach a socket filter": "ENOTSOCK",
        "raise a limit": ("done", "EPERM"),    # it is not limited yet: its children are; not everybody may raise one
        "make a descriptor blocking": "done",
        "a poll set": "done",
        "ask Landlock": "done",
    },
}
MAPPING = ("map code", "map memory", "map the null page", "map a descriptor", "a name in the place of the policy's")


def harness():
    if not os.access(HARNESS, os.X_OK):
        raise Skip("the harness is not built; make check builds it")
    return HARNESS


@functools.cache
def tried(role, what, without="", user=None):
    """{(way or system call, number or attack): what it came to}. `user`: who the connection runs as."""
    with somebody() as listens:
        return orders_to(role, {"ESCAPE": role, "ESCAPE_TRY": what, "ESCAPE_WITHOUT": without, "ESCAPE_SOCKET": listens}, user)


@contextlib.contextmanager
def somebody():
    """Listens at a path and at the abstract socket of that name, as what is not dsp's. Yields the path."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as file, socket.socket(socket.AF_UNIX) as abstract:
        path = folder + "/socket"
        for listener, name in ((file, path), (abstract, "\0" + path)):
            listener.bind(name)
            listener.listen(64)
        for place in (folder, path):
            os.chmod(place, 0o777)
        yield path


def orders_to(role, orders, user):
    if role == "connection":
        folder = tempfile.mkdtemp()
        with open(folder + "/escape.ini", "w", encoding="ascii") as file:
            file.write("[policy]\nsocket = /run/no-such.sock\n[log]\ntarget = stderr\n")
        try:
            os.chmod(folder, 0o755)
            ours, theirs = socket.socketpair()
            told = subprocess.run([harness(), f"--policy={folder}/escape.ini"], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=orders, user=user, timeout=100, check=True).stderr
        finally:
            shutil.rmtree(folder)
        return outcomes(told)
    before = os.environ.get("DSP")
    os.environ["DSP"] = harness()
    try:
        level = Resident("allow = SystemPing", environment=orders, limits="connections = 1")
    finally:
        os.environ.pop("DSP") if before is None else os.environ.update(DSP=before)
    try:
        true(until(lambda: b"escape\tend" in level.stderr, 100), f"the harness did not end: {bytes(level.stderr)[-500:]!r}")
        return outcomes(bytes(level.stderr))
    finally:
        level.close()


def outcomes(told):
    found = {}
    for line in told.decode().splitlines():
        if line.startswith("escape\t"):
            _, first, second, word = line.split("\t")
            found[first, second] = word
    true(("end", "end") in found, f"the harness did not end: {told[-500:]!r}")
    return found


@functools.cache
def call_name(number):
    """What libseccomp calls this machine's system call, or None."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_syscall_resolve_num_arch.restype = ctypes.c_char_p
    name = library.seccomp_syscall_resolve_num_arch(library.seccomp_arch_native(), number)
    return name and name.decode()


def table(role):
    """{name: its rules} of a role; a spare that has its client has the spare's filter, and descriptors that it is good for no more."""
    found = {}
    for row in tables.rows("spare" if role == "narrowed" else role):
        found.setdefault(row.name, set()).add(row.rule)
    return found


def check_calls(role):
    known, exceptions, passed = table(role), OF_THE_KERNEL.get(platform.machine(), {}), set()
    outcome = tried(role, "calls")
    for number in range(600):
        word, rules = outcome["native", str(number)], known.get(call_name(number), set())
        if number in exceptions and call_name(number) not in known:
            true(word in (exceptions[number], "SIGSYS"), f"{number} came to {word}")
        elif "ERRNO" in rules:
            equal(word, "ENOMEM", f"{call_name(number)} ({number})")
        elif "ALLOW" in rules:      # rules with arguments do not allow those that were tried: all are -1
            true(word != "SIGSYS", f"{call_name(number)} ({number}) is in the table, and died")
        else:
            equal(word, "SIGSYS", f"{call_name(number)} ({number})")
        if rules:
            passed.add(call_name(number))
    return passed


def register(role):
    @suite.test(f"{role}: every system call that the kernel can have is death, but those of the table")
    def _():
        passed = check_calls(role)
        true({"read", "write", "ppoll", "exit_group"} <= passed, f"names of calls are not known: {passed}")

    @suite.test(f"{role}: a call as x32 or as a 32-bit program makes it is death, whatever its number")
    def _():
        if platform.machine() != "x86_64":
            raise Skip("only x86-64 has these")
        outcome = tried(role, "calls")
        for way in ("x32", "int80"):
            for number in range(600):
                # A kernel without one of these ways has nothing to filter.
                true(outcome[way, str(number)] in (("SIGSYS",) if way == "x32" else ("SIGSYS", "SIGSEGV")), f"{way} {number} came to {outcome[way, str(number)]}")

    @suite.test(f"{role}: over a hundred ways out, each with arguments that would work, are death")
    def _():
        outcome = tried(role, "attacks")
        true(len(outcome) > 100, f"{len(outcome)} attacks")
        for (call, name), word in outcome.items():
            if name == "end":
                continue
            want = "ENOMEM" if name in MAPPING else COMES_TO.get(role, {}).get(name, "SIGSYS")
            true(word in ((want,) if isinstance(want, str) else want), f"{name} ({call}) came to {word}, not {want}")


for role_ in ROLES:
    register(role_)


@suite.test("without the filter the attacks work, or something else stops them: they are real")
def _():
    outcome = tried("connection", "attacks", "filter")
    true("SIGSYS" not in outcome.values(), outcome)
    for name in ("look at a file", "a unix socket", "fork", "map code", "make memory executable", "a memory file", "duplicate a descriptor", "a pipe", "send a descriptor",
                 "a poll set", "ask Landlock", "rename itself", "become dumpable"):
        word = next(word for (_, attack), word in outcome.items() if attack == name)
        true(word == "done" or name == "fork" and word == "EAGAIN" or os.geteuid() != 0, f"{name} came to {word}")


@suite.test("nothing of the hook is in the program that is installed")
def _():
    if not shutil.which("nm"):
        raise Skip("nm is missing")
    symbols = subprocess.run(["nm", binary()], capture_output=True, text=True, check=False).stdout
    strings = open(binary(), "rb").read()
    for word in ("__wrap", "attack", "ESCAPE", "escape.c", "seccomp-debug"):
        true(word not in symbols, f"the symbols have {word}")
        true(word.encode() not in strings, f"the program has {word}")
    inside = open(harness(), "rb").read()
    true(b"ESCAPE_TRY" in inside, "the harness has what is looked for")


if __name__ == "__main__":
    sys.exit(suite.main())
