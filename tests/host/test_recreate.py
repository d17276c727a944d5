"""A container made anew as updaters do, and an exec's start, with the real engine's own word on both."""
import json

import levels
from tap import contains, equal, true

LEVEL = "recreate"
POLICY = """[rules]
allow = SystemPing SystemVersion ContainerList ContainerInspect ImageInspect
allow = ContainerKill ContainerStop ContainerRename ContainerDelete ContainerCreate ContainerStart ContainerWait
allow = NetworkConnect NetworkDisconnect
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

    def old():
        """The container that is to be made anew."""
        host.ask(*host.docker_as(None, "rm", "-f", "web", "web-old"))
        if host.ask(*host.docker_as(None, "network", "inspect", "recreate-net")).returncode:
            host.engine("network", "create", "--subnet", "172.31.77.0/24", "recreate-net")
        host.engine("run", "-d", "--name", "web", *OPTIONS, "bb", "sleep", "1000000")

    def settings():
        found = json.loads(host.engine("inspect", "web"))[0]
        return found["HostConfig"], {key: found["Config"][key] for key in ("Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "Image", "Healthcheck")}

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
