#!/usr/bin/env python3
"""dspctl check, diff, operations, help and completion: what a policy means, for people and for scripts."""
import os
import random
import re
import shutil
import subprocess
import sys

import wire  # noqa: F401 (finds the library)

import dspctl
from dspctl import Folder, operations, out, read_json, rules, run
from tap import Skip, Suite, contains, equal, lacks, true

suite = Suite("dspctl: ")
PRESETS = os.path.join(dspctl.REPO, "units", "policies")


def checked(text, *, name="level.ini"):
    """The JSON that check tells of a policy."""
    with Folder() as folder:
        status, text, _ = run("check", "--json", folder.policy(text, name))
        true(status in (0, 1), f"status {status}")
        return dspctl.json.loads(text)[0]


def warned(text):
    return [one["id"] for one in checked(text)["warnings"]]


@suite.test("check names file, line and the nearest known word of an error, and its status is 1")
def _():
    with Folder() as folder:
        path = folder.policy(rules("allow = SystemPing\nallow = ContainerInpsect"))
        status, text, errors = run("check", path)
        equal(status, 1, "status")
        contains(errors, f"{path}:3: ")
        contains(errors, "did you mean 'ContainerInspect'?")
        equal(text, "", "what is said of the meaning of a broken policy")


@suite.test("check names all errors of a policy, and none twice")
def _():
    def lines(text):
        return [one["line"] for one in checked(text)["errors"]]
    equal(lines("[policy]\nmodus = x\n[rules]\nallow = Nope SystemPing\n allow = SystemPing\ndeny = GET x\nallow = SystemPing\n[log]\nrequests = some\n"), [2, 4, 5, 6, 9])
    equal(lines("[rulez]\nallow = SystemPing\nanything = 1\n[rules]\nallow = Nope\n"), [1, 5])    # not that `anything` is unknown in no section
    equal(lines("[rules]\nallow = A\nallow = B"), [2, 3])
    equal(lines("[sections]\nPOST = 2\nPOSTS = 1\nCONTAINERS = 1\nCONTAINERS = 1\n"), [2, 3, 5])
    many = checked("[rules]\n" + "allow = Nope\n" * 2000)["errors"]
    equal((len(many), many[-1]["text"]), (64, "too many errors: more may follow"), "errors of 2,000")


@suite.test("check notes each line that does not mean what it says alone, since the policy extends another")
def _():
    with Folder() as folder:
        base = folder.policy("[rules]\nallow = SystemPing\ndeny = ContainerExport\n[limits]\nhead-timeout = 2s\n", "base.ini")
        path = folder.policy(f"[policy]\nextends = {base}\n[rules]\nallow = ContainerExport ContainerList\n[limits]\nhead-timeout = 20s\n")
        status, text, errors = run("check", path)
        contains(text, f"{path}:4: note: 'allow = ContainerExport': 'deny = ContainerExport' of the base ({base}:3) holds")
        contains(text, f"{path}:6: note: head-timeout is stricter in the base, and stays so")
        notes = read_json("check", path)[0]["notes"]
        equal(sorted(one["line"] for one in notes), [4, 6], "lines of the notes")
        equal(read_json("check", base)[0]["notes"], [], "notes of the base")


@suite.test("check tells the operations that a policy allows, by section and class, in plain words")
def _():
    with Folder() as folder:
        text = out("check", folder.policy(rules("allow = ContainerList ContainerInspect SystemPing ContainerStart")))
        for part in ("containers   read       ContainerList", "sensitive  ContainerInspect", "write      ContainerStart", "list containers", "start a container"):
            contains(text, part)
        lacks(text, "ContainerExec")


@suite.test("check says of an operation that is allowed in part which lines do that")
def _():
    with Folder() as folder:
        text = out("check", folder.policy(rules("allow = GET /containers/web-*/json\nallow = ContainerLogs\ndeny = GET /containers/db/logs")))
        contains(text, "ContainerInspect          see all settings of a container (in part)")
        contains(text, "allow = GET /containers/web-*/json  (line 2)")
        contains(text, "deny = GET /containers/db/logs  (line 4)")


@suite.test("check knows every kind of allow: whole, in part, not at all")
def _():
    with Folder() as folder:
        def of(text):
            return operations(folder.policy(rules(text)))
        equal(of("allow = ContainerStop"), {"ContainerStop": "whole"})
        equal(of("allow = POST /containers/*/stop"), {"ContainerStop": "whole"})
        equal(of("allow = POST /containers/a*/stop"), {"ContainerStop": "part"})
        equal(of("allow = ContainerStop ContainerKill\ndeny = ContainerStop"), {"ContainerKill": "whole"})
        equal(of("allow = ContainerStop ContainerKill\ndeny = POST /containers/**"), {})
        equal(of("allow = ContainerStop ContainerKill\ndeny = POST /containers/db/stop"), {"ContainerStop": "part", "ContainerKill": "whole"})
        equal(of("allow = GET /networks/**"), {"NetworkInspect": "whole"})
        equal(of("allow = GET /libpod/info"), {})


RISKS = {
    "CONTAINERS=1 lets clients read any file of any container (ContainerArchive) and its environment (ContainerInspect)":
        ("[sections]\nCONTAINERS = 1\n", "broad", ("ContainerArchive (reads any file of any container)", "ContainerInspect (shows its environment")),
    "a class that brings more than it names is told": (rules("allow = containers:sensitive"), "broad", ("ContainerExport",)),
    "ContainerCreate runs any image": (rules("allow = ContainerCreate"), "root", ("ContainerCreate: runs images, any unless [workload] images says which, as root in their containers; [workload] says what they get of the host",)),
    "unrestricted = yes is root on the host": (rules("allow = ContainerCreate") + "[workload]\nunrestricted = yes\n", "unrestricted", ("no body of any request is looked at: who may create a container is root on the host",)),
    "buildkit = yes is told": (rules("allow = ImageBuild Grpc") + "[build]\nbuildkit = yes\n", "unrestricted", ("buildkit = yes: [build]: BuildKit is not looked into; a build can have the host's network and devices",)),
    "unrestricted = yes of a section is told": (rules("allow = VolumeCreate") + "[volumes]\nunrestricted = yes\n", "unrestricted", ("a volume can be any directory of the host",)),
    "recreate = yes where images can be replaced": (rules("allow = ContainerCreate ImageTag") + "[workload]\nrecreate = yes\n", "recreate", ("with ImageTag any image can take the place",)),
    "recreate = yes where images can be imported": (rules("allow = ContainerCreate ImageCreate") + "[workload]\nrecreate = yes\n", "recreate", ("with ImageCreate without '? fromImage=**' any image",)),
    "what runs code in a container is told": (rules("allow = ContainerExec ExecStart"), "exec", ("ContainerExec: any command in any container",)),
    "GET attach/ws is told, although it is a GET": (rules("allow = GET /containers/**"), "exec", ("ContainerAttachWebsocket",)),
    "mode = audit is told": ("[policy]\nmode = audit\n" + rules("allow = SystemPing"), "audit", ("nothing is refused",)),
    "a deny of a name does not hold for its id": (rules("allow = ContainerLogs\ndeny = GET /containers/db/logs"), "by-name", ("does not hold for the id",)),
    "an allow that a deny takes away has no effect": (rules("allow = SystemInfo SystemPing\ndeny = SystemInfo"), "no-effect", ("'allow = SystemInfo'",)),
    "an allow of what is no operation is told": (rules("allow = POST /new/thing"), "not-an-operation", ("POST /new/thing",)),
    "a policy that allows nothing is told": ("[policy]\ndescription = x\n", "nothing", ("every request is refused",)),
    "a level that logs nothing is told": (rules("allow = SystemPing") + "[log]\nrequests = none\n", "unlogged", ("nothing is logged",)),
    "ExecStart without ContainerExec is told": (rules("allow = ExecStart"), "exec-half", ("ExecStart without ContainerExec",)),
}
for name, (text, kind, parts) in RISKS.items():
    def one(text=text, kind=kind, parts=parts):
        found = [warning for warning in checked(text)["warnings"] if warning["id"] == kind]
        true(found, f"no warning '{kind}'")
        for part in parts:
            contains(" ".join(warning["text"] for warning in found), part)
    suite.add(f"check warns: {name}", one)


@suite.test("check does not warn of recreate = yes where images are pulled and nothing else")
def _():
    true("recreate" not in warned(rules("allow = ContainerCreate\nallow = ImageCreate ? fromImage=**") + "[workload]\nrecreate = yes\n"), "warned")
    true("recreate" not in warned(rules("allow = ContainerCreate ImageTag")), "warned")


@suite.test("check does not warn of operations that are named and only show things")
def _():
    equal(warned(rules("allow = SystemPing SystemVersion SystemEvents ContainerList ContainerInspect ContainerLogs\nallow = networks:read")), [])
    equal(warned(rules("allow = SystemPing ContainerStart GET /containers/*/stats")), [])


@suite.test("check warns of a policy that others than its owner can write")
def _():
    with Folder() as folder:
        path = folder.policy(rules("allow = SystemPing"))
        equal([one["id"] for one in read_json("check", path)[0]["warnings"]], [])
        os.chmod(path, 0o666)
        equal([one["id"] for one in read_json("check", path)[0]["warnings"]], ["writable"])


@suite.test("the status of check: 0 when valid, with --strict 1 when there is a warning, 2 when it cannot be read")
def _():
    with Folder() as folder:
        fine = folder.policy(rules("allow = SystemPing"))
        risky = folder.policy(rules("allow = ContainerCreate"), "risky.ini")
        for arguments, status in (((fine,), 0), ((risky,), 0), (("--strict", fine), 0), (("--strict", risky), 1), ((fine, folder.policy("x\n", "x.ini")), 1),
                                  ((folder.path + "/none.ini",), 2)):
            equal(run("check", *arguments)[0], status, f"status of check {arguments}")


@suite.test("check of several policies tells of each")
def _():
    with Folder() as folder:
        paths = [folder.policy(rules("allow = SystemPing"), f"{name}.ini") for name in "ab"]
        equal([one["name"] for one in read_json("check", *paths)], ["a", "b"])


@suite.test("a fuzzed policy file crashes neither check nor explain")
def _():
    source = random.Random(4)
    presets = [open(os.path.join(PRESETS, name), "rb").read() for name in sorted(os.listdir(PRESETS))]
    words = [b"[rules]", b"allow = ", b"deny = GET /", b"\x00", b"\xff", b"**", b"? a=b*", b"[sections]\nPOST = 1\n", b"extends = x\n", b"\n" * 50, b"A" * 9000, b"containers:root "]
    with Folder() as folder:
        for _ in range(150):
            data = bytearray(source.choice(presets))
            for _ in range(source.randrange(1, 6)):
                at = source.randrange(len(data) + 1)
                data[at:at + source.randrange(3)] = source.choice(words) if source.random() < 0.6 else bytes([source.randrange(256)])
            path = folder.write("fuzz.ini", bytes(data))
            true(run("check", "--json", path)[0] in (0, 1), "status of check")
            true(run("check", path)[0] in (0, 1), "status of check")
            true(run("explain", path, "GET", "/containers/x/json?a=b")[0] in (0, 1, 2), "status of explain")


# diff

@suite.test("diff lists what one policy allows and the other does not, and its status is 1")
def _():
    with Folder() as folder:
        a = folder.policy(rules("allow = SystemPing ContainerList ContainerStop"), "a.ini")
        b = folder.policy(rules("allow = SystemPing SystemInfo POST /containers/web/stop"), "b.ini")
        text = out("diff", a, b, status=1)
        equal([line.split()[:2] for line in text.splitlines() if line[0] != " "], [["+", "SystemInfo"], ["-", "ContainerList"], ["~", "ContainerStop"]])
        contains(text, f"{b}:2: allow = POST /containers/web/stop")
        equal(out("diff", a, a, status=0), "")
        equal(out("diff", a, folder.policy(rules("allow = containers:read ContainerStop SystemPing\ndeny = ContainerStats ContainerWait"), "c.ini")), "")


@suite.test("diff tells of two policies that each allow a part, when the parts are not the same")
def _():
    with Folder() as folder:
        a, b = (folder.policy(rules(f"allow = POST /containers/{name}/stop"), f"{name}.ini") for name in "ab")
        equal(read_json("diff", a, b, status=1), [{"operation": "ContainerStop", "a": "part", "b": "part"}])


@suite.test("diff with a broken policy has status 2 and says what is wrong with it")
def _():
    with Folder() as folder:
        status, text, errors = run("diff", folder.policy(rules("allow = SystemPing")), folder.policy("[rulez]\n", "b.ini"))
        equal((status, text), (2, ""), "status and output")
        contains(errors, "b.ini:1: ")


# operations

@suite.test("operations lists every operation with method, path, class and words")
def _():
    table = open(os.path.join(dspctl.REPO, "src", "docker", "operations.c"), encoding="utf-8").read()
    rows = re.findall(r'^    \{"(\w+)", (\w+), "([^"]+)", "(\w*)", (\w+),', table, re.MULTILINE)
    true(len(rows) > 100, f"{len(rows)} rows")
    listed = read_json("operations")
    equal([(one["name"], one["method"], one["path"], one["section"], one["class"]) for one in listed],
          [(name, method, path, section, access.lower()) for name, method, path, section, access in rows])
    equal([one["name"] for one in listed if not one["does"]], [], "operations without words")


@suite.test("operations takes a part of a name, a section, a class, section:class, or a pattern with *")
def _():
    def names(pattern):
        return [one["name"] for one in read_json("operations", pattern)]
    equal(names("prune"), ["ContainerPrune", "ImagePrune", "BuildPrune", "NetworkPrune", "VolumePrune"])
    equal(names("distribution"), ["DistributionInspect"])
    equal(names("networks:read"), ["NetworkList", "NetworkList", "NetworkInspect"])
    equal(names("Exec*"), ["ExecInspect", "ExecStart", "ExecResize"])
    equal(names("*/attach/ws"), ["ContainerAttachWebsocket"])
    contains(run("operations", "ContainerInpsect")[2], "did you mean 'ContainerInspect'?")
    equal(run("operations", "ContainerInpsect")[0], 1, "status")


# help and completion

COMMANDS = ("check", "explain", "diff", "operations", "learn", "import", "new", "status", "log", "completion", "help")


@suite.test("every command has help, and help lists every command")
def _():
    text = out("help")
    for command in COMMANDS:
        contains(text, f"\n  {command} ")
        contains(out("help", command), f"Usage: dspctl {command}")
        equal(out(command, "--help"), out("help", command), "output of --help")
    equal(out("--help"), text)
    true(out("--version").startswith("dspctl "), "--version")


@suite.test("an unknown command or option is an error that names the nearest")
def _():
    status, _, errors = run("chekc")
    equal(status, 64, "status")
    contains(errors, "did you mean 'check'?")
    equal(run("check", "--jsno")[0], 64, "status")
    equal(run("diff", "a")[0], 64, "status")


@suite.test("the manual page has every command and every option")
def _():
    page = open(os.path.join(dspctl.REPO, "src", "man", "dspctl.1"), encoding="utf-8").read().replace("\\-", "-")
    for command in COMMANDS:
        contains(page, f".Ss {command}" if command not in ("help",) else ".Ss help", "dspctl(1)")
        for option in re.findall(r"--([a-z]+)", out("help", command).split("\n\n")[1] if "--" in out("help", command) else ""):
            contains(page, f"Fl Fl {option}", f"dspctl(1), of {command}")


def complete(line, folder):
    """What bash would offer for the last word of `line`."""
    words = line.split(" ")
    script = 'set -eu; eval "$(dspctl completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dspctl; printf "%s\\n" "${COMPREPLY[@]-}"'
    os.symlink(dspctl.binary(), os.path.join(folder.path, "dspctl")) if not os.path.lexists(os.path.join(folder.path, "dspctl")) else None
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=False, cwd=folder.path,
                          env={"PATH": f"{folder.path}:/usr/bin:/bin"}, timeout=30)
    equal(done.stderr, "", "what bash complains of")
    return done.stdout.split()


@suite.test("bash completes commands, options, operations, methods, presets and files")
def _():
    with Folder() as folder:
        folder.policy(rules("allow = SystemPing"), "mine.ini")
        equal(complete("dspctl ch", folder), ["check"])
        equal(complete("dspctl check --st", folder), ["--strict"])
        equal(complete("dspctl check mi", folder), ["mine.ini"])
        equal(complete("dspctl operations ContainerSta", folder), ["ContainerStats", "ContainerStart"])
        equal(complete("dspctl explain mine.ini DEL", folder), ["DELETE"])
        equal(complete("dspctl completion z", folder), ["zsh"])
        equal(complete("dspctl help le", folder), ["learn"])
        true("--from=" in complete("dspctl new --f", folder), "options of new")


@suite.test("the completions of every shell name every command and every option")
def _():
    for shell in ("bash", "zsh", "fish"):
        text = out("completion", shell)
        for command in COMMANDS:
            contains(text, command, shell)
        for option in ("strict", "since", "follow", "listen"):
            contains(text, option, shell)


@suite.test("zsh and fish read their completions")
def _():
    shells = [shell for shell in ("zsh", "fish") if shutil.which(shell)]
    if not shells:
        raise Skip("neither zsh nor fish is here")
    for shell in shells:
        done = subprocess.run([shell, "-n"], input=out("completion", shell), capture_output=True, text=True, check=False, timeout=30)
        equal((done.returncode, done.stderr), (0, ""), f"{shell} -n")


if __name__ == "__main__":
    sys.exit(suite.main())
