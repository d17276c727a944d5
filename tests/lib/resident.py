"""A resident dsp: started with listening sockets, as by Accept=no of systemd or by inetd's wait.

    with Resident("allow = SystemPing") as level:
        client = level.connect()
        client.send(request("GET", "/_ping"))

Its engine answers every request with OK unless the test brings a script. Leaving it checks that the parent ends by itself on SIGTERM.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from dsp import binary, until
from scripted import Engine, record
from stream import LIMIT, Stream


class Resident:
    def __init__(self, rules, *, text=None, listeners=("unix",), how="activation", script=record, engine=True, limits="", log="requests = all\ntarget = stderr",
                 notify=False, environment=None, through=(), stderr=None):
        """
        `listeners`: "unix" or "tcp" each. `how`: "activation" (LISTEN_FDS) or "wait" (descriptors 0, 1 and 2 are the listening socket).
        `stderr`: a descriptor in place of the pipe that fills `lines()`.
        """
        self.engine = Engine(script)
        self.folder = tempfile.mkdtemp(prefix="dsp-resident-")
        self.path = os.path.join(self.folder, "resident.ini")
        self.text = text or "[policy]\nsocket = @SOCKET@\n[log]\n@LOG@\n[limits]\nidle-exit = @IDLE@\n@LIMITS@\n[rules]\n@RULES@\n"
        self.values = {"SOCKET": self.engine.path, "RULES": rules, "LIMITS": limits, "LOG": log, "IDLE": "1h"}
        self.write()
        if not engine:
            self.engine.listener.close()
            os.unlink(self.engine.path)
        self.listeners = [self._listen(kind, at) for at, kind in enumerate(listeners)]
        self.notify = self._notify_socket() if notify else None
        self.stderr = bytearray()
        self.process = None
        self.clients = []
        self.how, self.environment, self.through, self.own_stderr = how, environment or {}, through, stderr
        self.start()

    def _listen(self, kind, at):
        if kind == "tcp":
            listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        else:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(os.path.join(self.folder, f"level{at}.sock"))
            listener.listen(4096)
        return listener

    def _notify_socket(self):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(os.path.join(self.folder, "notify"))
        notify.settimeout(LIMIT)
        return notify

    def write(self, **values):
        """Writes the policy as an editor does: a new file in the old one's place."""
        self.values.update(values)
        text = self.text
        for name, value in self.values.items():
            text = text.replace(f"@{name}@", value)
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.path + ".new", self.path)

    def start(self):
        """Starts the parent; again, when it has ended."""
        environment = {"PATH": "/usr/bin:/bin", **self.environment}
        if self.notify:
            environment["NOTIFY_SOCKET"] = os.path.join(self.folder, "notify")
        command = [*self.through, binary(), f"--policy={self.path}"]
        reader, writer = os.pipe()
        if self.how == "wait":
            fd = self.listeners[0].fileno()
            self.process = subprocess.Popen(command, stdin=fd, stdout=fd, stderr=fd, env=environment)
        else:
            environment["LISTEN_FDS"] = str(len(self.listeners))
            fds = [listener.fileno() for listener in self.listeners]
            # A shell puts them at 3 and up, and knows the process's number.
            high = " ".join(f"{20 + at}<&{fd}" for at, fd in enumerate(fds))
            move = " ".join(f"{3 + at}<&{20 + at}" for at, _ in enumerate(fds))
            shut = " ".join(f"{20 + at}<&-" for at, _ in enumerate(fds))
            self.process = subprocess.Popen(["bash", "-c", f'exec {high}; exec {move}; exec {shut}; LISTEN_PID=$$ exec "$@"', "bash", *command],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writer if self.own_stderr is None else self.own_stderr, env=environment, pass_fds=fds)
        os.close(writer)
        threading.Thread(target=self._collect, args=(reader,), daemon=True).start()

    def _collect(self, reader):
        with open(reader, "rb", buffering=0) as pipe:
            while data := pipe.read(1 << 16):
                self.stderr += data

    def lines(self):
        return bytes(self.stderr).decode("ascii").splitlines()

    def connect(self, at=0):
        """A client of the listener `at`."""
        listener = self.listeners[at]
        if listener.family == socket.AF_UNIX:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            client.connect(listener.getsockname())
        else:
            client = socket.create_connection(listener.getsockname())
        self.clients.append(Stream(client))
        return self.clients[-1]

    def children(self):
        """The pids of its children."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                return [int(pid) for pid in file.read().split()]
        except FileNotFoundError:
            return []

    def spares(self, count=4):
        """Waits until there are that many children. Returns their pids."""
        if not until(lambda: len(self.children()) == count):
            raise AssertionError(f"{len(self.children())} children, not {count}; stderr: {bytes(self.stderr)!r}")
        return self.children()

    def told(self):
        """The next message to the service manager."""
        return self.notify.recv(4096).decode()

    def stop(self, limit=LIMIT):
        """SIGTERM. Returns the exit status of the parent, which has to end by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit)

    def close(self):
        for client in self.clients:
            client.close()
        if self.process.poll() is None:
            children = self.children()
            self.process.kill()
            self.process.wait()
            for pid in children:      # orphans by now
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for listener in self.listeners:
            listener.close()
        if self.notify:
            self.notify.close()
        self.engine.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                for client in self.clients:
                    client.close()
                status = self.stop()
                if status != 0:
                    raise AssertionError(f"the parent ended with {status}; stderr: {bytes(self.stderr)!r}")
        finally:
            self.close()


def settle(level):
    """Waits until the policy's date is old enough to tell a change by (two seconds)."""
    end = os.stat(level.path).st_ctime + 3.1
    while time.time() < end:
        time.sleep(0.05)
