"""When the engine is away: a clear answer, and no memory of it when the engine is back."""
import json

import machine
from tap import contains, equal, eventually, true


def register(suite, host):
    test = suite.test

    @test("engine: while the engine is stopped a request is answered 503 with a message; afterwards the level works again", limit=120)
    def _():
        host.do("systemctl", "stop", "docker.socket", "docker.service")
        try:
            status, body = host.curl("traefik", "/version")
            equal(status, 503, "status")
            contains(json.loads(body)["message"], "dsp: ")
            done = host.docker("traefik", "ps")
            true(done.returncode != 0, "docker ps succeeded")
            contains(done.stderr, "dsp: ", "what docker prints")
        finally:
            host.do("systemctl", "start", "docker.socket", "docker.service")
        host.allowed("traefik", "ps")
        equal(host.ask("systemctl", "is-active", "dsp-traefik.socket").stdout.strip(), "active")
        host.all_gone()

    @test("engine: an unreachable engine is recorded in the journal", limit=120)
    def _():
        host.do("systemctl", "stop", "docker.socket", "docker.service")
        try:
            after = host.cursor()
            host.curl("traefik", "/version")
            record = eventually(lambda: host.records(after), 5, "a record")[0]
            equal(record["DSP_STATUS"], "503")
        finally:
            host.do("systemctl", "start", "docker.socket", "docker.service")

    @test("engine: a response that the engine breaks off is not given an end by dsp", limit=120)
    def _():
        # A stand-in for the engine that dies in the middle of a chunked body.
        host.write("/etc/dsp/readonly.ini", "[policy]\nsocket = /run/broken-engine.sock\n[rules]\nallow = SystemPing\n")
        host.write("/root/broken-engine", "#!/bin/sh\nhead -c 20 >/dev/null\nprintf 'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n'\n", mode=0o755)
        engine = host.popen("socat", "UNIX-LISTEN:/run/broken-engine.sock,fork,mode=660,group=docker", "EXEC:/root/broken-engine")
        try:
            eventually(lambda: host.ask("test", "-S", "/run/broken-engine.sock").returncode == 0, 5, "the stand-in engine")
            done = host.ask("curl", "-sS", "--unix-socket", "/run/dsp/readonly.sock", "http://d/_ping")
            contains(done.stdout, "hello")
            true(done.returncode in (18, 56), f"curl took the broken answer for a whole one (exit status {done.returncode}: {done.stderr})")
        finally:
            machine.end(engine)
            host.sh("rm -f /etc/dsp/readonly.ini /run/broken-engine.sock")
