"""The lock-down, seen from outside: which system calls a connection makes once it has read from its client."""
import os
import re

import machine
from host import REPO
from tap import Skip, diagnose, equal, eventually, true

TABLE = os.path.join(REPO, "src/sandbox/connection.def")
READS = ("read", "readv", "recv", "recvfrom", "recvmsg", "splice")
CALL = re.compile(r"^(\w+)\((.*)")


def register(suite, host):
    test = suite.test

    def traces(*commands):
        """
        Serves the level `full` by hand under strace, runs shell `commands` against it as the client, and returns each
        connection's system calls: lists of (name, arguments), one list for one connection that read from its client.
        """
        host.sh("rm -rf /root/trace /run/traced.sock; mkdir /root/trace")
        server = host.popen("systemd-socket-activate", "--listen=/run/traced.sock", "--accept", "--inetd",
                            "strace", "-ff", "-o", "/root/trace/t", "/usr/libexec/dsp", "--policy=/usr/share/dsp/policies/full.ini")
        try:
            eventually(lambda: host.ask("test", "-S", "/run/traced.sock").returncode == 0, 5, "the traced socket")
            for command in commands:
                host.sh(f"export DOCKER_HOST=unix:///run/traced.sock\n{command}")
            eventually(lambda: not host.processes(), 10, "the end of the connections")
        finally:
            machine.end(server)
        folder = host.path("/root/trace")
        found = []
        for name in sorted(os.listdir(folder)):
            with open(f"{folder}/{name}", errors="replace") as file:
                calls = [match.groups() for match in map(CALL.match, file) if match]
            if any(_reads_client(call) for call in calls):
                found.append(calls)
        true(found, f"no trace has a read from the client: {os.listdir(folder)}")
        return found

    def beyond(calls, table):
        """The calls behind the first read from the client which the table has not."""
        first = next(number for number, call in enumerate(calls) if _reads_client(call))
        return sorted({name for name, _ in calls[first:]} - table)

    sessions = {
        "an answer and a denial": ["docker ps", "curl -s --unix-socket /run/traced.sock http://d/no/such/operation",
                                   "printf 'GARBAGE\\r\\n\\r\\n' | socat -t 2 - UNIX-CONNECT:/run/traced.sock"],
        "docker run, run -i and exec": ["docker run --rm --network none bb echo x", "echo x | docker run --rm -i --network none bb cat",
                                        "docker run -d --name traced --network none bb sleep 1000000; docker exec traced true; echo x | docker exec -i traced cat; docker rm -f traced"],
        "a build, a save and a load": ["mkdir -p /root/traced; printf 'FROM bb\\nRUN echo x\\n' >/root/traced/Dockerfile",
                                       "for buildkit in 0 1; do DOCKER_BUILDKIT=$buildkit docker build --no-cache /root/traced; done", "docker save bb | docker load"],
        "an abandoned event stream": ["timeout 1 docker events || true"],
    }

    def session(*commands):
        def check():
            table = _table()
            found = traces(*commands)
            diagnose(f"{len(found)} connections, {len(set(name for calls in found for name, _ in calls))} different system calls")
            for calls in found:
                equal(beyond(calls, table), [], "system calls outside the table")
        return check

    for name, commands in sessions.items():
        suite.add(f"sandbox: after its first read from the client dsp makes no system call outside its table: {name}", session(*commands), 180)

    @test("sandbox: the system call filter is on before the first read from the client", limit=60)
    def _():
        for calls in traces("docker ps"):
            read = next(number for number, call in enumerate(calls) if _reads_client(call))
            locked = [number for number, (name, arguments) in enumerate(calls)
                      if (name == "seccomp" and "SECCOMP_SET_MODE_FILTER" in arguments) or (name == "prctl" and "PR_SET_SECCOMP" in arguments)]
            true(locked and min(locked) < read, f"the first read is call {read}, the filter was set at {locked}")

    @test("sandbox: no row of the table allows open, socket, connect, exec, fork or ptrace")
    def _():
        equal(sorted(_table("ALLOW") & {"open", "openat", "openat2", "socket", "connect", "execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace"}), [])


def _table(rows=r"[A-Z_]+"):
    """The system calls that src/sandbox/connection.def names."""
    if not os.path.exists(TABLE):
        raise Skip(f"{TABLE} is not there")
    with open(TABLE) as file:
        found = set(re.findall(rf"^\s*{rows}\((\w+)", file.read(), re.MULTILINE))
    true(found, f"{TABLE} has no row of the form ALLOW(name, reason)")
    return found


def _reads_client(call):
    name, arguments = call
    return name in READS and arguments.startswith("0,")
