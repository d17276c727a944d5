"""Docker's client over ssh: sshd starts dsp in place of what the client asks for, by the recipe of examples/parents."""
import contextlib
import re

from parents import FOLDER, prepare, promise
from tap import contains, equal, eventually, lacks, true

WHERE = "ssh://dsp@127.0.0.1"
SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
REQUEST = "GET /images/json HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def sshd():
        prepare(host)
        account = host.read(f"{FOLDER}/ssh-forced-command.sshd_config")
        keys = host.read(f"{FOLDER}/ssh-forced-command.keys")
        host.sh("""mkdir -p -m 0700 /root/.ssh
            test -e /root/.ssh/id_ed25519 || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519""")
        key = " ".join(host.read("/root/.ssh/id_ed25519.pub").split()[:2])
        mine, count = re.subn(r"ssh-ed25519 AAAA\S+", key, keys)
        equal(count, 1, "keys in the recipe")
        host.write("/etc/ssh/dsp.keys", mine)
        host.write("/etc/ssh/sshd_config.d/dsp.conf", account)
        host.sh(re.search(r"^#   (usermod .*)$", account, re.MULTILINE)[1])
        host.sh("systemctl reset-failed ssh || true; systemctl restart ssh")
        try:
            host.sh("for i in $(seq 50); do ssh-keyscan 127.0.0.1 >/root/.ssh/known_hosts 2>/dev/null && test -s /root/.ssh/known_hosts && break; sleep 0.1; done")
            yield
        finally:
            host.ask("systemctl", "stop", "ssh")

    promise(suite, host, "ssh", sshd, WHERE, r"(pid=[1-9][0-9]* uid=[1-9][0-9]* gid=[1-9][0-9]*|-) ssh=127\.0\.0\.1 [0-9]+")

    def ask(*words, options=(), input=REQUEST):
        return host.ask(*SSH, *options, "dsp@127.0.0.1", "--", *words, input=input)

    @test("ssh: whatever command the client asks for, it gets dsp")
    def _():
        with sshd():
            for words in ((), ("docker", "system", "dial-stdio"), ("cat", "/etc/shadow"), ("/usr/libexec/dsp", "--policy=/usr/share/dsp/policies/full.ini"),
                          ("; id; #",), ("$(touch /tmp/smuggled)",), ("`touch /tmp/smuggled`",), ("--policy=/usr/share/dsp/policies/full.ini",), ("'\n touch /tmp/smuggled\n'",)):
                done = ask(*words)
                contains(done.stdout, "HTTP/1.1 403 Forbidden\n", f"the answer to {words}")
                contains(done.stdout, "not allowed by policy ci", f"the answer to {words}")
                equal(done.stdout.count("HTTP/1.1"), 1, f"answers to {words}")
                for leak in ("root:", "uid="):
                    lacks(done.stdout + done.stderr, leak, f"the answer to {words}")
            true(host.ask("test", "-e", "/tmp/smuggled").returncode != 0, "a command of the client was run")

    @test("ssh: the client is sent dsp's answers and nothing else, no record of dsp's either")
    def _():
        with sshd():
            done = ask("docker", "system", "dial-stdio")
            equal(done.stderr, "", "what the client gets as standard error")
            true(done.stdout.startswith("HTTP/1.1 403"), f"what comes before the answer: {done.stdout[:200]}")

    @test("ssh: the client's environment does not reach dsp")
    def _():
        with sshd():
            options = [option for name in ("LD_PRELOAD=/nonexistent.so", "LISTEN_FDS=1", "LC_ALL=smuggled", "BASH_ENV=/nonexistent") for option in ("-o", f"SetEnv={name}")]
            done = ask("docker", options=options)
            contains(done.stdout, "HTTP/1.1 403 Forbidden\n")
            lacks(done.stdout + done.stderr, "preload")
            equal(_environment(host), {}, "variables of the client's that dsp was started with")

    def _environment(host):
        """Of the client's variables those which dsp is started with: a script in dsp's place tells."""
        keys = host.read("/etc/ssh/dsp.keys")
        host.write("/etc/ssh/dsp.keys", re.sub(r'command="[^"]*"', 'command="env"', keys))
        done = ask("docker", options=("-o", "SetEnv=LC_ALL=smuggled LD_PRELOAD=/smuggled LISTEN_FDS=1 LANG=smuggled"))
        host.write("/etc/ssh/dsp.keys", keys)
        contains(done.stdout, "SSH_CONNECTION=", "what env prints")
        return {name: value for name, _, value in (line.partition("=") for line in done.stdout.splitlines()) if "smuggled" in value or name == "LISTEN_FDS"}

    def forbids(what, restrict, config):
        """Neither way around dsp is open, with only one of the two locks on it."""
        def check():
            with sshd():
                keys = host.read("/etc/ssh/dsp.keys")
                if not restrict:
                    host.write("/etc/ssh/dsp.keys", keys.replace(",restrict", ""))
                if not config:
                    account = host.read("/etc/ssh/sshd_config.d/dsp.conf")
                    host.write("/etc/ssh/sshd_config.d/dsp.conf", re.sub(r"^ *(DisableForwarding|PermitTTY|PermitUserRC).*\n", "", account, flags=re.MULTILINE))
                    host.sh("sshd -t; systemctl reset-failed ssh; systemctl restart ssh")
                what()
        return check

    def sockets():
        host.ask("rm", "-f", "/root/forwarded.sock")
        tunnel = host.popen(*SSH, "-N", "-L", "/root/forwarded.sock:/run/docker.sock", "dsp@127.0.0.1")
        try:
            eventually(lambda: host.ask("test", "-S", "/root/forwarded.sock").returncode == 0 or tunnel.poll() is not None, 10, "ssh's end of the tunnel")
            done = host.ask("curl", "-sS", "--max-time", "5", "--unix-socket", "/root/forwarded.sock", "http://d/_ping")
            true(done.returncode != 0 and "OK" not in done.stdout, f"docker.sock is reached through ssh: {done.stdout}")
        finally:
            tunnel.kill()
            tunnel.wait()

    def terminal():
        done = ask("docker", options=("-tt",), input="")
        contains(done.stderr, "PTY allocation request failed")

    def subsystem():
        done = host.ask("sftp", "-o", "BatchMode=yes", "-b", "-", "dsp@127.0.0.1", input="ls /\n")
        true(done.returncode != 0 and "etc" not in done.stdout, f"sftp works: {done.stdout}")

    for name, what in {"no forwarding leads to docker.sock": sockets, "no terminal is given": terminal}.items():
        suite.add(f"ssh: {name}, by the key's line alone", forbids(what, True, False))
        suite.add(f"ssh: {name}, by the account's settings alone", forbids(what, False, True))
    suite.add("ssh: no subsystem such as sftp is given", forbids(subsystem, True, True))

    @test("ssh: two keys of one account have two levels")
    def _():
        with sshd():
            host.sh("test -e /root/.ssh/second || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/second")
            line = next(line for line in host.read("/etc/ssh/dsp.keys").splitlines() if line.startswith("command="))
            second = " ".join(host.read("/root/.ssh/second.pub").split()[:2])
            host.write("/etc/ssh/dsp.keys", line + "\n" + re.sub(r"ssh-ed25519 \S+", second, line).replace("/etc/dsp/ci.ini", "/usr/share/dsp/policies/full.ini") + "\n")
            contains(ask().stdout, "not allowed by policy ci")
            # Held open: a client that has closed its sending side is for the engine one that has gone.
            second = " ".join(SSH) + " -i /root/.ssh/second -o IdentitiesOnly=yes dsp@127.0.0.1"
            contains(host.sh(f"(cat; sleep 3) | {second}", input=REQUEST), "HTTP/1.1 200 OK")
            contains(ask().stdout, "not allowed by policy ci")

    @test("ssh: a key that is not listed gets nothing")
    def _():
        with sshd():
            host.sh("test -e /root/.ssh/other || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/other")
            done = ask(options=("-i", "/root/.ssh/other", "-o", "IdentitiesOnly=yes"))
            equal(done.stdout, "")
            contains(done.stderr, "Permission denied")
