"""Real clients: the Docker CLI as a CI runner uses it, and Compose, each at the preset of its name."""
import levels
from tap import contains, equal, lacks, true

PROJECT = """version: "2.4"
services:
  server:
    image: bb
    command: sh -c 'echo hello from server >/www/index.html; exec httpd -f -p 80 -h /www'
    volumes: ["pages:/www"]
    labels: {com.example.role: server}
  client:
    image: bb
    depends_on: [server]
    command: sh -c 'until wget -q -O - http://server/; do sleep 0.2; done; exec sleep 1000000'
volumes:
  pages:
"""


def register(suite, host):
    test = suite.test

    @test("clients: docker runs a CI job at the level ci: network, volume, two steps, a service, logs, and all removed")
    def _():
        with levels.at(host, "ci"):
            ci = lambda *arguments: host.allowed("ci", *arguments)
            ci("network", "create", "job")
            ci("volume", "create", "job-cache")
            ci("run", "-d", "--name", "job-service", "--network", "job", "bb", "sh", "-c", "echo served >/tmp/a; exec httpd -f -p 80 -h /tmp")
            equal(ci("run", "--rm", "--network", "job", "-v", "job-cache:/cache", "bb", "sh", "-c",
                     "until wget -q -O /cache/a http://job-service/a; do sleep 0.2; done; echo fetched"), "fetched\n", "the first step's output")
            done = host.docker("ci", "run", "--name", "job-step", "-i", "-v", "job-cache:/cache", "bb", "sh", input="cat /cache/a; exit 3\n")
            equal((done.returncode, done.stdout), (3, "served\n"), "the second step's status and output")
            equal(ci("logs", "job-step"), "served\n", "its log")
            ci("stop", "-t", "0", "job-service")
            ci("rm", "job-step", "job-service")
            ci("volume", "rm", "job-cache")
            ci("network", "rm", "job")
        equal(host.engine("ps", "-aq", "--filter", "name=job"), "", "containers that are left")

    @test("clients: docker at the level ci is refused another container's files, an exec, secrets, plugins and a swarm")
    def _():
        levels.refused(host, "ci", ContainerArchive=("cp", "bystander:/bin/busybox", "/tmp/stolen"), ContainerExec=("exec", "bystander", "true"),
                       SecretList=("secret", "ls"), PluginDisable=("plugin", "disable", "x"), SwarmInit=("swarm", "init"))

    def compose(name, *arguments):
        program = ("docker", "compose") if host.release != "bookworm" else ("docker-compose",)
        address = levels.level(host, name)
        return ("env", f"DOCKER_HOST={address}", *program, "-p", "shop", "-f", "/root/shop/compose.yml", *arguments)

    @test("clients: docker compose brings a project up, shows it, makes it anew and takes it down at the level compose", limit=120)
    def _():
        host.write("/root/shop/compose.yml", PROJECT)
        with levels.at(host, "compose"):
            run = lambda *arguments: host.do(*compose("compose", *arguments))
            try:
                run("up", "-d")
                contains(run("ps"), "server", "what compose ps shows")
                host.sh("until docker logs $(docker ps -q --filter label=com.docker.compose.service=client) | grep hello; do sleep 0.2; done", timeout=20)
                contains(run("logs", "client"), "hello from server", "the client's log")
                before = host.engine("ps", "-q", "--filter", "label=com.example.role=server")
                host.write("/root/shop/compose.yml", PROJECT.replace("role: server", "role: server2"))
                run("up", "-d", "-t", "0")
                lacks(host.engine("ps", "-q", "--filter", "label=com.example.role=server2"), before, "the container made anew")
                run("stop", "-t", "0")
            finally:
                run("down", "-v", "-t", "0")
        for kind in ("container", "network", "volume"):
            every = ["-a"] if kind == "container" else []
            equal(host.engine(kind, "ls", *every, "-q", "--filter", "label=com.docker.compose.project=shop"), "", f"what is left of the {kind}s")

    @test("clients: docker compose shows a project at the level readonly, and is refused to stop it")
    def _():
        host.write("/root/shop/compose.yml", PROJECT)
        host.do(*compose("full", "up", "-d", "server"))
        try:
            contains(host.do(*compose("readonly", "ps")), "server", "what compose ps shows")
            done = host.ask(*compose("readonly", "stop", "-t", "0", "server"))
            # Debian 12's Compose prints the error and ends with 0.
            contains(done.stdout + done.stderr, "dsp: ContainerStop (", "what compose stop prints")
            true(host.engine("ps", "-q", "--filter", "label=com.docker.compose.service=server"), "the service has stopped")
        finally:
            host.do(*compose("full", "down", "-v", "-t", "0"))

    @test("clients: docker at the level compose is refused a container's files, secrets, plugins and a swarm")
    def _():
        levels.refused(host, "compose", ContainerExport=("export", "-o", "/tmp/stolen", "bystander"), SecretList=("secret", "ls"),
                       PluginDisable=("plugin", "disable", "x"), SwarmInit=("swarm", "init"))
