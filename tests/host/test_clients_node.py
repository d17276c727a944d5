"""Real clients: modules of npm, as the programs use them that are made with them."""
import levels
from stream import Stream
from tap import contains, equal, true

DEVCONTAINER = '{"name": "test", "image": "dev", "runArgs": ["--network", "none"], "postCreateCommand": "echo created >/tmp/created", "overrideCommand": true}'


def register(suite, host):
    test = suite.test

    def script(name, address, container):
        return (*levels.NODE, "node", f"{levels.FOLDER}/{name}", address.removeprefix("unix://"), container)

    @test("clients: dockerode as homepage uses it shows state and numbers of a container at the level homepage, and may not create one")
    def _():
        name = host.container("tile", "--label", "homepage.group=web")
        with levels.at(host, "homepage", denied={"ContainerCreate"}) as address:
            first, second = host.do(*script("homepage.js", address, name)).splitlines()
        contains(first, '{"status":"running","labels":{"homepage.group":"web"},"cpu":')
        equal(second, "403 dsp: ContainerCreate (POST /containers/create) is not allowed by policy homepage")

    @test("clients: dockerode as wud uses it sees images and events at the level wud, and may not stop a container")
    def _():
        host.container("wud-there")
        with levels.at(host, "wud", denied={"ContainerStop"}) as address:
            with Stream(host, *script("wud.js", address, "wud-new")) as wud:
                wud.await_line("image bb:latest amd64")
                wud.await_line("watching")
                host.container("wud-new")
                wud.await_line("started wud-new running")
                contains(wud.await_line("403"), "dsp: ContainerStop (")
                equal(wud.await_end(), 0, "exit status")

    @test("clients: axios as Uptime Kuma uses it sees a container up, then down, at the level uptime-kuma, and may not stop it")
    def _():
        name = host.container("monitored")
        with levels.at(host, "uptime-kuma", denied={"ContainerStop"}) as address:
            up = host.do(*script("uptime-kuma.js", address, name))
            host.engine("stop", "-t", "0", name)
            down = host.do(*script("uptime-kuma.js", address, name))
        refusal = "403 dsp: ContainerStop (POST /containers/monitored/stop) is not allowed by policy uptime-kuma\n"
        equal((up, down), ("up running\n" + refusal, "down exited\n" + refusal))

    @test("clients: dockerode attaches to a container and types into it, with and without an upgrade, and nothing of the body that it sends arrives there")
    def _():
        for way in ("hijack", "bare"):
            name = host.container("typed-" + way, "-i", command=("sh", "-c", "while read line; do echo got $line; done"))
            with levels.at(host, "attaching") as address:
                equal(host.do(*script("attach.js", address, name), *[way]), "got word\n", "what the container read")

    for name in ("homepage", "wud", "uptime-kuma"):
        suite.add(f"clients: the level {name} refuses what changes a container, and its files", lambda name=name: levels.outside(host, name))

    @test("clients: @devcontainers/cli brings a dev container up and runs commands in it at the level devcontainers", limit=90)
    def _():
        # Beside what `bb` has, a dev container must have users.
        host.sh("""docker run --name dev-made --network none bb sh -c 'echo root:x:0:0:root:/root:/bin/sh >/etc/passwd; mkdir /root'
            docker commit dev-made dev; docker rm dev-made""")
        host.write("/root/dev/.devcontainer/devcontainer.json", DEVCONTAINER)
        host.write("/root/dev/hello", "from the workspace\n")
        cli = lambda address, command, *more: ("env", f"DOCKER_HOST={address}", "/opt/clients/node_modules/.bin/devcontainer", command,
                                               "--workspace-folder", "/root/dev", *more)
        with levels.at(host, "devcontainers") as address:
            try:
                contains(host.do(*cli(address, "up")), '"outcome":"success"')
                equal(host.do(*cli(address, "exec", "sh", "-c", "cat hello /tmp/created")), "from the workspace\ncreated\n")
            finally:
                host.sh("docker rm -f $(docker ps -aq --filter label=devcontainer.local_folder)")

    @test("clients: @devcontainers/cli is refused to build an image at the level devcontainers")
    def _():
        host.write("/root/built/.devcontainer/devcontainer.json", '{"build": {"dockerfile": "Dockerfile"}}')
        host.write("/root/built/.devcontainer/Dockerfile", "FROM bb\n")
        after = host.cursor()
        done = host.ask("env", f"DOCKER_HOST={levels.level(host, 'devcontainers')}", "/opt/clients/node_modules/.bin/devcontainer", "build",
                        "--workspace-folder", "/root/built", timeout=50)
        true(done.returncode != 0, f"the build succeeded\n{done.stdout}")
        denied = {record["DSP_OPERATION"] for record in host.records(after, DSP_VERDICT="denied", DSP_POLICY="devcontainers")}
        true(denied & {"Session", "Grpc", "ImageBuild"}, f"denied were {denied}")
