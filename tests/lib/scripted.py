"""A scripted engine: a listening Unix socket whose connections the test itself drives, or hands to a script.

    with Engine() as engine:
        ...                                   # start dsp with `socket = {engine.path}`
        up = engine.accept()                  # dsp's connection, a Stream
        got = read_request(up)
        up.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

    with Engine(script=answer_all) as engine: # or: each connection runs in a thread of its own
"""
import os
import select
import shutil
import socket
import tempfile
import threading

from message import Malformed, read_request
from stream import LIMIT, End, Stream

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"


class Engine:
    """Listens on `path` in a folder of its own. With `script`, every connection is accepted and given to it."""

    def __init__(self, script=None, backlog=1024):
        self.folder = tempfile.mkdtemp(prefix="dsp-wire-")
        self.path = os.path.join(self.folder, "engine.sock")
        self.streams = []        # every accepted connection
        self.requests = []       # what `record` has read
        self.errors = []         # what a script raised
        self.script = script
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(backlog)
        self.thread = None
        if script:
            self.thread = threading.Thread(target=self._accept_all, daemon=True)
            self.thread.start()

    def accept(self, limit=LIMIT):
        """The next connection."""
        if not select.select([self.listener], [], [], limit)[0]:
            raise End(f"nobody connected to the engine within {limit} s")
        stream = Stream(self.listener.accept()[0])
        self.streams.append(stream)
        return stream

    def _accept_all(self):
        while True:
            try:
                stream = Stream(self.listener.accept()[0])
            except OSError:
                return
            self.streams.append(stream)
            threading.Thread(target=self._run, args=(stream,), daemon=True).start()

    def _run(self, stream):
        try:
            self.script(self, stream)
        except (OSError, End, Malformed) as error:
            self.errors.append(error)
        finally:
            stream.close()

    def close(self):
        if self.thread:
            # close() alone leaves a thread in accept(2).
            try:
                self.listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.listener.close()
        for stream in self.streams if not self.script else []:
            stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def record(engine, stream, answer=OK):
    """A script: reads requests strictly, keeps them in `engine.requests`, answers each (no body on HEAD)."""
    while not (stream.at_end(3600) or stream.ended):
        got = read_request(stream, 60)
        engine.requests.append(got)
        stream.send(answer if got.method != "HEAD" else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
