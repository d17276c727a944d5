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
    python3 strace busybox-static socat curl procps iproute2 mandoc
    openbsd-inetd s6 ucspi-tcp openssh-server openssh-client stunnel4 openssl
    podman crun netavark aardvark-dns apparmor haproxy
    python3-docker glances python3-dateutil prometheus ansible-core crowdsec zabbix-agent2 nodejs
""".split()

# Not installed. xinetd cannot be beside openbsd-inetd: the test that needs it unpacks it. Of ansible (400 MB) only the
# collection for Docker is unpacked, and the one that it uses.
ARCHIVES = ["xinetd", "ansible"]

# What the packages would start at boot; the test of a service starts it.
DISABLED = """
    inetd.service openbsd-inetd.service ssh.service ssh.socket stunnel4.service stunnel.target podman.service podman.socket
    podman-restart.service podman-auto-update.service podman-auto-update.timer apparmor.service haproxy.service
    glances.service prometheus.service prometheus-node-exporter.service crowdsec.service zabbix-agent2.service
""".split()

# What a release has beside the common packages: docker.io no longer brings the CLI, nor systemd its systemd.pc.
RELEASES = {
    "trixie": ["docker-cli", "docker-buildx", "systemd-dev"],
    "bookworm": [],
}

# What is in the tree before the packages are.
BEFORE = {
    # Something in this file keeps the package from registering the host with its vendor.
    "/etc/crowdsec/online_api_credentials.yaml": "# none\n",
}

# The clients that are npm modules; installed from outside, for npm itself brings some hundred packages.
NODE = {}
for name in ("package.json", "package-lock.json"):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients", name)) as file:
        NODE[f"/opt/clients/{name}"] = file.read()

# What every host of the tests wants to be different from a fresh Debian.
SETTINGS = {
    # Each boot is a first boot with an identity of its own.
    "/etc/machine-id": "uninitialized\n",
    # A first boot enables what packages bring: not these.
    "/etc/systemd/system-preset/00-tests.preset": "".join(f"disable {unit}\n" for unit in DISABLED),
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
    stamp = hashlib.sha256(repr([packages(release), ARCHIVES, FILL, BEFORE, NODE, SETTINGS, MASKED, DISABLED]).encode()).hexdigest()[:12]
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
        # In a mount namespace of its own: of a debootstrap that was killed no /proc stays in the tree that is removed next time.
        done = _run(["unshare", "--mount", "debootstrap", "--variant=minbase", release, half], output)
        if done.returncode == 0:
            _write(half, BEFORE)
            done = _run(["unshare", "--mount", "sh", "-euc", FILL, "fill", half, " ".join(packages(release)), " ".join(ARCHIVES)], output)
        if done.returncode == 0:
            _write(half, NODE)
            done = _run(["npm", "ci", f"--prefix={half}/opt/clients", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], output)
    if done.returncode != 0:
        with open(log, errors="replace") as output:
            tail = "".join(output.readlines()[-15:])
        shutil.rmtree(half, ignore_errors=True)
        raise RuntimeError(f"the tree of {release} cannot be made ({log}):\n{tail}")
    _settle(half)
    os.rename(half, tree)


# Runs in a mount namespace of its own. Nothing that is installed may start: this is not a running host.
FILL = """
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
    chroot "$1" apt-get -q update
    chroot "$1" apt-get -q -y --no-install-recommends install $2
    mkdir "$1/opt/archives"
    cd "$1/opt/archives"
    chroot "$1" sh -euc 'cd /opt/archives && apt-get -q download "$@"
        dpkg-deb --fsys-tarfile ansible_*.deb | tar -C / -x --wildcards "./usr/*/ansible_collections/community/[dl][oi][cb][kr]*"
        rm ansible_*.deb' download $3
    chroot "$1" apt-get clean
    rm "$1/usr/sbin/policy-rc.d"
"""


def _run(command, output):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                          env=dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8"))


def _write(tree, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(tree + path), exist_ok=True)
        with open(tree + path, "w") as file:
            file.write(text)


def _settle(tree):
    _write(tree, SETTINGS)
    wants = os.path.join(tree, "etc/systemd/system")
    for folder, _, names in os.walk(wants):
        for name in set(names) & set(DISABLED):
            os.unlink(os.path.join(folder, name))
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
