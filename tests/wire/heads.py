#!/usr/bin/env python3
"""Request heads: what the parser refuses, and what real clients send and it must take (RFC 9112 §2–5, api/routing.md §2)."""
import sys

from wire import Wire, passes, refuses

from message import chunked, request
from tap import Suite, equal, lacks, true

suite = Suite("heads: ")
LINE = b"GET /version HTTP/1.1\r\n"
HOST = b"Host: docker\r\n"
END = b"\r\n"


def refused(name, raw, status=400, **options):
    suite.add(f"{name} is refused", lambda: refuses(raw, status, **options))


# The request line

refused("a CRLF before the request line", b"\r\n" + LINE + HOST + END)
refused("an LF before the request line", b"\n" + LINE + HOST + END)
refused("a request line ended by a bare LF", b"GET /version HTTP/1.1\n" + HOST + END)
refused("a request of bare LFs only", b"GET /version HTTP/1.1\nHost: docker\n\n")
refused("a request line ended by a bare CR", b"GET /version HTTP/1.1\r" + HOST + END)
refused("a request line ended by CR CR LF", b"GET /version HTTP/1.1\r\r\n" + HOST + END)
refused("two blanks between method and target", b"GET  /version HTTP/1.1\r\n" + HOST + END)
refused("two blanks between target and version", b"GET /version  HTTP/1.1\r\n" + HOST + END)
refused("a TAB as separator", b"GET\t/version\tHTTP/1.1\r\n" + HOST + END)
refused("a blank before the method", b" GET /version HTTP/1.1\r\n" + HOST + END)
refused("a blank behind the version", b"GET /version HTTP/1.1 \r\n" + HOST + END)
refused("a request line without version (HTTP/0.9)", b"GET /version\r\n" + HOST + END)
refused("a request line of the method alone", b"GET\r\n" + HOST + END)
refused("an empty method", b" /version HTTP/1.1\r\n" + HOST + END)
refused("a method with characters outside of token", b"G(T /version HTTP/1.1\r\n" + HOST + END, (400, 403))
refused("a NUL in the method", b"GE\0T /version HTTP/1.1\r\n" + HOST + END)
refused("a NUL in the target", b"GET /ver\0sion HTTP/1.1\r\n" + HOST + END)
refused("a blank inside the target", b"GET /ver sion HTTP/1.1\r\n" + HOST + END)
refused("a lower-case protocol name", b"GET /version http/1.1\r\n" + HOST + END)
refused("a protocol name other than HTTP", b"GET /version HTCP/1.1\r\n" + HOST + END)
for version in ("HTTP/1.10", "HTTP/01.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.1x", "HTTP/1,1", "HTTP/-1.1", "HTTP/1.1 x"):
    refused(f"the version {version}", f"GET /version {version}\r\n".encode() + HOST + END)
for version in ("HTTP/0.9", "HTTP/2.0", "HTTP/3.0"):
    refused(f"the version {version}", f"GET /version {version}\r\n".encode() + HOST + END, 505)
for method in ("get", "Get", "G!ET", "TRACE", "PATCH", "FOO", "PROPFIND"):
    refused(f"the method {method}, which no operation has,", request(method, "/version"), (400, 403, 501))
refused("CONNECT host:port", b"CONNECT docker:80 HTTP/1.1\r\n" + HOST + END, (400, 403))
refused("CONNECT /path", b"CONNECT /version HTTP/1.1\r\n" + HOST + END, (400, 403))

# Field lines

refused("obsolete line folding", LINE + HOST + b"Accept: a\r\n b\r\n" + END)
refused("obsolete line folding by TAB", LINE + HOST + b"Accept: a\r\n\tb\r\n" + END)
refused("a folded Transfer-Encoding", b"POST /auth HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n")
refused("a blank before the first field", LINE + b" " + HOST + END)
refused("a blank line of blanks within the head", LINE + b" \r\n" + HOST + END)
refused("a blank between name and colon", LINE + HOST + b"Accept : a\r\n" + END)
refused("a TAB between name and colon", LINE + HOST + b"Accept\t: a\r\n" + END)
refused("a field line without colon", LINE + HOST + b"Accept\r\n" + END)
refused("an empty field name", LINE + HOST + b": a\r\n" + END)
refused("a field name with characters outside of token", LINE + HOST + b"Ac(ept: a\r\n" + END)
refused("a field name with bytes above 0x7f", LINE + HOST + b"Acc\xc3\xa9pt: a\r\n" + END)
refused("a field line ended by a bare LF", LINE + b"Host: docker\n" + END)
refused("a head ended by LF LF", LINE + b"Host: docker\r\n\n")
refused("a bare CR inside a value", LINE + HOST + b"Accept: a\rb\r\n" + END)
refused("a bare LF inside a value", LINE + HOST + b"Accept: a\nX-Evil: b\r\n" + END)
for byte in b"\0\x01\x07\x08\x0b\x0c\x1b\x7f":
    refused(f"the byte 0x{byte:02x} inside a value", LINE + HOST + b"Accept: a" + bytes([byte]) + b"b\r\n" + END)

# Host

refused("HTTP/1.1 without Host", LINE + END)
refused("two Host fields", LINE + HOST + HOST + END)
refused("two Host fields of other case", LINE + HOST + b"host: docker\r\n" + END)
for host in (b"/var/run/docker.sock", b"a b", b"a<b", b"a@b", b"a/b", b"a\tb"):
    refused(f"the Host {host.decode()!r}", LINE + b"Host: " + host + b"\r\n" + END)
for host in ("docker", "api.moby.localhost", "localhost", "d", "unix.sock", "[::1]", "1.28", "localhost:2375", "2f7661722f72756e", ""):
    suite.add(f"the Host {host!r} of a real client is taken and replaced by docker",
              lambda host=host: passes(request("GET", "/version", host=host), "GET /version HTTP/1.1"))

# HTTP/2 and other protocols

refused("the HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", (400, 505))
refused("a TLS client hello", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n")
refused("a request of NULs", b"\0" * 64 + b"\r\n\r\n")


@suite.test("any minor version of HTTP/1 up to 9 is read as dockerd reads it, or refused")
def _():
    with Wire("allow = SystemVersion") as wire:
        wire.send(b"GET /version HTTP/1.5\r\n" + HOST + END)
        if wire.client.quiet(0.3):
            equal(wire.arrive().line, "GET /version HTTP/1.1", "request line")
        else:
            true(wire.answer().status in (400, 505), "status is neither 400 nor 505")


@suite.test("HTTP/1.0 without Host passes")
def _():
    with Wire("allow = SystemVersion") as wire:
        wire.send(b"GET /version HTTP/1.0\r\n\r\n")
        equal(wire.arrive().line, "GET /version HTTP/1.1", "request line")


@suite.test("a head that arrives byte by byte is read as one that arrives at once")
def _():
    with Wire("allow = SystemVersion") as wire:
        for byte in request("GET", "/v1.41/version?x=1", "Accept: */*"):
            wire.send(bytes([byte]))
        got = wire.arrive()
        equal((got.line, got["accept"]), ("GET /v1.41/version?x=1 HTTP/1.1", "*/*"), "request")


@suite.test("blanks and TABs around a value are not part of it")
def _():
    got = passes(LINE + b"Host:docker\r\nAccept: \t a b \t \r\nUser-Agent:\r\n" + END)
    equal(got["accept"], "a b", "Accept")


@suite.test("field names are taken in any case")
def _():
    got = passes(LINE + b"hOST: docker\r\naCCEPT: a\r\nUSER-AGENT: b\r\n" + END)
    equal((got["accept"], got["user-agent"]), ("a", "b"), "fields")


PASSED = {
    "Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": "application/json", "User-Agent": "Docker-Client/28.2.2 (linux)",
    "X-Registry-Auth": "e30=", "X-Registry-Config": "e30=",
}
for name, value in PASSED.items():
    suite.add(f"{name} reaches the engine as it was", lambda name=name, value=value: equal(
        passes(request("POST", "/auth", f"{name}: {value}", body=b"{}"))[name], value, name))

DROPPED = ("X-Forwarded-For", "Authorization", "Cookie", "X-HTTP-Method-Override", "X-Method-Override", "Origin", "Referer", "Via", "Forwarded",
           "Proxy-Authorization", "Proxy-Connection", "Keep-Alive", "Range", "If-None-Match", "Content-Encoding", "X-Original-URL",
           "X-Rewrite-URL", "Trailer", "HTTP2-Settings", "Traceparent", "Tracestate", "Baggage", "Docker-Content-Digest", "X-Meta-Tenant", "Max-Forwards", "X-Unknown")
for name in DROPPED:
    suite.add(f"{name} does not reach the engine", lambda name=name: lacks(
        passes(request("GET", "/version", f"{name}: chunked")).raw.lower(), name.lower().encode(), "head"))


@suite.test("what Connection names is not made a field that passes, nor a dropped one that matters")
def _():
    got = passes(request("POST", "/auth", "Connection: keep-alive, Content-Length, Host, Accept", "Accept: a", body=b"{}"))
    equal((got["content-length"], got["host"], got.body), ("2", "docker", b"{}"), "request")


@suite.test("a field that Connection names is for dsp: it does not reach the engine, others do")
def _():
    for named in ("X-Registry-Auth", "keep-alive, x-registry-auth", "X-REGISTRY-AUTH , Foo"):
        got = passes(request("POST", "/images/create?fromImage=x", f"Connection: {named}", "X-Registry-Auth: c2VjcmV0", "Accept: a"))
        equal((got["x-registry-auth"], got["accept"]), (None, "a"), f"fields with Connection: {named}")


@suite.test("gRPC, for which Podman looks at no path, is refused: 415")
def _():
    for kind in ("application/grpc", "application/grpc+proto", "Application/GRPC;x=y"):
        for raw in (request("POST", "/containers/x/stop", f"Content-Type: {kind}"), request("POST", "/containers/x/stop", f"Content-Type: {kind}", body=b"x"),
                    request("POST", "/containers/x/stop", f"Content-Type: {kind}", "Transfer-Encoding: chunked") + chunked(b"x")):
            refuses(raw, 415, closes=False)


@suite.test("TE and Connection: TE do not reach the engine")
def _():
    lacks(passes(request("GET", "/version", "TE: trailers", "Connection: TE")).names(), "te", "fields")


@suite.test("two fields of a name that passes once are refused or reach the engine as one")
def _():
    with Wire("allow = SystemAuth") as wire:
        wire.send(request("POST", "/auth", "Content-Type: application/json", "Content-Type: text/plain", body=b"{}"))
        if wire.client.quiet(0.3):
            wire.arrive()  # which raises on two
        else:
            equal(wire.answer().status, 400, "status")


if __name__ == "__main__":
    sys.exit(suite.main())
