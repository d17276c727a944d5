#!/usr/bin/env python3
"""extends: a policy that starts from another."""
import os
import sys

from wire import Wire, is_denial

from dsp import Dsp
from message import read_response, request
from scripted import Engine
from tap import Suite, equal, true

suite = Suite("extends: ")


class Chain(Wire):
    """A dsp whose policy extends @/0.ini; `files` are the texts of 0.ini, 1.ini, ... beside it."""

    def __init__(self, text, files=()):
        self.engine = Engine(None)
        self._up = None
        self.path = os.path.join(self.engine.folder, "wire.ini")
        for name, content in [("wire", text), *((str(i), content) for i, content in enumerate(files))]:
            with open(os.path.join(self.engine.folder, name + ".ini"), "w", encoding="utf-8") as file:
                file.write(content.replace("@SOCKET@", self.engine.path).replace("@", self.engine.folder))
        self.dsp = Dsp("--policy=" + self.path)
        self.client = self.dsp.client


HEAD = "[policy]\nsocket = @SOCKET@\n[log]\nrequests = all\ntarget = stderr\n[policy]\nextends = @/0.ini\n"


def answers(wire, target, status, method="GET"):
    wire.send(request(method, target))
    if status == 200:
        wire.arrive()
        wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    equal(read_response(wire.client, method).status, status, f"status of {target}")


@suite.test("what the base allows is allowed, and what it denies stays denied")
def _():
    with Chain(HEAD + "[rules]\nallow = SystemVersion SystemInfo\n", ["[rules]\nallow = SystemPing\ndeny = SystemInfo\n"]) as wire:
        answers(wire, "/_ping", 200)
        answers(wire, "/version", 200)
        answers(wire, "/info", 403)
        wire.end()
        true("0.ini:3: deny = SystemInfo" in str(wire.records()), f"the base's line is not named in {wire.records()}")


@suite.test("a base can have a base, four of them in all")
def _():
    files = [f"[policy]\nextends = @/{i + 1}.ini\n" for i in range(3)] + ["[rules]\nallow = SystemPing\n"]
    with Chain(HEAD, files) as wire:
        answers(wire, "/_ping", 200)


def broken(name, files, says, head=HEAD):
    @suite.test(name)
    def _():
        with Chain(head + "[rules]\nallow = SystemPing\n", files) as wire:
            wire.send(request("GET", "/_ping"))
            is_denial(read_response(wire.client), 503)
            wire.end()
            log = str(wire.records())
            for part in says:
                true(part in log, f"{part!r} is not in {log}")


broken("a fifth base is an error", [f"[policy]\nextends = @/{i + 1}.ini\n" for i in range(4)] + ["[rules]\nallow = SystemPing\n"],
       ["wire.ini:7", "more than 4 policies"])
broken("a policy that extends itself is an error", [], ["wire.ini:7", "it extends itself"], HEAD.replace("/0.ini", "/wire.ini"))
broken("a circle is an error", ["[policy]\nextends = @/1.ini\n", "[policy]\nextends = @/wire.ini\n"], ["wire.ini:7", "it extends itself"])
broken("a base that is not there is an error", [], ["wire.ini:7", "No such file"])
broken("an error in the base is one of the line that names it", ["[rules]\nallow = Nonsense\n"], ["wire.ini:7: extends ", "0.ini:2: unknown operation"])
broken("a name of no policy is an error", [], ["wire.ini:7", "neither a policy's name nor the path"], HEAD.replace("@/0.ini", "../x"))


@suite.test("a base is looked for by its name")
def _():
    with Chain(HEAD.replace("@/0.ini", "no-such-preset")) as wire:
        wire.send(request("GET", "/_ping"))
        is_denial(read_response(wire.client), 503)
        wire.end()
        true("no-such-preset.ini" in str(wire.records()), f"not looked for: {wire.records()}")


if __name__ == "__main__":
    sys.exit(suite.main())
