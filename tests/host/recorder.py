"""
Runs inside a disposable host: lets the clients of recorder_clients.py talk to dockerd through a relay, and prints each
request that has a body in JSON as a line. Arguments: the release, or the name of the Docker CLI in bin/; and the version
of the API that the engine is to seem to have, if another than its own.
"""
import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import threading

import recorder_clients

ENGINE, SOCKET = "/run/docker.sock", "/run/recorder.sock"
OWN_API = b"1.45"     # of the engine that is to seem another one
FOLDER = "/opt/recorder"


class Recorder:
    """The relay. `file` and `what` are what the next requests are recorded under."""

    def __init__(self, api):
        self.file = self.what = None
        self.api = api.encode()
        self.lock = threading.Lock()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(SOCKET)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client = self.listener.accept()[0]
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(ENGINE)
            answers = (b"Api-Version: " + OWN_API, b"Api-Version: " + self.api) if self.api else (b"", b"")
            requests = (b" /v" + self.api + b"/", b" /v" + OWN_API + b"/") if self.api else (b"", b"")
            threading.Thread(target=move, args=(engine, client, None, *answers), daemon=True).start()
            threading.Thread(target=move, args=(client, engine, Requests(self.record), *requests), daemon=True).start()

    def record(self, method, target, kind, body):
        if not body or not kind.lower().startswith("application/json"):
            return
        line = {"file": self.file, "what": self.what, "method": method, "target": target, "type": kind, "body": body.decode()}
        with self.lock:
            print(json.dumps(line), flush=True)


def move(source, sink, reader, was, becomes):
    """Relays, with one thing in another's place, of the same length."""
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(65536)
            if not data:
                break
            if reader:
                reader.feed(data)
            sink.sendall(data.replace(was, becomes) if was else data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Requests:
    """Reads along what a client sends, until it asks for an upgrade."""

    def __init__(self, record):
        self.record = record
        self.data = b""
        self.raw = False

    def feed(self, data):
        self.data += data
        while not self.raw and self._one():
            pass

    def _one(self):
        head, end, rest = self.data.partition(b"\r\n\r\n")
        if not end:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if fields.get("transfer-encoding") == "chunked":
            body, rest = unchunked(rest)
        else:
            length = int(fields.get("content-length", 0))
            body, rest = (rest[:length], rest[length:]) if len(rest) >= length else (None, None)
        if body is None:
            return False
        self.data = rest
        self.raw = "upgrade" in fields
        self.record(method, target, fields.get("content-type", ""), body)
        return True


def unchunked(data):
    body = b""
    while True:
        line, end, data = data.partition(b"\r\n")
        if not end:
            return None, None
        size = int(line.split(b";")[0], 16)
        if len(data) < size + 2:
            return None, None
        body, data = body + data[:size], data[size + 2:]
        if size == 0:
            return body, data


def main():
    recorder = Recorder(sys.argv[2])
    prepare()
    failed = set()
    for file, command, expected in recorder_clients.commands(sys.argv[1]):
        recorder.file, recorder.what = file, command[2] if command[0] == "sh" else shlex.join(command)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              cwd=FOLDER, env=dict(os.environ, DOCKER_HOST=f"unix://{SOCKET}", PYTHONDONTWRITEBYTECODE="1",
                                       PATH=f"{FOLDER}/bin:{os.environ['PATH']}"))
        if expected and done.returncode != 0:
            failed.add(recorder.what)
        if done.returncode != 0:
            print(f"{done.returncode} {recorder.what}\n    {done.stdout.decode(errors='replace').strip()[-300:]}", file=sys.stderr)
    return f"failed: {failed}" if failed else 0


def prepare():
    subprocess.run(["sh", "-euc", """
        mkdir -p /root/bb/bin /root/bb/etc /root/bb/tmp /srv/data
        cp /bin/busybox /root/bb/bin
        for applet in $(busybox --list); do test $applet = busybox || ln -s busybox /root/bb/bin/$applet; done
        echo root:x:0:0:root:/root:/bin/sh >/root/bb/etc/passwd
        tar -C /root/bb -c . | docker import --change 'CMD ["sleep", "1000000"]' - bb:latest
        docker tag bb ghcr.io/acme/bb:1
        echo '{"defaultAction":"SCMP_ACT_ALLOW"}' >/root/allow.json
        echo A=1 >/root/env"""], check=True, stdout=subprocess.DEVNULL)


sys.exit(main())
