"""
A disposable Debian host: a systemd-nspawn container over a cached tree, in which systemd is pid 1 and dockerd runs.

The machine that runs the tests needs no systemd of its own, and nothing of it is touched: the tree is the lower
layer of an overlay, the network is private, and everything written goes to one folder that is removed at the end.
"""
import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import time

import leftovers

BOOT_LIMIT = 120


class MachineError(Exception):
    """The host could not be made to do what every test needs."""


class Machine:
    def __init__(self, name, tree):
        self.name = name
        self.tree = tree
        self.leader = None       # the pid, seen from here, of the host's pid 1
        self.nspawn = None
        self.folder = None
        self.root = None

    # Life

    def start(self):
        """Boots the host. Returns when docker.service is up; raises MachineError, with the console's end, when not."""
        self.folder = leftovers.make(self.name)
        atexit.register(self.stop)
        self.root = os.path.join(self.folder, "root")
        for name in ("upper", "work", "root", "docker"):
            os.mkdir(os.path.join(self.folder, name))
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={self.tree},upperdir={self.folder}/upper,workdir={self.folder}/work",
                        self.root], check=True)
        with open(f"{self.folder}/console", "wb") as console:
            self.nspawn = subprocess.Popen(
                # Into the cgroup first, so that everything the host ever starts is in it.
                ["sh", "-c", 'echo $$ >"$0"/cgroup.procs && exec "$@"', leftovers.cgroup(self.folder),
                 "systemd-nspawn", f"--directory={self.root}", "--machine=" + os.path.basename(self.folder).replace("_", "x"), "--hostname=dsp-test",
                 # No systemd here that could keep the books.
                 "--boot", "--register=no", "--keep-unit", "--private-network", "--console=read-only",
                 # What dockerd and runc need of the kernel; and Landlock for dsp, as it has it on a host that is no container.
                 "--capability=all",
                 "--system-call-filter=add_key keyctl bpf landlock_create_ruleset landlock_add_rule landlock_restrict_self",
                 # overlayfs does not stack on overlayfs: Docker's layers go to a plain folder.
                 f"--bind={self.folder}/docker:/var/lib/docker"],
                env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1"),
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
        self._await("pid 1", self._find_leader)
        self._await("systemd", lambda: self.ask("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"))
        self._await("dockerd", lambda: self.ask("docker", "version").returncode == 0)

    def stop(self):
        """Ends the host and removes what it left. Harmless when it is not running."""
        if self.folder is None:
            return
        folder, self.folder = self.folder, None
        atexit.unregister(self.stop)
        # No orderly shutdown: nothing of the host is wanted any more.
        leftovers.remove(folder)
        if self.nspawn:
            self.nspawn.wait()
        self.leader = self.nspawn = None

    def _await(self, what, check):
        end = time.monotonic() + BOOT_LIMIT
        while time.monotonic() < end:
            if self.nspawn.poll() is not None:
                raise MachineError(f"systemd-nspawn ended with {self.nspawn.returncode} before {what} was up\n{self.console()}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                if check():
                    return
            time.sleep(0.1)
        raise MachineError(f"{what} was not up after {BOOT_LIMIT} s\n{self.console()}")

    def _find_leader(self):
        # The child of nspawn which is number 1 in its own pid namespace and already runs systemd.
        for task in os.listdir(f"/proc/{self.nspawn.pid}/task"):
            with open(f"/proc/{self.nspawn.pid}/task/{task}/children") as file:
                children = file.read().split()
            for child in children:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    with open(f"/proc/{child}/status") as file:
                        numbers = next(line.split()[1:] for line in file if line.startswith("NSpid:"))
                    with open(f"/proc/{child}/comm") as file:
                        comm = file.read().strip()
                    if len(numbers) > 1 and numbers[-1] == "1" and comm == "systemd":
                        self.leader = int(child)
                        return True
        return False

    # Commands inside

    def inside(self, *command):
        """The command line which runs `command` as root inside the host."""
        # No --cgroup: a process that only visits is in none of the host's units, so systemd will not end it.
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--",
                "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
                *command]

    def popen(self, *command, **options):
        """Starts `command` inside; a session of its own, so that end() reaches all of it."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.STDOUT)
        return subprocess.Popen(self.inside(*command), start_new_session=True, **options)

    def ask(self, *command, input=None, timeout=30, text=True):
        """Runs `command` inside. Returns the CompletedProcess: returncode, stdout, stderr."""
        child = self.popen(*command, stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL,
                           stderr=subprocess.PIPE, **(dict(text=True, errors="replace") if text else {}))
        try:
            out, err = child.communicate(input, timeout)
        except BaseException:     # TimeoutExpired, the test's own limit, an interrupt: none may leave the command behind
            end(child)
            raise
        return subprocess.CompletedProcess(command, child.returncode, out, err)

    def do(self, *command, input=None, timeout=120):
        """Like ask(), but returns the output, and fails with both outputs when the command fails."""
        done = self.ask(*command, input=input, timeout=timeout)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def sh(self, script, input=None, timeout=120):
        """Runs a shell script inside, which ends at its first failing command. Returns its output."""
        return self.do("bash", "-euc", script, input=input, timeout=timeout)

    # Files inside

    def path(self, inside):
        """The path here of a file inside, also of those in file systems that only the host has mounted (/run, /tmp)."""
        return f"/proc/{self.leader}/root{inside}"

    def write(self, inside, text, mode=0o644):
        """Writes a file inside as an editor does: a new file, renamed over the old one."""
        target = self.path(inside)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(f"{target}.new", "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        os.rename(f"{target}.new", target)

    def read(self, inside):
        with open(self.path(inside), errors="replace") as file:
            return file.read()

    def copy_in(self, outside, inside):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        shutil.copy(outside, self.path(inside))

    # What it says

    def console(self, lines=30):
        """The last lines of the console."""
        with open(f"{self.folder}/console", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def journal(self, *options):
        return self.do("journalctl", "--no-pager", "--quiet", *options)


def end(child):
    """Kills a command started by popen() and all that it started, and waits."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(Exception):
        child.communicate(timeout=5)
    child.wait()
