#!/usr/bin/env python3
"""Much data, both directions at once, and no byte left waiting (policies.md §5.8–9)."""
import sys
import threading

from wire import OK, Wire

from message import read_chunk, request
from tap import Suite, equal, true

suite = Suite("bulk: ")
RULES = "allow = SystemPing ImageGet ImageLoad"


@suite.test("64 MiB from the engine arrive whole")
def _():
    size = 64 << 20
    block = bytes(range(256)) * 256
    with Wire(RULES) as wire:
        wire.send(request("GET", "/images/x/get"))
        wire.arrive()

        def push():
            wire.up.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // len(block)):
                wire.up.send(block)
        thread = threading.Thread(target=push, daemon=True)
        thread.start()
        got = wire.answer(body=False)
        equal(got["content-length"], str(size), "Content-Length")
        for at in range(size // len(block)):
            true(wire.client.recv_exactly(len(block)) == block, f"bytes differ in block {at}")
            if at % 256 == 0:
                del wire.client.received[:wire.client.taken]
                wire.client.taken = 0
        thread.join()
        wire.relay(request("GET", "/_ping"))


@suite.test("64 MiB from the client, chunked, arrive whole")
def _():
    block = bytes(range(256)) * 128
    with Wire(RULES) as wire:
        def push():
            wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked"))
            for _ in range(2048):
                wire.send(b"%x\r\n%s\r\n" % (len(block), block))
            wire.send(b"0\r\n\r\n")
        thread = threading.Thread(target=push, daemon=True)
        thread.start()
        wire.arrive(body=False)
        total = 0
        while True:
            chunk = read_chunk(wire.up)
            if not chunk:
                break
            true(chunk == (block * 3)[total % len(block):][:len(chunk)], f"bytes differ at {total}")
            total += len(chunk)
            del wire.up.received[:wire.up.taken]
            wire.up.taken = 0
        equal(total, 2048 * len(block), "bytes")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


SIZES = (1 << 12, 1 << 16, (1 << 16) + 1, (80 << 10) - 33, (80 << 10) - 31, (80 << 10) - 1, 80 << 10, (80 << 10) + 1, 96 << 10, 160 << 10, 200000)


@suite.test("no byte of an answer waits for the next one, whatever size the pieces have")
def _():
    for framing in ("length", "chunked"):
        for size in SIZES:
            with Wire(RULES) as wire:
                wire.send(request("GET", "/images/x/get"))
                wire.arrive()
                wire.up.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n\r\n" % (2 * size) if framing == "length" else b"Transfer-Encoding: chunked\r\n\r\n"))
                wire.answer(body=False)
                for _ in range(2):
                    wire.up.send(b"x" * size if framing == "length" else b"%x\r\n%s\r\n" % (size, b"x" * size))
                    total = 0
                    while total < size:
                        wire.client.unread or wire.client.fill(2)
                        true(wire.client.unread, f"{framing}: {total} of {size} bytes arrived")
                        total += len(read_chunk(wire.client, 2) if framing == "chunked" else wire.client.recv_exactly(len(wire.client.unread)))


@suite.test("no byte of a body waits for the next one, whatever size the pieces have")
def _():
    for size in SIZES:
        with Wire(RULES) as wire:
            wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", f"Content-Length: {2 * size}"))
            wire.arrive(body=False)
            for _ in range(2):
                wire.send(b"x" * size)
                try:
                    wire.up.recv_exactly(size, 2)
                except Exception:
                    raise AssertionError(f"{len(wire.up.unread)} of {size} bytes arrived") from None
            wire.up.send(OK)
            wire.answer()


@suite.test("an answer that comes before the request's body is whole reaches the client at once")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked") + b"4\r\nxxxx\r\n")
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad")
        got = wire.answer(limit=3)
        equal((got.status, got.body), (500, b"bad"), "answer")


@suite.test("an engine that stops reading a body and answers: the client gets the answer, not a reset")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", f"Content-Length: {8 << 20}"))
        wire.arrive(body=False)
        thread = threading.Thread(target=lambda: wire.client.try_send(b"x" * (8 << 20), 5), daemon=True)
        thread.start()
        wire.up.recv_exactly(1000)
        wire.up.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad")
        wire.up.close()
        got = wire.answer()
        equal((got.status, got.body), (400, b"bad"), "answer")
        thread.join()


@suite.test("interim and final answers both ways while a body still moves do not deadlock")
def _():
    with Wire(RULES) as wire:
        wire.send(request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked"))
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.answer(body=False)
        for n in range(200):
            wire.send(b"4\r\n%04d\r\n" % n)
            equal(read_chunk(wire.up), b"%04d" % n, "to the engine")
            wire.up.send(b"4\r\n%04d\r\n" % n)
            equal(read_chunk(wire.client), b"%04d" % n, "to the client")
        wire.send(b"0\r\n\r\n")
        equal(read_chunk(wire.up), b"", "last chunk")
        wire.up.send(b"0\r\n\r\n")
        equal(read_chunk(wire.client), b"", "last chunk")
        wire.relay(request("GET", "/_ping"))


if __name__ == "__main__":
    sys.exit(suite.main())
