#!/usr/bin/env python3
"""Ends do not cut: what one side sent before it closed, hung up or vanished reaches the other, however slowly that one reads."""
import re
import sys
import threading
import time

from wire import Wire

from dsp import until
from message import read_body, request
from tap import Suite, contains, equal, true

suite = Suite("slow: ")
RULES = "allow = ContainerExport ContainerAttach ExecStart SystemEvents"
DATA = b"".join(b"%07d\n" % n for n in range(75000))  # more than all buffers on the way hold
PIECES = [DATA[at:at + 10000] for at in range(0, len(DATA), 10000)]
OVER = {"a Unix socket": "socketpair", "TCP": "narrow"}

GET = request("GET", "/containers/x/export")
EVENTS = request("GET", "/events")
ATTACH = request("POST", "/containers/x/attach?stream=1&stdin=1&stdout=1", "Connection: Upgrade", "Upgrade: tcp")
EXEC = request("POST", "/exec/e1/start", "Content-Type: application/json", "Connection: Upgrade", "Upgrade: tcp", body=b"{}")
SWITCH = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in PIECES)


def hang_up(wire, data):
    """The engine writes `data` and closes, while the client reads little by little; after a while what is left is on its way."""
    def engine():
        wire.up.try_send(data)
        wire.up.close()
    thread = threading.Thread(target=engine, daemon=True)
    thread.start()
    while thread.is_alive():
        wire.client.fill(1, 2000)
        time.sleep(0.0005)
    time.sleep(0.4)


def same(got, wanted, what):
    """Like equal, but tells where and not what."""
    true(got == wanted, f"{what}: {len(got)} of {len(wanted)} bytes arrived{'' if wanted.startswith(got) else ', and they differ'}")


WHOLE = {
    "a body until the end": (GET, HEAD + b"\r\n" + DATA),
    "a body with a length": (GET, HEAD + b"Content-Length: %d\r\n\r\n" % len(DATA) + DATA),
    "a chunked body": (GET, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"0\r\n\r\n"),
    "an upgraded connection": (ATTACH, SWITCH + DATA),
}
for where, over in OVER.items():
    for what, (raw, answer) in WHOLE.items():
        @suite.test(f"a client that reads slowly over {where} gets all of {what}, though the engine has hung up")
        def _(raw=raw, answer=answer, over=over):
            with Wire(RULES, over=over) as wire:
                wire.send(raw)
                wire.arrive()
                hang_up(wire, answer)
                got = wire.answer(body=False)
                same(wire.client.recv_to_end() if got.status == 101 else read_body(wire.client, got).body or wire.client.recv_to_end(), DATA, "to the client")

    @suite.test(f"what a client sends over {where} to an exec before it closes reaches an engine that reads later")
    def _(over=over):
        data = DATA[:400000]
        with Wire(RULES, over=over) as wire:
            wire.send(EXEC)
            wire.arrive()
            wire.up.send(SWITCH)
            wire.answer()

            def client():
                wire.client.try_send(data)
                wire.client.close()
            thread = threading.Thread(target=client, daemon=True)
            thread.start()
            time.sleep(1)
            same(wire.up.recv_to_end(), data, "to the engine")
            thread.join()
            wire.up.close()
            equal(wire.dsp.wait(), 0, "exit status")

    @suite.test(f"an engine that ends its direction of an upgraded connection first gets all that the client goes on to send over {where}")
    def _(over=over):
        data = DATA[:300000]
        with Wire(RULES, over=over, limits="idle-timeout = 1s") as wire:
            wire.send(ATTACH)
            wire.arrive()
            wire.up.send(SWITCH + b"bye")
            wire.up.half_close()
            wire.answer()
            equal(wire.client.recv_to_end(), b"bye", "to the client")
            for at in range(12):
                wire.send(data[at:at + 1])
                time.sleep(0.12)

            def client():
                wire.client.try_send(data[12:])
                wire.client.half_close()
            thread = threading.Thread(target=client, daemon=True)
            thread.start()
            time.sleep(0.5)
            same(wire.up.recv_to_end(), data, "to the engine")
            thread.join()
            equal(wire.dsp.wait(), 0, "exit status")

    @suite.test(f"an engine that vanishes within a chunked body: a slow client over {where} gets what there was of it, and no end")
    def _(over=over):
        with Wire(RULES, over=over) as wire:
            wire.send(EVENTS)
            wire.arrive()
            hang_up(wire, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"64\r\nhalf of")
            wire.answer(body=False)
            rest, got = wire.client.recv_to_end(), b""
            while rest:
                size, _, rest = rest.partition(b"\r\n")
                true(int(size, 16) > 0, "the body has an end")
                got += rest[:int(size, 16)]
                rest = rest[int(size, 16) + 2:]
            same(got, DATA + b"half of", "to the client")
            wire.end()
            contains(wire.records()[0][1], "cut short", "record")

    @suite.test(f"an engine that vanishes within a body with a length: a slow client over {where} gets what there was of it")
    def _(over=over):
        with Wire(RULES, over=over) as wire:
            wire.send(GET)
            wire.arrive()
            hang_up(wire, HEAD + b"Content-Length: %d\r\n\r\n" % (len(DATA) + 1) + DATA)
            wire.answer(body=False)
            same(wire.client.recv_to_end(), DATA, "to the client")

    @suite.test(f"a client over {where} that pipelines refused requests and does not read: its answers have no gap")
    def _(over=over):
        with Wire("allow = SystemPing", over=over, limits="head-timeout = 100ms", log="target = none") as wire:
            raw = b"".join(request("GET", f"/refused{n:04d}{'x' * 400}") for n in range(800))
            thread = threading.Thread(target=lambda: wire.client.try_send(raw, 20), daemon=True)
            thread.start()
            # A dsp that goes on needs some 100 times head-timeout to fill its own buffer, from where on it would drop answers.
            if not until(lambda: not wire.dsp.running(), 20):
                wire.client.half_close()
            answered = re.findall(rb"/refused(\d{4})", wire.client.recv_to_end())
            thread.join()
            true(len(answered) < 800, "the client was to stall dsp")
            equal(answered, [b"%04d" % n for n in range(len(answered))], "which requests were answered")


@suite.test("an engine that resets within a body without a length: what there was arrives, and the record tells that it was cut short")
def _():
    for over in OVER.values():
        with Wire(RULES, over=over) as wire:
            wire.send(GET)
            time.sleep(0.2)  # until the request lies with the engine, which never reads it: then its close is a reset
            wire.up.send(HEAD + b"Content-Type: application/x-tar\r\n\r\npartial")
            wire.up.close()
            wire.answer(body=False)
            equal(wire.client.recv_to_end(), b"partial", "to the client")
            wire.end()
            contains(wire.records()[0][1], "cut short", "record")


if __name__ == "__main__":
    sys.exit(suite.main())
