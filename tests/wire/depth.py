#!/usr/bin/env python3
"""Defence in depth: with any one barrier of the lock-down left out, what would hurt still fails by another.

The harness of tests/escape does the leaving out; dsp itself has no such switch.
"""
import os
import sys

from wire import *  # noqa: F401,F403  finds tests/lib

from escape import landlock_abi, tried
from tap import Skip, Suite, equal, true

suite = Suite("depth: ", limit=120)

# What touches the host's files.
FILES = ("read a file", "read a folder", "read init's memory", "write a file", "append to a file", "create a file", "truncate a file", "a nameless file", "openat2",
         "make a folder", "make a device", "link a file", "execute", "execute at")
REFUSED = ("EACCES", "EPERM", "EXDEV")


def by_name(role, without, user=None):
    return {attack: word for (_, attack), word in tried(role, "attacks", without, user).items()}


def need_landlock(abi=1):
    if landlock_abi() < abi:
        raise Skip(f"this kernel's Landlock has ABI {landlock_abi()}, not {abi}")


@suite.test("without the system-call filter no file is read, written, made or executed: Landlock")
def _():
    need_landlock()
    outcome = by_name("connection", "filter")
    for name in FILES:
        true(outcome[name] in REFUSED, f"{name} came to {outcome[name]}")


@suite.test("without the system-call filter no process beyond is signalled, traced, read or written: Landlock")
def _():
    need_landlock(6)
    outcome = by_name("connection", "filter")
    for name in ("end a process", "look for a process", "signal a thread", "queue a signal", "trace a process", "read a process", "write a process"):
        true(outcome[name] in REFUSED, f"{name} came to {outcome[name]}")


@suite.test("without the system-call filter nothing is connected to or listened at over TCP, and no abstract socket is reached: Landlock")
def _():
    need_landlock(6)
    outcome = by_name("connection", "filter")
    for name in ("connect over TCP", "listen on TCP", "connect to an abstract socket"):
        true(outcome[name] in REFUSED, f"{name} came to {outcome[name]}")


@suite.test("a socket's file, such as the engine's, is kept by the filter alone where Landlock has no ABI 9: as is not promised")
def _():
    equal(by_name("connection", "")["connect to a socket's file"], "SIGSYS", "with the filter")
    without = by_name("connection", "filter")["connect to a socket's file"]
    true(without in (REFUSED if landlock_abi() >= 9 else ("done",)), f"without it: {without}")


@suite.test("without the system-call filter no process is made and no memory is locked: limits, for whoever is not root")
def _():
    outcome = by_name("connection", "filter", user=65534 if os.geteuid() == 0 else None)
    equal(outcome["fork"], "EAGAIN", "fork")
    true(outcome["lock memory"] in ("EPERM", "ENOMEM"), outcome["lock memory"])


@suite.test("without the system-call filter no privilege is gained by executing: no_new_privs")
def _():
    outcome = by_name("connection", "filter")
    true(outcome["execute"] in REFUSED and outcome["execute at"] in REFUSED, outcome)


@suite.test("without Landlock everything is still death: the filter")
def _():
    for role in ("connection", "narrowed", "spare"):
        equal(by_name(role, "landlock"), by_name(role, ""), role)


@suite.test("without Landlock a parent still writes no file, makes no TCP socket and executes nothing: the filter")
def _():
    outcome = by_name("parent", "landlock")
    for name in FILES:
        if name not in ("read a file", "read a folder", "read init's memory"):
            equal(outcome[name], "SIGSYS", name)
    for name in ("a TCP socket", "a UDP socket", "a netlink socket", "trace a process", "read a process", "look for a process", "limits of a process"):
        equal(outcome[name], "SIGSYS", name)


@suite.test("without limits everything is still death: the filter")
def _():
    for role in ("connection", "narrowed", "spare"):
        equal(by_name(role, "limits"), by_name(role, ""), role)


@suite.test("a parent without its filter writes no file and executes nothing: Landlock")
def _():
    need_landlock()
    outcome = by_name("parent", "filter")
    for name in FILES:
        # Which is what the last two come to: one appends nothing, the other is to a device.
        if name not in ("read a file", "read a folder", "openat2", "append to a file", "truncate a file"):
            true(outcome[name] in REFUSED, f"{name} came to {outcome[name]}")


if __name__ == "__main__":
    sys.exit(suite.main())
