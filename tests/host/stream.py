"""The output of a command that runs on, read line by line against the clock."""
import os
import select
import time

import machine


class Stream:
    """`with Stream(host, *command) as stream:` starts the command inside the host, and kills it at the end."""

    def __init__(self, host, *command, stdin=None):
        self._begin(host.popen(*command, **({"stdin": stdin} if stdin is not None else {})))

    @classmethod
    def of(cls, child):
        """What a command says that somebody else started, and ends."""
        stream = cls.__new__(cls)
        stream._begin(child)
        return stream

    def _begin(self, child):
        self.child = child
        self.seen = ""      # everything that was read, for the story of a failure
        self.rest = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        machine.end(self.child)

    def await_line(self, part, seconds=10):
        """Reads until a line holds `part`; returns that line, fails when none comes in time."""
        end = time.monotonic() + seconds
        while True:
            while b"\n" in self.rest:
                line, _, self.rest = self.rest.partition(b"\n")
                line = line.decode(errors="replace")
                self.seen += line + "\n"
                if part in line:
                    return line
            left = end - time.monotonic()
            if self.ended or left <= 0 or not self._read(left):
                why = "the stream ended" if self.ended else f"not within {seconds} s"
                raise AssertionError(f"no line with {part!r}: {why}; seen:\n{self.seen}{self.rest.decode(errors='replace')}")

    def await_end(self, seconds=10):
        """Waits until the command has ended. Returns its exit status."""
        end = time.monotonic() + seconds
        while not self.ended:
            left = end - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"the stream did not end within {seconds} s; seen:\n{self.seen}")
        return self.child.wait(timeout=seconds)

    def alive(self):
        return self.child.poll() is None

    def _read(self, seconds):
        ready, _, _ = select.select([self.child.stdout], [], [], seconds)
        if not ready:
            return False
        data = os.read(self.child.stdout.fileno(), 65536)
        self.ended = not data
        self.rest += data
        return True
