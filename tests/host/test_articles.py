"""
The recipes of examples/articles, installed by the commands of their README.md, with their own compose files.

The images that the compose files name cannot be had without a network. In their place is a stand-in with curl that
starts whatever its command line says and sleeps; the tests let it make the requests that the program itself makes.
"""
import contextlib
import json
import os
import re

from stream import Stream
from tap import contains, equal, lacks, true

FOLDER = "/usr/src/dsp/examples/articles"
IMAGES = ("traefik:v3", "portainer/portainer-ce:lts", "nicolargo/glances:latest", "louislam/dockge:1", "containrrr/watchtower:latest")
CREATE = ("POST", "/containers/create?name=made-by-article", '{"Image":"bb","Cmd":["sleep","1000000"],"HostConfig":{"NetworkMode":"none"}}')


def register(suite, host):
    test = suite.test

    def stand_in():
        """The image that stands for all others: busybox, curl, and what curl needs."""
        if host.ask("docker", "image", "inspect", "stand-in").returncode != 0:
            host.sh("""rm -rf /root/stand-in; cp -a /root/bb /root/stand-in
                mkdir -p /root/stand-in/usr/lib /root/stand-in/usr/lib64
                for file in /usr/bin/curl $(ldd /usr/bin/curl | grep -o '/[^ ]*'); do cp --parents -L $file /root/stand-in/; done
                tar -C /root/stand-in -c . | docker import --change 'ENTRYPOINT ["/bin/sh", "-c", "exec sleep 1000000", "--"]' - stand-in""")
        for image in IMAGES:
            host.engine("tag", "stand-in", image)

    def install(name):
        """What the README.md says."""
        text = host.read(f"{FOLDER}/{name}/README.md").split("## Install\n")[1]
        block = re.match(r"\n((?:    .*\n)+)", text)[1]
        host.sh(f"cd {FOLDER}/{name}\n{block}")

    def remove(name):
        units = host.sh(f"cd {FOLDER}/{name}; ls *.socket 2>/dev/null || true").split()
        for unit in units:
            host.ask("systemctl", "disable", "--now", unit)
        host.sh(f"""shopt -s nullglob; cd {FOLDER}/{name}
            for file in *.ini; do rm -f /etc/dsp/$file; done
            for file in *.socket *.service; do rm -f /etc/systemd/system/$file; done
            rm -f /etc/systemd/system/dsp-traefik.socket.d/tcp.conf /etc/systemd/system/dsp-readonly.socket.d/developers.conf
            systemctl daemon-reload; systemctl restart dsp-traefik.socket dsp-readonly.socket""")

    def compose(name, *arguments, edit=lambda text: text):
        text = edit(host.read(f"{FOLDER}/{name}/compose.yml"))
        program = ("docker", "compose")
        if host.release == "bookworm":
            program, text = ("docker-compose",), re.sub(r"\n +bind: \{ create_host_path: false \}", "", text)
        host.write(f"/root/{name}/compose.yml", text)
        return host.ask(*program, "-p", name, "-f", f"/root/{name}/compose.yml", *arguments, timeout=60)

    @contextlib.contextmanager
    def recipe(name, project=True):
        """Installed, and its project up. Yields what asks from inside a service's container, as curl does; returns (status, body)."""
        def ask(service, where, method, path, body=""):
            container = host.engine("ps", "-q", "--filter", f"label=com.docker.compose.project={name}", "--filter", f"label=com.docker.compose.service={service}")
            options = ("--unix-socket", where, f"http://d{path}") if where.startswith("/") else (f"http://{where}{path}",)
            head = ("-I",) if method == "HEAD" else ("-X", method)
            done = host.ask("docker", "exec", container, "/usr/bin/curl", "-sS", "--max-time", "4", *head, "-H", "Content-Type: application/json",
                            *(("-d", body) if body else ()), "-w", "\n%{http_code}", *options)
            said, _, status = done.stdout.rpartition("\n")
            return int(status or 0), said

        try:
            install(name)
            if project:
                stand_in()
                done = compose(name, "up", "-d")
                equal(done.returncode, 0, f"the status of compose up, which said\n{done.stdout}{done.stderr}")
            yield ask
        finally:
            if project:
                compose(name, "down", "-v", "-t", "0")
            host.ask("docker", "rm", "-f", "made-by-article")
            remove(name)

    def answers(ask, service, where, wanted):
        """Each request of the list is answered so: (status, method, path, body)."""
        for status, *request in wanted:
            equal(ask(service, where, *request)[0], status, f"what {service} is answered to {' '.join(request[:2])}")

    reads = [(200, "HEAD", "/_ping"), (200, "GET", "/version"), (200, "GET", "/containers/json?all=1")]

    @test("articles: traefik-portainer: Traefik sees containers and events, and may not even list images", limit=120)
    def _():
        with recipe("traefik-portainer") as ask:
            answers(ask, "traefik", "/var/run/docker.sock", [*reads, (200, "GET", "/v1.41/events?until=1&filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D"),
                                                             (403, "GET", "/images/json"), (403, *CREATE)])
            _, said = ask("traefik", "/var/run/docker.sock", "GET", "/containers/json?all=1")
            contains(said, "traefik-portainer", "the list")

    @test("articles: traefik-portainer: Portainer shows and creates, and opens no shell and no file in a container", limit=120)
    def _():
        with recipe("traefik-portainer") as ask:
            answers(ask, "portainer", "/var/run/docker.sock", [
                *reads, (200, "GET", "/info"), (200, "GET", "/images/json"), (200, "GET", "/volumes"), (200, "GET", "/networks"),
                (201, *CREATE), (204, "POST", "/containers/made-by-article/start"), (200, "GET", "/containers/made-by-article/json"),
                (403, "POST", "/containers/made-by-article/exec", '{"Cmd":["sh"]}'), (403, "POST", "/containers/made-by-article/attach?stdin=1&stream=1"),
                (403, "GET", "/containers/made-by-article/archive?path=/bin/busybox"), (403, "GET", "/system/df"), (403, "GET", "/secrets"),
                (403, "GET", "/plugins"), (204, "DELETE", "/containers/made-by-article?force=1")])

    @test("articles: a socket that is not there stops compose, and no directory is made in its place")
    def _():
        stand_in()
        absent = lambda text: text.replace("/run/dsp/traefik.sock", "/run/dsp/absent.sock")
        try:
            done = compose("traefik-portainer", "up", "-d", "traefik", edit=absent)
            true(done.returncode != 0, f"compose up succeeded\n{done.stdout}{done.stderr}")
            contains(done.stdout + done.stderr, "/run/dsp/absent.sock", "what compose says")
            true(not os.path.lexists(host.path("/run/dsp/absent.sock")), "something was made in its place")
        finally:
            compose("traefik-portainer", "down", "-v", edit=absent)

    @test("articles: homelab: what looks sees and changes nothing, what manages creates; each only for its own address", limit=120)
    def _():
        look, manage = "172.31.251.1:2375", "172.31.252.1:2375"
        with recipe("homelab") as ask:
            answers(ask, "glances", look, [*reads, (200, "GET", "/images/json"), (200, "GET", "/volumes"), (403, *CREATE), (403, "POST", "/volumes/create", "{}")])
            answers(ask, "dockge", manage, [*reads, (201, *CREATE), (204, "POST", "/containers/made-by-article/start"), (403, "POST", "/build"),
                                            (403, "POST", "/containers/made-by-article/exec", '{"Cmd":["sh"]}'), (403, "GET", "/secrets")])
            # Neither from the other network nor from another address of its own one.
            equal(ask("glances", manage, "GET", "/_ping")[0], 0, "what glances is answered by the other level")
            equal(ask("dockge", look, "GET", "/_ping")[0], 0, "what dockge is answered by the other level")
            done = host.ask("docker", "run", "--rm", "--network", "homelab_management", "--ip", "172.31.252.9", "--entrypoint", "/usr/bin/curl",
                            "stand-in", "-sS", "--max-time", "4", f"http://{manage}/_ping")
            equal(done.stdout, "", "what a stranger in the same network is answered")
            contains(done.stderr, "curl: (28)", "what the stranger's curl says: it waited in vain")

    @test("articles: homelab: the real Docker CLI at Dockge's address lists containers, and is refused a shell", limit=120)
    def _():
        with recipe("homelab"):
            dockge = host.engine("ps", "-q", "--filter", "label=com.docker.compose.service=dockge")
            cli = lambda *arguments: host.ask("docker", "run", "--rm", "--network", f"container:{dockge}", "-v", "/usr:/usr:ro", "bb", "/usr/bin/docker",
                                              "-H", "tcp://172.31.252.1:2375", *arguments)
            contains(cli("ps", "--format", "{{.ID}}").stdout, dockge, "docker ps")
            contains(cli("exec", dockge, "sh").stderr, "dsp: ContainerExec (", "docker exec")

    @test("articles: stats: the Docker CLI over the old address shows numbers and events, is refused images, and is told why")
    def _():
        with recipe("stats", project=False):
            docker = lambda *arguments: host.ask("docker", "-H", "tcp://localhost:2379", *arguments)
            host.container("measured")
            contains(docker("ps").stdout, "measured", "docker ps")
            contains(docker("stats", "--no-stream", "measured").stdout, "measured", "docker stats")
            contains(docker("info").stdout, "Storage Driver", "docker info")
            contains(docker("version").stdout, "Server:", "docker version")
            with Stream(host, "docker", "-H", "tcp://localhost:2379", "events") as events:
                for _ in range(20):
                    host.engine("restart", "-t", "0", "measured")
                    with contextlib.suppress(AssertionError):
                        events.await_line("container start", 1)
                        break
                else:
                    raise AssertionError(f"no event\n{events.seen}")
            for operation, arguments in {"ImageList": ("images",), "ContainerInspect": ("inspect", "--type", "container", "measured"), "ContainerLogs": ("logs", "measured"),
                                         "ContainerCreate": ("run", "bb", "true")}.items():
                done = docker(*arguments)
                true(done.returncode != 0, f"docker {arguments[0]} succeeded")
                if operation != "ContainerLogs":      # which the CLI begins with an inspect
                    contains(done.stderr, f"dsp: {operation} (", f"docker {arguments[0]}")
                contains(done.stderr, "is not allowed by policy stats", f"docker {arguments[0]}")

    @test("articles: stats: dspctl turns the Caddyfile into the same operations")
    def _():
        host.sh(f"dspctl import {FOLDER}/stats/Caddyfile >/root/imported.ini")
        lines = host.ask("dspctl", "diff", "/root/imported.ini", f"{FOLDER}/stats/stats.ini").stdout.splitlines()
        # The list of paths had only the HEAD; programs fall back to the GET.
        equal([line.split()[:2] for line in lines], [["+", "SystemPing"]], "the difference")

    @test("articles: watchtower-traefik: under the name dockerproxy Traefik finds its level, and nothing else", limit=120)
    def _():
        with recipe("watchtower-traefik") as ask:
            answers(ask, "traefik", "dockerproxy:2375", [*reads, (403, "GET", "/images/json"), (403, *CREATE)])

    @test("articles: watchtower-traefik: Watchtower makes a container anew with the settings that it had, and gets no shell in it", limit=120)
    def _():
        name = host.container("made-by-article", "--label", "keep=this")
        with recipe("watchtower-traefik") as ask:
            where = "/var/run/docker.sock"
            status, said = ask("watchtower", where, "GET", f"/v1.41/containers/{name}/json")
            equal(status, 200, "the inspect")
            old = json.loads(said)
            spec = {**old["Config"], "HostConfig": old["HostConfig"]}
            answers(ask, "watchtower", where, [
                (200, "GET", "/v1.41/containers/json"), (200, "GET", "/v1.41/images/bb/json"), (204, "POST", f"/v1.41/containers/{name}/kill?signal=KILL"),
                (204, "DELETE", f"/v1.41/containers/{name}?v=1"), (201, "POST", f"/v1.41/containers/create?name={name}", json.dumps(spec)),
                (204, "POST", f"/v1.41/containers/{name}/start"), (403, "POST", f"/v1.41/containers/{name}/exec", '{"Cmd":["sh"]}'),
                (403, "GET", f"/v1.41/containers/{name}/archive?path=/"), (403, "GET", "/v1.41/volumes"), (403, "POST", "/v1.41/build")])
            equal(host.engine("inspect", "-f", "{{.Config.Labels.keep}} {{.State.Running}}", name), "this true", "the new container")

    @test("articles: users: a user of the group developers looks and changes nothing; another one does not reach the level")
    def _():
        with recipe("users", project=False):
            try:
                host.sh("useradd --create-home --groups developers ann; useradd --create-home ben")
                host.container("looked-at")
                as_user = lambda user, *arguments: host.ask("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "env", f"HOME=/home/{user}",
                                                            "docker", "-H", "unix:///run/dsp/readonly.sock", *arguments)
                contains(as_user("ann", "ps").stdout, "looked-at", "what ann sees")
                contains(as_user("ann", "run", "bb", "true").stderr, "dsp: ContainerCreate (", "what ann is told")
                lacks(host.do("id", "-Gn", "ann"), "docker", "ann's groups")
                done = as_user("ben", "ps")
                true(done.returncode != 0, "ben is let in")
                contains(done.stderr, "permission denied", "what ben is told")
            finally:
                host.ask("userdel", "-r", "ann")
                host.ask("userdel", "-r", "ben")
                host.ask("groupdel", "developers")
                host.ask("docker", "context", "rm", "readonly")
