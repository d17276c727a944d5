"""[clients]: who may use a level, told by real units, containers and users."""
import contextlib
import os

from tap import contains, equal, true

URL = "http://d/_ping"
RUN = ("run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", "-v", "/run/dsp/traefik.sock:/run/level.sock")


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def admitted(lines):
        """The level traefik, for these clients only."""
        host.write("/etc/dsp/traefik.ini", f"[policy]\nextends = traefik\n[clients]\n{lines}\n")
        try:
            yield
        finally:
            os.unlink(host.path("/etc/dsp/traefik.ini"))

    def ask(*before):
        """The status that a client gets which is started by these words."""
        done = host.ask(*before, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20", "--unix-socket", "/run/dsp/traefik.sock", URL)
        return done.stdout.strip() or done.stderr

    def ask_in_container(*options):
        return host.engine(*RUN, *options, "bb", "/usr/bin/curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20", "--unix-socket", "/run/level.sock", URL)

    @test("clients: units: a client in the unit is served, another is answered 403, and the journal says who it was")
    def _():
        unit = ("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--unit=probe")
        with admitted("units = probe.service"):
            equal(ask(*unit), "200", "the unit's client")
            after = host.cursor()
            equal(ask(), "403", "another client")
            equal(ask(*unit[:-1], "--unit=other"), "403", "another unit's client")
            records = host.records(after, DSP_POLICY="traefik")
            contains(records[-1]["DSP_PEER"], "unit=other.service", "DSP_PEER")
            contains(records[-1]["DSP_VERDICT"], "denied", "DSP_VERDICT")

    @test("clients: containers: a client in the container is served, one in another is answered 403")
    def _():
        host.container("admitted", "-v", "/usr:/usr:ro", "-v", "/run/dsp/traefik.sock:/run/level.sock")
        number = host.engine("inspect", "-f", "{{.Id}}", "admitted")
        try:
            with admitted(f"containers = {number[:12]}"):
                told = host.engine("exec", "admitted", "/usr/bin/curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", "/run/level.sock", URL)
                equal(told, "200", "the container's client")
                after = host.cursor()
                equal(ask_in_container(), "403", "another container's client")
                equal(ask(), "403", "a client on the host")
                true(any("container=" in record["DSP_PEER"] for record in host.records(after, DSP_POLICY="traefik")), "no record names the other container")
        finally:
            host.engine("rm", "-f", "admitted")

    @test("clients: containers: with ask-engine a client in a container of that name is served, one in another is answered 403, and the journal says its name")
    def _():
        host.container("admitted-1", "-v", "/usr:/usr:ro", "-v", "/run/dsp/traefik.sock:/run/level.sock")
        try:
            with admitted("containers = nobody admitted-*\nask-engine = yes"):
                told = host.engine("exec", "admitted-1", "/usr/bin/curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", "/run/level.sock", URL)
                equal(told, "200", "the container's client")
                after = host.cursor()
                equal(ask_in_container("--name", "stranger"), "403", "another container's client")
                equal(ask(), "403", "a client on the host")
                true(any(" name=stranger" in record["DSP_PEER"] for record in host.records(after, DSP_POLICY="traefik")), "no record names the other container")
        finally:
            host.engine("rm", "-f", "admitted-1")

    @test("clients: uids and gids: the user and each of its groups count")
    def _():
        group = host.do("getent", "group", "docker").split(":")[2]
        as_user = ("setpriv", "--reuid=4711", "--regid=4711", f"--groups={group},4712")
        with admitted("uids = 4711\ngids = 4712"):
            equal(ask(*as_user), "200", "the user")
            equal(ask(), "403", "root")
            equal(ask(*as_user[:-1], f"--groups={group}"), "403", "the user without the group")

    @test("clients: a container that was given the host's processes is still told by its own cgroup")
    def _():
        with admitted("units = *.service"):
            equal(ask_in_container("--pid", "host"), "403", "the container's client")
