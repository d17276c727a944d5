"""examples/podman: Podman's socket as the engine. The commands are the ones of its README."""
import os
import re

from host import REPO
from stream import Stream
from tap import contains, equal, lacks, true

EXAMPLE = "/usr/src/dsp/examples/podman"
LEVEL = "podman"
# overlayfs does not stack on the host's own.
STORAGE = '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n'


def register(suite, host):
    def test(name, limit=90):
        def decorate(function):
            def run():
                _prepare(host)
                function()
            suite.add(f"podman: {name}", run, limit)
        return decorate

    docker = lambda *arguments: host.allowed(LEVEL, *arguments)

    @test("the README's commands make a level through which docker talks to Podman", limit=180)
    def _():
        contains(docker("version"), "Podman Engine")
        contains(docker("info"), "vfs")

    @test("what the policy allows passes: docker lists Podman's containers and images, inspects, shows logs")
    def _():
        contains(docker("ps", "--all", "--format", "{{.Names}}"), "created")
        contains(docker("images"), "bb")
        equal(docker("inspect", "--format", "{{.Config.Image}}", "created").strip().rpartition("/")[2], "bb:latest")

    @test("what the policy does not allow is refused, and Podman has not seen it")
    def _():
        host.refused(LEVEL, "ContainerStart", "start", "created")
        host.refused(LEVEL, "ContainerDelete", "rm", "created")
        host.refused(LEVEL, "ContainerCreate", "create", "bb")
        host.refused(LEVEL, "ImageDelete", "rmi", "bb")
        equal(_podman(host, "ps", "--all", "--format", "{{.Names}} {{.State}}").split()[:1], ["created"])

    @test("Podman's own paths below /libpod are refused, with and without a version")
    def _():
        for path in ("/libpod/containers/json", "/v4.0.0/libpod/containers/json", "/v4.0.0/libpod/_ping", "/v1.41/libpod/info", "/v5.0.0/libpod/images/json"):
            status, body = host.curl(LEVEL, path)
            true(status in (400, 403), f"{path} is answered {status}: {body}")
            contains(body, "dsp: ", path)
        for method, path in (("POST", "/v4.0.0/libpod/containers/created/start"), ("DELETE", "/libpod/images/bb")):
            equal(host.curl(LEVEL, path, "-X", method)[0], 403, f"{method} {path}")
        lacks(_podman(host, "ps", "--format", "{{.Names}}"), "created", "what runs")

    @test("a rule with a path allows one of them and no other")
    def _():
        file = f"/etc/dsp/{LEVEL}.ini"
        before = host.read(file)
        host.write(file, before.replace("; allow = GET /libpod/containers/json", "allow = GET /libpod/containers/json"))
        try:
            status, body = host.curl(LEVEL, "/v4.0.0/libpod/containers/json?all=true")
            equal(status, 200, "status")
            contains(body, "created")
            equal(host.curl(LEVEL, "/v4.0.0/libpod/images/json")[0], 403, "status of another path")
        finally:
            host.write(file, before)

    @test("events come through while they happen")
    def _():
        with Stream(host, *host.docker_as(LEVEL, "events")) as events:
            equal(host.curl(LEVEL, "/_ping")[0], 200, "status beside it")
            _podman(host, "create", "--network", "none", "--name", "second", "bb", "true")
            try:
                events.await_line("second", 20)
            finally:
                _podman(host, "rm", "second")

    @test("dsp's process has the group of Podman's socket and not the group docker")
    def _():
        with host.connect(LEVEL) as client:
            client.sendall(b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
            equal(host.answer(client)[0], 200, "status")
            pid = int(host.property(host.instances(LEVEL)[0], "MainPID")["MainPID"])
            groups = next(line.split()[1:] for line in host.read(f"/proc/{pid}/status").splitlines() if line.startswith("Groups:"))
            true(_group(host, "podman") in groups, f"its groups: {groups}")
            true(_group(host, "docker") not in groups, f"its groups: {groups}")

    @test("at the next boot the folder of Podman's socket is open to the group again, and only to it")
    def _():
        host.do("chmod", "0700", "/run/podman")
        host.do("systemd-tmpfiles", "--create", "--boot", "--prefix=/run/podman")
        equal(host.do("stat", "-c", "%a %G", "/run/podman").strip(), "710 podman")
        equal(host.curl(LEVEL, "/_ping")[0], 200, "status")


def _prepare(host):
    """What the README says, and a container to look at. Once."""
    if os.path.exists(host.path(f"/etc/dsp/{LEVEL}.ini")):
        return
    host.write("/etc/containers/storage.conf", STORAGE)
    with open(os.path.join(REPO, "examples/podman/README.md")) as file:
        commands = re.search(r"^```sh\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL).group(1)
    host.sh(f"cd {EXAMPLE}\n{commands}")
    host.sh("tar -C /root/bb -c . | podman --log-level=error import - bb:latest")
    _podman(host, "create", "--network", "none", "--name", "created", "bb", "true")


def _podman(host, *arguments):
    return host.do("podman", *arguments)


def _group(host, name):
    return host.do("getent", "group", name).split(":")[2]
