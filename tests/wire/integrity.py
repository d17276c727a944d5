#!/usr/bin/env python3
"""Random conversations, byte-exact both ways: bodies of every framing and size, pipelined, read and written in random portions, with every kind of end.

WIRE_SEED chooses other ones; a failure names the seed of its conversation, which WIRE_SEED=SEED WIRE_COUNT=1 runs alone.
"""
import os
import random
import sys
import threading
import time

from wire import EVERYTHING, Wire

from message import read_request, read_response, request
from stream import Stream
from tap import Suite, equal, true

suite = Suite("integrity: ")
SEED = int(os.environ.get("WIRE_SEED", "1"))
COUNT = int(os.environ.get("WIRE_COUNT", "40"))
SIZES = (0, 1, 100, 5000, 81888, 81920, 82000, 200000, 600000)
CHUNKS = (1, 2, 15, 16, 17, 100, 4096, 70000, 81888, 81920, 100000)


class Moody(Stream):
    """An end that takes and gives portions of random size, and pauses now and then."""

    def __init__(self, stream, seed):
        super().__init__(stream.sock)
        self.random = random.Random(seed)

    def fill(self, limit, most=None):
        if self.random.random() < 0.05:
            time.sleep(0.003)
        return super().fill(limit, most or self.random.choice((1, 100, 5000, 65536, 300000)))

    def push(self, data):
        most = self.random.choice((3000, 50000, 400000) if len(data) > 3000 else (1, 7, 1000))
        at = 0
        while at < len(data):
            n = self.random.randint(1, most)
            self.send(data[at:at + n])
            at += n
            if self.random.random() < 0.05:
                time.sleep(0.002)


class Conversation:
    """A plan of what either side says, made from a seed: exchanges, of which each has a body up and one down, and how it ends."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.exchanges = [(self.random.choice(("none", "length", "chunked")), self.blob(),
                           self.random.choice(("length", "chunked", "length", "chunked", "204", "HEAD")), self.blob())
                          for _ in range(self.random.choice((1, 2, 5)))]
        self.last = self.random.choice(("none", "close", "until close", "tunnel", "raw"))
        self.up, self.down = self.blob(), self.blob()
        self.errors = []

    def blob(self):
        return self.random.randbytes(self.random.choice(SIZES))

    def framed(self, framing, data):
        """The fields of a body, and its bytes."""
        if framing == "length":
            return b"Content-Length: %d\r\n\r\n" % len(data) + data
        if framing != "chunked":
            return b"\r\n"
        text, at = bytearray(b"Transfer-Encoding: chunked\r\n\r\n"), 0
        while at < len(data):
            n = min(self.random.choice(CHUNKS), len(data) - at)
            text += b"%x\r\n%s\r\n" % (n, data[at:at + n])
            at += n
        return bytes(text) + b"0\r\n" + self.random.choice((b"", b"Trailer: dropped\r\n")) + b"\r\n"

    def requests(self):
        """All that the client writes."""
        text = b""
        for up, data, down, _ in self.exchanges:
            text += request("HEAD" if down == "HEAD" else "POST", "/build")[:-2] + self.framed(up, data)
        if self.last in ("tunnel", "raw"):
            text += request("POST", "/containers/x/attach", *(("Connection: Upgrade", "Upgrade: tcp") if self.last == "tunnel" else ())) + self.up
        elif self.last != "none":
            text += request("GET", "/events")
        return text

    def answers(self):
        """What the engine writes to each request, in turn."""
        for _, _, down, data in self.exchanges:
            interim = b"HTTP/1.1 102 Processing\r\n\r\n" * (self.random.random() < 0.2)
            if down == "204":
                yield interim + b"HTTP/1.1 204 No Content\r\n\r\n"
            elif down == "HEAD":
                yield interim + b"HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n"
            else:
                yield interim + b"HTTP/1.1 200 OK\r\n" + self.framed(down, data)
        yield {"none": b"", "close": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(self.down) + self.down,
               "until close": b"HTTP/1.1 200 OK\r\n\r\n" + self.down, "tunnel": b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + self.down,
               "raw": b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n" + self.down}[self.last]

    def check(self, got, wanted, what):
        if got != wanted:
            self.errors.append(f"{what}: {len(got)} bytes for {len(wanted)}")

    def engine(self, end, answers):
        for n, (up, data, _, _) in enumerate(self.exchanges):
            self.check(read_request(end).body, data if up != "none" else b"", f"request {n}")
            end.push(answers[n])
        if self.last in ("tunnel", "raw"):
            read_request(end)
            pusher = self.start(lambda writer: (writer.push(answers[-1]), writer.half_close()), Moody(end, self.seed + 3))
            self.check(end.recv_to_end(), self.up, "upgraded, to the engine")
            pusher.join()
            return
        if self.last != "none":
            read_request(end)
            end.push(answers[-1])
            end.half_close()
        self.check(end.recv_to_end(), b"", "behind the last request")

    def client(self, end, wire):
        for n, (_, _, down, data) in enumerate(self.exchanges):
            got = read_response(end, "HEAD" if down == "HEAD" else "POST")
            self.check(got.body, data if down in ("length", "chunked") else b"", f"answer {n}")
        if self.last in ("tunnel", "raw"):
            read_response(end, body=False)
            self.check(end.recv_to_end(), self.down, "upgraded, to the client")
        elif self.last != "none":
            self.check(read_response(end).body, self.down, "the last answer")
        if self.last == "none":
            wire.client.half_close()
        self.check(end.recv_to_end(), b"", "behind the last answer")
        if self.last in ("close", "until close"):
            wire.client.half_close()

    def start(self, function, *arguments):
        """A thread, whose exception is one of the errors."""
        def guarded():
            try:
                function(*arguments)
            except Exception as error:
                self.errors.append(f"{type(error).__name__}: {str(error)[:200]}")
        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def run(self, over):
        text, answers = self.requests(), list(self.answers())
        with Wire(EVERYTHING, over=over, log="target = none") as wire:
            threads = [self.start(self.engine, Moody(wire.up, self.seed), answers)]
            threads.append(self.start(lambda end: (end.push(text), self.last in ("tunnel", "raw") and end.half_close()), Moody(wire.client, self.seed + 1)))
            threads.append(self.start(self.client, Moody(wire.client, self.seed + 2), wire))
            for thread in threads:
                thread.join(30)
                true(not thread.is_alive() or self.errors, f"seed {self.seed}: stuck")
            plan = [(up, len(data) if up != "none" else 0, down, len(answer)) for up, data, down, answer in self.exchanges]
            equal(self.errors, [], f"errors of seed {self.seed}, {plan}, then {self.last} {len(self.up)} {len(self.down)}: the list")


for over in ("socketpair", "tcp", "narrow"):
    @suite.test(f"{COUNT} random conversations from seed {SEED}, over {over}: every byte arrives, and none beside them")
    def _(over=over):
        for seed in range(SEED, SEED + COUNT):
            Conversation(seed).run(over)


if __name__ == "__main__":
    sys.exit(suite.main())
