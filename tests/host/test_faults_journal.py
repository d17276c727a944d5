"""The journal goes away, takes nothing, or is full: requests are answered nevertheless."""
import contextlib
import time

from modes import register_each
from tap import equal, eventually, true

PROMPT = 2      # seconds for a connection and its request, of which starting a process takes some tenths
UNITS = ("systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald-audit.socket", "systemd-journald.service")


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode))


def _register(test, host, mode):
    def often():
        """The tests stop and start journald more often than systemd would let them."""
        for unit in UNITS:
            host.write(f"/etc/systemd/system/{unit}.d/often.conf", "[Unit]\nStartLimitIntervalSec=0\n")
        host.do("systemctl", "daemon-reload")

    def answered(times=8):
        """Connections that are there already, and new ones."""
        for _ in range(times):
            mode.prompt(PROMPT)

    def again_logged():
        """The request of a new connection is in the journal."""
        after = host.cursor()
        mode.prompt(PROMPT)
        eventually(lambda: host.records(after, DSP_POLICY=mode.level), 5, "a record in the journal")

    @test("the journal and its sockets are stopped: requests are answered, and those after its return are logged", limit=90)
    def _():
        with mode.connect() as client:
            equal(mode.ask(client)[0], 200, "status before")
            often()
            host.ask("systemctl", "stop", *UNITS)
            try:
                equal(host.ask("systemctl", "is-active", UNITS[-1]).stdout.strip(), "inactive", "journald")
                started = time.monotonic()
                equal(mode.ask(client)[0], 200, "status on the connection that was open")
                true(time.monotonic() - started < PROMPT, "the answer took long")
                answered()
            finally:
                host.do("systemctl", "start", *UNITS)
        if mode.resident:      # the spares hold the old socket; each is good for one connection
            for _ in range(5):
                mode.prompt(PROMPT)
        again_logged()
        mode.healthy()

    @test("journald is restarted: an open connection and a new one are logged afterwards")
    def _():
        with mode.connect() as client:
            equal(mode.ask(client)[0], 200, "status before")
            often()
            host.do("systemctl", "restart", UNITS[-1])
            after = host.cursor()
            equal(mode.ask(client)[0], 200, "status on the connection that was open")
            eventually(lambda: host.records(after, DSP_POLICY=mode.level), 5, "its record")
        again_logged()

    @test("journald takes nothing (SIGSTOP, its queue full): requests are answered, and logged when it goes on", limit=120)
    def _():
        mode.prompt(10)
        with _stopped(host):
            with mode.connect() as client:
                started = time.monotonic()
                for _ in range(600):      # more than a socket's queue holds
                    equal(mode.ask(client)[0], 200, "status")
                true(time.monotonic() - started < 10, f"600 requests took {time.monotonic() - started:.1f} s")
            answered(5)
        again_logged()
        mode.healthy()

    @test("the file system of the journal is full: requests are answered, and logged when there is room again", limit=90)
    def _():
        folder = host.sh("ls -d /run/log/journal/*").split()[0]
        host.do("mount", "-t", "tmpfs", "-o", "size=4m,mode=2755", "tmpfs", folder)
        try:
            host.do("journalctl", "--rotate")      # to a new file, which is in there
            host.ask("sh", "-c", f"cat /dev/zero >{folder}/filling")
            true(b"No space" in _write(host, f"{folder}/more"), "the file system is not full")
            with mode.connect() as client:
                for _ in range(50):
                    equal(mode.ask(client)[0], 200, "status")
            answered(5)
        finally:
            host.sh(f"rm -f {folder}/filling; umount --lazy {folder}; journalctl --rotate")
        again_logged()
        mode.healthy()


@contextlib.contextmanager
def _stopped(host):
    pid = int(host.property(UNITS[-1], "MainPID")["MainPID"])
    true(pid > 0, "journald does not run")
    host.do("kill", "-STOP", str(pid))
    try:
        yield
    finally:
        host.do("kill", "-CONT", str(pid))


def _write(host, path):
    return host.ask("sh", "-c", f"head -c 1000000 /dev/zero >{path}", text=False).stderr
