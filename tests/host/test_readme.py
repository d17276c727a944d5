"""The README's commands and files, as an administrator types them who does nothing but what it says."""
import contextlib
import os
import re

from host import REPO
from tap import contains, equal, true

UNITS = "/etc/systemd/system"


def register(suite, host):
    test = suite.test

    @test("readme: the packages that it installs are all that the quickstart builds with")
    def _():
        # Of the quickstart's the last are there to run it.
        needed = re.search(r"^NEEDED=\((.*) systemd curl\)$", _text("examples/quickstart"), re.MULTILINE)[1].split()
        line = re.search(r"^    apt-get install (.*)$", _section("Install"), re.MULTILINE)[1]
        equal(sorted(line.split()), sorted(needed), "the packages")

    @test("readme: a preset is changed by a copy of it")
    def _():
        contains(_section("A level of your own"), "copy\nit from `/usr/share/dsp/policies/` to `/etc/dsp/`; the copy is read in its place.")
        host.refused("traefik", "ImageList", "images")
        host.sh("cp /usr/share/dsp/policies/traefik.ini /etc/dsp/; sed -i '0,/^allow = /s//allow = ImageList\\n&/' /etc/dsp/traefik.ini")
        try:
            contains(host.allowed("traefik", "images"), "bb")
        finally:
            host.do("rm", "/etc/dsp/traefik.ini")

    @test("readme: a level of your own is three files, and works")
    def _():
        with own_level():
            contains(host.allowed("ops", "ps"), "CONTAINER ID")
            host.refused("ops", "ContainerDelete", "rm", "x")

    @test("readme: a level of your own is switched to a resident process by what it says")
    def _():
        with own_level():
            drop_in, by_hand = (re.findall(r"(?:^    .+\n)+", _section("A busy level"), re.MULTILINE))[:2]
            drop_in = drop_in.replace("traefik", "ops")
            host.sh(f"cd /usr/src/dsp\n{by_hand}\n{drop_in}")
            contains(host.allowed("ops", "ps"), "CONTAINER ID")
            equal(host.property("dsp-ops.service", "ActiveState")["ActiveState"], "active", "the service")
            verdict = host.do("systemd-analyze", "security", "--no-pager", "dsp-ops.service").splitlines()[-1]
            true(float(re.search(r": (\d\.\d)", verdict)[1]) <= 0.6, verdict)

    @contextlib.contextmanager
    def own_level():
        """The files that the section shows, and the command after them."""
        section = _section("A level of your own")
        files = re.findall(r"`(/etc/[^`]+)`[^`]*?:\n\n```ini\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        equal(len(files), 3, "files")
        try:
            for path, text in files:
                host.write(path, text)
            host.sh(re.search(r"`(systemctl daemon-reload && [^`]+)`", section)[1])
            yield
        finally:
            host.ask("systemctl", "disable", "--now", "dsp-ops.socket")
            host.ask("systemctl", "stop", "dsp-ops.service")
            host.sh(f"rm -rf /etc/dsp/ops.ini {UNITS}/dsp-ops*; systemctl daemon-reload")


def _text(name):
    with open(os.path.join(REPO, name)) as file:
        return file.read()


def _section(title):
    return re.search(rf"^## {title}\n(.*?)^## ", _text("README.md"), re.MULTILINE | re.DOTALL)[1]
