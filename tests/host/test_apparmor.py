"""examples/apparmor: the profile. What can be shown of it depends on the kernel, and each test's name says which part it is."""
import os
import re

import machine
from tap import equal, eventually, true

PROFILE = "/usr/src/dsp/examples/apparmor/usr.libexec.dsp"
PARSER = ("apparmor_parser", "--skip-cache")
FILE_RULE = re.compile(r"^\s+(/\S+) ([a-z]+),$", re.MULTILINE)
OPENED = re.compile(r'^(?:\d+ +)?(\w+)\(.*?"(/[^"]*)"(.*)$')


def register(suite, host):
    test = suite.test

    @test("apparmor: the profile compiles, without a warning, with this release's apparmor_parser")
    def _():
        # For the kernel that the abi names, not for this one, which may know nothing of AppArmor.
        done = host.ask(*PARSER, "--skip-kernel-load", "--features-file=/etc/apparmor.d/abi/3.0", "--warn=all", "--ofile=/root/profile.bin", PROFILE)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "interface file missing" not in line]
        equal((done.returncode, said), (0, []), "apparmor_parser")
        true(os.path.getsize(host.path("/root/profile.bin")) > 1000, "nothing was compiled")

    @test("apparmor: each file that dsp opens, stats or connects to, in a traced connection, is in the profile")
    def _():
        rules = [(_pattern(glob), rights) for glob, rights in FILE_RULE.findall(host.read(PROFILE))]
        uses = _uses(host)
        true(any(path == "/run/docker.sock" for path, _ in uses), f"the trace has no engine: {uses}")
        true(any(path.startswith("/etc/dsp/") for path, _ in uses), f"the trace has no policy: {uses}")
        true(any(re.fullmatch(r"/proc/\d+", path) for path, _ in uses), f"the trace does not ask for the client's unit: {uses}")
        missing = [(path, right) for path, right in uses if not any((pattern.fullmatch(path) or pattern.fullmatch(path + "/")) and right in rights for pattern, rights in rules)]
        equal(missing, [], "what the profile would deny")

    @test("apparmor: no rule of the profile lets dsp execute anything, write to a regular file's place, or use a capability")
    def _():
        text = "\n".join(line for line in host.read(PROFILE).splitlines() if not line.lstrip().startswith("#"))
        equal([rule for rule in FILE_RULE.findall(text) if set(rule[1]) & set("xlk")], [], "rules to execute, link or lock")
        written = [glob for glob, rights in FILE_RULE.findall(text) if "w" in rights]
        equal([glob for glob in written if not re.match(r"/\{,var/\}run/|/dev/", glob)], [], "what can be written outside /run and /dev")
        equal(re.findall(r"capability|ptrace|mount|change_profile", text), [], "other rights")

    if os.path.isdir("/sys/kernel/security/apparmor") or os.path.isdir("/sys/module/apparmor"):
        @test("apparmor: with the profile loaded into the kernel a level serves, and its process is confined")
        def _():
            host.do(*PARSER, "--replace", PROFILE)
            try:
                with host.connect("full") as client:
                    client.sendall(b"GET /version HTTP/1.1\r\nHost: d\r\n\r\n")
                    equal(host.answer(client)[0], 200, "status")
                    pid = eventually(host.processes, 5, "the process")[0]
                    equal(host.read(f"/proc/{pid}/attr/current").strip(), "dsp (enforce)")
            finally:
                host.do(*PARSER, "--remove", PROFILE)


def _uses(host):
    """Serves two connections by hand under strace, of the preset and of a policy that asks for the client's unit. Returns (path, right) of all files that dsp uses."""
    host.sh("rm -f /root/files /run/traced.sock")
    server = host.popen("systemd-socket-activate", "--listen=/run/traced.sock", "--accept", "--inetd",
                        "strace", "-f", "-A", "-e", "trace=%file,connect", "-o", "/root/files", "/usr/libexec/dsp", "--unit=dsp-full")
    try:
        eventually(lambda: host.ask("test", "-S", "/run/traced.sock").returncode == 0, 5, "the traced socket")
        host.do("curl", "-sSf", "--max-time", "20", "--unix-socket", "/run/traced.sock", "http://d/_ping")
        eventually(lambda: not host.processes(), 10, "the end of the connection")
        host.write("/etc/dsp/full.ini", "[policy]\nextends = full\n[clients]\nunits = no-such.service\n")
        host.do("curl", "-sS", "--max-time", "20", "--unix-socket", "/run/traced.sock", "http://d/_ping")
        eventually(lambda: not host.processes(), 10, "the end of the connection")
    finally:
        machine.end(server)
        host.do("rm", "-f", "/etc/dsp/full.ini")
    uses = set()
    for line in host.read("/root/files").splitlines():
        match = OPENED.match(line)
        if not match or match[1] == "execve":
            continue
        call, path, rest = match.groups()
        if "ENOENT" in rest and "/lib" in path:      # the loader's search
            continue
        uses.add((path, "w" if call == "connect" or "O_WRONLY" in rest or "O_RDWR" in rest else "r"))
    return sorted(uses)


def _pattern(glob):
    """A glob of AppArmor's as a regular expression: braces, ** and *."""
    out, depth = "", 0
    for part in re.findall(r"\*\*|.", glob):
        if part == "{":
            out, depth = out + "(?:", depth + 1
        elif part == "}":
            out, depth = out + ")", depth - 1
        elif part == "," and depth:
            out += "|"
        elif part == "[" or part == "]" or (part == "-" and "[" in out):
            out += part
        else:
            out += {"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part)
    return re.compile(out)
