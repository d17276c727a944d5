"""
The two ways in which systemd starts a level, so that one test can promise the same of both:

    template    Accept=yes: an instance of dsp-calm@.service for each connection
    resident    Accept=no:  dsp-busy.service, a parent that keeps spares ready

Both levels let everything through. They are made when the first test asks for one. Beside its socket in /run/dsp each
listens on a port of 127.0.0.1.
"""
import os
import socket
import time

from tap import equal, eventually, true

SOCKET = """[Unit]
Description=Docker socket for the tests, {name}
[Socket]
ListenStream=/run/dsp/{level}.sock
ListenStream=127.0.0.1:{port}
"""
STUB = "[Unit]\nDescription=Docker socket for the tests, {name}\n"
PING = b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n"
HALF = b"GET /_ping HTTP/1.1\r\nHo"


class Mode:
    def __init__(self, host, name, level, port, service):
        self.host, self.name, self.level, self.port = host, name, level, port
        self.service = service                # the unit's name, to which systemd adds the instance
        self.socket_unit = f"dsp-{level}.socket"
        self.resident = name == "resident"

    # Making it

    def make(self):
        """Installs and starts the level unless it is there."""
        if os.path.exists(self.host.path(f"/etc/systemd/system/{self.socket_unit}")):
            return
        self.policy()
        # The tests restart the engine more often than systemd would let them.
        for unit in ("docker.service", "docker.socket"):
            self.host.write(f"/etc/systemd/system/{unit}.d/often.conf", "[Unit]\nStartLimitIntervalSec=0\n")
        fill = dict(name=self.name, level=self.level, port=self.port)
        self.host.write(f"/etc/systemd/system/{self.service}", STUB.format(**fill))
        self.host.write(f"/etc/systemd/system/{self.socket_unit}", SOCKET.format(**fill))
        if self.resident:
            self.host.write(f"/etc/systemd/system/{self.socket_unit}.d/accept-no.conf", "[Socket]\nAccept=no\n")
            self.host.sh(f"""mkdir -p /etc/systemd/system/{self.service}.d
                ln -s $(pkg-config --variable=systemdsystemunitdir systemd)/dsp-resident.conf /etc/systemd/system/{self.service}.d/20-resident.conf""")
        self.host.do("systemctl", "daemon-reload")
        self.host.do("systemctl", "start", self.socket_unit)

    def policy(self, limits="", **policy):
        """Writes the level's policy, which lets everything through, with lines for [limits] and keys for [policy]."""
        text = "[policy]\nextends = full\n" + "".join(f"{key} = {value}\n" for key, value in policy.items())
        self.host.write(f"/etc/dsp/{self.level}.ini", f"{text}\n[limits]\n{limits}\n")

    def reset(self):
        """As it was made, and nothing of it running but the socket unit: one test's end does not become the next one's fault."""
        self.policy()
        self.host.ask("systemctl", "stop", self.service.replace("@", "@*"))
        state = self.host.ask("systemctl", "is-active", self.socket_unit).stdout.strip()
        if state != "active":
            self.host.ask("systemctl", "reset-failed", f"dsp-{self.level}*")
            self.host.do("systemctl", "start", self.socket_unit)

    # Its clients

    def connect(self):
        return self.host.connect(self.level)

    def ask(self, client=None, request=PING):
        """One request, on a connection of its own unless one is given. Returns (status, body)."""
        if client is not None:
            client.sendall(request)
            return self.host.answer(client)
        with self.connect() as client:
            return self.ask(client, request)

    def prompt(self, seconds, status=200):
        """A new connection's request is answered within so many seconds, and so."""
        started = time.monotonic()
        got, body = self.ask()
        took = time.monotonic() - started
        equal(got, status, "status")
        true(took <= seconds, f"the answer took {took:.1f} s")
        return body

    def docker(self, *arguments):
        return self.host.docker_as(self.level, *arguments)

    # Its processes

    def processes(self):
        """The pids, inside, of the level's processes, the parent and its spares included."""
        found = []
        for pid in self.host.processes():
            try:
                group = self.host.read(f"/proc/{pid}/cgroup")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if f"dsp-{self.level}@" in group or f"dsp-{self.level}.service" in group:
                found.append(pid)
        return found

    def parent(self):
        """The resident parent's pid; 0 when there is none."""
        return int(self.host.property(self.service, "MainPID")["MainPID"]) if self.resident else 0

    def _waits(self, pid):
        """Whether a child is a spare: it still has the pipe by which it will tell its parent of a client; or it ends."""
        folder = self.host.path(f"/proc/{pid}/fd")
        try:
            held = os.listdir(folder)
            return not held or any(os.readlink(f"{folder}/{number}").startswith("pipe:") for number in held)
        except (FileNotFoundError, ProcessLookupError):
            return True

    def spares(self):
        parent = self.parent()
        return [pid for pid in self.processes() if pid != parent and self._waits(pid)] if self.resident else []

    def serving(self):
        """The pids, inside, of the processes that have a connection."""
        if not self.resident:
            return self.processes()
        parent = self.parent()
        return [pid for pid in self.processes() if pid != parent and not self._waits(pid)]

    def open(self, request=True):
        """A new connection and the pid, inside, of its process."""
        before = set(self.serving())
        client = self.connect()
        if request:
            equal(self.ask(client)[0], 200, "status")
        return client, eventually(lambda: set(self.serving()) - before, 5, "the connection's process").pop()

    def quiet(self, seconds=15):
        """No connection is left, nor anything of one."""
        end = time.monotonic() + seconds
        while left := self.serving():
            true(time.monotonic() < end, f"processes of connections are left after {seconds} s: {left}")
            time.sleep(0.05)
        if not self.resident:
            eventually(lambda: not self.host.instances(self.level), seconds, "the end of all instances")

    def identity(self):
        """What changes when something of the level is started again: the socket unit's run, and the parent."""
        return self.host.property(self.socket_unit, "InvocationID")["InvocationID"], self.parent()

    def healthy(self):
        """The level serves, its socket unit has not failed, nor has anything that it started."""
        self.prompt(5)
        shown = self.host.property(self.socket_unit, "ActiveState", "SubState", "Result")
        true((shown["ActiveState"], shown["Result"]) == ("active", "success") and shown["SubState"] in ("listening", "running"), f"the socket unit: {shown}")
        failed = self.host.do("systemctl", "list-units", "--failed", "--all", "--plain", "--no-legend", f"dsp-{self.level}*")
        equal(failed.strip(), "", "failed units")


def modes(host):
    return [Mode(host, "template", "calm", 2391, "dsp-calm@.service"), Mode(host, "resident", "busy", 2392, "dsp-busy.service")]


def register_each(suite, host, register, only=None):
    """Calls register(test, mode) for each mode; `test` is the suite's decorator, for names that begin with "faults: MODE: "."""
    for mode in modes(host):
        if only and mode.name != only:
            continue

        def test(name, limit=60, mode=mode):
            def decorate(function):
                def run():
                    mode.make()
                    try:
                        function()
                    finally:
                        mode.reset()
                suite.add(f"faults: {mode.name}: {name}", run, limit)
                return function
            return decorate
        register(test, mode)


def close_gently(clients, mode, at_once=25, seconds=10):
    """
    Closes many connections a few at a time, and waits for the end of the processes of each few. (There are kernels
    that lock up when about a thousand processes with system-call filters end in the same moment.)
    """
    while clients:
        few, clients[:] = clients[:at_once], clients[at_once:]
        wanted = len(mode.serving()) - len(few)
        for client in few:
            client.close()
        end = time.monotonic() + seconds
        while len(mode.serving()) > max(wanted, 0) and time.monotonic() < end:
            time.sleep(0.02)


def refused(client):
    """Whether the other side has closed without an answer."""
    client.settimeout(5)
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
    except (socket.timeout, BlockingIOError):
        return False
