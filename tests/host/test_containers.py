"""The level `full`: what moves bytes both ways between a client and a container."""
import hashlib
import subprocess

from stream import Stream
from tap import contains, equal, true

RUN = ("run", "--rm", "--network", "none")


def register(suite, host):
    test = suite.test
    full = lambda *arguments, **options: host.allowed("full", *arguments, **options)

    @test("full: docker run shows stdout, stderr and the exit status of the command")
    def _():
        done = host.docker("full", *RUN, "bb", "sh", "-c", "echo out; echo err >&2; exit 3")
        equal((done.returncode, done.stdout, done.stderr), (3, "out\n", "err\n"), "status, stdout and stderr")

    @test("full: docker run passes 20 MB of output whole")
    def _():
        done = host.docker("full", *RUN, "--log-driver", "none", "bb", "sh", "-c", "seq 1 10000000 | head -c 20000000", text=False)
        wanted = host.do("sh", "-c", "seq 1 10000000 | head -c 20000000 | sha256sum").split()[0]
        equal((len(done.stdout), hashlib.sha256(done.stdout).hexdigest()), (20000000, wanted), "length and checksum")

    @test("full: docker run -i hands piped stdin to the container, and its end")
    def _():
        equal(full(*RUN, "-i", "bb", "sh", "-c", "cat; echo end", input="line 1\nline 2\n"), "line 1\nline 2\nend\n")

    @test("full: docker run -i passes 20 MB in and out at once, unharmed")
    def _():
        sent = bytes(range(256)) * 80000
        done = host.docker("full", *RUN, "--log-driver", "none", "-i", "bb", "cat", input=sent, text=False)
        equal((done.returncode, hashlib.sha256(done.stdout).hexdigest()), (0, hashlib.sha256(sent).hexdigest()), "status and checksum")

    @test("full: docker run -t gives the command a terminal")
    def _():
        contains(full(*RUN, "-t", "bb", "sh", "-c", "tty; echo done"), "/dev/pts/")

    @test("full: docker run -d, wait, logs and rm do what they say")
    def _():
        full("run", "-d", "--name", "brief", "--network", "none", "bb", "sh", "-c", "echo said; exit 7")
        equal(full("wait", "brief"), "7\n")
        equal(full("logs", "brief"), "said\n")
        full("rm", "brief")
        equal(host.engine("ps", "-aq", "--filter", "name=^brief$"), "")

    @test("full: docker exec without -i shows the output, although the CLI ends its side at once")
    def _():
        host.container("executed")
        done = host.docker("full", "exec", "executed", "sh", "-c", "sleep 0.5; echo out; echo err >&2; exit 4")
        equal((done.returncode, done.stdout, done.stderr), (4, "out\n", "err\n"), "status, stdout and stderr")

    @test("full: docker exec -i hands piped stdin to the command, and its end")
    def _():
        host.container("executed")
        equal(full("exec", "-i", "executed", "sh", "-c", "cat; echo end", input="piped\n"), "piped\nend\n")

    @test("full: docker exec -t gives the command a terminal")
    def _():
        host.container("executed")
        contains(full("exec", "-t", "executed", "tty"), "/dev/pts/")

    @test("full: docker attach shows the output while it comes, and ends with the container's exit status")
    def _():
        host.container("attached", command=("sh", "-c", "while ! test -e /tmp/go; do echo tick; sleep 0.2; done; exit 5"))
        with Stream(host, *host.docker_as("full", "attach", "--no-stdin", "attached")) as attach:
            attach.await_line("tick")
            attach.await_line("tick")
            host.engine("exec", "attached", "touch", "/tmp/go")
            equal(attach.await_end(), 5, "exit status")

    @test("full: docker attach hands over what is typed")
    def _():
        host.container("typed", "-i", command=("sh", "-c", "while read line; do echo got $line; done"))
        with Stream(host, *host.docker_as("full", "attach", "typed"), stdin=subprocess.PIPE) as attach:
            for word in ("one", "two"):
                attach.child.stdin.write(f"{word}\n".encode())
                attach.child.stdin.flush()
                attach.await_line(f"got {word}")

    @test("full: docker start -ai hands piped stdin to a created container")
    def _():
        host.ask(*host.docker_as(None, "rm", "-f", "created"))
        full("create", "-i", "--name", "created", "--network", "none", "bb", "sh", "-c", "cat; echo end")
        equal(full("start", "-ai", "created", input="piped\n"), "piped\nend\n")

    @test("full: docker cp brings a file out, and puts it in, with equal content")
    def _():
        host.container("copied")
        host.sh("head -c 3000000 /dev/urandom >/root/cp-in")
        full("cp", "/root/cp-in", "copied:/tmp/there")
        full("cp", "copied:/tmp/there", "/root/cp-out")
        host.do("cmp", "/root/cp-in", "/root/cp-out")

    @test("full: docker cp passes tar streams through stdin and stdout")
    def _():
        host.container("copied")
        host.sh("""mkdir -p /root/cp-tree/sub; echo text >/root/cp-tree/sub/file
            export DOCKER_HOST=unix:///run/dsp/full.sock
            tar -C /root/cp-tree -c sub | docker cp - copied:/tmp
            test "$(docker cp copied:/tmp/sub - | tar -xO sub/file)" = text""")

    @test("full: docker top, diff, rename, pause, restart and kill work")
    def _():
        host.ask(*host.docker_as(None, "rm", "-f", "steered-2"))
        host.container("steered")
        contains(full("top", "steered"), "sleep")
        full("exec", "steered", "touch", "/tmp/new")
        contains(full("diff", "steered"), "/tmp/new")
        full("rename", "steered", "steered-2")
        full("pause", "steered-2")
        full("unpause", "steered-2")
        full("restart", "-t", "0", "steered-2")
        full("kill", "steered-2")
        equal(host.engine("inspect", "-f", "{{.State.Running}}", "steered-2"), "false")

    @test("full: a stream that is silent for longer than head-timeout is not cut: logs -f, attach, exec, events", limit=90)
    def _():
        quiet = "echo before; sleep 13; echo after; sleep 1000000"
        host.container("quiet", command=("sh", "-c", quiet))
        host.container("aside")
        streams = [Stream(host, *host.docker_as("full", *command)) for command in (
            ("logs", "-f", "quiet"), ("attach", "--no-stdin", "quiet"), ("exec", "aside", "sh", "-c", quiet))]
        events = Stream(host, *host.docker_as("full", "events"))
        try:
            for stream in streams:
                stream.await_line("after", 40)
                true(stream.alive(), "the stream has ended")
            host.engine("restart", "-t", "0", "aside")
            events.await_line("container start")
        finally:
            for stream in streams + [events]:
                stream.__exit__()
