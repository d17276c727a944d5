"""A container made anew as updaters do, and an exec's start, with the real engine's own word on both."""
import json
import threading

import levels
from tap import contains, equal, true

LEVEL = "recreate"
POLICY = """[rules]
allow = SystemPing SystemVersion ContainerList ContainerInspect ImageInspect
allow = ContainerKill ContainerStop ContainerRename ContainerDelete ContainerCreate ContainerStart ContainerWait
allow = NetworkConnect NetworkDisconnect NetworkInspect
allow = ContainerExec ExecStart ExecInspect
[workload]
recreate = yes
[networks]
force = yes
[exec]
commands = echo *
"""
# As much as an engine in a container can start: each option is refused by itself at this level.
OPTIONS = ("--network", "recreate-net", "--ip", "172.31.77.9", "--network-alias", "www", "-v", "/etc:/host-etc:ro", "-v", "recreate-data:/data", "--mount", "type=bind,source=/var/log,target=/logs,readonly",
           "--tmpfs", "/run:size=1m", "--cap-add", "SYS_ADMIN", "--cap-drop", "MKNOD", "--security-opt", "no-new-privileges", "--restart", "unless-stopped", "--ulimit", "nofile=1024:2048", "--group-add", "7",
           "--add-host", "gate:host-gateway", "--dns", "10.1.2.3", "--log-driver", "json-file", "--log-opt", "max-size=1m", "--shm-size", "65m", "--oom-score-adj", "100", "-p", "127.0.0.1:18099:80",
           "--label", "a=b", "-e", "OWN=1", "-u", "0", "-w", "/tmp", "--hostname", "web", "--init", "--health-cmd", "true", "--health-interval", "1h", "--stop-timeout", "1", "--device", "/dev/null:/dev/zip:r")


class Tool:
    """Speaks to the level on one connection, as a tool with keep-alive does."""

    def __init__(self, host, version):
        self.host, self.version = host, version
        self.client = host.connect(LEVEL)

    def ask(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if data else ""
        self.client.sendall(f"{method} /{self.version}{path} HTTP/1.1\r\nHost: d\r\n{kind}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        status, got = self.host.answer(self.client)
        return status, json.loads(got) if got.strip() else None

    def must(self, method, path, body=None):
        status, got = self.ask(method, path, body)
        true(status < 300, f"{method} {path} was answered {status} {got}")
        return got


def register(suite, host):
    test = suite.test

    def level():
        levels.make(host, LEVEL, POLICY)

    def old(second=False):
        """The container that is to be made anew; in two networks, if `second`."""
        host.ask(*host.docker_as(None, "rm", "-f", "web", "web-old"))
        for name, subnet in (("recreate-net", "172.31.77.0/24"), ("recreate-two", "172.31.78.0/24")):
            if host.ask(*host.docker_as(None, "network", "inspect", name)).returncode:
                host.engine("network", "create", "--subnet", subnet, name)
        host.engine("run", "-d", "--name", "web", *OPTIONS, "bb", "sleep", "1000000")
        if second:
            host.engine("network", "connect", "--ip", "172.31.78.9", "--alias", "second", "recreate-two", "web")

    def settings():
        found = json.loads(host.engine("inspect", "web"))[0]
        networks = {name: ((one["IPAMConfig"] or {}).get("IPv4Address"), one["IPAddress"]) for name, one in found["NetworkSettings"]["Networks"].items()}
        return found["HostConfig"], {key: found["Config"][key] for key in ("Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "Image", "Healthcheck")}, networks

    def body_of(seen):
        return {**seen["Config"], "HostConfig": seen["HostConfig"], "NetworkingConfig": {"EndpointsConfig": seen["NetworkSettings"]["Networks"]}}

    def versions():
        highest = host.engine("version", "-f", "{{.Server.APIVersion}}")
        return ("v1.25" if host.ask("curl", "-sf", "--unix-socket", "/run/docker.sock", "http://d/v1.25/_ping").returncode == 0 else "v" + highest, "v1.41" if highest < "1.44" else "v1.44", "v" + highest)

    @test("recreate: kill, remove, create, connect, start, as Watchtower does: the new container has what the old one had")
    def _():
        level()
        for version in dict.fromkeys(versions()):
            old()
            before = settings()
            tool = Tool(host, version)
            seen = tool.must("GET", "/containers/web/json")
            tool.must("POST", f"/containers/{seen['Id']}/kill?signal=SIGKILL")
            tool.must("DELETE", f"/containers/{seen['Id']}?force=1")
            ident = tool.must("POST", "/containers/create?name=%2Fweb", body_of(seen))["Id"]
            tool.must("POST", "/networks/recreate-net/disconnect", {"Container": ident, "Force": True})
            tool.must("POST", "/networks/recreate-net/connect", {"Container": ident, "EndpointConfig": seen["NetworkSettings"]["Networks"]["recreate-net"]})
            tool.must("POST", f"/containers/{ident}/start")
            equal(settings(), before, f"settings ({version})")

    @test("recreate: stop, rename, create, start, remove, as Portainer does")
    def _():
        level()
        old()
        before = settings()
        tool = Tool(host, versions()[-1])
        seen = tool.must("GET", "/containers/web/json")
        tool.must("POST", f"/containers/{seen['Id']}/stop?t=0")
        tool.must("POST", f"/containers/{seen['Id']}/rename?name=web-old")
        tool.must("POST", "/networks/recreate-net/disconnect", {"Container": seen["Id"], "Force": True})
        ident = tool.must("POST", "/containers/create?name=web", body_of(seen))["Id"]
        tool.must("POST", f"/containers/{ident}/start")
        tool.must("DELETE", f"/containers/{seen['Id']}")
        equal(settings(), before, "settings")

    @test("recreate: stop, remove, create without a name, rename, connect, start, as Watchtower's fork does with Docker's newest client")
    def _():
        level()
        for version in dict.fromkeys(versions()[1:]):
            old(second=True)
            before = settings()
            tool = Tool(host, version)
            seen = tool.must("GET", "/containers/web/json")
            tool.must("POST", f"/containers/{seen['Id']}/stop?signal=SIGTERM&t=0")
            tool.must("DELETE", f"/containers/{seen['Id']}?force=1")
            body, networks = body_of(seen), seen["NetworkSettings"]["Networks"]
            for key in ("CapAdd", "CapDrop"):
                body["HostConfig"][key] = sorted("CAP_" + name.upper().removeprefix("CAP_") for name in seen["HostConfig"][key])
            several = version not in ("v1.41", "v1.43")
            body["NetworkingConfig"]["EndpointsConfig"] = networks if several else {"recreate-net": networks["recreate-net"]}
            ident = tool.must("POST", "/containers/create", body)["Id"]
            tool.must("POST", f"/containers/{ident}/rename?name=web")
            if not several:
                tool.must("POST", "/networks/recreate-two/connect", {"Container": ident, "EndpointConfig": networks["recreate-two"]})
            tool.must("POST", f"/containers/{ident}/start")
            after = settings()
            after[0]["CapAdd"], after[0]["CapDrop"] = before[0]["CapAdd"], before[0]["CapDrop"]
            equal(after, before, f"settings ({version})")

    @test("recreate: stop, rename, disconnect, create in the first network, connect to the second, start, remove, as Portainer does")
    def _():
        level()
        old(second=True)
        before = settings()
        tool = Tool(host, versions()[-1])
        seen = tool.must("GET", "/containers/web/json?size=1")
        networks = seen["NetworkSettings"]["Networks"]
        tool.must("POST", f"/containers/{seen['Id']}/stop")
        tool.must("POST", f"/containers/{seen['Id']}/rename?name=%2Fweb-old")
        for one in networks.values():
            tool.must("POST", f"/networks/{one['NetworkID']}/disconnect", {"Container": seen["Id"], "Force": True})
        body = body_of(seen)
        body["NetworkingConfig"]["EndpointsConfig"] = {"recreate-net": networks["recreate-net"]}
        ident = tool.must("POST", "/containers/create?name=%2Fweb", body)["Id"]
        tool.must("POST", f"/networks/{networks['recreate-two']['NetworkID']}/connect", {"Container": ident, "EndpointConfig": networks["recreate-two"]})
        tool.must("POST", f"/containers/{ident}/start")
        tool.must("DELETE", f"/containers/{seen['Id']}")
        equal(settings(), before, "settings")

    @test("recreate: dockerode as wud's trigger uses it updates a container in two networks; before Node.js 19 it uses a connection for each request, and is refused with a reason")
    def _():
        level()
        old(second=True)
        before = settings()
        command = (*levels.NODE, "node", f"{levels.FOLDER}/wud_update.js", f"/run/dsp/{LEVEL}.sock", "web")
        if int(host.do("node", "--version").strip("v\n").split(".")[0]) < 19:
            contains(host.ask(*command).stderr, "no container of that name was seen on this connection", "what it prints")
            return
        equal(host.do(*command), "updated\n", "output")
        equal(settings(), before, "settings")

    @test("recreate: python3-docker, which uses a connection for each request, is refused with a reason, as documented")
    def _():
        level()
        old()
        said = host.ask("env", f"DOCKER_HOST=unix:///run/dsp/{LEVEL}.sock", "python3", f"{levels.FOLDER}/ouroboros.py", "web")
        contains(said.stderr, "no container of that name was seen on this connection", "what it prints")

    @test("recreate: a container and the one whose network it joins are both made anew, as Watchtower does; not in another's network by a rename")
    def _():
        level()
        host.ask(*host.docker_as(None, "rm", "-f", "vpn", "kid", "vault"))
        host.container("vpn", "-v", "/etc:/etc-of-host:ro", "--ipc", "shareable")
        host.container("vault", "-v", "/var/log:/secret")
        host.engine("run", "-d", "--name", "kid", "--network", "container:vpn", "--ipc", "container:vpn", "--pid", "container:vpn", "--volumes-from", "vpn", "bb", "sleep", "1000000")
        tool = Tool(host, versions()[-1])
        kid, vpn = (tool.must("GET", f"/containers/{name}/json") for name in ("kid", "vpn"))
        for seen in (kid, vpn):
            tool.must("POST", f"/containers/{seen['Id']}/kill?signal=SIGKILL")
            tool.must("DELETE", f"/containers/{seen['Id']}?force=1")
        vault = json.loads(host.engine("inspect", "vault"))[0]["Id"]
        tool.must("POST", f"/containers/{vault}/rename?name=vpn")
        body = body_of(kid) | {"Hostname": "", "NetworkingConfig": {}}
        body["HostConfig"]["NetworkMode"] = "container:/vpn"
        status, got = tool.ask("POST", "/containers/create?name=kid", body)
        equal(status, 403, f"status of a join of the renamed ({got})")
        contains(got["message"], "HostConfig.", "message")
        host.engine("rename", "vpn", "vault")
        tool.must("POST", f"/containers/{tool.must('POST', '/containers/create?name=vpn', body_of(vpn))['Id']}/start")
        tool.must("POST", f"/containers/{tool.must('POST', '/containers/create?name=kid', body)['Id']}/start")
        now = json.loads(host.engine("inspect", "kid"))[0]
        parent = json.loads(host.engine("inspect", "vpn"))[0]["Id"]
        equal([now["HostConfig"][field] for field in ("NetworkMode", "IpcMode", "PidMode", "VolumesFrom")], [f"container:{parent}"] * 3 + [[parent]], "whom it joins")
        equal([mount["Destination"] for mount in now["Mounts"]], ["/etc-of-host"], "mounts")

    @test("recreate: names that are swapped all the while on another connection do not get a container another one's network or mounts")
    def _():
        level()
        host.ask(*host.docker_as(None, "rm", "-f", "vpn", "kid", "vault"))
        host.container("vpn", "-v", "/etc:/etc-of-host:ro", "--ipc", "shareable")
        host.container("vault", "-v", "/var/log:/secret")
        host.engine("run", "-d", "--name", "kid", "--network", "container:vpn", "--ipc", "container:vpn", "--pid", "container:vpn", "--volumes-from", "vpn", "bb", "sleep", "1000000")
        tool, swapper = Tool(host, versions()[-1]), Tool(host, versions()[-1])
        kid, vpn, vault = (tool.must("GET", f"/containers/{name}/json") for name in ("kid", "vpn", "vault"))
        body = body_of(kid) | {"Hostname": "", "NetworkingConfig": {}}
        body["HostConfig"]["NetworkMode"] = "container:/vpn"
        over = threading.Event()

        def swap():
            while not over.is_set():
                for ident, name in ((vpn, "away"), (vault, "vpn"), (vault, "vault"), (vpn, "vpn")):
                    swapper.ask("POST", f"/containers/{ident['Id']}/rename?name={name}")
        thread = threading.Thread(target=swap)
        thread.start()
        made = refused = 0
        try:
            while made < 30 or refused < 30:
                tool.ask("POST", f"/containers/{kid['Id']}/stop?t=0")
                status, got = tool.ask("POST", "/containers/create", body)
                if status != 201:
                    refused += 1
                    continue
                made += 1
                now = json.loads(host.engine("inspect", got["Id"]))[0]
                equal((now["HostConfig"]["NetworkMode"], [mount["Destination"] for mount in now["Mounts"]]), (f"container:{vpn['Id']}", ["/etc-of-host"]), "whom it joins")
                tool.must("DELETE", f"/containers/{got['Id']}?force=1")
        finally:
            over.set()
            thread.join()
            host.ask(*host.docker_as(None, "rm", "-f", kid["Id"], vpn["Id"], vault["Id"]))

    @test("recreate: an older version of the API cannot be used to leave a restriction out")
    def _():
        level()
        host.ask(*host.docker_as(None, "rm", "-f", "bound"))
        host.container("bound", "--mount", "type=bind,source=/var,target=/v,bind-nonrecursive=true" if host.release == "bookworm" else "type=bind,source=/var,target=/v,bind-recursive=disabled")
        for version in ("v1.39", "v1.40"):
            tool = Tool(host, version)
            seen = tool.must("GET", "/containers/bound/json")
            tool.must("DELETE", f"/containers/{seen['Id']}?force=1")
            status, got = tool.ask("POST", "/containers/create?name=bound", body_of(seen))
            equal(status, 403 if version == "v1.39" else 201, f"status ({version}, {got})")
            if version == "v1.39":
                contains(got["message"], "HostConfig.Mounts is left out by this version of the API", "message")
                equal(host.engine("ps", "-aq", "--filter", "name=^bound$"), "", "containers")
                host.container("bound", "--mount", "type=bind,source=/var,target=/v,bind-nonrecursive=true" if host.release == "bookworm" else "type=bind,source=/var,target=/v,bind-recursive=disabled")
        true(json.loads(host.engine("inspect", "bound"))[0]["HostConfig"]["Mounts"][0]["BindOptions"]["NonRecursive"], "non-recursive")

    @test("recreate: addresses are not lent to another container of that name, nor to one of other code")
    def _():
        level()
        old(second=True)
        host.ask(*host.docker_as(None, "rm", "-f", "other"))
        host.container("other")
        tool = Tool(host, versions()[-1])
        seen = tool.must("GET", "/containers/web/json")
        tool.must("DELETE", f"/containers/{seen['Id']}?force=1")
        plain = tool.must("POST", "/containers/create?name=web", {"Image": "bb", "Cmd": ["sh"]})["Id"]
        other = json.loads(host.engine("inspect", "other"))[0]["Id"]
        fixed = {"IPAMConfig": {"IPv4Address": "172.31.78.9"}}
        for step in ("as they are", "renamed"):
            for ident in (plain, other, "web"):
                status, got = tool.ask("POST", "/networks/recreate-two/connect", {"Container": ident, "EndpointConfig": fixed})
                equal(status, 403, f"status of {ident}, {step} ({got})")
            tool.must("POST", f"/containers/{plain}/rename?name=plain-{step[0]}")
            if step == "as they are":
                tool.must("POST", f"/containers/{other}/rename?name=web")
        status, got = tool.ask("POST", f"/containers/{other}/rename?name={seen['Id']}")
        equal(status, 403, f"status of a name that is the old one's id ({got})")
        host.engine("rename", other, seen["Id"])        # past dsp: the reason
        equal(json.loads(host.engine("inspect", seen["Id"]))[0]["Id"], other, "whom the engine takes for the one that is gone")
        host.engine("rm", "-f", plain, other)

    @test("recreate: a bind cannot be added, nor a privilege, nor another command, image or name")
    def _():
        level()
        old()
        tool = Tool(host, versions()[-1])
        seen = tool.must("GET", "/containers/web/json")
        tool.must("DELETE", f"/containers/{seen['Id']}?force=1")

        def refused(says, name="web", **changes):
            made = body_of(json.loads(json.dumps(seen)))
            made["HostConfig"].update(changes.pop("HostConfig", {}))
            status, got = tool.ask("POST", f"/containers/create?name={name}", made | changes)
            equal(status, 403, f"status of {changes}")
            contains(got["message"], says, "message")
        refused("HostConfig.Binds", HostConfig={"Binds": seen["HostConfig"]["Binds"] + ["/:/host"]})
        refused("HostConfig.Privileged", HostConfig={"Privileged": True})
        refused("HostConfig.CapDrop", HostConfig={"CapDrop": None})
        refused("Cmd is to be what the existing container has", Cmd=["cat", "/host-etc/shadow"])
        refused("Image is to be what the existing container has", Image="other")
        refused("no [workload] binds", name="web2")
        equal(host.engine("ps", "-aq", "--filter", "name=^web"), "", "containers")
        tool.must("POST", "/containers/create?name=web", body_of(seen))

    @test("recreate: docker exec runs what [exec] names, and an exec made elsewhere is not started")
    def _():
        level()
        host.container("kept")
        equal(host.allowed(LEVEL, "exec", "kept", "echo", "hello"), "hello\n", "output")
        said = host.docker(LEVEL, "exec", "kept", "id")
        contains(said.stdout + said.stderr, "dsp: Cmd 'id' is not allowed by policy recreate (not in [exec] commands)", "what docker prints")
        host.container("other", "-u", "1000")

        def made(container, **body):
            out = host.do("curl", "-sS", "--unix-socket", "/run/docker.sock", "-H", "Content-Type: application/json", "-d", json.dumps(body), f"http://d/containers/{container}/exec")
            return json.loads(out)["Id"]

        def started(ident):
            status, body = host.curl(LEVEL, f"/exec/{ident}/start", "-H", "Content-Type: application/json", "-d", '{"Detach":true}')
            return status, body
        equal(started(made("kept", Cmd=["echo", "x"]))[0], 200, "what is named")
        equal(started(made("other", Cmd=["echo", "x"]))[0], 200, "the container's own user")
        for container, body, field in (("kept", {"Cmd": ["sh", "-c", "echo x"]}, "exec.Cmd 'sh'"), ("kept", {"Cmd": ["echo", "x"], "Privileged": True}, "exec.Privileged"), ("other", {"Cmd": ["echo", "x"], "User": "0"}, "exec.User '0'")):
            status, said = started(made(container, **body))
            equal(status, 403, f"status of {body}")
            contains(said, field, "answer")
        equal(started("0" * 64)[0], 404, "status of none")
