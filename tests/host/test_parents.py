"""inetd, xinetd, s6-ipcserver, tcpserver and socat in systemd's place, by the recipes of examples/parents."""
import contextlib
import glob
import json
import os
import re
import socket

from host import REPO
from parents import FOLDER, README, Client, filters, listens, prepare, promise, running
from stream import Stream
from tap import contains, equal, eventually, true

TCP = "127.0.0.1:2375"
FOLDER_SOCKET = "/run/dsp/ci/docker.sock"
SOCAT_SOCKET = "/run/dsp/ci.sock"
LOCAL_PEER, TCP_PEER = r"pid=[1-9][0-9]* uid=0 gid=0", r"tcp=127\.0\.0\.1:[0-9]+"


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def inetd(recipe="inetd.conf"):
        before = host.read("/etc/inetd.conf")
        # A folder of another recipe has another mode.
        host.sh("rm -rf /run/dsp/ci; " + re.search(r"install -d .*", host.read(f"{FOLDER}/{recipe}"))[0])
        host.write("/etc/inetd.conf", before + host.read(f"{FOLDER}/{recipe}"))
        try:
            host.sh("systemctl reset-failed inetd || true; systemctl restart inetd")
            eventually(lambda: listens(host, TCP), 10, "inetd's listener")
            yield
        finally:
            host.ask("systemctl", "stop", "inetd")
            _end_all(host)
            host.write("/etc/inetd.conf", before)

    @contextlib.contextmanager
    def xinetd(recipe="xinetd.conf"):
        # Not installed beside openbsd-inetd, with which it conflicts: unpacked.
        if host.ask("test", "-d", "/opt/xinetd").returncode != 0:
            host.sh("dpkg -x /opt/archives/xinetd_*.deb /opt/xinetd; ln -sf /opt/xinetd/etc/xinetd.d /etc/xinetd.d")
        host.sh(f"cp {FOLDER}/{recipe} /etc/xinetd.d/dsp-ci")
        with running(host, "/opt/xinetd/usr/sbin/xinetd", "-dontfork", "-f", "/opt/xinetd/etc/xinetd.conf", "-pidfile", "/run/xinetd.pid",
                     ready=lambda: listens(host, TCP)):
            yield
        _end_all(host)

    def script(name, where):
        @contextlib.contextmanager
        def start():
            host.ask("rm", "-rf", "/run/dsp/ci", SOCAT_SOCKET)
            with running(host, f"{FOLDER}/{name}.run", ready=lambda: listens(host, where)) as parent:
                yield parent
        return start

    s6, tcpserver, socat = script("s6-ipcserver", FOLDER_SOCKET), script("tcpserver", TCP), script("socat", SOCAT_SOCKET)

    promise(suite, host, "parents: inetd over TCP", inetd, f"tcp://{TCP}", TCP_PEER)
    promise(suite, host, "parents: inetd with a Unix socket", inetd, f"unix://{FOLDER_SOCKET}", LOCAL_PEER)
    promise(suite, host, "parents: xinetd", xinetd, f"tcp://{TCP}", TCP_PEER)
    promise(suite, host, "parents: s6-ipcserver", s6, f"unix://{FOLDER_SOCKET}", LOCAL_PEER)
    promise(suite, host, "parents: tcpserver", tcpserver, f"tcp://{TCP}", TCP_PEER)
    promise(suite, host, "parents: socat", socat, f"unix://{SOCAT_SOCKET}", LOCAL_PEER)

    inetd_wait, xinetd_wait = lambda: inetd("inetd-wait.conf"), lambda: xinetd("xinetd-wait.conf")
    promise(suite, host, "parents: inetd, wait, over TCP", inetd_wait, f"tcp://{TCP}", TCP_PEER, resident=True)
    promise(suite, host, "parents: inetd, wait, with a Unix socket", inetd_wait, f"unix://{FOLDER_SOCKET}", LOCAL_PEER, resident=True)
    promise(suite, host, "parents: xinetd, wait", xinetd_wait, f"tcp://{TCP}", TCP_PEER, resident=True)

    def comes_back(parent):
        def check():
            prepare(host, "\n[limits]\nidle-exit = 1s\n")
            client = Client(host, f"tcp://{TCP}")
            with parent():
                for _ in range(3):
                    client.allowed("ps")
                    true(host.processes(), "no dsp is resident")
                    host.all_gone()
                    true(listens(host, TCP), "nobody listens any more")
        return check

    suite.add("parents: inetd, wait: dsp ends when it was idle, inetd listens again, and the next client is served", comes_back(inetd_wait))
    suite.add("parents: xinetd, wait: dsp ends when it was idle, xinetd listens again, and the next client is served", comes_back(xinetd_wait))

    def silent(parent):
        def check():
            prepare(host, "\n[limits]\nidle-exit = 1s\n\n[log]\ntarget = stderr\n")
            with parent():
                _answered_without_record(host, "TCP:" + TCP)
            host.all_gone()
        return check

    for name, parent in {"inetd": inetd, "inetd, wait": inetd_wait, "xinetd": xinetd, "xinetd, wait": xinetd_wait}.items():
        suite.add(f"parents: {name}: records that would go to standard error never go to the client", silent(parent))

    every = {"inetd": (inetd, f"unix://{FOLDER_SOCKET}"), "xinetd": (xinetd, f"tcp://{TCP}"), "s6-ipcserver": (s6, f"unix://{FOLDER_SOCKET}"),
             "tcpserver": (tcpserver, f"tcp://{TCP}"), "socat": (socat, f"unix://{SOCAT_SOCKET}")}

    def runs_locked(parent, where):
        def check():
            prepare(host)
            with parent(), Client(host, where).events():
                pid = eventually(lambda: _locked(host), 10, "a locked process of dsp")
                status = _status(host, pid)
                user, group = host.do("id", "-u", "dsp").strip(), host.do("id", "-g", "dsp").strip()
                equal((status["Uid"].split(), status["Gid"].split()), ([user] * 4, [group] * 4), "the process's user and group")
                equal(set(status["Groups"].split()) - {group}, set(), "other groups of the process")
                equal([int(status[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")], [0, 0, 0], "capabilities")
                held = os.listdir(host.path(f"/proc/{pid}/fd"))
                true(len(held) <= 5, f"descriptors {held}: the parent's own are not closed")
            host.all_gone()
        return check

    for name, (parent, where) in every.items():
        suite.add(f"parents: {name}: dsp runs as its own user, without capabilities, and holds nothing of its parent's", runs_locked(parent, where))

    for name, (parent, where) in every.items():
        if where.startswith("unix://"):
            suite.add(f"parents: {name}: the socket is for root and the group docker, and for no other user", _guarded(host, parent, where))

    @test("parents: inetd: three hundred connections in a minute do not stop the level", limit=120)
    def _():
        prepare(host)
        host.copy_in(os.path.join(REPO, "tests/host/flood.py"), "/root/flood.py")
        with inetd():
            said = host.do("python3", "/root/flood.py", "serial", FOLDER_SOCKET, "300")
            contains(said, '{"HTTP/1.1 200 OK": 300}')
            Client(host, f"unix://{FOLDER_SOCKET}").allowed("version")

    @test("parents: xinetd: a hundred connections in a second do not stop the level", limit=120)
    def _():
        prepare(host)
        with xinetd():
            request = "printf 'GET /_ping HTTP/1.1\\r\\nHost: d\\r\\nConnection: close\\r\\n\\r\\n' | socat -t 10 - TCP:127.0.0.1:2375 | head -n 1"
            said = host.sh(f"for i in $(seq 100); do {request} & done; wait", timeout=60)
            equal(said.count("HTTP/1.1 200"), 100, "answers")
            Client(host, f"tcp://{TCP}").allowed("version")

    @test("parents: over TCP the kernel looks after a client that is silent, whoever the parent is")
    def _():
        prepare(host, "\n[limits]\nidle-exit = 1s\n")
        for parent in (inetd, xinetd, tcpserver, inetd_wait, xinetd_wait):
            with parent():
                with Client(host, f"tcp://{TCP}").events():
                    shown = lambda: host.do("ss", "-Htno", "state", "established", "src", TCP)
                    eventually(lambda: "timer:(keepalive," in shown(), 5, "the connection's timer as ss shows it")
            host.all_gone()

    def logs_to_parent(parent, where):
        def check():
            prepare(host, "\n[log]\ntarget = stderr\n")
            with parent() as child:
                log = Stream.of(child)
                Client(host, where).refused("ContainerCreate", "run", "bb", "true")
                contains(log.await_line("denied ContainerCreate", 5), "<4>ci: ")
        return check

    for name in ("s6-ipcserver", "tcpserver", "socat"):
        suite.add(f"parents: {name}: where there is no journal the records are in the service's log", logs_to_parent(*every[name]))

    @test("parents: inetd: a script in between sends the records to a file, as the README says")
    def _():
        prepare(host, "\n[log]\ntarget = stderr\n")
        text = host.read(README)
        name, body = re.search(r"^    # (/\S+), mode 0755\n((?:    .*\n)+)", text, re.MULTILINE).groups()
        host.write(name, re.sub(r"^    ", "", body, flags=re.MULTILINE), 0o755)
        host.sh(re.search(r"^    (install .* /var/log/dsp-ci.log)$", text, re.MULTILINE)[1])
        recipe = host.read(f"{FOLDER}/inetd.conf")
        line = next(line for line in recipe.splitlines() if line.startswith("/run/dsp"))
        host.write("/etc/dsp-inetd.conf", "\t".join([*line.split()[:5], name, name]) + "\n")
        host.sh("rm -rf /run/dsp/ci; install -d -m 0750 -g docker /run/dsp/ci")
        with running(host, "/usr/sbin/inetd", "-i", "/etc/dsp-inetd.conf", ready=lambda: listens(host, FOLDER_SOCKET)):
            Client(host, f"unix://{FOLDER_SOCKET}").refused("ContainerCreate", "run", "bb", "true")
            eventually(lambda: "denied ContainerCreate" in host.read("/var/log/dsp-ci.log"), 5, "the record in the file")

    @test("parents: socat: a hundred clients at once are all served, also those that take a full queue for an error")
    def _():
        prepare(host)
        with socat(), contextlib.ExitStack() as all_of_them:
            clients = [all_of_them.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(100)]
            for client in clients:
                client.setblocking(False)     # as Go's programs connect
                client.connect(host.path(SOCAT_SOCKET))
                client.settimeout(20)
            for client in clients:
                client.sendall(b"GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n")
            equal([host.answer(client)[0] for client in clients], [200] * 100, "statuses")
        host.all_gone()

    @test("parents: every recipe of examples/parents is in its README's table")
    def _():
        text = host.read(README)
        for path in glob.glob(host.path(FOLDER) + "/*"):
            name = os.path.basename(path)
            stem = "ssh-forced-command.*" if name.startswith("ssh-forced-command.") else name
            true(name == "README.md" or f"`{stem}`" in text, f"{name} is not in the README")


def _end_all(host):
    """What a failed test may have left: with wait dsp holds the listening socket longer than its parent lives."""
    host.ask("pkill", "-KILL", "-u", "dsp")


def _status(host, pid):
    lines = host.read(f"/proc/{pid}/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _locked(host):
    """The process that is locked down already, or None."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for pid in host.processes():
            if _status(host, pid)["Seccomp"] == "2":
                return pid
    return None


def _answered_without_record(host, where):
    """What the client gets is the answer, with nothing before it or behind it."""
    request = "printf 'GET /images/json HTTP/1.1\\r\\nHost: d\\r\\nConnection: close\\r\\n\\r\\n'"
    said = host.sh(f"{request} | socat -t 10 - {where}")
    true(said.startswith("HTTP/1.1 403 Forbidden\n"), f"what the client gets first: {said[:200]}")
    body = said.partition("\n\n")[2]
    contains(json.loads(body)["message"], "ImageList")


def _guarded(host, parent, where):
    def check():
        prepare(host)
        path = where.removeprefix("unix://")
        with parent():
            connects = lambda user, group: host.ask("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "curl", "-s", "--max-time", "10",
                                                    "--unix-socket", path, "http://d/_ping").returncode
            equal(connects("daemon", "docker"), 0, "curl's status as somebody of the group docker")
            equal(connects("daemon", "daemon"), 7, "curl's status as somebody else")
    return check
