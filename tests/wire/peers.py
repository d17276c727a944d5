#!/usr/bin/env python3
"""[clients]: who may use a level."""
import os
import sys

from wire import Wire, is_denial

from message import read_response, request
from resident import Resident
from tap import Suite, equal, true

suite = Suite("peers: ")


def enters(clients, **options):
    with Wire("allow = SystemPing", more=f"[clients]\n{clients}\n", **options) as wire:
        wire.relay(request("GET", "/_ping"))


def stays_out(clients, raw=None, mode="", **options):
    """Every request is answered with 403, and the engine sees no connection. Returns the records."""
    with Wire("allow = SystemPing", more=f"[clients]\n{clients}\n", mode=mode, **options) as wire:
        wire.send(raw or request("GET", "/_ping"))
        answer = is_denial(read_response(wire.client), 403, text="may not use this socket")
        equal(answer["connection"], "close", "Connection")
        wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")
        return "\n".join(text for _, text in wire.records())


ME, NOT_ME = os.getuid(), os.getuid() + 4711
suite.add("uids: a client of that user comes in", lambda: enters(f"uids = {NOT_ME} {ME}"))
suite.add("uids: any other is answered with 403 and never reaches the engine", lambda: stays_out(f"uids = {NOT_ME}"))
suite.add("gids: a client of that group comes in", lambda: enters(f"gids = {os.getgid()}"))
suite.add("gids: any other is refused", lambda: stays_out(f"gids = {os.getgid() + 4711}"))
suite.add("every key must hold", lambda: stays_out(f"uids = {ME}\naddresses = 127.0.0.1"))
suite.add("addresses: a client from that network comes in", lambda: enters("addresses = 10.0.0.0/8 127.0.0.0/8", over="tcp"))
suite.add("addresses: any other is refused", lambda: stays_out("addresses = 10.0.0.0/8 ::1 ::/0", over="tcp"))
suite.add("uids: over TCP nobody's are known", lambda: stays_out(f"uids = {ME}", over="tcp"))
suite.add("units: a client that is not of that unit is refused", lambda: stays_out("units = no-such.service"))
suite.add("containers: a client that is in none is refused", lambda: stays_out("containers = 0123456789ab"))
suite.add("tls-subjects: what stunnel verified comes in", lambda: enters(
    "tls-subjects = CN = ci, O = Acme", environment={"SSL_CLIENT_DN": "CN = ci, O = Acme"}))
suite.add("tls-subjects: what sslserver verified comes in", lambda: enters(
    "tls-subjects = /CN=*", over="pipes", environment={"SSL_CLIENT_S_DN": "/CN=ci"}))
suite.add("tls-subjects: another subject, and none, is refused", lambda: (
    stays_out("tls-subjects = CN = ci", environment={"SSL_CLIENT_DN": "CN = ci, O = Evil"}), stays_out("tls-subjects = *")))
suite.add("addresses: a parent that terminates TLS tells the client's", lambda: enters(
    "addresses = 192.0.2.0/24", environment={"REMOTE_HOST": "192.0.2.7"}))
suite.add("addresses: an address of the environment does not replace the socket's own", lambda: stays_out(
    "addresses = 192.0.2.0/24", over="tcp", environment={"REMOTE_HOST": "192.0.2.7"}))
suite.add("a malformed request of a stranger is answered with 403 all the same",
          lambda: stays_out(f"uids = {NOT_ME}", raw=b"junk\r\n\r\n"))
suite.add("mode = audit lets no stranger in", lambda: stays_out(f"uids = {NOT_ME}", mode="audit"))


@suite.test("the record says who was refused")
def _():
    said = stays_out(f"uids = {NOT_ME}")
    for what in ("denied", "[clients]", f" from pid={os.getpid()} uid={ME} gid={os.getgid()}"):
        true(what in said, f"{what!r} not in {said!r}")
    said = stays_out("addresses = 10.0.0.0/8", over="tcp")
    true(" from tcp=127.0.0.1:" in said, f"no address in {said!r}")
    said = stays_out("tls-subjects = CN = ci", environment={"SSL_CLIENT_DN": "CN = evil\nx"})
    true(said.rstrip().endswith(" tls=CN = evil\\x0ax"), f"no subject in {said!r}")


@suite.test("the record of a client that may use the level says so in DSP_PEER alone")
def _():
    with Wire("allow = SystemVersion", more=f"[clients]\nuids = {ME}\n") as wire:
        wire.send(request("GET", "/_ping"))
        is_denial(read_response(wire.client), 403)
        wire.end()
        said = "\n".join(text for _, text in wire.records())
        true("denied" in said and " from " not in said, said)


@suite.test("[clients] that names nobody is an error")
def _():
    with Wire("allow = SystemPing", more="[clients]\n") as wire:
        wire.send(request("GET", "/_ping"))
        is_denial(read_response(wire.client), 503)


@suite.test("in a resident level [clients] is asked by the locked process, and before the lock-down where /proc is needed")
def _():
    rules = "allow = SystemPing\n[clients]\n"
    for clients, status in ((f"uids = {ME}", 200), (f"uids = {NOT_ME}", 403), ("units = no-such.service", 403),
                            ("containers = 0123456789ab", 403), (f"gids = {os.getgid()}", 200)):
        with Resident(rules + clients) as level:
            for _ in range(3):
                client = level.connect()
                client.send(request("GET", "/_ping"))
                equal(read_response(client).status, status, f"status by {clients}")
    with Resident(rules + "addresses = 127.0.0.0/8", listeners=("tcp",)) as level:
        client = level.connect()
        client.send(request("GET", "/_ping"))
        equal(read_response(client).status, 200, "status over TCP")


if __name__ == "__main__":
    sys.exit(suite.main())
