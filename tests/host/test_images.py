"""The level `full`: builds, images that are saved and loaded, and compose."""
from tap import contains, equal, true

COMPOSE = """
version: "2.4"
services:
  server:
    image: bb
    command: sh -c 'echo "hello from server" >/tmp/index.html; exec httpd -f -p 80 -h /tmp'
    volumes: ["data:/data"]
    stop_grace_period: 1s
  client:
    image: bb
    command: sh -c 'until wget -q -O - http://server/; do sleep 0.2; done; exec sleep 1000000'
    depends_on: [server]
    stop_grace_period: 1s
volumes:
  data: {}
"""


def register(suite, host):
    test = suite.test

    def build(tag, buildkit):
        host.sh("mkdir -p /root/context; head -c 5000000 /dev/urandom >/root/context/blob")
        host.write("/root/context/Dockerfile", f"FROM bb\nCOPY blob /blob\nRUN echo made by {tag} >/made\nRUN sha256sum /blob >/sum\n")
        out = host.do("env", f"DOCKER_BUILDKIT={buildkit}", *host.docker_as("full", "build", "--no-cache", "-t", tag, "/root/context"))
        equal(host.engine("run", "--rm", "--network", "none", tag, "cat", "/made"), f"made by {tag}")
        equal(host.engine("run", "--rm", "--network", "none", tag, "cat", "/sum").split()[0], host.do("sha256sum", "/root/context/blob").split()[0])
        return out

    @test("full: docker build works with the classic builder", limit=120)
    def _():
        contains(build("classic", "0"), "Successfully built")

    @test("full: docker build works with BuildKit (the session and grpc upgrades)", limit=120)
    def _():
        build("buildkit", "1")

    @test("full: a build that fails ends with the engine's error")
    def _():
        host.sh("mkdir -p /root/failing; printf 'FROM bb\\nRUN exit 42\\n' >/root/failing/Dockerfile")
        for buildkit in ("0", "1"):
            done = host.ask("env", f"DOCKER_BUILDKIT={buildkit}", *host.docker_as("full", "build", "/root/failing"))
            true(done.returncode != 0, "the failing build succeeded")
            contains(done.stdout + done.stderr, "42")

    @test("full: docker save of an image of 100 MB gives the files that the engine gives, with equal checksums", limit=180)
    def _():
        # File by file: engines since 25 put the time of the call into the archive's headers.
        _big(host)
        host.sh("""sums() { rm -rf /root/saved; mkdir /root/saved; tar -C /root/saved -x; (cd /root/saved; find . -type f -exec sha256sum {} + | sort -k 2); }
            docker save big | tee >(wc -c >/root/direct.size) | sums >/root/direct.sums
            DOCKER_HOST=unix:///run/dsp/full.sock docker save big | tee /root/big.tar | sums >/root/dsp.sums
            test -s /root/dsp.sums
            cmp /root/direct.sums /root/dsp.sums
            test "$(stat -c %s /root/big.tar)" = "$(cat /root/direct.size)"
            test "$(stat -c %s /root/big.tar)" -gt 100000000""")

    @test("full: docker load of it gives the same image again, with equal content", limit=180)
    def _():
        _big(host)
        host.sh("""test -s /root/big.tar || docker save big >/root/big.tar
            id=$(docker image inspect -f '{{.Id}}' big)
            docker rmi big
            DOCKER_HOST=unix:///run/dsp/full.sock docker load </root/big.tar
            test "$(docker image inspect -f '{{.Id}}' big)" = "$id"
            test "$(docker run --rm --network none big sha256sum /blob | cut -d' ' -f1)" = "$(cat /root/blob.sum)" """)

    @test("full: docker import, tag, history, commit and rmi work")
    def _():
        host.container("committed")
        host.sh("""export DOCKER_HOST=unix:///run/dsp/full.sock
            tar -C /root/bb -c . | docker import - imported
            docker tag imported example.invalid/some/name:tag
            docker history example.invalid/some/name:tag
            docker image inspect example.invalid/some/name:tag
            docker commit committed made-by-commit
            docker rmi made-by-commit example.invalid/some/name:tag imported""")

    @test("full: docker pull of what cannot be had fails with the engine's error, not dsp's")
    def _():
        # The host has no network: what matters is that the request reaches the engine and its answer the client.
        done = host.docker("full", "pull", "registry.invalid/nothing")
        true(done.returncode != 0, "the pull succeeded")
        contains(done.stderr, "registry.invalid")

    @test("full: docker compose up -d brings services, network and volume up; down -v takes all away", limit=120)
    def _():
        host.write("/root/project/compose.yml", COMPOSE)
        compose = ("docker", "compose") if host.release != "bookworm" else ("docker-compose",)
        compose = ("env", "DOCKER_HOST=unix:///run/dsp/full.sock", *compose, "-p", "project", "-f", "/root/project/compose.yml")
        host.do(*compose, "up", "-d")
        try:
            contains(host.do(*compose, "ps"), "server")
            logs = ""
            for _ in range(50):
                logs = host.do(*compose, "logs", "client")
                if "hello from server" in logs:
                    break
                host.do("sleep", "0.2")
            contains(logs, "hello from server", "the client's log")
            equal(host.do(*compose, "exec", "-T", "server", "cat", "/tmp/index.html"), "hello from server\n")
        finally:
            host.do(*compose, "down", "-v")
        for kind in ("container", "network", "volume"):
            all_of = ["-a"] if kind == "container" else []
            equal(host.engine(kind, "ls", *all_of, "-q", "--filter", "label=com.docker.compose.project=project"), "", f"what is left of the {kind}s")

    @test("full: docker compose up in the foreground shows the services' output and their end", limit=60)
    def _():
        host.write("/root/short/compose.yml", 'version: "2.4"\nservices:\n  one:\n    image: bb\n    network_mode: none\n    command: echo short but seen\n')
        compose = ("docker", "compose") if host.release != "bookworm" else ("docker-compose",)
        compose = ("env", "DOCKER_HOST=unix:///run/dsp/full.sock", *compose, "-p", "short", "-f", "/root/short/compose.yml")
        try:
            contains(host.do(*compose, "up"), "short but seen")
        finally:
            host.do(*compose, "down")


def _big(host):
    """An image with 100 MB that no compression makes smaller."""
    if host.ask(*host.docker_as(None, "image", "inspect", "big")).returncode != 0:
        host.sh("""mkdir -p /root/big
            head -c 100000000 /dev/urandom >/root/big/blob
            sha256sum /root/big/blob | cut -d' ' -f1 >/root/blob.sum
            cp -a /root/bb/. /root/big/
            tar -C /root/big -c . | docker import - big""")
