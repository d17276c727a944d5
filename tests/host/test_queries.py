"""What the query of an allowed request may ask for: the real Docker CLI and the real engine, at a level that says nothing of it and at one that does."""
import levels
from tap import contains, equal, true

LEVEL = "queries"
RULES = """[rules]
allow = SystemPing SystemVersion SystemInfo
allow = containers:read containers:sensitive containers:write containers:exec containers:root
allow = images:read images:sensitive images:write commit:write build:root build:write session:root grpc:root volumes:sensitive volumes:write
"""
API_1_42 = (1, 42)

# As people type it: what the answer names, and the lines that let it pass (None: the engine itself cannot here).
REFUSED = {
    "DOCKER_BUILDKIT=0 docker build --network host /root/queries": ("the parameter networkmode of ImageBuild 'host'", "[build] networks", "[build]\nnetworks = host\n"),
    "DOCKER_BUILDKIT=0 docker build --add-host x:192.0.2.1 /root/queries": ("the parameter extrahosts[0] of ImageBuild", "[build] extra-hosts", "[build]\nextra-hosts = x:*\n"),
    "DOCKER_BUILDKIT=0 docker build --shm-size 128m /root/queries": ("the parameter shmsize of ImageBuild", "[build] shm-size", "[build]\nshm-size = 128M\n"),
    "DOCKER_BUILDKIT=0 docker build --ulimit nofile=512:512 /root/queries": ("the parameter ulimits of ImageBuild 'nofile'", "[build] ulimits", "[build]\nulimits = nofile=1024\n"),
    "DOCKER_BUILDKIT=0 docker build --cache-from bb /root/queries": ("the parameter cachefrom[0] of ImageBuild 'docker.io/library/bb:latest'", "[build] cache-from", "[build]\ncache-from = docker.io/library/bb\n"),
    "docker import /root/queries/empty.tar queries-imported": ("the parameter fromSrc of ImageCreate '-'", "[pull] sources", "[pull]\nsources = -\n"),
    "docker import http://127.0.0.1:9/x.tar": ("the parameter fromSrc of ImageCreate 'http://127.0.0.1:9/x.tar'", "[pull] sources", None),
    "docker push localhost:9/queries": ("the name of ImagePush 'localhost:9/queries:latest'", "[push] images", None),
    "docker kill -s STOP kept": ("the parameter signal of ContainerKill 'STOP'", "[workload] signals", "[workload]\nsignals = STOP CONT\n"),
    "docker cp /etc/hostname kept:/tmp/queries": ("the parameter path of PutContainerArchive '/tmp'", "[archive] write", "[archive]\nwrite = /tmp\n"),
    "docker top kept -o pid,args": ("the parameter ps_args of ContainerTop '-o pid,args'", "[workload] ps-args", "[workload]\nps-args = -o pid,args\n"),
    "docker search 127.0.0.1:9/x": ("the parameter term of ImageSearch '127.0.0.1:9'", "[pull] search", None),
}


def register(suite, host):
    test = suite.test

    def level(lines=""):
        """Makes the level, or writes its policy anew."""
        if not levels.make(host, LEVEL, RULES + lines):
            return
        host.sh("mkdir -p /root/queries && printf 'FROM bb\\nRUN true\\n' >/root/queries/Dockerfile && tar -cf /root/queries/empty.tar -T /dev/null")
        host.container("kept")

    def ask(words):
        return host.ask("sh", "-c", f"export DOCKER_HOST=unix:///run/dsp/{LEVEL}.sock; {words}")

    def refused(words, *says):
        done = ask(words)
        true(done.returncode != 0, f"{words} succeeded")
        for word in says:
            contains(done.stdout + done.stderr, word, "what docker prints")

    def passes(words):
        done = ask(words)
        true(done.returncode == 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    @test("queries: the classic builder, tag, commit, save, load, signals and cp out pass at a level that says nothing of queries", limit=120)
    def _():
        level()
        passes("DOCKER_BUILDKIT=0 docker build --no-cache -t queries --build-arg A=1 --label a=b --pull=false -m 64m /root/queries")
        passes("docker tag queries queries-tag && docker commit kept queries-commit && docker save queries | docker load && docker cp kept:/bin/busybox - >/dev/null && docker top kept")
        passes("docker kill -s HUP kept; docker stop -t 1 kept && docker start kept")
        passes("docker rmi queries-tag queries-commit")

    for words, (field, key, lines) in REFUSED.items():
        def check(words=words, field=field, key=key, lines=lines):
            level()
            refused(words, f"dsp: {field}", f"(no {key})")
            if lines is not None:
                level(lines)
                passes(words)
            level()
            host.engine("kill", "-s", "CONT", "kept")
        suite.add(f"queries: {words.replace('DOCKER_BUILDKIT=0 ', '')} is refused, docker prints which parameter and key, and the key lets it pass", check, limit=120)

    @test("queries: BuildKit needs [build] buildkit", limit=120)
    def _():
        level()
        refused("DOCKER_BUILDKIT=1 docker build /root/queries")     # a newer one goes on to a builder in a privileged container
        contains(host.do("journalctl", "-t", "dsp", "-o", "cat", f"DSP_POLICY={LEVEL}"), "(no [build] buildkit)", "the journal")
        level("[build]\nbuildkit = yes\n")
        passes("DOCKER_BUILDKIT=1 docker build --no-cache /root/queries")
        level()

    @test("queries: [pull] images names what is pulled; a pull of anything else does not reach the engine")
    def _():
        level("[pull]\nimages = localhost:9/acme/**\n")
        refused("docker pull localhost:9/acme/web", "connect")
        refused("docker pull localhost:9/other", "dsp: the parameter fromImage of ImageCreate 'localhost:9/other:latest'", "(not in [pull] images)")
        refused("docker pull -a localhost:9/other", "dsp: the parameter fromImage of ImageCreate 'localhost:9/other:latest'")
        level()

    @test("queries: the credentials of docker login go to registries that [pull] credentials names")
    def _():
        host.write("/root/queries-login/config.json", '{"auths":{"localhost:9":{"auth":"dTpw"}}}')
        level()
        refused("docker pull localhost:9/x", "connect")
        refused("docker --config /root/queries-login pull localhost:9/x", "dsp: the head's X-Registry-Auth of ImageCreate 'localhost:9' is not allowed by policy queries (no [pull] credentials)")
        level("[pull]\ncredentials = localhost:9\n")
        refused("docker --config /root/queries-login pull localhost:9/x", "connect")
        level()

    @test("queries: docker volume prune takes volumes without a name; of engines before API 1.42 it takes all, and needs [volumes] prune-named")
    def _():
        level()
        version = tuple(int(part) for part in host.engine("version", "--format", "{{.Server.APIVersion}}").split("."))
        host.engine("volume", "create", "queries-named")
        if version >= API_1_42:
            passes("docker volume prune -f")
            refused("docker volume prune -af", "dsp: the parameter filters of VolumePrune 'all'", "(no [volumes] prune-named)")
        else:
            refused("docker volume prune -f", "dsp: the parameter filters of VolumePrune", "(no [volumes] prune-named)")
        equal(host.engine("volume", "ls", "-q", "--filter", "name=queries-named"), "queries-named", "volumes of that name")
        level("[volumes]\nprune-named = yes\n")
        passes("docker volume prune -f")
        level()
