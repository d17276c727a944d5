"""Makes and caches the root trees of the disposable hosts: one Debian per release, with Docker and a compiler."""
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time

CACHE = os.environ.get("DSP_TEST_CACHE", "/var/cache/dsp-tests")

COMMON = """
    systemd-sysv dbus
    gcc libc6-dev make autoconf automake pkg-config
    libsystemd-dev libinih-dev libjansson-dev libseccomp-dev libcmocka-dev
    docker.io docker-compose iptables ca-certificates
    python3 strace busybox-static socat curl procps iproute2
""".split()

# What a release has beside the common packages: docker.io no longer brings the CLI, nor systemd its systemd.pc.
RELEASES = {
    "trixie": ["docker-cli", "docker-buildx", "systemd-dev"],
    "bookworm": [],
}

# What every host of the tests wants to be different from a fresh Debian.
SETTINGS = {
    # Each boot is a first boot with an identity of its own.
    "/etc/machine-id": "uninitialized\n",
    # The tests read every record: none may be lost at a rate limit, or late because a disk is slow to sync.
    "/etc/systemd/journald.conf.d/tests.conf": "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRuntimeMaxUse=256M\n",
}

# Nothing may run behind the tests' backs, wait for a network that the host has not, or fail for want of a kernel of its own.
MASKED = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service systemd-firstboot.service
    systemd-modules-load.service systemd-pstore.service
""".split()


def packages(release):
    return sorted(COMMON + RELEASES[release])


def image(release, say=lambda text: None):
    """
    Returns the folder of the release's root tree, made when there is none yet or what goes into it has changed.
    The tree is shared and must not be written to: see machine.py, which puts an overlay on it.
    """
    stamp = hashlib.sha256(repr([packages(release), SETTINGS, MASKED]).encode()).hexdigest()[:12]
    tree = os.path.join(CACHE, f"{release}-{stamp}")
    if os.path.isdir(tree):
        return tree
    os.makedirs(CACHE, exist_ok=True)
    with _alone(f"{CACHE}/{release}.lock"):
        if not os.path.isdir(tree):       # another run may have made it while this one waited for the lock
            started = time.monotonic()
            _make(release, tree)
            say(f"made the {release} tree in {time.monotonic() - started:.0f} s")
    return tree


def _make(release, tree):
    # The stamp is in the name, and the name comes last: a tree that is only half made is never taken for one.
    half = f"{tree}.half"
    for name in os.listdir(CACHE):
        if name.startswith(f"{release}-"):
            shutil.rmtree(os.path.join(CACHE, name))
    log = os.path.join(CACHE, f"{release}.log")
    with open(log, "wb") as output:
        done = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(packages(release)), release, half],
                              stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        with open(log, errors="replace") as output:
            tail = "".join(output.readlines()[-15:])
        shutil.rmtree(half, ignore_errors=True)
        raise RuntimeError(f"debootstrap of {release} failed ({log}):\n{tail}")
    _settle(half)
    os.rename(half, tree)


def _settle(tree):
    for path, text in SETTINGS.items():
        os.makedirs(os.path.dirname(tree + path), exist_ok=True)
        with open(tree + path, "w") as file:
            file.write(text)
    for unit in MASKED:
        path = f"{tree}/etc/systemd/system/{unit}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.symlink("/dev/null", path)


@contextlib.contextmanager
def _alone(path):
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
