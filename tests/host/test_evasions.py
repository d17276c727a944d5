"""What tests/wire/evasions.py has dsp refuse, and what the real engine would have made of it."""
import json
import time

import levels
from tap import contains, equal, lacks, true

LEVEL = "evasions"
POLICY = """[rules]
allow = SystemPing ContainerCreate ServiceCreate VolumeCreate ImageCommit SwarmUpdate
[workload]
binds = /srv/data/** /srv/data:ro
networks = *
images = docker.io/library/**
entrypoints = echo guarded
entrypoints = sleep 1000
[volumes]
options = type=none o=bind device=/srv/data/**
[build]
changes = LABEL **
"""
ENGINE, FILTERED = "/run/docker.sock", f"/run/dsp/{LEVEL}.sock"
JSON = "Content-Type: application/json"


def register(suite, host):
    test = suite.test

    def post(socket, target, made):
        done = host.do("curl", "-s", "-w", "\n%{http_code}", "--unix-socket", socket, "-X", "POST", "-H", JSON, "-d", json.dumps(made), "http://d" + target)
        body, _, status = done.rpartition("\n")
        return int(status), body

    def both(target, made, says, policy=POLICY):
        """What dsp refuses and the engine takes: returns the engine's answer."""
        levels.make(host, LEVEL, policy)
        host.sh("mkdir -p /srv/data/a; mkdir -p /srv/secret; echo secret >/srv/secret/file")
        status, body = post(FILTERED, target, made)
        equal(status, 403, f"status at the level: {body}")
        contains(body, says, "the level's answer")
        status, body = post(ENGINE, target, made)
        equal(status // 100, 2, f"status at the engine: {body}")
        return body

    @test("evasions: a device of /srv/data/../secret is the engine's to mount, and dsp's to refuse")
    def _():
        both("/v1.41/volumes/create", {"Name": "up", "DriverOpts": {"type": "none", "o": "bind", "device": "/srv/data/../secret"}}, "DriverOpts '/srv/data/../secret'")
        try:
            equal(host.engine("run", "--rm", "-v", "up:/x", "bb", "cat", "/x/file"), "secret", "what the volume has")
        finally:
            host.engine("volume", "rm", "up")
        status, body = post(FILTERED, "/v1.41/volumes/create", {"Name": "in", "DriverOpts": {"type": "none", "o": "bind", "device": "/srv/data/a"}})
        equal(status, 201, body)
        host.engine("volume", "rm", "in")

    @test("evasions: an entrypoint of [] takes the image's away at the engine, and is refused by dsp where that is what is named")
    def _():
        host.sh("""docker run --name guard-made --network none bb true
            docker commit --change 'ENTRYPOINT ["echo","guarded"]' guard-made guarded; docker rm guard-made""")
        made = {"Image": "guarded", "Entrypoint": [], "Cmd": ["echo", "free"], "HostConfig": {"NetworkMode": "none"}}
        both("/v1.41/containers/create?name=guard", made, "Entrypoint is not allowed")
        equal(host.engine("start", "-a", "guard"), "free", "what ran")
        host.engine("rm", "guard")
        status, body = post(FILTERED, "/v1.41/containers/create?name=guard", made | {"Entrypoint": None})
        equal(status, 201, body)
        equal(host.engine("start", "-a", "guard"), "guarded echo free", "what ran")
        host.engine("rm", "guard")
        host.engine("rmi", "guarded")

    @test("evasions: of no image the engine makes a container that runs what a volume holds; dsp refuses it where images are named")
    def _():
        host.engine("run", "--rm", "-v", "shared:/x", "bb", "cp", "/bin/busybox", "/x/busybox")
        made = {"Cmd": ["/x/busybox", "echo", "of nothing"], "HostConfig": {"NetworkMode": "none", "Binds": ["shared:/x"]}}
        both("/v1.41/containers/create?name=scratch", made, "Image 'scratch' is not allowed")
        equal(host.engine("start", "-a", "scratch"), "of nothing", "what ran")
        host.engine("rm", "scratch")
        host.engine("volume", "rm", "shared")

    @test("evasions: a change of two lines is two instructions to the engine, and one too many to dsp")
    def _():
        host.container("committed")
        both("/v1.41/commit?container=committed&repo=two&changes=LABEL%20a=b%0AUSER%2012345", {}, "changes[0]")
        equal(host.engine("inspect", "--format", "{{.Config.User}}", "two"), "12345", "user of the image")
        host.engine("rmi", "two")

    @test("evasions: what is mounted below a bind that is read-only can be written to by API 1.41, as dsp.ini(5) says, and by a new engine's own not")
    def _():
        host.sh("mkdir -p /srv/data/below; mount -t tmpfs none /srv/data/below")
        levels.make(host, LEVEL, POLICY)
        try:
            for version in ("v1.41", "v1.44"):
                made = {"Image": "bb:latest", "Cmd": ["sh", "-c", "touch /x/file || echo kept; touch /x/below/file && echo written; true"],
                        "Entrypoint": None, "HostConfig": {"NetworkMode": "none", "Binds": ["/srv/data:/x:ro"]}}
                status, body = post(FILTERED, f"/{version}/containers/create?name=below", made)
                if status == 400 and "too new" in body:
                    continue
                equal(status, 201, body)
                contains(host.engine("start", "-a", "below"), "kept", "what is not below")
                equal("written" in host.engine("logs", "below"), version == "v1.41", f"what is below is written to by {version}")
                host.engine("rm", "below")
        finally:
            host.sh("umount /srv/data/below")

    @test("evasions: a host's name is a name in its networks to the engine, and an alias to dsp")
    def _():
        host.engine("network", "create", "told")
        made = {"Image": "bb:latest", "Cmd": ["sleep", "1000"], "Hostname": "taken", "HostConfig": {"NetworkMode": "told"}}
        try:
            both("/v1.41/containers/create?name=holder", made, "Hostname 'taken' is not allowed", POLICY.replace("networks", "aliases = acme-*\nnetworks"))
            host.engine("start", "holder")
            contains(host.engine("run", "--rm", "--network", "told", "bb", "nslookup", "taken", "127.0.0.11"), "Name:\ttaken", "what the engine's DNS tells")
        finally:
            host.sh("docker rm -f holder; docker network rm told")

    def task_of(service):
        for _ in range(60):
            task = host.engine("ps", "-q", "--filter", f"label=com.docker.swarm.service.name={service}")
            if task:
                return task
            time.sleep(0.5)
        raise AssertionError(host.engine("service", "ps", "--no-trunc", service))

    @test("evasions: in a swarm a template leads a bind out of its pattern, an id is the host's network, an old API forgets, and an empty update unlocks it; dsp refuses each", limit=90)
    def _():
        host.engine("swarm", "init", "--advertise-addr", "127.0.0.1", "--autolock")
        try:
            source = '/srv/data/{{"\\x2e\\x2e"}}/{{index .Service.Labels "to"}}'
            made = {"Name": "leads", "Labels": {"to": "secret"}}
            made["TaskTemplate"] = {"ContainerSpec": {"Image": "bb:latest", "Command": ["sleep", "1000"], "Mounts": [{"Type": "bind", "Source": source, "Target": "/x"}]}}
            both("/v1.41/services/create", made, "is a template")
            equal(host.engine("exec", task_of("leads"), "cat", "/x/file"), "secret", "what the bind has")
            made["TaskTemplate"] |= {"Networks": [{"Target": host.engine("network", "inspect", "--format", "{{.Id}}", "host")[:8]}]}
            made["TaskTemplate"]["ContainerSpec"].pop("Mounts")
            both("/v1.41/services/create", made | {"Name": "hosts"}, "(no [workload] host-namespaces)")
            equal(host.engine("inspect", "--format", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}", task_of("hosts")), "host", "the network of a service that named it by its id")
            spec = {"Name": "gains", "TaskTemplate": {"ContainerSpec": {"Image": "bb:latest", "Command": ["sleep", "1000"], "Privileges": {"NoNewPrivileges": True}}}}
            both("/v1.41/services/create", spec, "asks policy evasions", POLICY.replace("[workload]", "[workload]\nrequire-no-new-privileges = yes"))
            lacks(host.engine("inspect", "--format", "{{.HostConfig.SecurityOpt}}", task_of("gains")), "no-new-privileges", "what the engine made of it by API 1.41")
            version = host.do("curl", "-s", "--unix-socket", ENGINE, "http://d/swarm")
            true(json.loads(version)["Spec"]["EncryptionConfig"]["AutoLockManagers"], "the swarm does not lock itself")
            both(f"/v1.41/swarm/update?version={json.loads(version)['Version']['Index']}", {}, "SwarmUpdate is not allowed")
            swarm = json.loads(host.do("curl", "-s", "--unix-socket", ENGINE, "http://d/swarm"))
            true(not swarm["Spec"]["EncryptionConfig"]["AutoLockManagers"], "the update did not unlock it")
        finally:
            host.engine("swarm", "leave", "--force")
