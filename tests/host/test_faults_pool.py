"""The resident parent: what befalls it and its spares costs no connection an answer."""
import contextlib
import json
import os
import select
import time

from modes import PING, refused, register_each
from stream import Stream
from tap import diagnose, equal, eventually, true

HERE = os.path.dirname(os.path.abspath(__file__))
BURST = 2000
FEW = (9, 8, 6)      # descriptors: a parent or a process for a connection can do with some of these, and not with others
DRAIN = 5        # seconds that SIGTERM leaves to connections, see dsp(8)
OK = "HTTP/1.1 200 OK"


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode), only="resident")


def _register(test, host, mode):
    def ready():
        mode.prompt(10)
        eventually(lambda: len(mode.spares()) >= 4, 10, "the spares")
        return mode.parent()

    @test("spares that are killed are replaced, and no client notices")
    def _():
        parent = ready()
        for _ in range(10):
            spares = mode.spares()
            host.ask("kill", "-KILL", *map(str, spares[:1]))
            mode.prompt(2)
        killed = mode.spares()
        host.do("kill", "-KILL", *map(str, killed))
        mode.prompt(2)
        eventually(lambda: len(set(mode.spares()) - set(killed)) >= 4, 5, "new spares")
        equal(mode.parent(), parent, "the parent's pid")

    @test("a spare that is stopped (SIGSTOP) costs no client an answer")
    def _():
        ready()
        spare = str(mode.spares()[0])
        host.do("kill", "-STOP", spare)
        try:
            for _ in range(12):
                mode.prompt(2)
        finally:
            host.ask("kill", "-CONT", spare)
        mode.healthy()

    @test("spares that crash one after another delay clients, but none is lost, and the level recovers", limit=90)
    def _():
        parent = ready()
        for _ in range(3):
            host.ask("kill", "-SEGV", *map(str, mode.spares()[:1]))
            time.sleep(0.1)
        mode.prompt(20)
        eventually(lambda: len(mode.spares()) >= 1, 30, "spares")
        mode.healthy()
        equal(mode.parent(), parent, "the parent's pid")

    @test("the parent is killed by SIGKILL: its connections see an end, the socket unit starts it again, ten times in a row", limit=90)
    def _():
        parent = ready()
        before = mode.identity()[0]
        for _ in range(10):
            client, _ = mode.open()
            with client:
                host.do("kill", "-KILL", str(parent))
                true(refused(client), "the client does not see an end")
            mode.prompt(10)
            true(mode.parent() not in (0, parent), "no new parent")
            parent = mode.parent()
        mode.healthy()
        equal(mode.identity()[0], before, "the socket unit's run")

    @test("the service is stopped with a stream open: the stream goes on for a while, ends within a bound; who comes meanwhile is served", limit=60)
    def _():
        parent = ready()
        with Stream(host, *mode.docker("events")) as events:
            eventually(lambda: mode.serving(), 5, "the stream's process")
            started = time.monotonic()
            stop = host.popen("systemctl", "stop", mode.service)
            time.sleep(1)
            true(events.alive(), "the stream was ended at once")
            with mode.connect() as late:
                late.sendall(PING)
                events.await_end(2 * DRAIN + 5)
                took = time.monotonic() - started
                true(took < 2 * DRAIN, f"the stream ended after {took:.1f} s")
                equal(stop.wait(timeout=20), 0, "systemctl stop's status")
                equal(host.answer(late)[0], 200, "status of the client that came meanwhile")
        true(mode.parent() not in (0, parent), "no new parent")
        mode.healthy()

    @test("SIGHUP to all its processes harms nothing: an open stream, an open connection, the spares and the parent go on")
    def _():
        parent = ready()
        client, _ = mode.open()
        with client, Stream(host, *mode.docker("events")) as events:
            eventually(lambda: len(mode.serving()) == 2, 5, "both processes")
            everyone = sorted(mode.processes())
            host.do("systemctl", "kill", "--signal=HUP", mode.service)
            time.sleep(0.5)
            equal(mode.ask(client)[0], 200, "status on the open connection")
            host.container("hupped", command=("true",))
            events.await_line("hupped")
            equal(sorted(mode.processes()), everyone, "the processes")
        equal(mode.parent(), parent, "the parent's pid")
        mode.healthy()

    @test("out of processes (LimitNPROC=): clients wait, and each is answered when others have gone", limit=90)
    def _():
        with _setting(host, mode, "LimitNPROC=10"):
            parent = ready()
            clients = [mode.connect() for _ in range(40)]
            for client in clients:
                client.sendall(PING)
            served = 0
            while clients:
                # Which of them are served first is not promised.
                answered, _, _ = select.select(clients, [], [], 20)
                true(answered, f"{len(clients)} clients wait for ever")
                equal(served == 0 and len(answered) > 12, False, "the limit had no effect: more were answered than there can be processes")
                for client in answered:
                    equal(host.answer(client)[0], 200, "status")
                    clients.remove(client)
                    client.close()
                served += len(answered)
            equal(served, 40, "clients that were served")
            mode.healthy()
            equal(mode.parent(), parent, "the parent's pid")

    @test("out of descriptors (LimitNOFILE=): a client is served, answered 503 or waits, and who waited is served when there are some again", limit=90)
    def _():
        found = {}
        for number in FEW:
            with _setting(host, mode, f"LimitNOFILE={number}"):
                clients = [mode.connect() for _ in range(8)]
                for client in clients:
                    client.sendall(PING)
                time.sleep(1)
                early = select.select(clients, [], [], 0)[0]
                found[number] = sorted(host.answer(client)[0] for client in early)
                equal(set(found[number]) - {200, 503}, set(), f"statuses with {number} descriptors")
                true(host.ask("systemctl", "is-active", mode.socket_unit).stdout.strip() == "active", f"with {number} descriptors the socket unit has failed")
            host.do("systemctl", "restart", mode.service)
            equal({host.answer(client)[0] for client in clients if client not in early} - {200}, set(), f"statuses after {number} descriptors")
            for client in clients:
                client.close()
        diagnose(f"answered at once, by number of descriptors: {found}")
        true(any(statuses != [200] * 8 for statuses in found.values()), f"the limit had no effect: {found}")
        mode.healthy()

    @test(f"{BURST} connections at once: each is answered, and the parent has no more descriptors, no zombie and hardly more memory than before", limit=240)
    def _():
        parent = ready()
        _rush(host, mode, 100)
        eventually(lambda: len(mode.processes()) <= 6, 90, "the end of the connections, and the spares as before")
        before = _weight(host, parent)
        result = _rush(host, mode, BURST)
        diagnose(f"{result['seconds']:.1f} s for {BURST} connections at once")
        equal(result["answers"], {OK: BURST}, "answers")
        eventually(lambda: len(mode.processes()) <= 6, 90, "the end of the connections, and the spares as before")
        equal(mode.parent(), parent, "the parent's pid")
        after = _weight(host, parent)
        equal(after["descriptors"], before["descriptors"], "descriptors")
        true(after["kilobytes"] <= before["kilobytes"] + 256, f"memory grew: {before}, {after}")
        eventually(lambda: not _zombies(host, parent), 5, "the end of zombies")
        mode.healthy()


def _rush(host, mode, count):
    host.copy_in(os.path.join(HERE, "flood.py"), "/root/flood.py")
    return json.loads(host.do("python3", "/root/flood.py", "rush", f"/run/dsp/{mode.level}.sock", str(count), timeout=200))


@contextlib.contextmanager
def _setting(host, mode, line):
    """The service, started anew with a line of its own."""
    drop_in = f"/etc/systemd/system/{mode.service}.d/90-setting.conf"
    host.write(drop_in, f"[Service]\n{line}\n")
    host.sh(f"systemctl daemon-reload; systemctl stop {mode.service}")
    try:
        yield
    finally:
        host.sh(f"rm {drop_in}; systemctl daemon-reload")


def _weight(host, pid):
    folder = host.path(f"/proc/{pid}")
    with open(f"{folder}/status") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    return {"kilobytes": resident, "descriptors": len(os.listdir(f"{folder}/fd"))}


def _zombies(host, parent):
    states = host.ask("ps", "-o", "stat=", "--ppid", str(parent)).stdout.split()
    return [state for state in states if state.startswith("Z")]
