"""dsp between a client and a scripted engine: what every file of this folder begins with.

    with Wire("allow = SystemPing") as wire:
        got, answer = wire.relay(request("GET", "/_ping"))

A Wire that is left checks that dsp ended by itself and was not killed by a signal.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from dsp import Dsp                                                        # noqa: E402
from message import Response, read_request, read_response                  # noqa: E402
from scripted import OK, Engine                                            # noqa: E402
from tap import equal, true                                                # noqa: E402

# Every method and path: what a test of the parser allows, so that only the parser can refuse.
EVERYTHING = "\n".join(f"allow = {method} /**" for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))


# What a test of anything but bodies has behind its policy.
ANY_BODY = "[workload]\nunrestricted = yes\n"


def policy(socket, rules="", sections="", limits="", log="requests = all\ntarget = stderr", more="", mode="", bodies=ANY_BODY):
    """The text of a policy. Line numbers of `rules` begin at RULES_LINE + 1. `bodies` is what it says of them, "" for nothing."""
    text = f"[policy]\nsocket = {socket}\n{'mode = ' + mode if mode else '; mode'}\n[log]\n{log}\n"
    if rules:
        text += f"[rules]\n{rules}\n"
    if sections:
        text += f"[sections]\n{sections}\n"
    if limits:
        text += f"[limits]\n{limits}\n"
    if more and not more.endswith("\n"):
        more += "\n"
    return text + more + bodies


class Wire:
    """One dsp process, its client and its engine."""

    def __init__(self, rules="", *, text=None, name="wire", over="socketpair", stderr="pipe", script=None, engine=True,
                 environment=None, through=(), **sections):
        self.engine = Engine(script)
        self._up = None
        self.path = os.path.join(self.engine.folder, name + ".ini")
        if not engine:
            self.engine.listener.close()
        with open(self.path, "w", encoding="utf-8", newline="") as file:
            file.write(text.replace("@SOCKET@", self.engine.path) if text is not None else policy(self.engine.path, rules, **sections))
        self.dsp = Dsp("--policy=" + self.path, over=over, stderr=stderr, environment=environment, through=through)
        self.client = self.dsp.client

    @property
    def up(self):
        """The engine's end of dsp's connection."""
        if self._up is None:
            self._up = self.engine.accept()
        return self._up

    def send(self, data):
        self.client.send(data)

    def answer(self, method="GET", **options):
        """The client's next answer."""
        return read_response(self.client, method, **options)

    def arrive(self, **options):
        """The engine's next request."""
        return read_request(self.up, **options)

    def relay(self, raw, answer=OK, **options):
        """Sends a request that must pass, answers it. Returns (what the engine got, what the client got)."""
        self.send(raw)
        got = self.arrive(**options)
        self.up.send(answer if got.method != "HEAD" else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        return got, self.answer(got.method)

    def end(self):
        """The client goes. Returns the exit status; from then on `engine_bytes` and `records` are complete."""
        return self.dsp.stop()

    def engine_bytes(self):
        """Everything the engine has received in all, after `end`."""
        if self._up is None:
            try:
                self._up = self.engine.accept(0)
            except Exception:   # it never connected
                return b""
        self._up.recv_to_end()
        return bytes(self._up.received)

    def records(self):
        return self.dsp.records()

    def close(self):
        self.dsp.kill()
        self.engine.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.end()
        finally:
            self.close()


TOO_OLD = "client version {} is too old. Minimum supported API version is {}, please upgrade your client to a newer version"


def is_denial(answer, status, method="GET", text=None):
    """Checks that `answer` is one of dsp's own: status, Docker's error form, length, no body on HEAD."""
    equal(answer.status, status, "status")
    equal(answer["content-type"], "application/json", "Content-Type")
    true(answer["content-length"] is not None, f"no Content-Length in {answer.raw!r}")
    if method == "HEAD":
        return answer
    parsed = json.loads(answer.body)
    equal(list(parsed), ["message"], "keys of the body")
    # Docker's own wording for a client that is too old: some clients look for it.
    true(parsed["message"].startswith(("dsp: ", "client version ")), f"message {parsed['message']!r} does not begin with dsp:")
    if text is not None:
        true(text in parsed["message"], f"message {parsed['message']!r} lacks {text!r}")
    return answer


def refuses(raw, status, *, rules=EVERYTHING, method="GET", says=None, closes=None, **options):
    """
    Checks that `raw` is answered `status` (or one of several), that nothing at all reaches the engine, and that
    a connection whose framing is lost (`closes`, by default anything but 403) is closed. Returns the answer.
    """
    with Wire(rules, **options) as wire:
        wire.client.try_send(raw)
        got = wire.answer(method)
        accepted = status if isinstance(status, tuple) else (status,)
        true(got.status in accepted, f"{raw[:200]!r} was answered {got.status} {got.body[:200]!r}, wanted {accepted}")
        is_denial(got, got.status, method, says)
        if closes if closes is not None else got.status != 403:
            true(wire.client.at_end(), f"the connection is still open or carries more: {bytes(wire.client.unread)!r}")
        wire.end()
        equal(wire.engine_bytes(), b"", "what the engine received")
        return got


def passes(raw, line=None, *, rules=EVERYTHING, **options):
    """Checks that `raw` reaches the engine, with the request line `line` if given, and nothing beside it. Returns the request."""
    with Wire(rules, **options) as wire:
        got, answer = wire.relay(raw)
        equal(answer.status, 200, "status")
        wire.end()
        if line is not None:
            equal(got.line, line, "request line")
        equal(bytes(wire.up.unread), b"", "what the engine received beside the request")
        return got


__all__ = ["ANY_BODY", "EVERYTHING", "OK", "TOO_OLD", "Response", "Wire", "is_denial", "passes", "policy", "refuses"]
