"""The level `readonly`: everything that shows state, nothing that changes it."""
from stream import Stream
from tap import contains, equal, true


def register(suite, host):
    test = suite.test
    readonly = lambda *arguments: host.allowed("readonly", *arguments)

    @test("readonly: docker ps, images, network ls and volume ls show what there is")
    def _():
        host.container("shown")
        host.engine("volume", "create", "shown-volume")
        contains(readonly("ps"), "shown")
        contains(readonly("images"), "bb")
        contains(readonly("network", "ls"), "bridge")
        contains(readonly("volume", "ls"), "shown-volume")

    @test("readonly: docker logs prints what the container has printed, stdout and stderr apart")
    def _():
        host.container("talker", command=("sh", "-c", "echo to stdout; echo to stderr >&2; sleep 1000000"))
        done = host.docker("readonly", "logs", "talker")
        equal((done.stdout, done.stderr), ("to stdout\n", "to stderr\n"), "stdout and stderr")

    @test("readonly: docker logs -f shows a line while the container still runs")
    def _():
        # The second line is printed only when the test says so: it cannot come from a buffer that ended.
        host.container("teller", command=("sh", "-c", "echo first; while ! test -e /tmp/go; do sleep 0.1; done; echo second; sleep 1000000"))
        with Stream(host, *host.docker_as("readonly", "logs", "-f", "teller")) as logs:
            logs.await_line("first")
            host.engine("exec", "teller", "touch", "/tmp/go")
            logs.await_line("second", 5)
            true(logs.alive(), "docker logs -f has ended")

    @test("readonly: docker stats --no-stream and docker top show a container")
    def _():
        host.container("measured")
        contains(readonly("stats", "--no-stream", "measured"), "measured")
        contains(readonly("top", "measured"), "sleep 1000000")

    @test("readonly: docker info shows the engine's state")
    def _():
        contains(readonly("info"), "Server Version: " + host.engine("version", "--format", "{{.Server.Version}}"))

    refused = {
        "start": ("ContainerStart", "start", "kept"),
        "stop": ("ContainerStop", "stop", "kept"),
        "rm": ("ContainerDelete", "rm", "-f", "kept"),
        "exec": ("ContainerExec", "exec", "kept", "true"),
        "run": ("ContainerCreate", "run", "--rm", "--network", "none", "bb", "true"),
        "rmi": ("ImageDelete", "rmi", "-f", "bb"),
        "volume create": ("VolumeCreate", "volume", "create", "evil"),
    }

    def refusal(operation, *arguments):
        def check():
            if host.engine("ps", "-q", "--filter", "name=^kept$") == "":
                host.container("kept")
            host.refused("readonly", operation, *arguments)
            true(host.engine("ps", "-q", "--filter", "name=^kept$"), "the container is gone")
        return check

    for name, (operation, *arguments) in refused.items():
        suite.add(f"readonly: docker {name} is refused and docker prints dsp's reason", refusal(operation, *arguments))

    @test("readonly: docker attach is refused")
    def _():
        # Of a refused upgrade docker prints only the status: the reason is in the journal.
        host.container("kept")
        after = host.cursor()
        done = host.docker("readonly", "attach", "--no-stdin", "kept")
        true(done.returncode != 0, "docker attach succeeded")
        contains(done.stderr, "403")
        equal([record["DSP_VERDICT"] for record in host.records(after, DSP_OPERATION="ContainerAttach")], ["denied"])
