#!/usr/bin/env python3
"""dspctl new: the three files of a level."""
import configparser
import os
import re
import sys

import wire  # noqa: F401 (finds the library)

from dspctl import Folder, out, run
from tap import Suite, contains, equal, true

suite = Suite("dspctl new: ")
ETC = re.search(r"Writes /(\S+)/NAME.ini", out("help", "new"))[1]    # configure's sysconfdir
FILES = (f"{ETC}/board.ini", "etc/systemd/system/dsp-board.socket", "etc/systemd/system/dsp-board@.service", "etc/systemd/system/dsp-board.service",
         "etc/systemd/system/dsp-board.service.d/20-resident.conf")


def made(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder.path) for at, _, names in os.walk(folder.path) for name in names)


def text_of(folder, path):
    with open(os.path.join(folder.path, path), encoding="utf-8") as file:
        return file.read()


@suite.test("with --resident the socket has Accept=no, and its service the hardening of resident levels")
def _():
    with Folder() as folder:
        out("new", "--root", folder.path, "--resident", "board")
        contains(text_of(folder, "etc/systemd/system/dsp-board.socket.d/accept-no.conf"), "[Socket]\nAccept=no\n")
        true(os.readlink(os.path.join(folder.path, FILES[-1])).endswith("/dsp-resident.conf"), "the link")


@suite.test("it writes policy, socket unit and service stubs, readable for all and writable for one")
def _():
    with Folder() as folder:
        said = out("new", "--root", folder.path, "board")
        equal(made(folder), sorted(FILES))
        for path in FILES[:-1]:
            equal(os.stat(os.path.join(folder.path, path)).st_mode & 0o7777, 0o644, f"mode of {path}")
        unit = configparser.ConfigParser(strict=False)
        unit.optionxform = str
        unit.read_string(text_of(folder, FILES[1]))
        equal(unit["Socket"]["ListenStream"], "/run/dsp/board.sock")
        equal(unit["Install"]["WantedBy"], "sockets.target")
        for part in ("systemctl daemon-reload", "systemctl enable --now dsp-board.socket", "dspctl check board"):
            contains(said, part)


@suite.test("its policy is valid and has no warning")
def _():
    with Folder() as folder:
        out("new", "--root", folder.path, "board")
        out("check", "--strict", os.path.join(folder.path, FILES[0]))


@suite.test("with --audit the policy is in audit mode, and learn is named")
def _():
    with Folder() as folder:
        contains(out("new", "--root", folder.path, "--audit", "board"), "dspctl learn board")
        contains(out("check", os.path.join(folder.path, FILES[0])), "mode = audit")


@suite.test("it overwrites nothing: when one file is there, none is written")
def _():
    for there in FILES:
        with Folder() as folder:
            folder.write(there, "mine\n")
            status, _, errors = run("new", "--root", folder.path, "board")
            equal(status, 2, "status")
            contains(errors, there)
            equal((made(folder), text_of(folder, there)), ([there], "mine\n"), "files")
        with Folder() as folder:
            os.makedirs(os.path.dirname(os.path.join(folder.path, there)))
            os.symlink(os.path.join(folder.path, "elsewhere"), os.path.join(folder.path, there))
            equal(run("new", "--root", folder.path, "board")[0], 2, "status")
            true(not os.path.exists(os.path.join(folder.path, "elsewhere")), "it wrote through a link")


@suite.test("--listen takes a path or an address; a level on TCP is closed until its networks are named")
def _():
    with Folder() as folder:
        out("new", "--root", folder.path, "--listen", "/run/board/docker.sock", "board")
        contains(text_of(folder, FILES[1]), "ListenStream=/run/board/docker.sock\n")
    with Folder() as folder:
        contains(out("new", "--root", folder.path, "--listen=172.18.0.1:2375", "board"), "tcp://172.18.0.1:2375")
        for line in ("ListenStream=172.18.0.1:2375", "IPAddressDeny=any", "IPAddressAllow=localhost"):
            contains(text_of(folder, FILES[1]), line + "\n")
    for wrong in ("x", "1.2.3.4", "1.2.3.4:0", "1.2.3.4:70000", "/a b", "/a\nListenStream=/b", "/%h", ":2375"):
        with Folder() as folder:
            equal(run("new", "--root", folder.path, "--listen", wrong, "board")[0], 64, f"status with {wrong!r}")
            equal(made(folder), [])


@suite.test("a name that is none is refused")
def _():
    for wrong in ("../x", "a/b", ".x", "", "a b", "a\nb", "a@b", "x" * 65):
        with Folder() as folder:
            equal(run("new", "--root", folder.path, wrong)[0], 64, f"status with {wrong!r}")
            equal(made(folder), [])


@suite.test("a preset that is not there is status 2, and nothing is written")
def _():
    for wrong in ("no-such-preset", "../../etc/passwd"):
        with Folder() as folder:
            equal(run("new", "--root", folder.path, "--from", wrong, "board")[0], 2, f"status with {wrong}")
            equal(made(folder), [])


if __name__ == "__main__":
    sys.exit(suite.main())
