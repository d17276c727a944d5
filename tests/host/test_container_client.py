"""A client in a container of its own, as Traefik is: dsp's socket mounted into it."""
from tap import contains, equal, true

# The image has the links by which the host's programs find their libraries in the mounted /usr.
RUN = ("run", "--rm", "--network", "none", "-v", "/usr:/usr:ro")


def register(suite, host):
    test = suite.test

    @test("container: a client with the socket mounted as its docker.sock lists containers and is refused to make any")
    def _():
        host.container("neighbour")
        mount = ("-v", "/run/dsp/traefik.sock:/var/run/docker.sock:ro")
        contains(host.engine(*RUN, *mount, "bb", "/usr/bin/docker", "ps"), "neighbour")
        done = host.docker(None, *RUN, *mount, "bb", "/usr/bin/docker", "run", "bb", "true")
        true(done.returncode != 0, "a container could start a container")
        contains(done.stderr, "is not allowed by policy traefik")

    @test("container: with the folder /run/dsp mounted a client keeps its access when the socket unit is restarted")
    def _():
        host.ask(*host.docker_as(None, "rm", "-f", "resident"))
        host.engine("run", "-d", "--name", "resident", "--network", "none", "-v", "/usr:/usr:ro", "-v", "/run/dsp:/run/dsp:ro",
                    "-e", "DOCKER_HOST=unix:///run/dsp/traefik.sock", "bb", "sleep", "1000000")
        contains(host.engine("exec", "resident", "/usr/bin/docker", "ps"), "resident")
        host.do("systemctl", "restart", "dsp-traefik.socket")
        contains(host.engine("exec", "resident", "/usr/bin/docker", "ps"), "resident")
        host.engine("rm", "-f", "resident")

    @test("container: a user outside the group docker cannot connect to a level's socket")
    def _():
        done = host.ask("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-sS", "--unix-socket", "/run/dsp/traefik.sock", "http://d/_ping")
        equal(done.returncode, 7, "curl's exit status (7: could not connect)")
