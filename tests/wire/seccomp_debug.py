#!/usr/bin/env python3
"""A dsp that was configured with --enable-seccomp-debug: it names a forbidden call in place of dying, and hides that from nobody."""
import functools
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile

from wire import *  # noqa: F401,F403  finds tests/lib

from dsp import binary
from escape import HARNESS
from tap import Skip, Suite, contains, equal, true

suite = Suite("seccomp-debug: ")
DEBUG = os.path.join(os.path.dirname(HARNESS), "debug")


def build():
    if platform.machine() not in ("x86_64", "aarch64"):
        raise Skip("such a build is for x86-64 and aarch64")
    if not os.access(DEBUG, os.X_OK):
        raise Skip("it is not built; make check builds it")
    return DEBUG


@functools.cache
def told():
    """What the debug build says while it tries the attacks of tests/escape."""
    folder = tempfile.mkdtemp()
    try:
        with open(folder + "/debug.ini", "w", encoding="ascii") as file:
            file.write("[policy]\nsocket = /run/no-such.sock\n[log]\ntarget = stderr\n")
        _, theirs = socket.socketpair()
        return subprocess.run([build(), f"--policy={folder}/debug.ini"], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                              env={"ESCAPE": "connection", "ESCAPE_TRY": "attacks"}, timeout=60, check=True, text=True).stderr
    finally:
        shutil.rmtree(folder)


@suite.test("a forbidden call is named with its number, and fails with EPERM; the process goes on")
def _():
    lines = told().splitlines()
    for call, attack in (("openat", "read a file"), ("socket", "a TCP socket"), ("clone", "fork"), ("ptrace", "trace a process"), ("memfd_create", "a memory file")):
        true(any(line.startswith(f"<3>dsp: seccomp-debug: forbidden system call {call} (") for line in lines), f"{call} is not named")
        true(f"escape\t{call}\t{attack}\tEPERM" in lines, f"{attack} did not come to EPERM")
    true(not any(line.endswith("\tSIGSYS") for line in lines), "a process died of SIGSYS")


@suite.test("it says that it is not for use: in --version, and at each start")
def _():
    contains(subprocess.run([build(), "--version"], capture_output=True, text=True, check=True).stdout, "NOT FOR USE", "version")
    contains(told(), "NOT FOR USE", "start")


@suite.test("the program that is installed is no such build")
def _():
    version = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True).stdout
    equal(len(version.splitlines()), 1, "lines of --version")
    true(b"NOT FOR USE" not in open(binary(), "rb").read(), "it is one")


if __name__ == "__main__":
    sys.exit(suite.main())
