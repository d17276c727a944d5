#!/usr/bin/env python3
"""The system-call filters of every machine, interpreted: what each says of every call (src/sandbox/*.def).

mkfilter makes the programs; a small interpreter runs them as a kernel of that machine would.
"""
import ctypes
import errno
import fcntl
import functools
import os
import re
import signal
import socket
import subprocess
import sys

from wire import *  # noqa: F401,F403  finds tests/lib

import tables
from tap import Suite, equal, true

suite = Suite("filter: ")

# AUDIT_ARCH of each, and whether its words are stored with the most significant byte first (linux/audit.h).
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "x86": 0x40000003, "arm": 0x40000028, "riscv64": 0xC00000F3,
            "ppc64le": 0xC0000015, "s390x": 0x80000016}
BIG_ENDIAN = ("s390x",)
WORD = 1 << 32
MKFILTER = os.path.join(os.environ.get("top_builddir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."), "src", "sandbox", "mkfilter")

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000  # SECCOMP_RET_* (linux/seccomp.h)

# Where a machine has the calls of sockets as functions of socketcall(2) and by themselves: the function's number
# (linux/net.h), and the call's own on these machines (arch/*/kernel/syscalls/*.tbl).
FUNCTIONS = {"socket": 1, "bind": 2, "connect": 3, "listen": 4, "accept": 5, "getsockname": 6, "getpeername": 7, "socketpair": 8, "send": 9,
             "recv": 10, "sendto": 11, "recvfrom": 12, "shutdown": 13, "setsockopt": 14, "getsockopt": 15, "sendmsg": 16, "recvmsg": 17,
             "accept4": 18, "recvmmsg": 19, "sendmmsg": 20}
OWN = {"x86": {"socket": 359, "connect": 362, "accept4": 364, "getsockopt": 365, "setsockopt": 366, "getpeername": 368, "shutdown": 373},
       "ppc64le": {"socket": 326, "connect": 328, "getpeername": 332, "shutdown": 338, "setsockopt": 339, "getsockopt": 340, "accept4": 344}}
OWN["s390x"] = OWN["x86"]
SOCKETCALL = 102

# What some machine does without, because it has another row of the same table for it.
ELSEWHERE = {"ppoll_time64", "clock_gettime64", "sigreturn", "mmap", "mmap2", "fcntl", "fcntl64", "newfstatat", "fstatat64", "fstat", "fstat64",
             "getrlimit", "setrlimit", "ugetrlimit", "timerfd_gettime64", "timerfd_settime64"}
NEEDED = {"read", "write", "ppoll", "shutdown", "close", "clock_gettime", "rt_sigreturn", "restart_syscall", "exit_group", "brk", "munmap"}

# Constants that Python does not know (linux/prctl.h, linux/seccomp.h).
VALUES = {"PR_SET_NO_NEW_PRIVS": 38, "PR_SET_DUMPABLE": 4, "PR_SET_PDEATHSIG": 1, "SECCOMP_SET_MODE_FILTER": 1, "EPOLL_CTL_ADD": 1, "EPOLL_CTL_DEL": 2,
          "SO_PEERGROUPS": 59}

# The one place of names (src/sandbox/sealed.h).
SEALED, SEALED_SIZE = 0x20000000, 0x10000

# Values of an argument to try, beside those that a row names.
ODD = (0, 1, 2, 3, 4, 5, 6, 7, 10, 16, 17, 38, 0x7FFFFFFF, 0xFFFFFFFF, WORD, WORD + 1, WORD + 4, (1 << 64) - 1)
OPEN_WRITING = (1, 2, 3, 0o100, 0o1000, 0o2000, 0o102, 0o20000000 | 0o200000 | 2)  # O_WRONLY, O_RDWR, ..., O_TMPFILE
NEW_NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
SHARED = (0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x40000, 0x80000, 0x100000, 0x800000, 0x80000000, WORD, 1 << 33)


@functools.cache
def programs(machine):
    """{role: [(code, jt, jf, k), ...]} as mkfilter makes them."""
    made = subprocess.run([MKFILTER, machine], capture_output=True, text=True, check=True).stdout
    found = {}
    for role, body in re.findall(r"sock_filter (\w+)_program\[\] = \{\n(.*?)\};", made, re.DOTALL):
        found[role] = [tuple(int(number, 0) for number in line) for line in re.findall(r"\{(\w+), (\w+), (\w+), (\w+)\}", body)]
    equal(sorted(found), sorted(tables.ROLES), f"programs for {machine}")
    return found


def answer(program, data):
    """Runs a program of classic BPF over the words of struct seccomp_data."""
    accumulator, at = 0, 0
    while True:
        code, jt, jf, k = program[at]
        at += 1
        if code == 0x20:    # ld [k]
            true(k % 4 == 0 and k < 64, f"load from {k}")
            accumulator = data[k // 4]
        elif code == 0x54:  # and #k
            accumulator &= k
        elif code == 0x05:  # ja
            at += k
        elif code in (0x15, 0x25, 0x35, 0x45):  # jeq, jgt, jge, jset
            met = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k, 0x45: accumulator & k != 0}[code]
            at += jt if met else jf
        elif code == 0x06:  # ret #k
            return k
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


def ask(machine, role, number, arguments=(), arch=None):
    """The filter's answer to a call."""
    arguments = list(arguments) + [0] * (6 - len(arguments))
    words = [number % WORD, MACHINES[machine] if arch is None else arch, 0, 0]
    for value in arguments:
        halves = [value % WORD, value >> 32]
        words += halves[::-1] if machine in BIG_ENDIAN else halves
    return answer(programs(machine)[role], words)


@functools.cache
def number(machine, name):
    """What libseccomp knows: a number, a negative one for a function of socketcall, or None."""
    library = ctypes.CDLL("libseccomp.so.2")
    found = library.seccomp_syscall_resolve_name_arch(library.seccomp_arch_resolve_name(machine.encode()), name.encode())
    true(found != -1, f"libseccomp does not know {name}")
    return found if found > -10000 else None


def numbers(machine, name):
    """[(number, the arguments that go before its own)]: every way to make the call."""
    found = number(machine, name)
    if found is None or (found < 0 and name not in FUNCTIONS):
        return []
    if found >= 0:
        return [(found, None)]
    return [(OWN[machine][name], None), (SOCKETCALL, FUNCTIONS[name])]


def constant(name):
    if name.isdigit():
        return int(name)
    for module in (errno, fcntl, signal, socket):
        if hasattr(module, name):
            return int(getattr(module, name))
    return VALUES[name]


def wanted(row, machine, arguments):
    """What the row itself says of these arguments."""
    values = [constant(value) for value in row.values]
    if row.rule == "ERRNO":
        return ERRNO | values[0]
    if (number(machine, row.name) or 0) < 0:  # its arguments may lie in memory, where no filter can look
        return ALLOW
    wide = "64" in machine or machine == "s390x"
    arguments = [value if wide else value % WORD for value in arguments]
    met = {"ALLOW": lambda: True,
           "ALLOW_FIRST": lambda: arguments[0] == values[0],
           "ALLOW_PAIR": lambda: arguments[:2] == values,
           "ALLOW_SECOND": lambda: arguments[1] == values[0],
           "ALLOW_OPTION": lambda: arguments[1:3] == values,
           "ALLOW_READ_ONLY": lambda: arguments[2] & (3 | 0o100 | 0o1000 | 0o2000) == 0,
           "ALLOW_SEALED": lambda: SEALED <= arguments[1] < SEALED + SEALED_SIZE,
           "ALLOW_SEALING": lambda: arguments[0] == SEALED and arguments[2] == 1,  # PROT_READ
           "ALLOW_FORK": lambda: arguments[machine == "s390x"] & ~(0x01000000 | 0x00200000) == signal.SIGCHLD}[row.rule]()
    return ALLOW if met else KILL


def argument_lists(row):
    """Arguments to try on a call: all that any rule could distinguish."""
    fork = [signal.SIGCHLD | bit for bit in (0, 0x01000000, 0x00200000, 0x01200000, *NEW_NAMESPACES, *SHARED)] + [0, 9, 0x4100]
    if row.rule == "ALLOW_FORK":
        return [(0x5000, 0, 0)] + [(flags, 0x7000) for flags in fork] + [(0x7000, flags) for flags in fork]
    if row.rule == "ALLOW_READ_ONLY":
        return [(0, 0, flags) for flags in (0, 0o2000000, 0o2004000, 0o200000, WORD, *OPEN_WRITING)]
    if row.rule == "ALLOW_SEALED":
        return [(0, at) for at in (0, SEALED - 1, SEALED, SEALED + 300, SEALED + SEALED_SIZE - 1, SEALED + SEALED_SIZE, WORD + SEALED, SEALED << 1, 0x7FFFF0000000)]
    if row.rule == "ALLOW_SEALING":
        return [(at, SEALED_SIZE, how) for at in (0, SEALED - 4096, SEALED, SEALED + 4096, WORD + SEALED, 0x400000) for how in (0, 1, 2, 3, 4, 5, 7, WORD + 1)]
    known = ODD + tuple(constant(value) for value in row.values)
    if row.rule == "ALLOW_OPTION":
        return [(0, first, second) for first in known for second in known]
    return [(first, second, third) for first in known for second in known for third in (0, 4, 7)]


def rows_of(role):
    by_name = {}
    for row in tables.rows(role):
        by_name.setdefault(row.name, []).append(row)
    return by_name


def register(machine, arch):
    @suite.test(f"{machine}: every row of each table is in the filter, and says of each argument what it should")
    def _():
        for role in tables.ROLES:
            for name, rows in rows_of(role).items():
                ways = numbers(machine, name)
                true(ways or name in ELSEWHERE, f"{machine} has no {name}")
                for at, function in ways:
                    for arguments in (arguments for row in rows for arguments in argument_lists(row)):
                        said = [wanted(row, machine, arguments) for row in rows]
                        want = next((one for one in said if one != KILL), KILL)
                        given = arguments if function is None else (function, *arguments)
                        got = ask(machine, role, at, given)
                        true(got == want, f"{role}: {name} ({at}) of {given} gives {got:#x}, not {want:#x}")

    @suite.test(f"{machine}: a connection has all that it needs")
    def _():
        for name in NEEDED - ({"ppoll", "clock_gettime"} if machine in ("x86", "arm") else set()):
            true(numbers(machine, name), f"{name} is unknown")
        if machine in ("x86", "arm"):
            true(numbers(machine, "ppoll_time64") and numbers(machine, "clock_gettime64"), "the calls with 64-bit time")

    @suite.test(f"{machine}: every other number is death")
    def _():
        for role in tables.ROLES:
            known = {at for name in tables.names(role) for at, _ in numbers(machine, name)}
            for at in [*range(1200), 0x0F0000, 0x0F0005, *range(0x40000000, 0x40000000 + 600), 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
                if at not in known:
                    equal(ask(machine, role, at, (1, 1, 1, 1, 1, 1)), KILL, f"{role}: {at:#x}")

    @suite.test(f"{machine}: no function of socketcall but those of the table")
    def _():
        for role in tables.ROLES:
            known = {FUNCTIONS[name] for name in tables.names(role) if name in FUNCTIONS}
            for function in range(40):
                want = ALLOW if function in known and machine in OWN else KILL
                if machine in OWN:
                    equal(ask(machine, role, SOCKETCALL, (function, 0x7000)), want, f"{role}: socketcall {function}")

    @suite.test(f"{machine}: a call of another machine is death, whatever its number")
    def _():
        for role in tables.ROLES:
            for other in {*MACHINES.values(), 0, 0xFFFFFFFF, arch ^ 0x40000000, arch ^ 0x80000000} - {arch}:
                for at in range(600):
                    equal(ask(machine, role, at, arch=other), KILL, f"{role}: {at} of {other:#x}")

    @suite.test(f"{machine}: no role maps executable memory")
    def _():
        for role in tables.ROLES:
            for name in ("mmap", "mmap2", "mprotect", "pkey_mprotect", "remap_file_pages", "mremap", "ipc", "shmat", "personality", "execve", "execveat", "userfaultfd"):
                for at, _ in numbers(machine, name):
                    true(ask(machine, role, at, (0, 4096, 7, 0x22)) in (KILL, ERRNO | errno.ENOMEM), f"{role}: {name}")


for name_, arch_ in MACHINES.items():
    register(name_, arch_)


@suite.test("the table of a connection has at most 15 calls and a spare's at most 25 on x86-64, AArch64 and RISC-V; the spare's and parent's have all of it")
def _():
    for machine in ("x86_64", "aarch64", "riscv64"):
        for role, most in (("connection", 15), ("spare", 25)):
            here = {name for name in tables.names(role) if numbers(machine, name)}
            true(len(here) <= most, f"{machine}: {role} has {len(here)}: {sorted(here)}")
    true(tables.names("connection") <= tables.names("spare") <= tables.names("parent"), "the tables do not contain each other")


@suite.test("no role has a call that could send a descriptor, look into or signal another program, or load code into the kernel")
def _():
    for name in ("sendmsg", "sendmmsg", "recvmsg", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "io_uring_setup", "bpf", "perf_event_open",
                 "memfd_create", "keyctl", "add_key", "init_module", "mount", "unshare", "setns", "clone3", "execve", "ioctl", "bind", "listen"):
        for role in tables.ROLES:
            true(name not in tables.names(role), f"{role}.def has {name}")


@suite.test("a spare and a connection open and connect nothing")
def _():
    for name in ("open", "openat", "openat2", "creat", "socket", "socketpair", "connect", "clone", "fork", "vfork", "kill", "pipe2", "epoll_create1", "epoll_ctl", "fcntl", "dup", "dup2", "dup3", "sendto"):
        for role in ("connection", "spare"):
            true(name not in tables.names(role), f"{role}.def has {name}")


if __name__ == "__main__":
    sys.exit(suite.main())
