"""A disposable host with dsp built and installed in it, and the ways in which the tests talk to it."""
import http.client
import json
import os
import socket
import subprocess
import time

import image
import tap
from machine import Machine

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEVELS = ("traefik", "readonly", "full")
CLI = "/usr/bin/docker"


class Host(Machine):
    def __init__(self, release):
        super().__init__(release, None)
        self.release = release

    def start(self):
        self.tree = image.image(self.release, tap.diagnose)
        started = time.monotonic()
        super().start()
        tap.diagnose(f"{self.release} booted in {time.monotonic() - started:.1f} s")
        started = time.monotonic()
        self.install()
        for level in LEVELS:
            self.do("systemctl", "enable", "--now", f"dsp-{level}.socket")
        tap.diagnose(f"dsp built and installed in {time.monotonic() - started:.1f} s")
        self.make_image()

    def install(self):
        """Builds dsp inside, with that release's compiler and libraries, and installs it as the README says."""
        source = self.path("/usr/src/dsp")
        os.makedirs(source)
        git = ["git", "-c", f"safe.directory={REPO}", "-C", REPO, "ls-files", "-co", "--exclude-standard", "-z"]
        names = subprocess.run(git, check=True, stdout=subprocess.PIPE).stdout.split(b"\0")
        # Not the tracked files that are deleted in the work tree.
        present = b"\0".join(name for name in names if name and os.path.lexists(os.path.join(os.fsencode(REPO), name)))
        archive = subprocess.run(["tar", "-C", REPO, "--null", "-T", "-", "-c"], check=True, input=present, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-C", source, "--no-same-owner", "-x"], check=True, input=archive)
        self.sh("""cd /usr/src/dsp
            autoreconf -fi
            ./configure --prefix=/usr --sysconfdir=/etc --libexecdir=/usr/libexec --enable-werror
            make -j2
            make install
            systemctl daemon-reload
            """, timeout=300)

    def make_image(self):
        """The image `bb`: busybox, and the links by which programs of a mounted /usr find their libraries."""
        self.sh("""
            mkdir -p /root/bb/bin /root/bb/etc /root/bb/tmp
            cp /bin/busybox /root/bb/bin
            for applet in $(busybox --list); do test $applet = busybox || ln -s busybox /root/bb/bin/$applet; done
            ln -s usr/lib usr/lib64 /root/bb/
            tar -C /root/bb -c . | docker import - bb:latest""")

    # Docker

    def docker_as(self, level, *arguments):
        """The command line, for inside, of the Docker CLI at a level's socket; at the engine's own for level None."""
        socket = f"/run/dsp/{level}.sock" if level else "/run/docker.sock"
        return ["env", f"DOCKER_HOST=unix://{socket}", CLI, *arguments]

    def docker(self, level, *arguments, input=None, timeout=60, text=True):
        return self.ask(*self.docker_as(level, *arguments), input=input, timeout=timeout, text=text)

    def engine(self, *arguments, input=None, timeout=60):
        """What the test does behind dsp's back; returns the output."""
        return self.do(*self.docker_as(None, *arguments), input=input, timeout=timeout).strip()

    def allowed(self, level, *arguments, input=None, timeout=60):
        """The CLI must succeed through the level; returns its output."""
        return self.do(*self.docker_as(level, *arguments), input=input, timeout=timeout)

    def refused(self, level, operation, *arguments, input=None):
        """The CLI must fail at `operation` (None: at whichever), and print dsp's own words for it."""
        done = self.docker(level, *arguments, input=input)
        said = done.stdout + done.stderr
        tap.true(done.returncode != 0, f"docker {' '.join(arguments)} succeeded\n{said}")
        tap.contains(said, f"dsp: {operation} (" if operation else "dsp: ", "what docker prints")
        tap.contains(said, f"is not allowed by policy {level}", "what docker prints")

    def container(self, name, *options, command=("sleep", "1000000")):
        """(Re)starts a container of the image `bb` that lives until it is removed. Returns its name."""
        self.ask(*self.docker_as(None, "rm", "-f", name))
        self.engine("run", "-d", "--name", name, "--network", "none", "--stop-timeout", "1", *options, "bb", *command)
        return name

    # dsp

    def curl(self, level, path, *options):
        """A plain request. Returns (status, body)."""
        out = self.do("curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", "--unix-socket", f"/run/dsp/{level}.sock", *options, f"http://d{path}")
        body, _, status = out.rpartition("\n")
        return int(status), body

    def connect(self, level):
        """A socket that is connected to the level, from outside the host: its path leads there as well."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(20)
        client.connect(self.path(f"/run/dsp/{level}.sock"))
        return client

    @staticmethod
    def answer(client):
        """Reads one answer from a socket of connect(). Returns (status, body)."""
        response = http.client.HTTPResponse(client)
        response.begin()
        return response.status, response.read()

    def processes(self):
        """The pids, as the host sees them, of all dsp processes."""
        return [int(pid) for pid in self.ask("pgrep", "-x", "dsp").stdout.split()]

    def instances(self, level):
        """The service instances of the level that exist, in whatever state."""
        out = self.do("systemctl", "list-units", "--all", "--plain", "--no-legend", f"dsp-{level}@*.service")
        return [line.split()[0] for line in out.splitlines() if line.strip()]

    def all_gone(self, seconds=10):
        """No dsp process and no instance is left."""
        end = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > end:
                left = self.ask("ps", "-o", "pid,etimes,stat,wchan,args", "-C", "dsp").stdout
                raise AssertionError(f"dsp processes are left after {seconds} s\n{left}")
            time.sleep(0.05)
        for level in LEVELS:
            tap.eventually(lambda: not self.instances(level), seconds, f"the end of all dsp-{level}@ instances")

    def clear(self, level):
        """Ends what an earlier, failed test may have left of the level, so that one failure stays one."""
        self.ask("systemctl", "stop", f"dsp-{level}@*.service")
        tap.eventually(lambda: not self.instances(level), 10, f"the end of all dsp-{level}@ instances")

    def property(self, unit, *names):
        """Properties of a unit, as a dict of strings."""
        out = self.do("systemctl", "show", *(f"--property={name}" for name in names), unit)
        return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)

    def cursor(self):
        """Where the journal ends now."""
        self.ask("journalctl", "--sync")
        out = self.do("journalctl", "--no-pager", "--quiet", "-n", "0", "--show-cursor")
        return out.rpartition("-- cursor: ")[2].strip()

    def entries(self, after):
        """All journal entries behind the cursor `after`, as dicts. To be filtered here: 252 with a match skips the first that matches."""
        self.ask("journalctl", "--sync")
        return [json.loads(line) for line in self.journal("-o", "json", f"--after-cursor={after}").splitlines()]

    def records(self, after, **fields):
        """dsp's records of requests behind the cursor `after`, those with these values of fields."""
        return [entry for entry in self.entries(after)
                if "DSP_STATUS" in entry and all(entry.get(name) == value for name, value in fields.items())]

    def story(self):
        """What a failed test is told with: what dsp, and systemd about dsp, said of late."""
        yield "the journal of the level's units:"
        for line in self.journal("-o", "short-precise", "--since=-30s", "-u", "dsp-*").splitlines()[-10:]:
            yield "  " + line[:400]
