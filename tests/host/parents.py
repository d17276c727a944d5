"""
The level `ci`, as examples/parents/README.md sets it up, behind whatever parent; and what every parent must give.

The recipes are not told again here: they are the files of examples/ in the host, and the commands of their README.
"""
import contextlib
import re
import time

import machine
from stream import Stream
from tap import contains, equal, eventually, true

EXAMPLES = "/usr/src/dsp/examples"
FOLDER = f"{EXAMPLES}/parents"
README = f"{FOLDER}/README.md"


def prepare(host, more=""):
    """Does what the README says to do once for all parents, with `more` at the end of the policy. May be called by each test."""
    if host.ask("id", "dsp").returncode != 0:
        host.sh(readme(host, r"useradd .*"))
    policy = re.search(r"^    # /etc/dsp/ci.ini.*\n((?:    .*\n)+)", host.read(README), re.MULTILINE)[1]
    host.write("/etc/dsp/ci.ini", re.sub(r"^    ", "", policy, flags=re.MULTILINE) + more)


def readme(host, pattern):
    """The one command of the README which the pattern matches."""
    found = re.findall(rf"^    ({pattern})$", host.read(README), re.MULTILINE)
    equal(len(found), 1, f"commands that match {pattern}")
    return found[0]


@contextlib.contextmanager
def running(host, *command, ready):
    """A parent that was started by hand, until the end of the block. `ready` is called until it is true."""
    parent = host.popen(*command)
    try:
        eventually(lambda: ready() or parent.poll() is not None, 10, f"{command[0]} ready")
        if parent.poll() is not None:
            raise AssertionError(f"{command[0]} ended with {parent.returncode}\n{parent.stdout.read().decode()}")
        yield parent
    finally:
        machine.end(parent)


def listens(host, where):
    """Whether somebody listens at ADDRESS:PORT, or at the path of a Unix socket."""
    return bool(host.do("ss", "-Hxln" if where.startswith("/") else "-Htln", "src", where).strip())


class Client:
    """Docker's client, which knows nothing of dsp but where it is."""

    def __init__(self, host, where, *options):
        self.host = host
        self.options = ("env", *options, f"DOCKER_HOST={where}", "docker")

    def docker(self, *arguments, input=None):
        return self.host.ask(*self.options, *arguments, input=input)

    def allowed(self, *arguments, input=None):
        done = self.docker(*arguments, input=input)
        equal(done.returncode, 0, f"status of docker {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def refused(self, operation, *arguments, level="ci"):
        done = self.docker(*arguments)
        true(done.returncode != 0, f"docker {' '.join(arguments)} succeeded")
        contains(done.stdout + done.stderr, f"dsp: {operation} (", "what docker prints")
        contains(done.stdout + done.stderr, f"is not allowed by policy {level}", "what docker prints")

    def events(self):
        return Stream(self.host, *self.options, "events", "--filter", "type=volume", "--format", "{{.Action}} {{.Actor.ID}}")


def filters(client, level="ci", peer=None):
    """What is allowed passes, what is dangerous does not, and the journal tells of both, and who it was."""
    host, after = client.host, client.host.cursor()
    name = host.container("seen")
    equal(client.allowed("ps", "--filter", "name=^seen$", "--format", "{{.Names}}").strip(), name)
    client.refused("ContainerCreate", "run", "--rm", "--privileged", "--network", "none", "bb", "true", level=level)
    client.refused("ContainerDelete", "rm", "-f", "seen", level=level)
    true(host.engine("ps", "-q", "--filter", "name=^seen$"), "the container is gone")
    host.all_gone()
    wanted = {("ContainerList", "allowed"), ("ContainerCreate", "denied"), ("ContainerDelete", "denied")}
    records = lambda: [record for record in host.records(after, DSP_POLICY=level) if (record["DSP_OPERATION"], record["DSP_VERDICT"]) in wanted]
    found = eventually(lambda: len(records()) == 3 and records(), 5, "the three records")
    for record in found:
        true(peer is None or re.fullmatch(peer, record["DSP_PEER"]), f"DSP_PEER={record['DSP_PEER']} is not {peer}")


def streams(client, resident=False):
    """An event is shown while the stream is open, one process serves it, and none is left when the client goes."""
    host = client.host
    host.all_gone()
    with client.events() as events:
        host.engine("volume", "rm", "-f", "seen")
        _shown(host, events, "create", ("volume", "create", "seen"), ("volume", "rm", "seen"))
        true(resident or len(host.processes()) == 1, f"processes of dsp: {host.processes()}")
        time.sleep(2)      # longer than the half second after which some parents take a silence for the end
        host.engine("volume", "create", "later")
        events.await_line("create later", 5)
        true(events.alive(), "the event stream has ended")
        host.engine("volume", "rm", "later")
    host.all_gone()


def answers_fully(client):
    """A client that has said all it has to say gets the whole answer, however late."""
    client.host.container("box")
    said = client.allowed("exec", "-i", "box", "sh", "-c", "cat; sleep 2; echo late", input="early\n")
    equal(said, "early\nlate\n", "what docker exec -i prints")
    client.host.all_gone()


def _shown(host, events, word, do, undo):
    """Makes an event until the stream shows it: Docker's client does not say when it is subscribed."""
    for _ in range(20):
        host.engine(*do)
        try:
            events.await_line(f"{word} seen", 1)
            host.engine(*undo)
            return
        except AssertionError:
            true(events.alive(), f"docker events has ended:\n{events.seen}")
        host.engine(*undo)
    raise AssertionError(f"docker events shows nothing; seen:\n{events.seen}")


def promise(suite, host, name, parent, where, peer=None, resident=False):
    """Registers what every parent must give. `parent` is a context manager in which it runs; `resident`: by a dsp that stays until it is idle."""
    def check(what, *arguments):
        def test():
            prepare(host, "\n[limits]\nidle-exit = 1s\n" if resident else "")
            with parent():
                what(Client(host, where), *arguments)
        return test

    suite.add(f"{name}: what the policy allows passes, what is dangerous is refused, and the record tells who asked", check(filters, "ci", peer))
    suite.add(f"{name}: an event stream is live, and no process is left when its client goes", check(streams, resident))
    suite.add(f"{name}: a client that has closed its sending side still gets all of the answer", check(answers_fully))
