"""A level over TCP by systemd's socket, with the drop-ins of examples/drop-ins."""
import contextlib
import re

from parents import EXAMPLES, Client, filters, listens, streams
from tap import contains, equal, eventually, lacks, true

FOLDER = f"{EXAMPLES}/drop-ins"
DROPIN = "/etc/systemd/system/dsp-traefik.socket.d/tcp.conf"


def register(suite, host):
    test = suite.test

    @contextlib.contextmanager
    def tcp(recipe, where, edit=lambda text: text):
        host.clear("traefik")
        host.write(DROPIN, edit(host.read(f"{FOLDER}/{recipe}")))
        host.sh("systemctl daemon-reload; systemctl reset-failed; systemctl restart dsp-traefik.socket")
        try:
            eventually(lambda: listens(host, where), 10, f"a listener at {where}")
            yield
        finally:
            host.sh(f"rm -r {DROPIN.rpartition('/')[0]}; systemctl daemon-reload; systemctl reset-failed; systemctl restart dsp-traefik.socket")

    def check(where, what, *arguments):
        def run():
            with tcp("tcp.conf", where):
                what(Client(host, f"tcp://{where}"), *arguments)
        return run

    for name, where, peer in (("IPv4", "127.0.0.1:2375", r"tcp=127\.0\.0\.1:[0-9]+"), ("IPv6", "[::1]:2375", r"tcp=\[::1\]:[0-9]+")):
        suite.add(f"tcp: {name}: what the policy allows passes, what is dangerous is refused, and the record tells who asked",
                  check(where, filters, "traefik", peer))
        suite.add(f"tcp: {name}: an event stream is live, and no process is left when its client goes", check(where, streams))

    @test("tcp: the level's Unix socket goes on beside it")
    def _():
        with tcp("tcp.conf", "127.0.0.1:2375"):
            host.allowed("traefik", "ps")

    @test("tcp: the drop-in listens on loopback and nowhere else")
    def _():
        with tcp("tcp.conf", "127.0.0.1:2375"):
            listening = host.do("ss", "-Htln", "sport", "=", "2375").split("\n")
            equal(sorted(line.split()[3] for line in listening if line), ["127.0.0.1:2375", "[::1]:2375"], "listeners")

    @contextlib.contextmanager
    def networks():
        """The network of the recipe, made as it says, and another one."""
        command = re.search(r"^#   (docker network create .*)$", host.read(f"{FOLDER}/tcp-bridge.conf"), re.MULTILINE)[1]
        host.sh(f"docker network rm dsp-clients dsp-strangers >/dev/null 2>&1 || true; {command}; docker network create dsp-strangers")
        try:
            yield
        finally:
            host.ask("docker", "network", "rm", "dsp-clients", "dsp-strangers")

    def from_container(network):
        """Docker's client in a container of the network, at the recipe's address: (its version, what it says of a request that is refused)."""
        command = ("docker", "run", "--rm", "--network", network, "-v", "/usr:/usr:ro", "-e", "DOCKER_HOST=tcp://172.31.250.1:2375", "bb", "timeout", "5", "/usr/bin/docker")
        return host.ask(*command, "version", "--format", "{{.Server.Version}}").stdout.strip(), host.ask(*command, "images").stderr

    def has_the_level(network):
        version, refusal = from_container(network)
        equal(version, host.engine("version", "--format", "{{.Server.Version}}"), f"what docker version says in {network}")
        contains(refusal, "is not allowed by policy traefik", f"what docker images says in {network}")

    def has_nothing(network):
        after = host.cursor()
        version, refusal = from_container(network)
        equal(version, "", f"what docker version says in {network}")
        lacks(refusal, "dsp", f"what docker images says in {network}")
        equal(host.records(after), [], "records of dsp")

    unlisted = lambda text: re.sub(r"^IPAddress.*", "", text, flags=re.MULTILINE)

    @test("tcp: containers of the bridge's network have the level, those of another network have not", limit=120)
    def _():
        with networks():
            with tcp("tcp-bridge.conf", "172.31.250.1:2375"):
                after = host.cursor()
                has_the_level("dsp-clients")
                host.all_gone()
                peers = {record["DSP_PEER"] for record in host.records(after, DSP_POLICY="traefik")}
                true(peers and all(re.fullmatch(r"tcp=172\.31\.250\.[0-9]+:[0-9]+", peer) for peer in peers), f"peers {peers}")
                has_nothing("dsp-strangers")
            # That it is the list of addresses which keeps strangers out, and nothing else of this host.
            with tcp("tcp-bridge.conf", "172.31.250.1:2375", unlisted):
                has_the_level("dsp-strangers")

    @test("tcp: with the drop-in's address changed to all of them, other hosts still have not the level", limit=120)
    def _():
        everywhere = lambda text: re.sub(r"ListenStream=127.*\nListenStream=.*", "ListenStream=0.0.0.0:2375", text)
        with networks():
            with tcp("tcp.conf", "0.0.0.0:2375", everywhere):
                Client(host, "tcp://127.0.0.1:2375").allowed("ps")
                has_nothing("dsp-clients")
            with tcp("tcp.conf", "0.0.0.0:2375", lambda text: unlisted(everywhere(text))):
                has_the_level("dsp-clients")

    @test("tcp: systemd listens on the bridge's address before Docker has made the network")
    def _():
        host.ask("docker", "network", "rm", "dsp-clients")
        with tcp("tcp-bridge.conf", "172.31.250.1:2375"):
            equal(host.ask("systemctl", "is-active", "dsp-traefik.socket").stdout.strip(), "active")
