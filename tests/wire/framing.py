#!/usr/bin/env python3
"""Request bodies: two readers must agree on where each ends; dsp frames them anew (RFC 9112 §6–7, api/routing.md §3)."""
import sys

from wire import OK, Wire, is_denial, passes, refuses

from message import chunked, request
from tap import Suite, equal, lacks, true

suite = Suite("framing: ")
LOAD = "allow = ImageLoad SystemPing"
TAR = "Content-Type: application/x-tar"


def post(*fields, body=b""):
    return request("POST", "/images/load", *fields) + body


def refused(name, raw, status=400, **options):
    suite.add(f"{name} is refused", lambda: refuses(raw, status, closes=True, **options))


# Content-Length

for value in ("+4", "-1", "-0", "0x4", "4 4", "4,4", "4, 4", "4;", "4.0", "1e1", "", "four", "٤", "99999999999999999999", "18446744073709551616",
              "9223372036854775808", "4\t4"):
    refused(f"Content-Length: {value}", post().replace(b"\r\n\r\n", f"\r\nContent-Length: {value}\r\n\r\n".encode()) + b"xxxx")
refused("two equal Content-Length fields", post("Content-Length: 4", "Content-Length: 4", body=b"xxxx"))
refused("two different Content-Length fields", post("Content-Length: 4", "Content-Length: 5", body=b"xxxxx"))
refused("two Content-Length fields of other case", post("Content-Length: 4", "content-length: 4", body=b"xxxx"))
refused("Content-Length with Transfer-Encoding", post("Content-Length: 4", "Transfer-Encoding: chunked", body=chunked(b"xxxx")))
refused("Transfer-Encoding with Content-Length", post("Transfer-Encoding: chunked", "Content-Length: 4", body=chunked(b"xxxx")))
refused("Content-Length: 0 with Transfer-Encoding", post("Content-Length: 0", "Transfer-Encoding: chunked", body=chunked()))

# Transfer-Encoding

for value in ("identity", "gzip", "gzip, chunked", "chunked, identity", "xchunked", "chunkedx", "chunk", '"chunked"', "chunked;a=b", "deflate", "chunked, chunked"):
    refused(f"Transfer-Encoding: {value}", post(f"Transfer-Encoding: {value}", body=chunked(b"xxxx")), (400, 501))
refused("an empty Transfer-Encoding", post("Transfer-Encoding: ", body=chunked(b"xxxx")), (400, 501))
refused("two Transfer-Encoding fields", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=chunked(b"xxxx")), (400, 501))
refused("Transfer-Encoding: chunked and identity in two fields", post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=chunked(b"xxxx")), (400, 501))
refused("a vertical tab before chunked", post("Transfer-Encoding: \x0bchunked", body=chunked(b"xxxx")), (400, 501))
refused("Transfer-Encoding in HTTP/1.0", b"POST /images/load HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"xxxx"))
refused("an unknown coding with status 501", post("Transfer-Encoding: gzip", body=b"x"), 501)
suite.add("Transfer-Encoding: Chunked in another case is chunked", lambda: equal(
    passes(post("Transfer-Encoding: CHUNKED", body=chunked(b"xxxx")), rules=LOAD).body, b"xxxx", "body"))


# Chunks: what dockerd or another reader takes differently. The head has gone to the engine by then; no byte behind the error may.

def broken_chunk(name, body):
    def check():
        smuggled = request("GET", "/info")
        with Wire(LOAD) as wire:
            wire.client.try_send(post(TAR, "Transfer-Encoding: chunked", body=body + smuggled + chunked(b"")))
            told = wire.client.recv_to_end()
            true(told == b"" or told.startswith(b"HTTP/1.1 400 "), f"the client got {told!r}")
            wire.end()
            seen = wire.engine_bytes()
            lacks(seen, b"/info", "what the engine received")
            lacks(seen, b"0\r\n\r\n", "what the engine received (a body that was broken must not look whole)")
    suite.add(f"a body with {name} is cut off, and nothing behind it is read as a request", check)


broken_chunk("a chunk extension", b"4;a=b\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("an empty chunk extension", b"4;\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a bare LF in a chunk extension", b"4;\nxxxx\r\n0\r\n\r\n")
broken_chunk("a blank behind a chunk size", b"4 \r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a blank before a chunk size", b" 4\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a bare LF behind a chunk size", b"4\nxxxx\r\n0\r\n\r\n")
broken_chunk("a bare CR behind a chunk size", b"4\rxxxx\r\n0\r\n\r\n")
broken_chunk("a bare LF behind the last chunk's size", b"0\n\r\n")
broken_chunk("a signed chunk size", b"+4\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a negative chunk size", b"-4\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a chunk size with 0x", b"0x4\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("an empty chunk size", b"\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a chunk size that is no number", b"zz\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a chunk size of 17 digits", b"00000000000000004\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a chunk size beyond 64 bits", b"10000000000000004\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("a chunk size of 2^64-1", b"ffffffffffffffff\r\nxxxx\r\n0\r\n\r\n")
broken_chunk("chunk data longer than its size", b"4\r\nxxxxxx\r\n0\r\n\r\n")
broken_chunk("chunk data not followed by CRLF", b"4\r\nxxxx0\r\n\r\n")
broken_chunk("chunk data followed by a bare LF", b"4\r\nxxxx\n0\r\n\r\n")


@suite.test("a good chunked body is forwarded chunked, the same bytes, with no trailer")
def _():
    body = b"".join(bytes([n]) * (n * 37 % 91 + 1) for n in range(256))
    cut = [body[at:at + 100] for at in range(0, len(body), 100)]
    got = passes(post(TAR, "Transfer-Encoding: chunked", body=chunked(*cut)), rules=LOAD)
    equal((got["transfer-encoding"], got["content-length"], got.body), ("chunked", None, body), "what the engine received")


@suite.test("upper-case and lower-case chunk sizes, and leading zeros, are read alike")
def _():
    raw = b"A\r\n0123456789\r\na\r\n0123456789\r\n000A\r\n0123456789\r\n0000\r\n\r\n"
    equal(passes(post(TAR, "Transfer-Encoding: chunked", body=raw), rules=LOAD).body, b"0123456789" * 3, "body")


@suite.test("trailers are read past or refused, never forwarded")
def _():
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n0\r\nX-Trailer: a\r\nContent-Length: 5\r\n\r\n") + request("GET", "/_ping"))
        got = wire.arrive()
        equal(got.body, b"x", "body")
        wire.up.send(OK)
        wire.answer()
        equal(wire.arrive().line, "GET /_ping HTTP/1.1", "the next request")
        lacks(bytes(wire.up.received), b"X-Trailer", "what the engine received")


@suite.test("each chunk of the client is forwarded at once, not gathered")
def _():
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Transfer-Encoding: chunked"))
        wire.arrive(body=False)
        for chunk in (b"first", b"x", b"y" * 3000):
            wire.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            equal(wire.up.recv_until(b"\r\n", 2), b"%x\r\n" % len(chunk), "chunk size")
            equal(wire.up.recv_exactly(len(chunk) + 2), chunk + b"\r\n", "chunk")
        wire.send(b"0\r\n\r\n")
        equal(wire.up.recv_exactly(5), b"0\r\n\r\n", "last chunk")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("a body by Content-Length keeps its length and bytes, in whatever pieces it comes")
def _():
    body = bytes(range(256)) * 40
    with Wire(LOAD) as wire:
        raw = post(TAR, f"Content-Length: {len(body)}") + body
        for at in range(0, len(raw), 777):
            wire.send(raw[at:at + 777])
        got = wire.arrive()
        equal((got["content-length"], got["transfer-encoding"], got.body), (str(len(body)), None, body), "what the engine received")
        wire.up.send(OK)
        wire.answer()


@suite.test("a POST without length has no body, and the next request is read behind it")
def _():
    with Wire("allow = ContainerStart SystemPing") as wire:
        wire.send(request("POST", "/containers/x/start") + request("GET", "/_ping"))
        got = wire.arrive()
        true(got.body == b"" and got["transfer-encoding"] is None and got["content-length"] in (None, "0"), got.raw)
        wire.up.send(OK)
        wire.answer()
        equal(wire.arrive().line, "GET /_ping HTTP/1.1", "the next request")


@suite.test("Content-Length: 0 is an empty body, and leading zeros are its number or refused")
def _():
    equal(passes(post(TAR, "Content-Length: 0"), rules=LOAD).body, b"", "body")
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Content-Length: 0004", body=b"xxxx"))
        if wire.client.quiet(0.2):
            got = wire.arrive()
            equal((got["content-length"], got.body), ("4", b"xxxx"), "what the engine received")
        else:
            is_denial(wire.answer(), 400)


@suite.test("GET and DELETE with a body: the body is not read as a request")
def _():
    inner = request("GET", "/info")
    for method, target in (("GET", "/_ping"), ("DELETE", "/containers/x")):
        with Wire("allow = SystemPing ContainerDelete SystemVersion") as wire:
            wire.send(request(method, target, "Content-Type: application/json", body=inner) + request("GET", "/version"))
            if not wire.client.quiet(0.2):
                is_denial(wire.answer(), 400)
                continue
            got = wire.arrive()
            true(got.body in (inner, b""), got.body)
            wire.up.send(OK)
            wire.answer()
            equal(wire.arrive().line, "GET /version HTTP/1.1", "the next request")


@suite.test("bytes behind a body are the next request, judged like any other")
def _():
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Content-Length: 4", body=b"xxxx") + request("GET", "/info"))
        equal(wire.arrive().body, b"xxxx", "body")
        wire.up.send(OK)
        wire.answer()
        is_denial(wire.answer(), 403, text="SystemInfo")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("bytes behind a body that are no request are refused")
def _():
    with Wire(LOAD) as wire:
        wire.client.try_send(post(TAR, "Content-Length: 4", body=b"xxxx") + b"yyyy\r\n\r\n")
        wire.arrive()
        wire.up.send(OK)
        wire.answer()
        is_denial(wire.answer(), 400)
        true(wire.client.at_end(), "still open")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


# Content types

for value in ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "APPLICATION/X-WWW-Form-Urlencoded", "multipart/form-data; boundary=x",
              "multipart/mixed; boundary=x", "Multipart/Form-Data;boundary=x", "application/x-www-form-urlencoded ;a=b"):
    for kind, raw in (("by length", request("POST", "/images/load", f"Content-Type: {value}", body=b"name=evil")),
                      ("in chunks", post(f"Content-Type: {value}", "Transfer-Encoding: chunked", body=chunked(b"name=evil")))):
        suite.add(f"a {value} body {kind} is answered 415", lambda raw=raw: refuses(raw, 415, closes=False))
for value in ("a, application/x-www-form-urlencoded", "application/json, application/x-www-form-urlencoded", "application/json; a=\"", "/", "a/b/c", "application"):
    suite.add(f"Content-Type: {value}, which readers take differently, is refused or is no form type to any", lambda value=value: _odd_type(value))


def _odd_type(value):
    with Wire("allow = ImageLoad") as wire:
        wire.send(request("POST", "/images/load", f"Content-Type: {value}", body=b"name=evil"))
        if wire.client.quiet(0.2):
            got = wire.arrive()
            lacks((got["content-type"] or "").lower(), "form", "Content-Type that reached the engine")
        else:
            true(wire.answer().status in (400, 415), "status is neither 400 nor 415")


@suite.test("a second Content-Type cannot hide a form type")
def _():
    refuses(request("POST", "/images/load", "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded", body=b"name=evil"), (400, 415), closes=False)


@suite.test("a form type on an empty POST is harmless: refused or passed without a body")
def _():
    with Wire("allow = ContainerStart") as wire:
        wire.send(request("POST", "/containers/x/start", "Content-Type: application/x-www-form-urlencoded"))
        if wire.client.quiet(0.2):
            equal(wire.arrive().body, b"", "body")
        else:
            is_denial(wire.answer(), 415)


# Expect

for value in ("200-ok", "100-continue, 100-continue", "100-continue; a=b", "x"):
    suite.add(f"Expect: {value} is answered 417", lambda value=value: refuses(post(f"Expect: {value}", TAR, "Content-Length: 4", body=b"xxxx"), 417, closes=False))


@suite.test("Expect: 100-continue reaches the engine, its 100 the client, and only then the body moves")
def _():
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Expect: 100-continue", "Content-Length: 4"))
        got = wire.arrive(body=False)
        equal((got["expect"], got["content-length"]), ("100-continue", "4"), "head")
        true(wire.up.quiet(), "bytes came before the client sent any")
        wire.up.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        equal(wire.client.recv_head().split(b"\r\n")[0], b"HTTP/1.1 100 Continue", "interim answer")
        wire.send(b"body")
        equal(wire.up.recv_exactly(4), b"body", "body")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")


@suite.test("Expect: 100-continue on a request that is denied is answered at once, without 100")
def _():
    got = refuses(request("POST", "/images/load", "Expect: 100-continue", "Content-Length: 1000000"), 403, rules="allow = SystemPing", closes=False)
    equal(got.interim, [], "interim answers")


@suite.test("Expect: 100-continue refused by the engine: the final answer goes out, and no body is waited for")
def _():
    with Wire(LOAD) as wire:
        wire.send(post(TAR, "Expect: 100-continue", "Content-Length: 4"))
        wire.arrive(body=False)
        wire.up.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        got = wire.answer()
        equal((got.status, got.body), (404, b"no"), "answer")


@suite.test("a client that ends in the middle of a body does not make the engine think it whole")
def _():
    for raw in (post(TAR, "Content-Length: 10", body=b"xxxx"), post(TAR, "Transfer-Encoding: chunked", body=b"4\r\nxxxx\r\n")):
        with Wire(LOAD) as wire:
            wire.send(raw)
            wire.up.recv_head()
            wire.client.half_close()
            rest = wire.up.recv_to_end()
            true(rest in (b"xxxx", b"4\r\nxxxx\r\n"), f"the engine got {rest!r}")


if __name__ == "__main__":
    sys.exit(suite.main())
