"""What happens to one connection's process happens to one connection."""
import contextlib

from memory import out_of_memory
from modes import PING, refused, register_each
from tap import equal, eventually, true

PROMPT = 2


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode))


def _register(test, host, mode):
    @contextlib.contextmanager
    def victim():
        """A connection and its process's pid; whatever happens to that, a connection beside it, the level and its parent stay well."""
        mode.prompt(10)
        before = mode.identity()
        neighbour, _ = mode.open()
        client, pid = mode.open()
        with neighbour, client:
            yield client, pid
            equal(mode.ask(neighbour)[0], 200, "status on a connection that was open")
            for _ in range(6):      # more than there are spares
                mode.prompt(PROMPT)
        mode.quiet()
        mode.healthy()
        equal(mode.identity(), before, "the socket unit's run and the parent's pid")

    @test("kill -KILL of one connection's process ends that connection and no other, and the next ones are served")
    def _():
        with victim() as (client, pid):
            host.do("kill", "-KILL", str(pid))
            true(refused(client), "the client does not see an end")

    @test("a crash (SIGSEGV) of one connection's process ends that connection and no other, and the next ones are served")
    def _():
        with victim() as (client, pid):
            host.do("kill", "-SEGV", str(pid))
            true(refused(client), "the client does not see an end")

    @test("kill -STOP of one connection's process holds up that connection and no other; it goes on where it stopped")
    def _():
        with victim() as (client, pid):
            host.do("kill", "-STOP", str(pid))
            client.sendall(PING)
            for _ in range(6):
                mode.prompt(PROMPT)
            host.do("kill", "-CONT", str(pid))
            equal(host.answer(client)[0], 200, "status when it goes on")

    @test("the kernel's out-of-memory killer takes one connection's process: that connection ends and no other, and the next ones are served")
    def _():
        with victim() as (client, pid), out_of_memory(host, pid) as kills:
            with contextlib.suppress(OSError):
                client.sendall(PING * 200)
            eventually(lambda: kills() > 0, 5, "the kernel's count of processes that it killed")
            if mode.resident:      # where systemd sees the kill as well (here it does not), it would by default stop all of the service
                equal(host.property(mode.service, "OOMPolicy"), {"OOMPolicy": "continue"}, "what systemd does then")
            true(_ends(client), "the client does not see an end")


def _ends(client):
    """Whether what comes is followed by an end."""
    client.settimeout(5)
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True
