"""The level `traefik`: list, inspect and watch containers, and nothing else."""
import json

from stream import Stream
from tap import contains, equal, true


def register(suite, host):
    test = suite.test
    traefik = lambda *arguments: host.allowed("traefik", *arguments)

    @test("traefik: systemctl enable --now dsp-traefik.socket gives /run/dsp/traefik.sock, for the group docker only")
    def _():
        equal(host.ask("systemctl", "is-enabled", "dsp-traefik.socket").stdout.strip(), "enabled")
        equal(host.ask("systemctl", "is-active", "dsp-traefik.socket").stdout.strip(), "active")
        equal(host.do("stat", "-c", "%F %a %U %G", "/run/dsp/traefik.sock").strip(), "socket 660 root docker")

    @test("traefik: nothing of dsp runs while nobody is connected")
    def _():
        host.all_gone()

    @test("traefik: docker version shows the engine's version")
    def _():
        equal(traefik("version", "--format", "{{.Server.Version}}"), host.engine("version", "--format", "{{.Server.Version}}") + "\n")

    @test("traefik: the CLI and the engine agree on the same API version as without dsp")
    def _():
        equal(traefik("version", "--format", "{{.Client.APIVersion}}").strip(), host.engine("version", "--format", "{{.Client.APIVersion}}"))

    @test("traefik: docker ps lists the containers")
    def _():
        name = host.container("listed")
        equal(traefik("ps", "--filter", "name=listed", "--format", "{{.Names}}").strip(), name)

    @test("traefik: docker inspect shows exactly what the engine shows")
    def _():
        name = host.container("inspected", "--label", "traefik.enable=true")
        equal(json.loads(traefik("inspect", name)), json.loads(host.engine("inspect", name)))

    @test("traefik: docker inspect of an absent container fails with the engine's own 404")
    def _():
        done = host.docker("traefik", "container", "inspect", "absent")
        true(done.returncode != 0, "docker inspect of an absent container succeeded")
        contains(done.stderr, "No such container: absent")

    @test("traefik: docker events shows containers start and stop while the stream is open")
    def _():
        with Stream(host, *host.docker_as("traefik", "events", "--format", "{{.Action}} {{.Actor.Attributes.name}}")) as events:
            host.container("warm-up")         # the CLI does not say when it is subscribed; an event that it shows does
            _subscribed(host, events)
            host.container("watched")
            events.await_line("start watched")
            true(events.alive(), "the event stream has ended")
            host.engine("stop", "-t", "1", "watched")
            events.await_line("die watched")
            true(events.alive(), "the event stream has ended")

    refused = {
        "run": ("ContainerCreate", "run", "--rm", "--network", "none", "bb", "true"),
        "create": ("ContainerCreate", "create", "bb", "true"),
        "exec": ("ContainerExec", "exec", "prisoner", "true"),
        "cp out of a container": ("ContainerArchive", "cp", "prisoner:/bin/busybox", "/tmp/stolen"),
        "cp into a container": ("PutContainerArchive", "cp", "/etc/hostname", "prisoner:/tmp/smuggled"),
        "start": ("ContainerStart", "start", "prisoner"),
        "stop": ("ContainerStop", "stop", "prisoner"),
        "kill": ("ContainerKill", "kill", "prisoner"),
        "rm": ("ContainerDelete", "rm", "-f", "prisoner"),
        "logs": ("ContainerLogs", "logs", "prisoner"),
        "images": ("ImageList", "images"),
        "save": ("ImageGetAll", "save", "bb"),
        "network ls": ("NetworkList", "network", "ls"),
        "network create": ("NetworkCreate", "network", "create", "evil"),
        "volume ls": ("VolumeList", "volume", "ls"),
        "info": ("SystemInfo", "info", "--format", "{{.ServerErrors}}{{.ID}}"),
    }

    def refusal(operation, *arguments):
        def check():
            if host.engine("ps", "-q", "--filter", "name=^prisoner$") == "":
                host.container("prisoner")
            if arguments[0] == "info":
                # `docker info` prints the error and may still end with 0.
                done = host.docker("traefik", *arguments)
                contains(done.stdout + done.stderr, "dsp: SystemInfo (")
            else:
                host.refused("traefik", operation, *arguments)
            true(host.engine("ps", "-q", "--filter", "name=^prisoner$"), "the container is gone")
        return check

    for name, (operation, *arguments) in refused.items():
        suite.add(f"traefik: docker {name} is refused and docker prints dsp's reason", refusal(operation, *arguments))

    @test("traefik: docker build with the classic builder is refused and docker prints dsp's reason")
    def _():
        done = build("0")
        contains(done.stdout + done.stderr, "dsp: ImageBuild (")
        contains(done.stdout + done.stderr, "is not allowed by policy traefik")

    @test("traefik: docker build with BuildKit is refused")
    def _():
        after = host.cursor()
        done = build("1")
        # Of a refused upgrade docker prints only the status: the reason is in the journal.
        true("is not allowed by policy traefik" in done.stderr or "received 403" in done.stderr, done.stderr)
        denied = {record["DSP_OPERATION"] for record in host.records(after, DSP_VERDICT="denied")}
        true(denied & {"Session", "Grpc", "ImageBuild"}, f"denied were {denied}")

    def build(buildkit):
        host.sh("mkdir -p /root/evil; echo FROM bb >/root/evil/Dockerfile")
        done = host.ask("env", f"DOCKER_BUILDKIT={buildkit}", *host.docker_as("traefik", "build", "/root/evil"))
        true(done.returncode != 0, "the build succeeded")
        return done

    @test("traefik: a denial is 403 with Docker's own JSON form and nothing else in it")
    def _():
        status, body = host.curl("traefik", "/v1.41/containers/create", "-X", "POST", "-H", "Content-Type: application/json", "-d", '{"Image":"bb"}')
        equal(status, 403, "status")
        equal(json.loads(body), {"message": "dsp: ContainerCreate (POST /v1.41/containers/create) is not allowed by policy traefik"}, "body")

    @test("traefik: the versionless requests of clients like docker-py are understood")
    def _():
        equal(host.curl("traefik", "/version")[0], 200, "status")
        equal(host.curl("traefik", "/containers/json?all=1")[0], 200, "status")
        equal(host.curl("traefik", "/images/json")[0], 403, "status")


def _subscribed(host, events):
    """Returns when the event stream is known to be open."""
    for _ in range(20):
        host.engine("restart", "-t", "0", "warm-up")
        try:
            events.await_line("start warm-up", 1)
            return
        except AssertionError:
            true(events.alive(), f"docker events has ended:\n{events.seen}")
    events.await_line("start warm-up", 1)
