"""The socket's file: what survives what, for a client in a container that has it mounted, and for one on the host."""
import contextlib

from modes import modes
from stream import Stream
from tap import contains, equal, eventually, true

RUN = ("run", "-d", "--network", "none", "--restart", "always", "--stop-timeout", "1", "-v", "/usr:/usr:ro")


def register(suite, host):
    for mode in modes(host):
        _register(suite, host, mode)


def _register(suite, host, mode):
    def test(name, limit=90):
        def decorate(function):
            def run():
                mode.make()
                try:
                    function()
                finally:
                    mode.reset()
            suite.add(f"sockets: {mode.name}: {name}", run, limit)
        return decorate

    @contextlib.contextmanager
    def client(source, target):
        """A container that has `source` mounted at `target`. Yields a function that runs `docker ps` in it and returns what came of it."""
        name = f"client-{mode.name}"
        host.ask(*host.docker_as(None, "rm", "-f", name))
        host.engine(*RUN, "--name", name, "-v", f"{source}:{target}:ro", "-e", f"DOCKER_HOST=unix://{_socket(mode, target)}", "bb", "sleep", "1000000")
        try:
            yield lambda: host.docker(None, "exec", name, "/usr/bin/docker", "ps", "--format", "{{.Names}}")
        finally:
            host.ask(*host.docker_as(None, "rm", "-f", name))

    def works(done):
        equal((done.returncode, done.stderr), (0, ""), "docker ps in the container")
        contains(done.stdout, f"client-{mode.name}")

    def file_mounted():
        return client(f"/run/dsp/{mode.level}.sock", "/var/run/docker.sock")

    @test("a container that mounted the socket's file keeps working when docker.service is restarted")
    def _():
        with file_mounted() as ps:
            works(ps())
            before = mode.identity()[0]
            host.do("systemctl", "restart", "docker.service")
            eventually(lambda: ps().returncode == 0, 20, "the container's return", every=0.3)
            works(ps())
            equal(mode.identity()[0], before, "the socket unit's run")

    @test("a container that mounted the socket's file keeps working after systemctl daemon-reload, daemon-reexec and a reload of the policy")
    def _():
        with file_mounted() as ps:
            works(ps())
            host.do("systemctl", "daemon-reload")
            works(ps())
            host.do("systemctl", "daemon-reexec")
            works(ps())
            mode.policy("body-max = 1M")
            works(ps())

    @test("a container that mounted the socket's file holds a dead one after the socket unit is restarted, until it is restarted too")
    def _():
        with file_mounted() as ps:
            works(ps())
            host.do("systemctl", "restart", mode.socket_unit)
            done = ps()
            true(done.returncode != 0, "the documents say that it does not work")
            contains(done.stderr, "Cannot connect", "what docker prints")
            host.engine("restart", "-t", "0", f"client-{mode.name}")
            works(ps())

    @test("a container that mounted the level's own directory keeps working when the socket unit is restarted, with connections open and without")
    def _():
        with _own_directory(host, mode), client(f"/run/dsp/{mode.level}", f"/run/dsp/{mode.level}") as ps:
            works(ps())
            host.do("systemctl", "restart", mode.socket_unit)
            works(ps())
            with Stream(host, "env", f"DOCKER_HOST=unix:///run/dsp/{mode.level}/docker.sock", "/usr/bin/docker", "events"):
                eventually(mode.serving, 5, "the stream's process")
                host.do("systemctl", "restart", mode.socket_unit)
                works(ps())
            host.do("systemctl", "restart", "docker.service")
            eventually(lambda: ps().returncode == 0, 20, "the container's return", every=0.3)
            works(ps())

    @test("the socket unit can be restarted with a connection open, any number of times, and does not fail")
    def _():
        for _ in range(2 if mode.resident else 8):      # a resident parent leaves an open connection some seconds each time
            with mode.connect() as open_one:
                equal(mode.ask(open_one)[0], 200, "status")
                host.do("systemctl", "restart", mode.socket_unit)
            mode.prompt(10)
        mode.healthy()

    @test("/run/dsp is removed while the level runs: open connections go on, and a restart of the socket unit mends the level")
    def _():
        with mode.connect() as open_one, Stream(host, *mode.docker("events")) as events:
            equal(mode.ask(open_one)[0], 200, "status before")
            eventually(lambda: len(mode.serving()) == 2, 5, "both processes")
            host.do("rm", "-r", "/run/dsp")
            try:
                equal(mode.ask(open_one)[0], 200, "status afterwards")
                true(events.alive(), "the stream has ended")
                contains(host.ask(*mode.docker("ps")).stderr, "Cannot connect", "what docker prints")
            finally:
                # The other levels as well: they lost theirs too.
                host.do("systemctl", "restart", *_sockets(host))
        mode.prompt(10)
        mode.healthy()
        equal(host.curl("traefik", "/_ping")[0], 200, "status of another level")


@contextlib.contextmanager
def _own_directory(host, mode):
    """As the README says."""
    drop_in = f"/etc/systemd/system/{mode.socket_unit}.d/directory.conf"
    host.write(drop_in, f"[Socket]\nListenStream=\nListenStream=/run/dsp/{mode.level}/docker.sock\n")
    host.sh(f"systemctl daemon-reload; systemctl restart {mode.socket_unit}")
    try:
        yield
    finally:
        host.sh(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {mode.socket_unit}")


def _socket(mode, target):
    return target if target.endswith(".sock") else f"{target}/docker.sock"


def _sockets(host):
    out = host.do("systemctl", "list-units", "--plain", "--no-legend", "dsp-*.socket")
    return [line.split()[0] for line in out.splitlines() if line.strip()]
