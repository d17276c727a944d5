"""dspctl on a host: from a program that nobody knows to a level of its own, with the journal and systemd."""
import contextlib
import json
import re
import time

from machine import end
from tap import contains, equal, eventually, lacks, true

LEVEL = "board"
FILES = (f"/etc/dsp/{LEVEL}.ini", *(f"/etc/systemd/system/dsp-{LEVEL}{kind}" for kind in (".socket", "@.service", ".service", ".service.d/20-resident.conf", ".socket.d/accept-no.conf")))


def register(suite, host):
    test = suite.test

    def dspctl(*arguments, status=0, input=None):
        done = host.ask("dspctl", *arguments, input=input)
        equal(done.returncode, status, f"status of dspctl {' '.join(arguments)}, which said {done.stderr[-800:]}{done.stdout[-500:]}")
        return done.stdout

    @contextlib.contextmanager
    def level(*options):
        """A new level, gone afterwards."""
        remove()
        try:
            said = dspctl("new", *options, LEVEL)
            host.do("systemctl", "daemon-reload")
            host.do("systemctl", "enable", "--now", f"dsp-{LEVEL}.socket")
            yield said
        finally:
            remove()

    def remove():
        host.ask("systemctl", "disable", "--now", f"dsp-{LEVEL}.socket")
        host.ask("systemctl", "stop", f"dsp-{LEVEL}@*.service", f"dsp-{LEVEL}.service")
        host.ask("rm", "-f", *FILES)
        host.ask("systemctl", "daemon-reload")

    def allowed_by(text):
        return set(re.findall(r"^allow = (.*)$", text, re.MULTILINE))

    @test("dspctl: new, audit, learn, enforce: a level for a program that nobody knows, which then does its job and nothing else", limit=120)
    def _():
        host.container("learned")
        with level("--audit"):
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() - 1))
            for arguments in (("ps",), ("inspect", "learned"), ("restart", "-t", "0", "learned"), ("volume", "create", "of-board")):
                host.allowed(LEVEL, *arguments)
            host.ask("journalctl", "--sync")
            text = dspctl("learn", "--since", since, LEVEL)
            contains(text, "ContainerInspect")
            contains(text, "allow = POST /containers/learned/restart\n")
            contains(text, "; Beware (root): [volumes] options can make it any directory of the host\n")
            host.write(FILES[0], text)
            dspctl("check", LEVEL)
            for arguments in (("ps",), ("inspect", "learned"), ("restart", "-t", "0", "learned"), ("volume", "create", "of-board")):
                host.allowed(LEVEL, *arguments)
            host.refused(LEVEL, "ImageList", "images")
            host.refused(LEVEL, "ContainerLogs", "logs", "learned")
            host.container("another")
            host.refused(LEVEL, "ContainerRestart", "restart", "-t", "0", "another")
            host.ask("journalctl", "--sync")
            added = allowed_by(dspctl("learn", "--add", "--since", since, LEVEL))
            equal(added, {"ImageList", "ContainerLogs", "POST /containers/another/restart"}, "what learn --add adds")
        host.engine("volume", "rm", "of-board")

    @test("dspctl: a level that new made from a preset does as the preset's level")
    def _():
        with level("--from", "traefik"):
            equal(dspctl("diff", LEVEL, "traefik"), "")
            host.allowed(LEVEL, "ps")
            host.refused(LEVEL, "ImageList", "images")
        with level("--from", "traefik", "--audit"):
            contains(dspctl("check", LEVEL), "mode = audit")
            host.allowed(LEVEL, "images")

    @test("dspctl: new refuses to overwrite what is there")
    def _():
        with level():
            before = host.read(FILES[0])
            dspctl("new", LEVEL, status=2)
            equal(host.read(FILES[0]), before, "policy")

    @test("dspctl: a level on TCP that new made serves this host")
    def _():
        with level("--listen", "127.0.0.1:2399"):
            host.do("docker", "-H", "tcp://127.0.0.1:2399", "version")

    @test("dspctl: log shows each request in a readable line, and with --denied only what was not allowed")
    def _():
        host.curl("traefik", "/v1.41/containers/json?all=1")
        host.curl("traefik", "/v1.41/images/json")
        host.ask("journalctl", "--sync")
        text = dspctl("log", "-n", "2", "traefik")
        equal(len(text.splitlines()), 2, "lines")
        contains(text.splitlines()[0], "traefik allowed ContainerList GET /v1.41/containers/json?all=1 200 ")
        contains(text.splitlines()[1], "traefik denied ImageList GET /v1.41/images/json 403 ")
        contains(text.splitlines()[1], "uid=0")
        lacks(text, "\x1b")
        contains(dspctl("log", "--color=always", "-n", "1", "traefik"), "\x1b[31mdenied\x1b[0m")
        denied = dspctl("log", "--denied", "--lines=all", "traefik")
        true(denied and not re.search(r"^\S+ \d+ \S+ traefik allowed", denied, re.MULTILINE), "log --denied shows what was allowed, or nothing")
        equal(dspctl("log", "--since", "2000-01-01", "traefik"), dspctl("log", "-n", "all", "traefik"))

    @test("dspctl: log -f goes on with what comes")
    def _():
        child = host.popen("timeout", "20", "dspctl", "log", "-f", "-n", "0", "traefik", text=True)
        try:
            time.sleep(1)
            host.curl("traefik", "/v1.41/networks?followed")
            line = child.stdout.readline()
            contains(line, "denied NetworkList GET /v1.41/networks?followed")
        finally:
            child.terminate()
            child.wait()

    @test("dspctl: a record that another user writes into the journal in dsp's name is not learned from")
    def _():
        forged = "SYSLOG_IDENTIFIER=dsp\nDSP_POLICY=traefik\nDSP_VERDICT=allowed\nDSP_OPERATION=PluginUpgrade\nDSP_METHOD=POST\nDSP_TARGET=/plugins/forged/upgrade\nMESSAGE=forged\n"
        for _ in range(3):
            host.do("setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", "logger", "--journald", input=forged)
        host.curl("traefik", "/_ping")
        host.ask("journalctl", "--sync")
        contains(host.journal("-o", "cat", "-t", "dsp"), "forged")
        text = dspctl("learn", "traefik")
        contains(text, "allow = SystemPing\n")
        lacks(text, "PluginUpgrade")         # which no test has asked for
        lacks(text, "forged")

    @test("dspctl: status shows socket, mode, refusals, and each connection with its peer and age")
    def _():
        host.curl("traefik", "/v1.41/images/json")
        client = host.popen(*host.docker_as("traefik", "events"))
        try:
            host.ask("journalctl", "--sync")
            text = eventually(lambda: "pid=" in dspctl("status", "traefik") and dspctl("status", "traefik"), 10, "a connection in status")
            contains(text, "traefik: enforces, socket active, /run/dsp/traefik.sock (Stream)\n")
            contains(text, "connections: 1 now, ")
            true(int(re.search(r"(\d+) of them not allowed", text)[1]) > 0, "refusals")
            true(re.search(r"pid=\d+ uid=0 \(docker\), for \d+ s, \d+ bytes read, \d+ written", text), f"no connection in {text!r}")
            shown = json.loads(dspctl("status", "--json", "traefik"))[0]
            equal((shown["name"], shown["valid"], len(shown["connections"])), ("traefik", True, 1), "status --json")
        finally:
            end(client)
        names = re.findall(r"^(\S+): ", dspctl("status"), re.MULTILINE)
        true({"traefik", "readonly", "full"} <= set(names), f"levels {names}")

    @test("dspctl: status shows what the parent of a level with Accept=no says of itself")
    def _():
        with level("--from", "traefik", "--resident"):
            host.allowed(LEVEL, "ps")
            host.refused(LEVEL, "ImageList", "images")
            equal(host.property(f"dsp-{LEVEL}.socket", "NAccepted"), {"NAccepted": "0"}, "connections that systemd accepted")
            eventually(lambda: re.search(r"resident: .*\d+ served", dspctl("status", LEVEL)), 10, "a resident parent in status")

    @test("dspctl: status names a broken policy, and its status is 1")
    def _():
        host.write("/etc/dsp/traefik.ini", "[rules]\nallow = ContainerLits\n")
        try:
            done = host.ask("dspctl", "status", "traefik")
            equal(done.returncode, 1, "status")
            contains(done.stdout, "BROKEN POLICY")
            contains(done.stderr, "/etc/dsp/traefik.ini:2: ")
        finally:
            host.do("rm", "/etc/dsp/traefik.ini")

    @test("dspctl: import reads what docker inspect prints of a container")
    def _():
        host.container("tecnativa", "-e", "CONTAINERS=1", "-e", "POST=0", "-e", "ALLOW_RESTARTS=1")
        text = dspctl("import", input=host.engine("inspect", "tecnativa"))
        for line in ("CONTAINERS = 1", "POST = 0", "ALLOW_RESTARTS = 1"):
            contains(text, f"\n{line}\n")
        host.write("/tmp/imported.ini", text)
        dspctl("explain", "/tmp/imported.ini", "POST", "/containers/x/restart")
        dspctl("explain", "/tmp/imported.ini", "POST", "/containers/create", status=1)

    @test("dspctl: operations names the presets that allow an operation")
    def _():
        presets = {one["name"]: one["presets"] for one in json.loads(dspctl("operations", "--json"))}
        true({"traefik", "readonly"} <= set(presets["ContainerInspect"]), f"ContainerInspect is allowed by {presets['ContainerInspect']}")
        lacks(presets["ContainerExec"], "traefik")

    @test("dspctl: bash, zsh and fish find their completions where they look for them")
    def _():
        for path in ("bash-completion/completions/dspctl", "zsh/vendor-completions/_dspctl", "fish/vendor_completions.d/dspctl.fish"):
            true(host.ask("test", "-s", f"/usr/share/{path}").returncode == 0, f"there is no {path}")
        out = host.sh("source /usr/share/bash-completion/completions/dspctl; COMP_WORDS=(dspctl explain trae); COMP_CWORD=2; _dspctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
        contains(out.split(), "traefik")

    @test("dspctl: check without a name looks at all policies of the host")
    def _():
        host.write("/etc/dsp/probe.ini", "[rules]\nallow = SystemPing\n")
        try:
            names = [one["name"] for one in json.loads(dspctl("check", "--json"))]
            contains(names, "probe")
            lacks(names, "full")
            contains(dspctl("check", "probe"), "SystemPing")
        finally:
            host.do("rm", "/etc/dsp/probe.ini")
