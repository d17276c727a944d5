#!/usr/bin/env python3
"""Each preset lets its client do its job, and nothing that is dangerous beside it."""
import json
import os
import re
import subprocess
import sys
import tempfile

from wire import OK, Wire

import dspctl
from message import read_response, request
from tap import Suite, equal, true

suite = Suite("presets: ", limit=60)
FOLDER = os.path.join(dspctl.REPO, "units", "policies")
PRESETS = sorted(name[:-4] for name in os.listdir(FOLDER) if name.endswith(".ini"))

# What takes a host, a swarm or a secret, or puts code or files where they were not.
DANGEROUS = """
    POST /containers/create
    POST /containers/web/exec
    POST /exec/4f5c0f6b9d1e/start
    POST /containers/web/attach
    GET /containers/web/attach/ws
    PUT /containers/web/archive?path=/
    GET /containers/web/archive?path=/etc/shadow
    GET /containers/web/export
    POST /containers/web/update
    POST /containers/prune
    POST /build?remote=http://192.0.2.1/
    POST /session
    POST /grpc
    POST /commit?container=web
    POST /images/load
    POST /images/create?fromSrc=http://192.0.2.1/
    POST /images/create?fromSrc=-
    GET /images/web/get
    POST /images/web/push
    POST /images/prune
    POST /volumes/create
    POST /volumes/prune
    POST /networks/create
    POST /networks/prune
    POST /plugins/pull?remote=evil
    POST /plugins/evil/enable
    POST /plugins/evil/set
    POST /swarm/init
    POST /swarm/join
    POST /swarm/update
    GET /swarm
    GET /swarm/unlockkey
    POST /services/create
    POST /services/web/update
    POST /nodes/web/update
    POST /secrets/create
    GET /secrets
    POST /configs/create
    GET /configs
    POST /auth
    GET /distribution/evil/json
    GET /debug/vars
    GET /containers/../info
    GET /containersXYZ
    PATCH /containers/web/json
""".strip().split("\n")

# Which of these a level is for, by operation; its own comment says what that means.
CREATES = {"POST /containers/create"}
EXECS = {"POST /containers/web/exec", "POST /exec/4f5c0f6b9d1e/start"}
MEANT = {
    "full": None,           # everything
    "portainer": None,      # what an administrator does there, by one policy for all of its pages
    "compose": CREATES | {"POST /volumes/create", "POST /networks/create", "POST /containers/web/attach"} | EXECS,
    "dockge": CREATES | {"POST /volumes/create", "POST /networks/create", "POST /containers/web/attach"} | EXECS,
    "ci": CREATES | {"POST /volumes/create", "POST /networks/create", "POST /containers/web/attach"} | EXECS,
    "testcontainers": CREATES | {"POST /networks/create", "POST /containers/web/attach", "PUT /containers/web/archive?path=/", "GET /containers/web/archive?path=/etc/shadow"} | EXECS,
    "watchtower": CREATES | EXECS,
    "wud": CREATES,
    "ofelia": EXECS | CREATES,
    "docker-volume-backup": EXECS,
    "lazydocker": EXECS | {"POST /containers/web/attach"},
    "dozzle-actions": EXECS | {"POST /containers/web/attach"},
    "caddy-docker-proxy": {"GET /configs"},
    "portainer-readonly": {"GET /configs", "GET /secrets", "GET /swarm"},
}


# A level for more of the same program requires what that does.
AS = {"dozzle-actions": "dozzle", "portainer-readonly": "portainer"}

# What presets allow beside what their program must have: operations, and the reason. What is not here is not allowed.
EXCEPTIONS = {
    "beszel": {"SystemVersion": "asked at the start; without it all containers are asked for at once"},
    "compose": {"SystemEvents ContainerLogs": "logs, and up in the foreground", "ImageCreate": "pull", "NetworkDisconnect": "docker-compose 1.29 makes a container anew",
                "ImageList": "pull and images", "NetworkDelete VolumeDelete": "down removes what up has made"},
    "docker-gen": {"SystemInfo": "asked each time that something is made; an error in the log each time when refused"},
    "docker-volume-backup": {"ContainerStop ContainerStart": "its label stop-during-backup, for which people use it"},
    "dockge": {"SystemVersion SystemInfo ImageList ImageInspect ImageCreate NetworkList NetworkInspect NetworkCreate NetworkConnect NetworkDelete VolumeList VolumeInspect VolumeCreate "
               "ContainerCreate ContainerStart ContainerStop ContainerRestart ContainerRename ContainerDelete": "deploy, which is docker compose",
               "SystemEvents ContainerStats": "the figures of a stack's page", "ContainerLogs": "the logs in a stack's page"},
    "dozzle": {"SystemVersion": "tells Podman from Docker", "ContainerStats": "the figures beside each name"},
    "dozzle-actions": {"SystemVersion": "tells Podman from Docker", "ContainerStats": "the figures beside each name",
                       "ContainerStart ContainerStop ContainerRestart ContainerDelete": "DOZZLE_ENABLE_ACTIONS, for which this level is"},
    "homepage": {"ContainerStats": "showStats"},
    "lazydocker": {"ContainerLogs ContainerTop ImageHistory": "its panes"},
    "monitoring": {"SystemPing SystemVersion SystemInfo SystemEvents ContainerList ContainerStats": "what counts, for no program in particular"},
    "portainer": {"ImageInspect ImageHistory NetworkInspect VolumeInspect": "the pages of details", "SystemEvents ContainerLogs ContainerStats ContainerTop": "the pages of events, logs, figures and processes",
                  "ServiceList NodeList": "what the snapshot of a swarm's manager counts",
                  "ContainerStart ContainerStop ContainerRestart ContainerKill ContainerPause ContainerUnpause ContainerRename ContainerUpdate ContainerResize ContainerDelete": "the buttons of a container",
                  "ContainerCreate NetworkConnect NetworkDisconnect": "add, recreate and duplicate a container", "ImageTag ImageDelete ImageCreate": "the buttons of images",
                  "NetworkCreate NetworkDelete VolumeCreate VolumeDelete": "networks and volumes"},
    "portainer-readonly": {"ImageInspect ImageHistory NetworkInspect VolumeInspect": "the pages of details", "SystemEvents ContainerLogs ContainerStats ContainerTop": "the pages of events, logs, figures and processes",
                           "ServiceList NodeList": "what the snapshot of a swarm's manager counts"},
    "readonly": {"SystemPing SystemVersion SystemInfo SystemDataUsage SystemEvents ContainerList ContainerInspect ContainerLogs ContainerStats ContainerTop ImageList ImageInspect ImageHistory "
                 "NetworkList NetworkInspect VolumeList VolumeInspect ServiceList ServiceInspect ServiceLogs TaskList TaskInspect TaskLogs NodeList NodeInspect": "all state, for no program in particular"},
    "uptime-kuma": {"ContainerList": "the Test button of the form"},
    "wud": {"SystemEvents ContainerInspect": "its events, which are on by default"},
}


def required():
    """{level: [(method, path)]}"""
    found = {}
    with open(os.path.join(dspctl.REPO, "tests", "data", "clients.tsv"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                level, method, path = line.rstrip("\n").split("\t")
                found.setdefault(level, []).append((method, path))
    return found


def allowed(policy, request):
    """Whether the filter's judgement lets a request pass."""
    done = subprocess.run([dspctl.binary(), "explain", policy, *request.split(" ", 1)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    verdict = re.search(r"^verdict +(.*)$", done.stdout, re.MULTILINE)
    true(verdict, f"{request}: {done.stdout}{done.stderr}")
    return verdict[1] == "allowed"


REQUIRED = required()
REQUIRED.update({name: REQUIRED[of] for name, of in AS.items()})


def operation_of(method, target):
    """The name of a request's operation; HEAD goes with its GET."""
    answer = dspctl.run("explain", "--json", os.path.join(FOLDER, "full.ini"), "GET" if method == "HEAD" else method, target)[1]
    return dspctl.json.loads(answer)["operation"]


def check_least(preset):
    allowed = set(dspctl.operations(os.path.join(FOLDER, f"{preset}.ini"))) - {"SystemPingHead"}
    needed = {operation_of(method, target) for method, target in REQUIRED.get(preset, [])}
    excepted = set(" ".join(EXCEPTIONS.get(preset, {})).split())
    equal(sorted(allowed - needed - excepted), [], f"allowed by {preset}, without being required or an exception")
    equal(sorted(excepted - (allowed - needed)), [], f"exceptions of {preset} that are none")


def check_required(preset):
    path = os.path.join(FOLDER, f"{preset}.ini")
    equal([f"{method} {target}" for method, target in REQUIRED[preset] if not allowed(path, f"{method} {target}")], [], f"refused by {preset}")


def check_dangerous(preset):
    path = os.path.join(FOLDER, f"{preset}.ini")
    meant = MEANT.get(preset, set())
    passed = {request.strip() for request in DANGEROUS if allowed(path, request.strip())}
    equal(sorted(passed - meant), [], f"let through by {preset}")


for name in PRESETS:
    if name in REQUIRED:
        suite.add(f"{name}: all that its client requires is allowed", lambda name=name: check_required(name))
    if name != "full":
        suite.add(f"{name}: nothing is allowed but what its client requires, and what stands with its reason in the list of exceptions", lambda name=name: check_least(name))
    if MEANT.get(name, set()) is not None:
        suite.add(f"{name}: what is dangerous, and not what it is for, is refused", lambda name=name: check_dangerous(name))


@suite.test("each line that a preset offers in its comments can be enabled")
def _():
    for name in PRESETS:
        with open(os.path.join(FOLDER, f"{name}.ini"), encoding="utf-8") as file:
            text = file.read()
        enabled = re.sub(r"^;(?= *(?:allow|deny) = |\[\w+\]$|[a-z-]+ = ) *", "", text, flags=re.MULTILINE)
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
            file.write(enabled)
            file.flush()
            done = subprocess.run([dspctl.binary(), "check", "--json", file.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
            true('"errors": []' in done.stdout or '"errors":[]' in done.stdout, f"{name}: {done.stdout[:600]}{done.stderr[:300]}")


@suite.test("each preset begins with what it is, where to tell its program the socket, what is optional, and what the program shows when it is refused")
def _():
    for name in PRESETS:
        with open(os.path.join(FOLDER, f"{name}.ini"), encoding="utf-8") as file:
            head = file.read().partition("[policy]")[0]
        said = " ".join(head.replace("\n; ", " ").split())
        at = 0
        for words in (f"Preset of dsp-{name}.socket", f"copy it to /etc/dsp/{name}.ini", "Where to: ", "Optional", "When refused: "):
            true(words in said[at:], f"{name}.ini does not say {words!r}, or not in its place")
            at = said.index(words, at)
        # Before all that: what the tool is, in words.
        true(len(said.partition("Preset of")[0].split()) > 3, f"{name}.ini does not say what its program is")


@suite.test("each feature that a preset offers by a commented line is named in its beginning, and none where there is no such line")
def _():
    for name in PRESETS:
        with open(os.path.join(FOLDER, f"{name}.ini"), encoding="utf-8") as file:
            head, _, body = file.read().partition("[policy]")
        said = " ".join(head.replace("\n; ", " ").split())
        features = [" ".join(one.replace("\n; ", " ").split()) for one in re.findall(r"^; Optional: ((?:.*\n)(?:; .*\n)*?)(?=;allow)", body, re.MULTILINE)]
        for feature in features:
            words = re.split(r"\.(?: |$)", feature)[0]
            true("Optional, each a commented line below: " in said and words in said, f"{name}.ini does not begin with {words!r}")
        true(features or "Optional: " in said, f"{name}.ini does not say that nothing is optional")
        equal(len(re.findall(r"^;allow", body, re.MULTILINE)) > 0, len(features) > 0, f"lines that are offered by {name}.ini without a word")


@suite.test("each line of a preset that allows something has a comment above it that says what for")
def _():
    for name in PRESETS:
        with open(os.path.join(FOLDER, f"{name}.ini"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        for at, line in enumerate(lines):
            above = next((one for one in reversed(lines[:at]) if not one.startswith("allow = ")), "")
            true(not line.startswith("allow = ") or above.startswith("; "), f"{name}.ini:{at + 1} has no comment")


@suite.test("full allows each operation of the table, and warns that it is root")
def _():
    with open(os.path.join(dspctl.REPO, "src", "docker", "operations.c"), encoding="utf-8") as file:
        table = set(re.findall(r'^ *\{"(\w+)", [A-Z]+, "/', file.read(), re.MULTILINE)) - {"SystemPingHead"}
    true(len(table) > 100, f"operations: {table}")
    with open(os.path.join(FOLDER, "full.ini"), encoding="utf-8") as file:
        text = file.read()
    equal(sorted(table - set(re.findall(r"\w+", text))), [], "not named in full.ini")
    true(re.search("^; WARNING: .* root", text, re.MULTILINE), "there is no warning")


@suite.test("each level of the list has its policy, and each policy its level")
def _():
    with open(os.path.join(dspctl.REPO, "units", "levels.list"), encoding="utf-8") as file:
        listed = re.findall(r"^([a-z0-9][a-z0-9-]*) +\S", file.read(), re.MULTILINE)
    equal(sorted(listed), PRESETS)


@suite.test("the manual page of the presets names each of them")
def _():
    with open(os.path.join(dspctl.REPO, "src", "man", "dsp-policies.7"), encoding="utf-8") as file:
        told = re.findall(r"^\.It Cm (\S+)$", file.read(), re.MULTILINE)
    equal(sorted(told), PRESETS)


# What programs send where the lines of a preset that are optional are taken in: {level: [(method, target, body, passes)]}

JOB = {"AttachStdout": True, "AttachStderr": True, "Container": "web", "User": "root", "Cmd": ["/usr/bin/backup", "-v"]}
RYUK = {"Image": "testcontainers/ryuk:0.11.0", "ExposedPorts": {"8080/tcp": {}}, "HostConfig": {"AutoRemove": True, "Binds": ["/run/dsp/testcontainers.sock:/var/run/docker.sock:rw"], "PublishAllPorts": True, "Privileged": False}}
OPTIONAL = {
    "ofelia": [
        ("POST", "/containers/web/exec", JOB, True), ("POST", "/containers/web/exec", JOB | {"Privileged": True}, False), ("POST", "/containers/web/exec", JOB | {"Cmd": ["sh", "-c", "id"]}, False),
        ("POST", "/containers/create", {"Image": "a", "Cmd": ["x"], "Entrypoint": None, "User": "root", "AttachStdout": True, "AttachStderr": True, "HostConfig": {"Binds": ["/srv/backup:/b"], "RestartPolicy": {}, "LogConfig": {}},
                                         "NetworkingConfig": {"EndpointsConfig": None}}, True),
        ("POST", "/containers/create", {"Image": "a", "HostConfig": {"Binds": ["/:/b"]}}, False), ("POST", "/networks/front/connect", {"Container": "c0de"}, True),
        ("POST", "/services/create", {"Name": "", "TaskTemplate": {"ContainerSpec": {"Image": "a", "Command": ["x"]}, "RestartPolicy": {"Condition": "none", "MaxAttempts": 1}, "ForceUpdate": 0}, "Mode": {}, "Networks": [{"Target": "front"}]}, True),
        ("POST", "/images/create?fromImage=ghcr.io%2Facme%2Fjob&registry=ghcr.io&tag=latest", None, True), ("POST", "/images/create?fromSrc=http://192.0.2.1/", None, False)],
    "watchtower": [("POST", "/containers/web/exec", {"Tty": True, "Cmd": ["sh", "-c", "/hook"]}, True), ("POST", "/containers/web/exec", {"Tty": True, "User": "1000:1000", "Cmd": ["sh", "-c", "/hook"]}, True),
                   ("POST", "/containers/web/exec", {"Tty": True, "Privileged": True, "Cmd": ["sh", "-c", "/hook"]}, False)],
    "portainer": [("POST", "/containers/web/exec", {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": True, "Cmd": ["bash"]}, True),
                  ("POST", "/containers/web/exec", {"id": "web", "AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": True, "User": "root", "Cmd": ["bash"]}, True)],
    "testcontainers": [("POST", "/containers/create", RYUK, True), ("POST", "/containers/create", {"Image": "postgres:16", "HostConfig": {"PortBindings": {"5432/tcp": [{"HostIp": "", "HostPort": ""}]}}}, True),
                       ("POST", "/containers/create", {"Image": "a", "HostConfig": {"Binds": ["/var/run/docker.sock:/var/run/docker.sock:rw"]}}, False)],
    "ci": [("POST", "/containers/create", {"Image": "a", "HostConfig": {"Binds": ["runner-abc-cache:/cache"], "Links": ["runner-abc-project-1-concurrent-0-postgres-0:postgres"], "RestartPolicy": {"Name": "no"}, "LogConfig": {"Type": "json-file"}}}, True),
           ("POST", "/containers/create", {"Image": "a", "HostConfig": {"Links": ["vault:x"]}}, False)],
}


def with_options(name):
    """The preset with all of its optional lines but those of root on the host."""
    with open(os.path.join(FOLDER, name + ".ini"), encoding="utf-8") as file:
        text = re.sub(r"^;(?!(unrestricted|privileged|host-namespaces) )(\[?[a-z][^\n]*)$", lambda line: line[2] if "=" in line[2] or line[2].startswith("[") else line[0], file.read(), flags=re.MULTILINE)
    return text.replace("[policy]\n", "[policy]\nsocket = @SOCKET@\n", 1)


for name, requests in OPTIONAL.items():
    @suite.test(f"{name} with its optional lines: what the program sends passes, and no more of it")
    def _(name=name, requests=requests):
        with Wire(text=with_options(name), name=name, stderr="null") as level:
            for method, target, body, good in requests:
                raw = json.dumps(body).encode() if body is not None else None
                level.send(request(method, "/v1.41" + target, *(["Content-Type: application/json"] if raw else []), body=raw))
                if good and level.client.quiet(0.1):
                    level.arrive()
                    level.up.send(OK)
                equal(read_response(level.client, method).status, 200 if good else 403, f"status of {target} {body}")


if __name__ == "__main__":
    sys.exit(suite.main())
