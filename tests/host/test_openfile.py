"""examples/drop-ins/openfile.conf: systemd connects to the engine, dsp has no right to."""
import contextlib
import os
import shutil

from host import REPO
from tap import contains, equal, eventually, lacks, true

EXAMPLE = os.path.join(REPO, "examples/drop-ins/openfile.conf")
INSTALLED = "/etc/systemd/system/dsp-traefik@.service.d"


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def installed():
        host.clear("traefik")
        host.copy_in(EXAMPLE, f"{INSTALLED}/openfile.conf")
        host.do("systemctl", "daemon-reload")
        try:
            yield
        finally:
            shutil.rmtree(host.path(INSTALLED))
            host.do("systemctl", "daemon-reload")
            host.clear("traefik")

    @test("openfile: the drop-in says from which systemd on it works, and where it is installed")
    def _():
        with open(EXAMPLE) as file:
            text = file.read()
        contains(text, "systemd 253 and newer")
        contains(text, f"{INSTALLED}/openfile.conf")

    if host.release == "bookworm":
        @test("openfile: systemd 252 warns of the key, and the level answers 503")
        def _():
            after = host.cursor()
            with installed():
                equal(host.curl("traefik", "/_ping")[0], 503, "status")
            said = "".join(f"{entry['MESSAGE']}\n" for entry in host.entries(after))
            contains(said, "OpenFile", "the journal")
            equal(host.curl("traefik", "/_ping")[0], 200, "status without the drop-in")
        return

    @test("openfile: a connection is served by the engine's socket that systemd opened, in no group and without connect()")
    def _():
        with installed():
            with host.connect("traefik") as client:
                client.sendall(b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
                equal(host.answer(client)[0], 200, "status")
                unit = eventually(lambda: host.instances("traefik"), 5, "the instance")[0]
                pid = host.property(unit, "MainPID")["MainPID"]
                docker = host.do("getent", "group", "docker").split(":")[2]
                groups = next(line for line in host.read(f"/proc/{pid}/status").splitlines() if line.startswith("Groups:"))
                lacks(groups.split(), docker, "the process's groups")
            contains(host.allowed("traefik", "ps"), "CONTAINER ID")
            host.refused("traefik", "ImageList", "images")

    @test("openfile: with a filter that forbids connect() for all but the journal it is still served")
    def _():
        with installed():
            # connect is gone from the unit's calls: dsp's own try for the journal gets EPERM, and goes without.
            host.write(f"{INSTALLED}/zz.conf", "[Service]\nSystemCallFilter=~connect\nSystemCallErrorNumber=EPERM\n")
            host.do("systemctl", "daemon-reload")
            equal(host.curl("traefik", "/_ping")[0], 200, "status")
            os.unlink(host.path(f"{INSTALLED}/openfile.conf"))
            host.do("systemctl", "daemon-reload")
            equal(host.curl("traefik", "/_ping")[0], 503, "status without OpenFile=")

    @test("openfile: while the engine is away a connection is answered 503, and the next one works when it is back", limit=120)
    def _():
        with installed():
            host.do("systemctl", "stop", "docker.socket", "docker.service")
            try:
                equal(host.curl("traefik", "/_ping")[0], 503, "status")
            finally:
                host.do("systemctl", "start", "docker.socket", "docker.service")
            eventually(lambda: host.curl("traefik", "/_ping")[0] == 200, 30, "the engine")
            true(host.property("dsp-traefik.socket", "ActiveState")["ActiveState"] == "active", "the socket unit")
