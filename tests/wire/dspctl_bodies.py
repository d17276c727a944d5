#!/usr/bin/env python3
"""dspctl on what requests contain: explain --body, check, diff and learn."""
import glob
import json
import os
import random
import re
import sys

from bodies_fields import OPERATIONS, ROWS, body, key_of
from wire import OK, Wire

import dspctl
from dspctl import Folder, out, run
from message import read_response, request
from tap import Suite, contains, equal, lacks, true

suite = Suite("dspctl bodies: ")
RECORDED = sorted(glob.glob(os.path.join(dspctl.REPO, "tests", "data", "bodies", "*.jsonl")))
EVERYTHING = "[rules]\nallow = GET /** POST /** PUT /** DELETE /**\n"
CREATE = "/v1.41/containers/create"


def explained(lines, method, target, raw, *options, operation=None):
    """The JSON that explain says of a body, under a policy of these lines."""
    with Folder() as folder:
        path = folder.policy(("[rules]\nallow = " + operation + "\n" if operation else EVERYTHING) + lines, "ci.ini")
        given = folder.write("body", raw if isinstance(raw, bytes) else json.dumps(raw).encode())
        status, text, errors = run("explain", "--json", "--body", given, *options, path, method, target)
        true(status in (0, 1), f"status {status}: {errors}")
        told = json.loads(text)
        equal(status, 0 if told["status"] == 200 else 1, "exit status")
        return told


def text_of(lines, raw, target=CREATE):
    with Folder() as folder:
        path = folder.policy(EVERYTHING + lines, "ci.ini")
        return run("explain", "--body", folder.write("body", json.dumps(raw)), path, "POST", target)[1]


def lines_of(told):
    """The lines of a policy that would let pass what is refused."""
    found = []
    for one in told["contents"]["refused"]:
        true(one["key"] is not None and one["word"] is not None, f"no word for {one}")
        section, key = one["key"].split(" ")
        found.append(f"{section}\n{key} = {one['word']}\n")
    return "".join(dict.fromkeys(found))


def refused(told):
    return [(one["field"], one["value"], one["key"], one["word"]) for one in told["contents"]["refused"]]


# explain --body

for number, (operation, field, value, lines, outside, sense) in enumerate(ROWS):
    def one(operation=operation, field=field, value=value, lines=lines, outside=outside, sense=sense):
        method, target, _ = OPERATIONS[operation]
        made = body(operation, field, value)
        if sense == "widens":
            told = explained("", method, target, made, operation=operation)
            equal(told["status"], 403, "status without a line")
            keys = [one["key"] for one in told["contents"]["refused"]]
            true(key_of(lines) in keys, f"{keys} have no {key_of(lines)}")
            words = lines_of(told)
            equal(explained(words, method, target, made, operation=operation)["status"], 200, f"status with the words that it named, {words!r}")
        told = explained(lines + "\n", method, target, made, operation=operation)
        equal((told["status"], told["contents"]["refused"]), (200, []), "with the row's lines")
        if sense == "widens" and "unrestricted" not in lines:
            true(any(one["key"] == key_of(lines) and one["line"] == 2 + len(lines.strip().splitlines()) for one in told["contents"]["passes"]), f"{told['contents']['passes']} have no line of {lines!r}")
        for other in outside:
            told = explained(lines + "\n", method, target, body(operation, field, other), operation=operation)
            true(told["status"] in (400, 403) and told["contents"]["refused"], f"{other} is not refused")
    suite.add(f"explain says which word lets {operation}: {field} pass, and which line does ({number})", one)


MANY = {"Image": "nginx", "Bogus": 1, "privileged": True, "HostConfig": {
    "Privileged": True, "Binds": ["/srv/data/a:/x", "/etc:/y:ro", "/a/../b:/z", "/opt/q:/q"], "CapAdd": ["NET_ADMIN", "SYS_ADMIN"], "PidMode": "host", "Isolation": "hyperv",
    "Mounts": [{"Type": "x", "Source": "/q"}, {"Type": "bind", "Source": "/m", "Target": "/x"}], "PortBindings": {"80/tcp": [{"HostPort": "8080"}, {"HostPort": "22"}]}}}


@suite.test("explain tells each objection and not only the first, by the place that it has in the body as it is")
def _():
    told = explained("[workload]\nbinds = /srv/data/**\ncapabilities = NET_ADMIN\nports = 8000-8100\n", "POST", CREATE, MANY)
    equal(refused(told), [
        ("Bogus", None, "[workload] unrestricted", "yes"), ("privileged", None, "[workload] unrestricted", "yes"), ("HostConfig.Privileged", None, "[workload] privileged", "yes"),
        ("HostConfig.Binds[1]", "/etc", "[workload] binds", "/etc:ro"), ("HostConfig.Binds[2]", "/a/../b", None, None), ("HostConfig.Binds[3]", "/opt/q", "[workload] binds", "/opt/q"),
        ("HostConfig.CapAdd", "SYS_ADMIN", "[workload] capabilities", "SYS_ADMIN"), ("HostConfig.PidMode", "host", "[workload] host-namespaces", "pid"),
        ("HostConfig.Isolation", "hyperv", "[workload] unrestricted", "yes"), ("HostConfig.Mounts[0].Type", "x", None, None), ("HostConfig.Mounts[1].Source", "/m", "[workload] binds", "/m"),
        ("HostConfig.PortBindings", "22", "[workload] ports", "22")], "what is refused")
    equal([(one["field"], one["value"], one["key"], one["word"], one["line"]) for one in told["contents"]["passes"]], [
        ("HostConfig.Binds[0]", "/srv/data/a", "[workload] binds", "/srv/data/**", 4), ("HostConfig.CapAdd", "NET_ADMIN", "[workload] capabilities", "NET_ADMIN", 5),
        ("HostConfig.PortBindings", "8080", "[workload] ports", "8000-8100", 6)], "what passes")
    equal(told["contents"]["whole"], False, "whether all was looked at: what stands beside a mount of no type was not")


@suite.test("explain says in words what it says in JSON: field, value, key, the line that would allow it and what that gives away, the line that allows")
def _():
    text = text_of("[workload]\nbinds = /srv/**\n", {"HostConfig": {"Binds": ["/srv/a:/a", "/etc:/b"], "Privileged": True}})
    for line in ("refused     HostConfig.Binds[1] '/etc' is not allowed by policy ci (not in [workload] binds)", "            to allow it: [workload] binds = /etc", "            beware: the host's settings",
                 "refused     HostConfig.Privileged is not allowed by policy ci (no [workload] privileged)", "            beware: a privileged container is root on the host",
                 "passes      HostConfig.Binds[0] '/srv/a': ", "ci.ini:4: [workload] binds = /srv/**"):
        contains(text, line)


@suite.test("explain names the line of a base that lets something pass, and says when a base must name it, too")
def _():
    with Folder() as folder:
        base = folder.policy("[rules]\nallow = ContainerCreate\n[workload]\nbinds = /srv/**\nrealtime = yes\nimages = docker.io/library/nginx\n", "base.ini")
        path = folder.policy(f"[policy]\nextends = {base}\n[workload]\nbinds = /opt/a\n", "ci.ini")

        def ask(made):
            return json.loads(run("explain", "--json", "--body", folder.write("body", json.dumps(made)), path, "POST", CREATE)[1])
        told = ask({"Image": "nginx", "HostConfig": {"Binds": ["/srv/x:/x", "/opt/a:/y"], "CpuRealtimePeriod": 1}})
        equal([(one["field"], one["file"], one["line"]) for one in told["contents"]["passes"]],
              [("Image", base, 6), ("HostConfig.Binds[0]", base, 4), ("HostConfig.Binds[1]", path, 4), ("HostConfig.CpuRealtimePeriod", base, 5)], "what passes")
        told = ask({"Image": "redis", "HostConfig": {"Privileged": True}})
        equal(refused(told), [("Image", "docker.io/library/redis:latest", "[workload] images", None), ("HostConfig.Privileged", None, "[workload] privileged", "yes")], "what is refused")


@suite.test("explain tells what a policy requires, each of it")
def _():
    told = explained("[workload]\nrequire-read-only = yes\nrequire-non-root = yes\nrestrict-to = memory=512M pids=100\nrequire-dropped-capabilities = ALL\nforbid-labels = traefik.*\n",
                     "POST", CREATE, {"Image": "nginx", "Labels": {"traefik.a": "b", "x": "y"}})
    equal([key.split(" ")[1] for _, _, key, _ in refused(told)], ["forbid-labels", "require-read-only", "require-non-root", "require-dropped-capabilities", "restrict-to", "restrict-to"], "keys")
    equal([word for _, _, _, word in refused(told)], [None] * 6, "no word lifts what is required")


@suite.test("explain's status and reason of recorded bodies are the filter's own")
def _():
    for name in ("docker-28.5", "docker-py-7.1"):
        for kind in ("ordinary", "dangerous"):
            with open(os.path.join(dspctl.REPO, "tests", "data", "bodies", f"{name}-{kind}.jsonl"), encoding="utf-8") as file:
                recorded = [json.loads(line) for line in file]
            for one in recorded:
                if "/exec/" in one["target"]:    # of its start the engine is asked
                    continue
                raw = one["body"].encode()
                with Wire("allow = GET /** POST /** PUT /** DELETE /**", bodies="", name="ci") as wire:
                    wire.send(request(one["method"], one["target"], "Content-Type: application/json", body=raw))
                    if not wire.up.quiet(0.05):
                        equal(wire.arrive().body, raw, "what the engine got")
                        wire.up.send(OK)
                    answer = read_response(wire.client)
                told = explained("", one["method"], one["target"], raw)
                message = json.loads(answer.body).get("message", "") if answer.status >= 400 else ""
                equal((told["status"], told["reason"] or ""), (answer.status, message.removeprefix("dsp: ")), one["what"])
                true(answer.status == 200 or told["contents"]["refused"][0]["text"] == told["reason"], f"{one['what']}: the filter's objection is the first that is told")


@suite.test("explain refuses as the filter does: no body, a body of another type, one that is no JSON; and tells of audit")
def _():
    equal((explained("", "POST", CREATE, b"")["status"], explained("", "POST", CREATE, b"")["reason"]), (400, "this operation needs a body"), "an empty body")
    told = explained("", "POST", CREATE, b'{"Image":"a","Image":"b"}')
    equal((told["status"], len(told["contents"]["refused"]), told["contents"]["whole"]), (400, 1, False), "a key twice")
    contains(told["reason"], "a key stands twice")
    with Folder() as folder:
        path, given = folder.policy(EVERYTHING), folder.write("body", "{}")
        told = json.loads(run("explain", "--json", "--body", given, path, "curl", "-X", "POST", "-H", "Content-Type: text/plain", f"http://d{CREATE}")[1])
        equal(told["status"] in (400, 415), True, f"another type: {told}")
        audit = folder.policy("[policy]\nmode = audit\n" + EVERYTHING, "audit.ini")
        status, text, _ = run("explain", "--body", folder.write("body", '{"HostConfig":{"Privileged":true}}'), audit, "POST", CREATE)
        equal(status, 0, "status in audit mode")
        contains(text, "would be denied, but passes (mode = audit)")
        contains(text, "refused     HostConfig.Privileged")


@suite.test("explain says that a body is judged where none is given, and that it is not looked into where it is not")
def _():
    with Folder() as folder:
        path = folder.policy(EVERYTHING)
        contains(out("explain", path, "POST", CREATE), "body        is judged, too: give it with --body=FILE")
        lacks(out("explain", path, "GET", "/info"), "body")
        given = folder.write("body", "{}")
        contains(out("explain", "--body", given, path, "POST", "/containers/x/restart"), "body        is not looked into")
        free = folder.policy(EVERYTHING + "[workload]\nunrestricted = yes\n", "free.ini")
        contains(out("explain", "--body", folder.write("body", '{"HostConfig":{"Privileged":true}}'), free, "POST", CREATE), "body        is not looked into")
        given = folder.write("body", "{}")
        again = folder.policy(EVERYTHING + "[workload]\nrecreate = yes\n", "again.ini")
        contains(out("explain", "--body", given, again, "POST", CREATE), "recreate    what a container of its name has passes as well; no engine is asked here")
        contains(out("explain", "--body", given, path, "POST", "/exec/4f5c/start"), "exec        what the engine has on record of it is judged, too; no engine is asked here")


@suite.test("explain judges a body of standard input")
def _():
    with Folder() as folder:
        path = folder.policy(EVERYTHING)
        equal(run("explain", "--body", "-", path, "POST", CREATE, input='{"HostConfig":{"Privileged":true}}')[0], 1, "status")
        equal(run("explain", "--body", "-", path, "POST", CREATE, input='{"Image":"nginx"}')[0], 0, "status")


@suite.test("explain tells 200 objections, and that there are more; what is in a body steers no terminal")
def _():
    told = explained("", "POST", CREATE, {"HostConfig": {"Binds": [f"/x{n}:/y" for n in range(300)]}})
    equal((len(told["contents"]["refused"]), told["contents"]["whole"]), (200, False), "300 binds")
    equal(told["contents"]["refused"][199]["field"], "HostConfig.Binds[199]", "the last")
    text = text_of("", {"HostConfig": {"Binds": ["/\x1b[31mx:/y", "/\u202e:/z"], "\x1b]0;x\x07": 1}})
    true(all(c == "\n" or " " <= c <= "~" for c in text), f"{text!r}")


@suite.test("explain judges 1,000 bodies that were damaged at random, and never crashes")
def _():
    dice = random.Random(5)
    raws = [line for path in RECORDED for line in open(path, encoding="utf-8")]
    with Folder() as folder:
        path = folder.policy(EVERYTHING + "[workload]\nbinds = /srv/** /tmp:ro\nnetworks = *\nimages = **\n")
        for _ in range(1000):
            one = json.loads(dice.choice(raws))
            raw = bytearray(one["body"].encode())
            for _ in range(dice.randrange(1, 6)):
                at = dice.randrange(len(raw) + 1)
                raw[at:at + dice.randrange(0, 3)] = dice.choice([b"", b'"', b"{", b"]", b"null", b"[", b"\xff", b"1", b"true", b"\\u0041", b',"Privileged":true'])
            status, _, errors = run("explain", "--json", "--body", folder.write("body", bytes(raw)), path, one["method"], one["target"])
            true(status in (0, 1), f"status {status} of {raw}: {errors}")


# check

BAD = {
    "everything, unread": ("unrestricted = yes", "unrestricted", "root on the host"),
    "privileged containers": ("privileged = yes", "contents", "a privileged container is root on the host"),
    "the host's root directory": ("binds = /", "contents", "all files of the host"),
    "a pattern of every directory": ("binds = /**", "contents", "all files of the host"),
    "a pattern of every directory at the top": ("binds = /*", "contents", "all files of the host"),
    "/etc": ("binds = /etc", "contents", "passwords"),
    "/etc, to be read": ("binds = /etc:ro", "contents", "passwords"),
    "a part of /etc that can be written to": ("binds = /etc/cron.d", "contents", "can be written to"),
    "all below /etc": ("binds = /etc/**:ro", "contents", "can be written to"),
    "a pattern of directories that can be written to": ("binds = /srv/data/**", "contents", "symbolic link"),
    "a pattern of one level of them": ("binds = /srv/ci/*", "contents", "symbolic link"),
    "the engine's socket": ("binds = /var/run/docker.sock", "contents", "engine's own socket"),
    "the engine's socket, to be read": ("binds = /run/docker.sock:ro", "contents", "engine's own socket"),
    "a directory that the engine's socket is in": ("binds = /run", "contents", "engine's own socket"),
    "a directory above it": ("binds = /var", "contents", "engine's own socket"),
    "a pattern of sockets": ("binds = /var/run/*.sock", "contents", "engine's own socket"),
    "the engine's data": ("binds = /var/lib/docker/volumes", "contents", "can be written to"),
    "shared mounts": ("bind-options = rshared", "contents", "mounted on the host, too"),
    "the host's pid namespace": ("host-namespaces = pid", "contents", "every process of the host"),
    "the host's network": ("host-namespaces = network", "contents", "listens on the host"),
    "the host's ipc namespace": ("host-namespaces = ipc", "contents", "shared memory"),
    "the host's users": ("host-namespaces = user", "contents", "the host's root"),
    "a disk": ("devices = /dev/sda", "contents", "root on the host"),
    "all devices": ("devices = /dev/**", "contents", "root on the host"),
    "a device": ("devices = /dev/fuse", "contents", "a device of the host"),
    "devices by their numbers": ("device-cgroup-rules = c *:* rwm", "contents", "a disk is the whole host"),
    "SYS_ADMIN": ("capabilities = SYS_ADMIN", "contents", "as good as root"),
    "all capabilities": ("capabilities = ALL", "contents", "as good as root"),
    "SYS_MODULE": ("capabilities = SYS_MODULE", "contents", "kernel"),
    "DAC_READ_SEARCH": ("capabilities = DAC_READ_SEARCH", "contents", "any file of the host"),
    "no seccomp": ("security-opt = seccomp=unconfined", "contents", "without seccomp"),
    "a seccomp profile of the client's": ("security-opt = seccomp={*", "contents", "seccomp profile"),
    "no AppArmor": ("security-opt = apparmor=unconfined", "contents", "without AppArmor"),
    "no SELinux": ("security-opt = label=disable", "contents", "without SELinux"),
    "no masked paths": ("security-opt = systempaths=unconfined", "contents", "/proc/sysrq-trigger"),
    "all security options": ("security-opt = *", "contents", "without seccomp"),
    "mounts of any container": ("volumes-from = *", "contents", "every container"),
    "mounts of a container": ("volumes-from = web", "contents", "engine's socket"),
    "namespaces of any container": ("join-containers = **", "contents", "every container"),
    "a volume that is a directory of the host": ("volume-options = type=none o=bind device=/srv", "contents", "any directory"),
    "any runtime": ("runtimes = *", "contents", "every runtime"),
    "any annotation": ("annotations = *", "contents", "hooks"),
    "hooks of crun": ("annotations = run.oci.handler=krun", "contents", "crun"),
    "every port": ("ports = 0-65535", "everything", "every port"),
    "every address": ("addresses = 0.0.0.0/0", "everything", "every address"),
    "every image": ("images = **", "everything", "every image"),
    "every volume": ("volumes = *", "everything", "everything"),
    "every link": ("links = *", "everything", "everything"),
}
FINE = ["binds = /srv/data /srv/**:ro /etc/localtime:ro /home/u/project", "devices = /dev/null", "capabilities = NET_BIND_SERVICE NET_ADMIN", "security-opt = no-new-privileges=false", "volumes = ci-*", "networks = front",
        "images = ghcr.io/acme/**", "ports = 8000-8999", "volume-options = type=nfs", "join-containers = vpn", "restart = always", "annotations = com.example=1"]


def warned(lines, section="workload", rules="ContainerCreate"):
    with Folder() as folder:
        path = folder.policy(f"[rules]\nallow = {rules}\n[{section}]\n{lines}\n")
        return [(one["id"], one.get("line", 0), one["text"]) for one in json.loads(run("check", "--json", path)[1])[0]["warnings"] if one["id"] in ("contents", "everything", "unrestricted")]


for what, (line, kind, says) in BAD.items():
    def one(line=line, kind=kind, says=says):
        found = warned(line)
        true(any(one[0] == kind and one[1] == 4 and says in one[2] for one in found), f"{found} have no {kind} at line 4: {says}")
    suite.add(f"check warns, at the line, of {what}", one)

OTHERS = {
    ("exec", "ContainerExec"): ["privileged = yes", "commands = sh", "commands = /bin/bash **", "commands = **", "commands = /usr/bin/* **", "commands = sh -c *", "commands = busybox *", "commands = env **"],
    ("volumes", "VolumeCreate"): ["options = *", "options = device=/srv", "options = o=bind,ro", "drivers = *"],
    ("networks", "NetworkCreate"): ["drivers = macvlan", "drivers = *"],
    ("plugins", "PluginPull"): ["remotes = docker.io/vieux/sshfs:*", "privileges = mount", "privileges = capabilities=CAP_SYS_ADMIN"],
    ("auth", "SystemAuth"): ["servers = **"],
    ("push", "ImagePush"): ["images = **"],
    ("build", "ImageBuild"): ["networks = host", "security-opt = *", "remote = **"],
    ("archive", "PutContainerArchive"): ["write = /**"],
}
for (section, operation), lines in OTHERS.items():
    for line in lines:
        suite.add(f"check warns of [{section}] {line}", lambda line=line, section=section, operation=operation: equal([one[:2] for one in warned(line, section, operation)], [("contents", 4)]))


@suite.test("check does not warn of what gives away little, nor of a shell whose command is spelled out, nor of bodies of operations that nobody may use")
def _():
    for line in FINE:
        equal(warned(line), [], line)
    equal(warned("commands = sh -c date\ncommands = /usr/bin/pg_dump **", "exec", "ContainerExec"), [], "commands")
    equal(warned("privileged = yes", rules="SystemPing"), [], "without ContainerCreate")
    equal(warned("credentials = *", "pull", "ImageCreate"), [], "the client's own passwords")


@suite.test("check names the file of a base that a dangerous line stands in")
def _():
    with Folder() as folder:
        base = folder.policy("[rules]\nallow = ContainerCreate\n[workload]\nbinds = /etc\n", "base.ini")
        path = folder.policy(f"[policy]\nextends = {base}\n")
        contains(run("check", path)[1], f"{path}: warning: {base}: [workload] binds = /etc: ")


@suite.test("check says of a ContainerCreate what it is by default: [workload] bounds it")
def _():
    with Folder() as folder:
        text = out("check", folder.policy("[rules]\nallow = ContainerCreate\n"))
    contains(text, "warning: ContainerCreate: runs images, any unless [workload] images says which, as root in their containers; [workload] says what they get of the host")
    contains(text, "    [workload]   an ordinary container without privileges, of any image, with volumes and Docker's networks\n")


@suite.test("check tells in words what bodies may, may only and must contain, for the sections of what is allowed")
def _():
    with Folder() as folder:
        text = out("check", folder.policy("[rules]\nallow = ContainerCreate ContainerExec\n[workload]\nbinds = /srv/a /srv/b:ro\nimages = ghcr.io/acme/*\nrestrict-to = memory=1G\nshm-size = 128M\nprivileged = no\n"
                                          "[exec]\ncommands = date\ncommands = pg_dump **\ntty = no\n[volumes]\noptions = size\n"))
    for line in ("may  mount from the host: /srv/a /srv/b:ro", "only run the images: ghcr.io/acme/*", "must stay within: memory=1G", "may  have a /dev/shm up to the size: 134217728", "only run the command: date | pg_dump **",
                 "not  have a terminal"):
        contains(text, f"      {line}\n")
    lacks(text, "be privileged")
    lacks(text, "[volumes]")


@suite.test("check has words for each key, and JSON has the values of each that stands")
def _():
    keys = re.findall(r'\[KEY_\w+\] = \{"([a-z]+)", "([a-z-]+)",\s*NULL,\s*(true|false),\s*GRANT_(\w+)', open(os.path.join(dspctl.REPO, "src", "policy", "keys.c"), encoding="utf-8").read())
    words = {"SWITCH": "yes", "BYTES": "1M", "NUMBER": "-5", "IMAGES": "docker.io/library/nginx:1", "CAPABILITIES": "NET_ADMIN", "NAMESPACES": "uts", "PATHS": "/srv/q", "NETS": "10.0.0.0/8", "PORTS": "99", "LIMITS": "pids=7"}
    true(len(keys) > 100, f"only {len(keys)} keys")
    rows = [(section, name, words.get(kind, "w0rd")) for section, name, _, kind in keys if name != "unrestricted"]
    with Folder() as folder:
        path = folder.policy(EVERYTHING + "".join(f"[{section}]\n{name} = {word}\n" for section, name, word in rows))
        text, told = out("check", path), json.loads(run("check", "--json", path)[1])[0]["contents"]
    lacks(text, "(null)")
    equal(len(re.findall(r"^      (?:may |only|must|not ) \w", text, re.MULTILINE)), len(rows), "lines of keys")
    equal(set(told), {f"[{section}] {name}" for section, name, _ in rows}, "keys in JSON")
    equal(told["[workload] binds"], ["/srv/q"], "values")


# diff

@suite.test("diff lists the keys and values of bodies that one policy has and the other lacks")
def _():
    with Folder() as folder:
        a = folder.policy("[rules]\nallow = ContainerCreate\n[workload]\nbinds = /srv/a /srv/b\nshm-size = 1M\nprivileged = yes\n[exec]\ncommands = ls -l\n", "a.ini")
        b = folder.policy("[rules]\nallow = ContainerCreate\n[workload]\nbinds = /srv/b /srv/c:ro\nshm-size = 2M\n[exec]\ncommands = ls -l\ntty = no\n", "b.ini")
        equal(out("diff", a, b, status=1).splitlines(), ["- [workload] binds = /srv/a", "+ [workload] binds = /srv/c:ro", "- [workload] privileged = yes", "- [workload] shm-size = 1048576", "+ [workload] shm-size = 2097152",
                                                         "+ [exec] tty = no"])
        equal(out("diff", a, a), "", "of a policy with itself")
        equal(dspctl.read_json("diff", a, b, status=1)[0], {"key": "[workload] binds", "a": ["/srv/a", "/srv/b"], "b": ["/srv/b", "/srv/c:ro"]})
        equal(dspctl.read_json("diff", a, b, status=1)[3], {"key": "[exec] tty", "a": None, "b": ["no"]})


# learn

def recording(*bodies, target=CREATE, method="POST"):
    return "".join(json.dumps({"method": method, "target": target, "body": made if isinstance(made, str) else json.dumps(made)}) + "\n" for made in bodies)


def learn(text, *options, policy="[policy]\nmode = audit\n"):
    with Folder() as folder:
        return out("learn", *options, folder.policy(policy, "ci.ini"), "-", input=text)


def words(text):
    """{"[workload] binds": ["/srv/a"], ...} of what stands in a policy."""
    with Folder() as folder:
        status, told, errors = run("check", "--json", folder.policy(text))
        equal(status, 0, f"status of check of\n{text}\n{errors}")
        return json.loads(told)[0]["contents"]


@suite.test("learn proposes the least lines that let recorded bodies pass, with their counts")
def _():
    text = learn(recording({"Image": "nginx", "HostConfig": {"Binds": ["/srv/a:/a:ro"]}}, {"Image": "nginx", "HostConfig": {"Binds": ["/srv/a:/a:ro", "/srv/b:/b"], "ShmSize": 1 << 27}},
                           {"Image": "ghcr.io/acme/web:1", "HostConfig": {"ShmSize": 1 << 28, "PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}}, {"Image": "nginx", "HostConfig": {"ShmSize": 1 << 27}}))
    equal(words(text), {"[workload] images": ["docker.io/library/nginx:latest", "ghcr.io/acme/web:1"], "[workload] binds": ["/srv/a:ro", "/srv/b"], "[workload] ports": ["8080"], "[workload] shm-size": ["268435456"]})
    contains(text, "; Seen 2\nbinds = /srv/a:ro\n; Seen 1\nbinds = /srv/b\n")
    contains(text, "; Seen 3\nimages = docker.io/library/nginx:latest\n")
    contains(text, "allow = ContainerCreate\n")


@suite.test("what learn proposes of ordinary bodies lets each of them pass, but where it says that no word does")
def _():
    for path in RECORDED:
        if not path.endswith("-ordinary.jsonl"):
            continue
        with open(path, encoding="utf-8") as file:
            raw = file.read()
        text = learn(raw)
        passed = 0
        with Folder() as folder:
            policy = folder.policy(text.replace("mode = audit", ""))
            for line in raw.splitlines():
                one = json.loads(line)
                told = json.loads(run("explain", "--json", "--body", folder.write("body", one["body"]), policy, one["method"], one["target"])[1])
                if told["operation"] == "ContainerAttach":    # of dockerode: its body is left out
                    equal(told["status"], 200, "an attach with a body")
                    passed += 1
                    continue
                true(told["status"] == 200 or told["contents"], f"{one['what']}: {told}")
                missing = [each for each in told["contents"]["refused"] if f"{each['field']}" not in text.partition("What no word")[2]] if told["status"] != 200 else []
                commented = [each for each in missing if f";{(each['key'] or ' ').split(' ')[1]} = " in text]
                equal([each for each in missing if each not in commented], [], f"{os.path.basename(path)}: {one['what']}: not allowed by\n{text}")
                passed += told["status"] == 200
        true(passed >= len(raw.splitlines()) * 0.8, f"{os.path.basename(path)}: only {passed} of {len(raw.splitlines())} pass")


@suite.test("learn proposes nothing that gives the host away but in comments, with a warning")
def _():
    for path in RECORDED:
        if not path.endswith("-dangerous.jsonl"):
            continue
        with open(path, encoding="utf-8") as file:
            raw = file.read()
        text = learn(raw)
        with Folder() as folder:
            policy = folder.policy(text)
            found = [one for one in json.loads(run("check", "--json", policy)[1])[0]["warnings"] if one["id"] in ("contents", "unrestricted", "everything") and "[exec] commands" not in one["text"]]
            equal(found, [], f"warnings of what {os.path.basename(path)} taught")
            for line in raw.splitlines():
                one = json.loads(line)
                if re.search(r'"Privileged": ?true|"/:/|"PidMode": ?"host"|"SYS_ADMIN"|docker\.sock', one["body"]):
                    equal(run("explain", "--body", folder.write("body", one["body"]), policy, one["method"], one["target"])[0], 1, one["what"])
        contains(text, "; Beware: a privileged container is root on the host.\n; Seen 1\n;privileged = yes\n") if '\\"Privileged\\":true' in raw.replace(": ", ":") and "containers/create" in raw else None


@suite.test("a command that is a shell is told with a warning, but narrows: without its line every command would pass")
def _():
    text = learn(recording({"Cmd": ["sh"]}, {"Cmd": ["date", "+%s"]}, target="/v1.41/containers/web/exec"))
    equal(words(text), {"[exec] commands": ["sh", "date +%s"]})
    contains(text, "; Beware: it lets run a program that runs any other, such as a shell: that is every command.\n; Seen 1\ncommands = sh\n")


@suite.test("with more than 20 images or commands learn narrows none, and says so")
def _():
    text = learn(recording(*({"Image": f"acme/web{n}"} for n in range(21))))
    equal(words(text), {})
    contains(text, "; images: not narrowed, since more than 20 were seen")
    equal(len(words(learn(recording(*({"Image": f"acme/web{n}"} for n in range(20)))))["[workload] images"]), 20, "of 20")


@suite.test("a key that must name one network names all that were seen: what it did not name would be refused from then on")
def _():
    service = {"Name": "s", "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}, "Networks": [{"Target": "q1w2e3r4"}]}}
    text = learn(recording({"Image": "nginx", "HostConfig": {"NetworkMode": "front"}}) + recording(service, target="/v1.41/services/create"))
    equal(sorted(words(text)["[workload] networks"]), ["front", "q1w2e3r4"])


@suite.test("learn takes a body as JSON, too, and lines of logs beside it; of requests without a body it says that it is not known")
def _():
    line = json.dumps({"method": "POST", "target": CREATE, "body": {"Image": "nginx", "HostConfig": {"Binds": ["/srv/a:/a"]}}})
    equal(words(learn(line + "\n"))["[workload] binds"], ["/srv/a"])
    text = learn(line + "\nci: would-deny - POST /containers/create 200 in=0 out=2 0.4ms ci.ini: no rule allows it\n")
    contains(text, "; Requests whose bodies are judged and are not recorded: 1. The journal and access logs have none;\n; dspctl(1) says in which form learn takes them.\n")
    equal(words(text)["[workload] binds"], ["/srv/a"])


@suite.test("learn takes a recording in the form that dspctl(1) shows")
def _():
    with open(os.path.join(dspctl.REPO, "src", "man", "dspctl.1"), encoding="utf-8") as file:
        shown = re.search(r'^\{"method": "POST".*?(?=\n\.Ed)', file.read(), re.MULTILINE | re.DOTALL)[0]
    equal(words(learn(shown.replace("\n", "").replace("\\e", "\\") + "\n")), {"[workload] images": ["docker.io/library/nginx:latest"]})


@suite.test("learn proposes what queries need, of the journal's records as well")
def _():
    record = "ci: would-deny - POST /images/ghcr.io/acme/web/push?tag=1 200 in=0 out=2 0.4ms ci.ini: no rule allows it\n"
    equal(words(learn(record)), {"[push] images": ["ghcr.io/acme/web:1"]})


@suite.test("with --add learn proposes what today's policy refuses, and no more")
def _():
    text = learn(recording({"Image": "nginx", "HostConfig": {"Binds": ["/srv/a:/a", "/opt/b:/b"]}}), "--add", policy="[rules]\nallow = ContainerCreate\n[workload]\nbinds = /srv/**\nimages = docker.io/library/*\n")
    equal(words(text), {"[workload] binds": ["/opt/b"]})
    lacks(text, "allow = ")


@suite.test("what no word of a key lets pass learn tells in comments")
def _():
    text = learn(recording({"Image": "nginx", "Bogus": 1, "HostConfig": {"Binds": ["/a/../b:/x"]}}))
    contains(text, "; What no word of a key lets pass, and the lines above do not:\n; seen 1: Bogus is no field that dsp knows")
    contains(text, "; seen 1: HostConfig.Binds[0] '/a/../b' is no path")


@suite.test("completions and help know --body")
def _():
    for shell in ("bash", "zsh", "fish"):
        contains(out("completion", shell), "body")
    contains(out("help", "explain"), "--body")


if __name__ == "__main__":
    sys.exit(suite.main())
