#!/usr/bin/env python3
"""What is asked of Landlock on each kernel, older and newer than this one: the answer to "which ABI?" is put in its mouth by strace."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from wire import *  # noqa: F401,F403  finds tests/lib

from depth import need_landlock
from dsp import Dsp
from escape import landlock_abi
from message import read_response, request
from tap import Skip, Suite, contains, equal, true

suite = Suite("landlock: ")

CALL = re.compile(r"landlock_create_ruleset\(\{handled_access_fs=0x([0-9a-f]+)(?:, handled_access_net=0x([0-9a-f]+))?(?:, scoped=0x([0-9a-f]+))?.*?\}, ([0-9]+), 0\)\s+= (-?[0-9]+)")

# The rights that each ABI has brought: of files, of the network, and scopes (Documentation/userspace-api/landlock.rst).
FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF, 6: 0xFFFF, 7: 0xFFFF}
SIZE = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16, 6: 24, 7: 24}


def told(answer):
    """Starts dsp where the question for the ABI is answered so. Returns (its exit status, its client's status or None, what it logged, the trace)."""
    if not shutil.which("strace"):
        raise Skip("strace is missing")
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/landlock.ini", "w", encoding="ascii") as file:
            file.write("[policy]\nsocket = /run/no-such.sock\n[rules]\nallow = SystemPing\n[log]\ntarget = stderr\n")
        tracer = ("strace", "-D", "-qq", "-Xraw", "-o", folder + "/t", "-e", "trace=landlock_create_ruleset,landlock_restrict_self,read",
                  "-e", f"inject=landlock_create_ruleset:{answer}:when=1")
        dsp = Dsp(f"--policy={folder}/landlock.ini", through=tracer)
        try:
            status = None
            try:
                dsp.client.send(request("GET", "/info", "Connection: close"))
                status = read_response(dsp.client).status
            except Exception:  # it has ended: that is told by the exit status
                pass
            dsp.client.close()
            code = dsp.process.wait(10)
            with open(folder + "/t", encoding="utf-8", errors="replace") as file:
                return code, status, bytes(dsp.stderr).decode(), file.read()
        finally:
            dsp.kill()


def asked(trace):
    """[(files, network, scopes, size, result), ...] of the rulesets that were asked for."""
    return [(int(files, 16), int(net or "0", 16), int(scopes or "0", 16), int(size), int(result)) for files, net, scopes, size, result in CALL.findall(trace)]


for abi_ in FILES:
    def of_abi(abi=abi_):
        @suite.test(f"ABI {abi}: every right of files that it knows is given up, by a ruleset of its size, before the client is read")
        def _():
            need_landlock(min(abi, 6))  # the next ones bring no right
            code, status, _, trace = told(f"retval={abi}")
            equal((code, status), (0, 403), "exit status and answer")
            (files, _, _, size, result), = asked(trace)
            equal((hex(files), size), (hex(FILES[abi]), SIZE[abi]), "rights and size")
            true(result >= 0, trace)
            true(re.search(r"landlock_restrict_self\(.*?= 0\n(?:.*\n)*?.*GET /info", trace), f"it is not in force before the client is read:\n{trace}")
    of_abi()


@suite.test("a kernel that counts further than its rights go: the most that it takes is given up")
def _():
    need_landlock(6)
    for claimed in (9, 10, 11, 99):
        code, status, _, trace = told(f"retval={claimed}")
        equal((code, status), (0, 403), f"exit status and answer at {claimed}")
        *refused, taken = asked(trace)
        true(all(one[-1] < 0 for one in refused) and taken[-1] >= 0, trace)
        equal(hex(taken[0] & 0xFFFF), "0xffff", "rights of files")
        if landlock_abi() < 9:
            true(refused, "nothing was refused")


@suite.test("a kernel without Landlock, or that keeps it from being asked for: it is done without")
def _():
    for error in ("ENOSYS", "EOPNOTSUPP", "EPERM"):
        code, status, _, trace = told(f"error={error}")
        equal((code, status, asked(trace)), (0, 403, []), error)


@suite.test("any other failure of Landlock is the end, before the client is read")
def _():
    for error in ("EINVAL", "EACCES", "ENOMEM"):
        code, status, log, trace = told(f"error={error}")
        equal((code, status), (os.EX_OSERR, None), error)
        contains(log, "cannot enter Landlock", "the log")
        true("GET /info" not in trace, trace)


if __name__ == "__main__":
    sys.exit(suite.main())
