"""The policy file: read by each connection anew; when it is broken, its level stops and says why."""
import contextlib
import json
import os

from tap import contains, equal, lacks, true

EDITED = "/etc/dsp/traefik.ini"


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def policy(text):
        host.write(EDITED, text)
        try:
            yield
        finally:
            os.unlink(host.path(EDITED))

    def broken(text, line, answer=503):
        """With this policy the level answers 503, and the journal names file and line. Returns the journal's words."""
        after = host.cursor()
        with policy(text):
            status, body = host.curl("traefik", "/_ping")
        equal(status, answer, "status")
        message = json.loads(body)["message"]
        lacks(message, "traefik.ini:", "what the client is told")
        said = "".join(f"{entry['MESSAGE']}\n" for entry in host.entries(after))
        contains(said, f"{EDITED}:{line}:", "the journal")
        return said

    @test("policy: a policy under /etc/dsp replaces the preset of that name, on the next connection and without a restart")
    def _():
        host.refused("traefik", "ImageList", "images")
        with policy("[rules]\nallow = SystemPing SystemVersion ImageList\n"):
            contains(host.allowed("traefik", "images"), "bb")
            host.refused("traefik", "ContainerList", "ps")
        host.refused("traefik", "ImageList", "images")
        host.allowed("traefik", "ps")

    @test("policy: a connection that is open keeps the policy with which it began")
    def _():
        with host.connect("traefik") as client:
            def status(path):
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
                return host.answer(client)[0]
            equal(status("/_ping"), 200)
            with policy("[rules]\nallow = ImageList\n"):
                equal((status("/_ping"), status("/images/json")), (200, 403), "statuses of /_ping and /images/json")

    @test("policy: a file that is edited in place takes effect on the next connection")
    def _():
        with policy("[rules]\nallow = SystemPing\n"):
            equal(host.curl("traefik", "/images/json")[0], 403, "status")
            with open(host.path(EDITED), "w") as file:
                file.write("[rules]\nallow = SystemPing ImageList\n")
            equal(host.curl("traefik", "/images/json")[0], 200, "status")

    @test("policy: an unknown operation makes the level answer 503; the journal names file, line and operation")
    def _():
        contains(broken("[rules]\nallow = SystemPing\nallow = ContainerLits\n", 3), "ContainerLits")

    @test("policy: an unknown section, key or value makes the level answer 503; the journal names it")
    def _():
        contains(broken("[policy]\ndescription = x\n\n[rulez]\nallow = SystemPing\n", 4), "rulez")
        contains(broken("[policy]\nmodus = enforce\n", 2), "modus")
        contains(broken("[policy]\nmode = enforcing\n", 2), "enforcing")

    @test("policy: an unreadable policy makes the level answer 503, not fall back on the preset")
    def _():
        host.write(EDITED, "[rules]\nallow = SystemPing\n", mode=0o000)
        try:
            equal(host.curl("traefik", "/_ping")[0], 503, "status")
        finally:
            os.unlink(host.path(EDITED))

    @test("policy: a level without any policy answers 503")
    def _():
        units = host.do("pkg-config", "--variable=systemdsystemunitdir", "systemd").strip()
        for unit in ("dsp-{}.socket", "dsp-{}@.service"):
            text = host.read(f"{units}/{unit.format('traefik')}")
            host.write(f"/etc/systemd/system/{unit.format('nobody')}", text.replace("traefik", "nobody"))
        host.do("systemctl", "daemon-reload")
        host.do("systemctl", "start", "dsp-nobody.socket")
        try:
            equal(host.curl("nobody", "/_ping")[0], 503, "status")
        finally:
            host.do("systemctl", "stop", "dsp-nobody.socket")

    @test("policy: a broken policy leaves the other levels alone")
    def _():
        with policy("nonsense\n"):
            equal(host.curl("traefik", "/_ping")[0], 503, "status")
            equal(host.curl("readonly", "/_ping")[0], 200, "status")

    @test("policy: docker prints the message of a level whose policy is broken")
    def _():
        with policy("nonsense\n"):
            done = host.docker("traefik", "ps")
            true(done.returncode != 0, "docker ps succeeded")
            contains(done.stderr, "dsp: ")

    @test("policy: mending a broken policy heals the level, without a restart and after many refused connections")
    def _():
        with policy("nonsense\n"):
            for _ in range(30):
                equal(host.curl("traefik", "/_ping")[0], 503, "status")
        equal(host.curl("traefik", "/_ping")[0], 200, "status")
        equal(host.ask("systemctl", "is-active", "dsp-traefik.socket").stdout.strip(), "active")
        host.all_gone()

    @test("policy: in mode audit a request that would be denied passes, and the journal says so")
    def _():
        with policy("[policy]\nmode = audit\n\n[rules]\nallow = SystemPing\n"):
            after = host.cursor()
            equal(host.curl("traefik", "/images/json")[0], 200, "status")
            records = host.records(after, DSP_OPERATION="ImageList")
            equal(len(records), 1, "number of records")
            lacks([records[0]["DSP_VERDICT"]], "allowed", "verdict")
