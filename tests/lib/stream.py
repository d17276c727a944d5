"""One end of a byte stream that a test holds: the client's side of dsp, or the engine's.

Everything that arrives is kept in `received`, so that a test can say what came in all and not only what it
read; every wait has a limit, so that a test fails with a reason and does not hang.
"""
import os
import select
import socket
import time

LIMIT = float(os.environ.get("WIRE_TIMEOUT", "10"))  # seconds that any wait may last unless the test says otherwise


class End(Exception):
    """The stream ended, or nothing came in time, before what was asked for; the text says how far it got."""


class Stream:
    """Reads and writes bytes over a socket, or over a pair of pipe ends (`sock` is None then)."""

    def __init__(self, sock=None, reader=None, writer=None):
        self.sock = sock
        self.reader = sock.fileno() if sock else reader
        self.writer = sock.fileno() if sock else writer
        self.received = bytearray()  # every byte that ever arrived
        self.taken = 0               # how many of them the test has read
        self.ended = False           # the other side closed or reset
        self.was_reset = False

    # Writing

    def send(self, data, limit=LIMIT):
        """Writes all of `data`. Raises End when the other side does not take it, BrokenPipeError when it is gone."""
        view = memoryview(data)
        end = time.monotonic() + limit
        while view:
            if not select.select([], [self.writer], [], max(0, end - time.monotonic()))[1]:
                raise End(f"the other side took only {len(data) - len(view)} of {len(data)} bytes in {limit} s")
            if self.sock:
                view = view[self.sock.send(view, socket.MSG_DONTWAIT):]
            else:
                view = view[os.write(self.writer, view[:4096]):]

    def try_send(self, data, limit=LIMIT):
        """Like send, but a peer that has gone is no error. Returns whether all was taken."""
        try:
            self.send(data, limit)
            return True
        except (OSError, End):
            return False
        except TypeError:
            if self.writer is not None:
                raise
            return False    # closed by another thread meanwhile

    def half_close(self):
        """Ends this direction; the other stays open."""
        if self.sock:
            self.sock.shutdown(socket.SHUT_WR)
        elif self.writer is not None:
            os.close(self.writer)
            self.writer = None

    def close(self):
        """Closes both directions. May be called twice."""
        if self.sock:
            self.sock.close()
            self.sock = None
        else:
            for fd in {self.reader, self.writer} - {None}:
                os.close(fd)
        self.reader = self.writer = None

    # Reading

    def fill(self, limit, most=1 << 16):
        """Waits until something more arrives (takes `most` bytes of it) or the stream ends. Returns False when neither happened in time."""
        if self.ended:
            return True
        if not select.select([self.reader], [], [], max(0, limit))[0]:
            return False
        try:
            data = os.read(self.reader, most)
        except (ConnectionResetError, BrokenPipeError):
            data, self.was_reset = b"", True
        self.received += data
        self.ended = not data
        return True

    def _wait(self, ready, what, limit):
        end = time.monotonic() + limit
        while True:
            result = ready()
            if result is not None:
                return result
            if self.ended:
                raise End(f"the stream ended before {what}; unread: {self._sample()}")
            if not self.fill(end - time.monotonic()):
                raise End(f"{what} did not come within {limit} s; unread: {self._sample()}")

    def _sample(self):
        """What is unread, as much of it as one wants to see."""
        rest = bytes(self.unread)
        return repr(rest) if len(rest) <= 300 else f"{rest[:200]!r} … {rest[-80:]!r} ({len(rest)} bytes)"

    @property
    def unread(self):
        return self.received[self.taken:]

    def _take(self, n):
        data = bytes(self.received[self.taken:self.taken + n])
        self.taken += n
        return data

    def recv_exactly(self, n, limit=LIMIT):
        return self._wait(lambda: self._take(n) if len(self.received) - self.taken >= n else None, f"{n} bytes", limit)

    def recv_until(self, mark, limit=LIMIT):
        """The bytes up to and including the first `mark`."""
        def ready():
            at = self.received.find(mark, self.taken)
            return None if at < 0 else self._take(at + len(mark) - self.taken)
        return self._wait(ready, repr(mark), limit)

    def recv_head(self, limit=LIMIT):
        return self.recv_until(b"\r\n\r\n", limit)

    def recv_to_end(self, limit=LIMIT):
        """All bytes until the other side closes."""
        return self._wait(lambda: self._take(len(self.received) - self.taken) if self.ended else None, "the end", limit)

    def at_end(self, limit=LIMIT):
        """Waits for the end of the stream. Returns whether it came, with nothing unread before it."""
        end = time.monotonic() + limit
        while not self.ended and not self.unread and self.fill(end - time.monotonic()):
            pass
        return self.ended and not self.unread

    def drain(self, seconds):
        """Whatever arrives within that time, or until the end."""
        end = time.monotonic() + seconds
        while not self.ended and self.fill(end - time.monotonic()):
            pass
        return self._take(len(self.received) - self.taken)

    def quiet(self, seconds=0.15):
        """Whether nothing arrives for that long: no byte and no end."""
        if self.unread or self.ended:
            return False
        return not self.fill(seconds)
