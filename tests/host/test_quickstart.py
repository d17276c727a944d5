"""The README's first command, where there is a docker.sock."""
from tap import contains, equal


def register(suite, host):
    test = suite.test

    @test("quickstart: shows the real engine's containers and a refusal by the policy, and leaves nothing behind", limit=180)
    def _():
        host.container("shown")
        before = host.do("ls", "-A", "/tmp", "/usr/src/dsp")
        told = host.do("/usr/src/dsp/examples/quickstart", timeout=170)
        for part in ("HTTP status 200", '"/shown"', "HTTP status 403", "is not allowed by policy traefik", "denied ContainerCreate"):
            contains(told, part)
        equal(host.do("ls", "-A", "/tmp", "/usr/src/dsp"), before, "the folders after it")
        equal(host.ask("pgrep", "-f", "dsp-quickstart").returncode, 1, "processes after it: pgrep's status")
