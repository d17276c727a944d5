"""The engine goes away: in the middle of streams, and for longer."""
import contextlib
import json
import os
import subprocess
import time

import machine
from modes import refused, register_each
from stream import Stream
from tap import contains, equal, eventually, true

HERE = os.path.dirname(os.path.abspath(__file__))
REGISTRY = "127.0.0.1:5000"
FAULTS = {
    "dockerd is restarted": "systemctl restart docker.service",
    "dockerd is killed by SIGKILL": "kill -KILL $(pidof dockerd)",
}
AT_ONCE = 3      # seconds: an engine that is asked and silent would be waited for for ten


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode))


def _register(test, host, mode):
    for fault, command in FAULTS.items():
        @test(f"{fault} in the middle of events, logs, exec, attach, pull and load: each client sees an end, "
              "the next connection works and nothing of dsp was restarted", limit=120)
        def _(command=command):
            mode.prompt(10)
            before = mode.identity()
            with _streams(host, mode) as streams:
                host.sh(command)
                statuses = {name: stream.await_end(30) for name, stream in streams.items()}
            true(statuses["pull"] != 0 and statuses["load"] != 0, f"a pull or a load that was broken off looks whole: {statuses}")
            eventually(lambda: host.ask(*host.docker_as(None, "version")).returncode == 0, 30, "the engine's return", every=0.2)
            host.do(*mode.docker("ps"))
            mode.healthy()
            equal(mode.identity(), before, "the socket unit's run and the parent's pid")
            mode.quiet()

    @test("dockerd and its socket are stopped: requests are answered 503 at once, and served again when it is back, "
          "though nothing of dsp was restarted", limit=120)
    def _():
        mode.prompt(10)
        before = mode.identity()
        with _stopped(host):
            for _ in range(8):      # more than there are spares
                contains(json.loads(mode.prompt(AT_ONCE, status=503))["message"], "dsp: cannot reach the Docker engine")
            done = host.ask(*mode.docker("ps"))
            true(done.returncode != 0, "docker ps succeeded")
            contains(done.stderr, "dsp: cannot reach the Docker engine", "what docker prints")
        for _ in range(8):
            mode.prompt(10)
        mode.healthy()
        equal(mode.identity(), before, "the socket unit's run and the parent's pid")

    @test("a connection without a request ends when dockerd stops, as the engine's own would: its client makes a new one", limit=120)
    def _():
        with mode.connect() as client:
            equal(mode.ask(client)[0], 200, "status before")
            with _stopped(host):
                true(refused(client), "the client does not see an end")
        mode.healthy()

    @test("dockerd does not answer (SIGSTOP): no request is cut, and the answers come when it goes on", limit=60)
    def _():
        mode.prompt(10)
        pid = host.do("pidof", "dockerd").split()[0]
        host.do("kill", "-STOP", pid)
        try:
            with mode.connect() as client, mode.connect() as leaver:
                for each in (client, leaver):
                    each.sendall(b"GET /version HTTP/1.1\r\nHost: d\r\n\r\n")
                leaver.close()
                client.settimeout(1)
                try:
                    got = client.recv(1)
                except TimeoutError:
                    got = None
                equal(got, None, "what the client reads meanwhile")
                host.do("kill", "-CONT", pid)
                client.settimeout(20)
                equal(host.answer(client)[0], 200, "status")
        finally:
            host.ask("kill", "-CONT", pid)
        mode.healthy()
        mode.quiet()

    if mode.resident:
        @test("dockerd is stopped when the parent starts: 503 at once, and served by the same parent when it is back", limit=120)
        def _():
            host.do("systemctl", "stop", mode.service)
            with _stopped(host):
                mode.prompt(AT_ONCE, status=503)
                parent = mode.parent()
                true(parent != 0, "there is no parent")
                mode.prompt(AT_ONCE, status=503)
            for _ in range(8):
                mode.prompt(10)
            equal(mode.parent(), parent, "the parent's pid")
            eventually(lambda: len(mode.spares()) >= 4, 5, "the spares, connected ahead again")
            mode.healthy()


@contextlib.contextmanager
def _stopped(host):
    host.do("systemctl", "stop", "docker.socket", "docker.service")
    try:
        yield
    finally:
        host.do("systemctl", "start", "docker.socket", "docker.service")


@contextlib.contextmanager
def _streams(host, mode):
    """One of each kind, all of them under way."""
    host.copy_in(os.path.join(HERE, "slow_registry.py"), "/root/slow_registry.py")
    host.container("ticking", command=("sh", "-c", "while :; do echo tick; sleep 0.2; done"))
    host.sh("head -c 200000 /dev/zero >/root/part; tar -C /root -cf /root/part.tar part")
    registry = host.popen("python3", "/root/slow_registry.py", REGISTRY.rpartition(":")[2])
    with contextlib.ExitStack() as stack:
        stack.callback(machine.end, registry)
        eventually(lambda: host.ask("curl", "-sf", f"http://{REGISTRY}/v2/").returncode == 0, 10, "the registry")

        def stream(*arguments, **options):
            return stack.enter_context(Stream(host, *mode.docker(*arguments), **options))
        streams = {"events": stream("events"), "logs": stream("logs", "-f", "ticking"), "attach": stream("attach", "--no-stdin", "ticking")}
        eventually(lambda: len(mode.serving()) >= 3, 10, "the streams' processes")
        streams["exec"] = stream("exec", "ticking", "sh", "-c", "while :; do echo tock; sleep 0.2; done")
        streams["pull"] = stream("pull", f"{REGISTRY}/slow:1")
        streams["load"] = stream("load", stdin=subprocess.PIPE)
        with open(host.path("/root/part.tar"), "rb") as file:
            streams["load"].child.stdin.write(file.read(100000))
        streams["load"].child.stdin.flush()
        streams["logs"].await_line("tick")
        streams["attach"].await_line("tick")
        streams["exec"].await_line("tock")
        streams["events"].await_line("exec_start")
        streams["pull"].await_line("Pulling fs layer", 20)
        eventually(lambda: len(mode.serving()) >= 6, 10, "the process of each stream")
        for name, each in streams.items():
            true(each.alive(), f"{name} ended before the fault: {each.seen}{each.rest}")
        yield streams
