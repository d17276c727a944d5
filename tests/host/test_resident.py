"""examples/drop-ins/accept-no.conf: one resident process for a level, under systemd with all of its sandbox."""
import contextlib
import os
import shutil
import time

from host import REPO
from tap import contains, diagnose, equal, eventually, true

EXAMPLE = os.path.join(REPO, "examples/drop-ins/accept-no.conf")
LEVEL, SOCKET, SERVICE = "readonly", "dsp-readonly.socket", "dsp-readonly.service"
INSTALLED = f"/etc/systemd/system/{SOCKET}.d"
POLICY = f"/etc/dsp/{LEVEL}.ini"
PING = b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n"
BURST = 2000
CROWD = 25          # connections that are ended at a time: what ends a thousand filtered processes at once upsets kernels


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def resident(rules="allow = SystemPing SystemVersion ContainerList", limits="idle-exit = 1h"):
        """The level is switched as the example says."""
        host.clear(LEVEL)
        write(rules, limits)
        host.copy_in(EXAMPLE, f"{INSTALLED}/accept-no.conf")
        host.do("systemctl", "daemon-reload")
        host.do("systemctl", "restart", SOCKET)
        try:
            yield
        finally:
            shutil.rmtree(host.path(INSTALLED))
            host.ask("systemctl", "stop", SERVICE, SOCKET)
            host.do("systemctl", "daemon-reload")
            host.do("systemctl", "start", SOCKET)
            os.unlink(host.path(POLICY))

    def write(rules, limits="idle-exit = 1h"):
        host.write(POLICY, f"[limits]\n{limits}\n[rules]\n{rules}\n")

    def ping(client):
        client.sendall(PING)
        return host.answer(client)[0]

    state = lambda unit=SERVICE: host.property(unit, "ActiveState")["ActiveState"]
    main_pid = lambda: int(host.property(SERVICE, "MainPID")["MainPID"])
    children = lambda: host.ask("pgrep", "-P", str(main_pid())).stdout.split()

    @test("resident: one drop-in switches a level: its requests are served, and refused, by children of one service")
    def _():
        with resident():
            equal(state(), "inactive", "the service before the first client")
            contains(host.allowed(LEVEL, "ps"), "CONTAINER ID")
            host.refused(LEVEL, "ImageList", "images")
            equal((state(), host.instances(LEVEL)), ("active", []), "the service, and instances for connections")
            with host.connect(LEVEL) as one, host.connect(LEVEL) as two:
                equal((ping(one), ping(two)), (200, 200), "two at a time")
                true(len(children()) >= 2, "children")
        contains(host.allowed(LEVEL, "images"), "bb")     # switched back

    @test("resident: the service has the sandbox of dsp-resident.conf, its processes their own filters beside it")
    def _():
        with resident(), host.connect(LEVEL) as client:
            equal(ping(client), 200, "status")
            for pid in (main_pid(), *children()):
                lines = dict(line.partition(":")[::2] for line in host.read(f"/proc/{pid}/status").splitlines())
                equal((lines["Seccomp"].strip(), lines["NoNewPrivs"].strip(), int(lines["CapEff"], 16)), ("2", "1", 0), f"process {pid}")
                true(int(lines["Uid"].split()[0]) >= 61184, f"uid {lines['Uid']}")
            # It sees a /proc without the others' processes, and no /proc/cpuinfo and its like.
            seen = [line.split() for line in host.read(f"/proc/{main_pid()}/mountinfo").splitlines()]
            options = [fields[-1] for fields in seen if fields[4] == "/proc"]
            true(options and "hidepid=invisible" in options[-1] and "subset=pid" in options[-1], f"/proc is mounted {options}")

    @test("resident: its status says how many connections there are and were")
    def _():
        with resident():
            with host.connect(LEVEL) as one, host.connect(LEVEL) as two:
                equal((ping(one), ping(two)), (200, 200), "statuses")
                eventually(lambda: host.property(SERVICE, "StatusText")["StatusText"] == "2 connections, 0 served", 5, "the status of two open ones")
            eventually(lambda: host.property(SERVICE, "StatusText")["StatusText"] == "0 connections, 2 served", 5, "the status afterwards")

    @test("resident: an edited policy is used by the next connection, without a restart; a broken one answers 503 until it is mended")
    def _():
        with resident():
            equal(host.curl(LEVEL, "/images/json")[0], 403, "before")
            parent = main_pid()
            with host.connect(LEVEL) as old:
                equal(ping(old), 200, "a connection that is open")
                write("allow = SystemPing ImageList")
                equal(host.curl(LEVEL, "/images/json")[0], 200, "allowed by now")
                equal(host.curl(LEVEL, "/version")[0], 403, "refused by now")
                write("allow = SystemPong")
                after = host.cursor()
                equal([host.curl(LEVEL, "/_ping")[0] for _ in range(3)], [503, 503, 503], "broken")
                contains("".join(entry["MESSAGE"] for entry in host.entries(after)), f"{POLICY}:4: ", "the journal")
                write("allow = SystemPing")
                equal(host.curl(LEVEL, "/_ping")[0], 200, "mended")
                equal(ping(old), 200, "the connection that was open all the time")
            equal(main_pid(), parent, "the parent")

    @test("resident: a link that leads nowhere in the place of the operator's policy answers 503, not by the preset; without it the preset is back")
    def _():
        with resident():
            os.unlink(host.path(POLICY))
            equal(host.curl(LEVEL, "/v1.41/images/json")[0], 200, "status by the preset")
            for _ in range(2):
                os.symlink("/nowhere", host.path(POLICY))
                equal(host.curl(LEVEL, "/_ping")[0], 503, "status by the link")
                os.unlink(host.path(POLICY))
                equal(host.curl(LEVEL, "/v1.41/images/json")[0], 200, "status by the preset again")
            host.write("/etc/dsp/base.ini", "[rules]\nallow = SystemPing\n")
            host.write(POLICY, "[policy]\nextends = base\n")
            equal(host.curl(LEVEL, "/_ping")[0], 200, "status by the base")
            os.unlink(host.path("/etc/dsp/base.ini"))
            os.symlink("/nowhere", host.path("/etc/dsp/base.ini"))
            equal(host.curl(LEVEL, "/_ping")[0], 503, "status by a base that leads nowhere")
            os.unlink(host.path("/etc/dsp/base.ini"))

    @test("resident: when it is stopped it accepts nobody, and gives a connection time to end")
    def _():
        with resident():
            with host.connect(LEVEL) as client:
                equal(ping(client), 200, "status")
                stop = host.popen("systemctl", "stop", SERVICE, SOCKET)
                eventually(lambda: state() == "deactivating", 5, "the stop")
                equal(ping(client), 200, "a request in that time")
            equal(stop.wait(12), 0, "systemctl stop")
            stop.stdout.close()
            equal((state(), host.property(SERVICE, "Result")["Result"]), ("inactive", "success"), "the service")
            host.do("systemctl", "start", SOCKET)

    @test("resident: a stream that does not end is ended after a bounded time when it is stopped", limit=60)
    def _():
        with resident(rules="allow = SystemPing SystemEvents"):
            with host.connect(LEVEL) as client:
                client.sendall(b"GET /events HTTP/1.1\r\nHost: d\r\n\r\n")
                contains(client.recv(4096), b"200 OK")
                begun = time.monotonic()
                host.do("systemctl", "stop", SERVICE)
                took = time.monotonic() - begun
                true(4 < took < 14, f"the stop took {took:.1f} s")
                equal(host.property(SERVICE, "Result")["Result"], "success", "how the service ended")
                while client.recv(4096):
                    pass

    @test("resident: to restart the socket is to restart the service, so that the new file is served")
    def _():
        with resident():
            equal(host.curl(LEVEL, "/_ping")[0], 200, "before")
            before = main_pid()
            host.do("systemctl", "restart", SOCKET)
            equal(host.curl(LEVEL, "/_ping")[0], 200, "after")
            true(main_pid() != before, "the service has not been restarted")

    @test("resident: to stop the socket is to stop the level")
    def _():
        with resident():
            equal(host.curl(LEVEL, "/_ping")[0], 200, "before")
            host.do("systemctl", "stop", SOCKET)
            equal(state(), "inactive", "the service")
            host.do("systemctl", "start", SOCKET)

    @test("resident: without connections nothing is resident after idle-exit, and the socket starts it again")
    def _():
        with resident(limits="idle-exit = 1s"):
            for _ in range(2):
                with host.connect(LEVEL) as client:
                    equal(ping(client), 200, "status")
                    time.sleep(2)
                    equal(state(), "active", "the service while there is a connection")
                eventually(lambda: state() == "inactive" and not host.processes(), 5, "the end of the service")
                equal((host.property(SERVICE, "Result")["Result"], state(SOCKET)), ("success", "active"), "how it ended; the socket")

    @test("resident: a reload, a SIGHUP and a killed child end neither the service nor another's connection")
    def _():
        with resident(), host.connect(LEVEL) as client:
            equal(ping(client), 200, "status")
            parent = main_pid()
            with host.connect(LEVEL) as other:
                equal(ping(other), 200, "status")
                host.do("systemctl", "daemon-reload")
                host.do("kill", "-HUP", str(parent))
                for pid in set(children()) - {_serving(host, client, children())}:
                    host.ask("kill", "-KILL", pid)
                eventually(lambda: other.recv(1) == b"", 5, "the end of the other connection")
            equal((ping(client), host.curl(LEVEL, "/_ping")[0], main_pid()), (200, 200, parent), "the connection, a new one, the parent")

    @test("resident: the parent killed, the socket starts a new one for the next client")
    def _():
        with resident():
            equal(host.curl(LEVEL, "/_ping")[0], 200, "before")
            host.do("kill", "-KILL", str(main_pid()))
            eventually(lambda: host.curl(LEVEL, "/_ping")[0] == 200, 10, "an answer afterwards")
            equal(state(SOCKET), "active", "the socket unit")

    @test("resident: with WatchdogSec= a parent that is stopped is ended by systemd, and the next client is served by another", limit=60)
    def _():
        with resident():
            host.write(f"/etc/systemd/system/{SERVICE}.d/zz.conf", "[Service]\nWatchdogSec=2s\n")
            host.do("systemctl", "daemon-reload")
            try:
                equal(host.curl(LEVEL, "/_ping")[0], 200, "before")
                parent = main_pid()
                time.sleep(5)
                equal(main_pid(), parent, "the parent, while it is well")
                host.do("kill", "-STOP", str(parent))
                eventually(lambda: main_pid() != parent, 10, "the end of the stopped parent")
                equal(host.curl(LEVEL, "/_ping")[0], 200, "afterwards")
                equal(state(SOCKET), "active", "the socket unit")
            finally:
                shutil.rmtree(host.path(f"/etc/systemd/system/{SERVICE}.d"))

    @test("resident: a service that cannot start at all never fails the socket unit", limit=60)
    def _():
        with resident():
            host.write("/etc/systemd/system/dsp-readonly.service.d/zz.conf", "[Service]\nExecStart=\nExecStart=/bin/false\n")
            host.do("systemctl", "daemon-reload")
            with host.connect(LEVEL):
                time.sleep(4)
            shutil.rmtree(host.path("/etc/systemd/system/dsp-readonly.service.d"))
            host.do("systemctl", "daemon-reload")
            equal(state(SOCKET), "active", "the socket unit")
            eventually(lambda: host.ask("curl", "-sS", "--max-time", "2", "--unix-socket", f"/run/dsp/{LEVEL}.sock", "http://d/_ping").stdout == "OK", 20,
                       "an answer when it can")

    @test(f"resident: {BURST} connections at once are all answered, and the socket unit does not mind", limit=240)
    def _():
        with resident():
            begun = time.monotonic()
            clients = []
            for _ in range(BURST):
                clients.append(host.connect(LEVEL))
                clients[-1].settimeout(60)
                clients[-1].sendall(PING)
            statuses = {}
            for first in range(0, BURST, CROWD):
                for client in clients[first:first + CROWD]:
                    status = host.answer(client)[0]
                    statuses[status] = statuses.get(status, 0) + 1
                    client.close()
                time.sleep(0.05)
            diagnose(f"{BURST} connections in {time.monotonic() - begun:.1f} s, memory at most {_peak(host)}")
            equal(statuses, {200: BURST}, "answers")
            equal(host.property(SOCKET, "ActiveState", "SubState", "Result"), {"ActiveState": "active", "SubState": "running", "Result": "success"}, "socket unit")
            equal(state(), "active", "the service")


def _serving(host, client, pids):
    """The child, of `pids`, that holds the other end of this client's connection: the one that answers it, by its counters."""
    def written(pid):
        try:
            return sum(int(line.split()[1]) for line in host.read(f"/proc/{pid}/io").splitlines() if line.startswith(("rchar", "wchar")))
        except OSError:
            return 0
    before = {pid: written(pid) for pid in pids}
    client.sendall(PING)
    equal(host.answer(client)[0], 200, "status")
    return max(pids, key=lambda pid: written(pid) - before[pid])


def _peak(host):
    group = host.property(SERVICE, "ControlGroup")["ControlGroup"]
    path = host.path(f"/sys/fs/cgroup{group}/memory.peak")
    if not os.path.exists(path):
        return "(not told here)"
    with open(path) as file:
        return f"{int(file.read()) >> 20} MiB"
