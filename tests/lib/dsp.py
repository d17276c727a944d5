"""Starts the built dsp with the test as its client.

The binary is $DSP, else $top_builddir/src/dsp, else src/dsp of the tree these tests lie in.
"""
import os
import re
import signal
import socket
import subprocess
import threading
import time

from stream import LIMIT, Stream

RECORD = re.compile(rb"<([0-7])>([^\x00-\x1f\x7f-\xff]*)\Z")  # a record on stderr: one line of printable ASCII


def binary():
    if os.environ.get("DSP"):
        return os.path.abspath(os.environ["DSP"])
    top = os.environ.get("top_builddir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    return os.path.abspath(os.path.join(top, "src", "dsp"))


class Died(AssertionError):
    """dsp was ended by a signal: a crash, or a system call outside its list."""


class Dsp:
    """A running dsp. `client` is the test's end of its descriptors 0 and 1, `stderr` what it has logged so far."""

    def __init__(self, *arguments, over="socketpair", environment=None, stderr="pipe", user=None, through=()):
        """
        `over`: "socketpair" (one Unix socket on 0 and 1), "tcp" (the same, a TCP connection), "narrow" (TCP with the
        smallest buffers) or "pipes" (two pipes). `through`: a command that execs dsp, put before its command line.
        `stderr`: "pipe" (collected), "client" (fd 2 is the client too, as under inetd), "null", "closed" (there is no fd 2) or a descriptor.
        """
        keep = []  # dsp's ends, closed here once it has them
        if over == "pipes":
            their_in, our_out = os.pipe()
            our_in, their_out = os.pipe()
            keep = [their_in, their_out]
            self.client = Stream(reader=our_in, writer=our_out)
        else:
            ours, theirs = socket.socketpair() if over == "socketpair" else _tcp_pair(over == "narrow")
            their_in = their_out = theirs.detach()
            keep = [their_in]
            self.client = Stream(ours)
        self.stderr = bytearray()
        self.collector = None
        errors = {"pipe": subprocess.PIPE, "client": their_out, "null": subprocess.DEVNULL, "closed": subprocess.DEVNULL}.get(stderr, stderr)
        self.process = subprocess.Popen([*through, binary(), *arguments], stdin=their_in, stdout=their_out, stderr=errors,
                                        preexec_fn=(lambda: os.close(2)) if stderr == "closed" else None,
                                        user=user, env={"PATH": "/usr/bin:/bin", **(environment or {})})
        for fd in keep:
            os.close(fd)
        if stderr == "pipe":
            self.collector = threading.Thread(target=self._collect, daemon=True)
            self.collector.start()

    def _collect(self):
        with self.process.stderr as pipe:
            while True:
                data = os.read(pipe.fileno(), 1 << 16)
                if not data:
                    return
                self.stderr += data

    @property
    def pid(self):
        return self.process.pid

    def wait(self, limit=LIMIT):
        """The exit status once dsp has ended by itself; a signal is a failure of the test whatever it tests."""
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"dsp did not end within {limit} s") from None
        if self.collector:
            self.collector.join(LIMIT)
        if status < 0:
            raise Died(f"dsp died of {signal.Signals(-status).name}; stderr: {bytes(self.stderr)!r}")
        return status

    def running(self):
        return self.process.poll() is None

    def records(self):
        """The log so far as (priority, text); anything else on stderr is an error."""
        found = []
        for line in bytes(self.stderr).split(b"\n")[:-1]:
            match = RECORD.match(line)
            if not match:
                raise AssertionError(f"no log record: {line!r}")
            found.append((int(match[1]), match[2].decode("ascii")))
        return found

    def stop(self):
        """Ends dsp as a vanishing client does, and checks that it goes by itself."""
        self.client.close()
        try:
            return self.wait()
        finally:
            self.kill()

    def kill(self):
        self.client.close()
        if self.running():
            self.process.kill()
            self.process.wait()

    # What /proc says

    def status(self, key):
        """A value of /proc/PID/status."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as lines:
            for line in lines:
                if line.startswith(key + ":"):
                    return line.split(":", 1)[1].strip()
        return None

    def resident(self):
        """Kilobytes of memory in use."""
        return int(self.status("VmRSS").split()[0])

    def descriptors(self):
        """{number: what it is}"""
        folder = f"/proc/{self.pid}/fd"
        return {int(number): os.readlink(f"{folder}/{number}") for number in os.listdir(folder)}


def _tcp_pair(narrow):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.socket()
        if narrow:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ours.connect(listener.getsockname())
        theirs = listener.accept()[0]
        if narrow:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    for end in (ours, theirs):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ours, theirs


def run(*arguments, limit=LIMIT, **options):
    """Runs dsp to its end with nothing on its descriptors. Returns (status, stdout, stderr)."""
    done = subprocess.run([binary(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False, **options)
    if done.returncode < 0:
        raise Died(f"dsp died of {signal.Signals(-done.returncode).name}")
    return done.returncode, done.stdout, done.stderr


def until(check, limit=LIMIT):
    """Calls `check` until it is true. Returns whether that happened in time."""
    end = time.monotonic() + limit
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
