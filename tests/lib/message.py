"""HTTP/1.1 messages as the tests read them.

`read_request` is the reader that a careful engine would be: it takes only what dsp promises to write, and raises
Malformed for anything that two readers could take differently. `read_response` reads what a client gets.
"""
import json
import re

from stream import LIMIT

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
REQUEST_LINE = re.compile(rb"([A-Z]+) (/[\x21-\x22\x24-\x7e\x80-\xff]*|\*) HTTP/1\.1\Z")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)\Z")
VALUE = re.compile(rb"[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?\Z|\Z")

# What may reach the engine, by the lower-case name. X-Docker-Expose-Session-* is added by its prefix.
PASSED = {
    "host", "accept", "accept-encoding", "content-type", "user-agent", "expect", "x-registry-auth", "x-registry-config",
    "content-length", "transfer-encoding", "connection", "upgrade",
    "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol",
}


class Malformed(Exception):
    """A message that no strict reader takes."""


class Head:
    """Field lines in the order received; `head["name"]` is the one value or None, any case."""

    def __init__(self, lines):
        self.fields = []
        for line in lines:
            name, colon, value = line.partition(b":")
            value = value.strip(b" \t")
            if not colon or not TOKEN.match(name) or not VALUE.match(value):
                raise Malformed(f"field line {line!r}")
            self.fields.append((name.decode("ascii"), value.decode("latin-1")))

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        if len(values) > 1:
            raise Malformed(f"{len(values)} fields named {name}: {values}")
        return values[0] if values else None

    def __contains__(self, name):
        return bool(self.all(name))

    def names(self):
        return sorted({key.lower() for key, _ in self.fields})


class Request(Head):
    def __init__(self, raw):
        self.raw = raw                       # the head's bytes
        lines = _lines(raw)
        match = REQUEST_LINE.match(lines[0])
        if not match:
            raise Malformed(f"request line {lines[0]!r}")
        self.line = lines[0].decode("latin-1")
        self.method = match[1].decode("ascii")
        self.target = match[2].decode("latin-1")
        super().__init__(lines[1:])
        self.body = b""
        self.chunks = None                   # the chunks' sizes when the body came chunked

    def check(self):
        """Raises Malformed unless the head holds exactly what dsp may send."""
        for name in self.names():
            if name != "x-docker-expose-session-grpc-method":  # one per method
                self[name]
            if name not in PASSED and not name.startswith("x-docker-expose-session-"):
                raise Malformed(f"field {name} does not pass")
        if self["host"] != "docker":
            raise Malformed(f"Host is {self['host']!r}")
        if "content-length" in self and "transfer-encoding" in self:
            raise Malformed("two framings")
        if self["content-length"] is not None and not re.match(r"(0|[1-9][0-9]{0,18})\Z", self["content-length"]):
            raise Malformed(f"Content-Length {self['content-length']!r}")
        if self["transfer-encoding"] not in (None, "chunked"):
            raise Malformed(f"Transfer-Encoding {self['transfer-encoding']!r}")
        if self["expect"] not in (None, "100-continue"):
            raise Malformed(f"Expect {self['expect']!r}")
        if ("connection" in self) != ("upgrade" in self):
            raise Malformed("Connection and Upgrade go together")
        if "upgrade" in self and (self["connection"].lower() != "upgrade" or self["upgrade"] not in ("tcp", "h2c", "websocket")):
            raise Malformed(f"Connection {self['connection']!r}, Upgrade {self['upgrade']!r}")
        return self


class Response(Head):
    def __init__(self, raw):
        self.raw = raw
        lines = _lines(raw)
        match = STATUS_LINE.match(lines[0])
        if not match:
            raise Malformed(f"status line {lines[0]!r}")
        self.version = "1." + match[1].decode()
        self.status = int(match[2])
        self.reason = match[3].decode("latin-1")
        super().__init__(lines[1:])
        self.body = b""
        self.chunks = None                   # the chunks as received when the body came chunked
        self.interim = []                    # 1xx answers that came before

    @property
    def message(self):
        """The text of Docker's error form."""
        return json.loads(self.body)["message"]


def _lines(raw):
    if not raw.endswith(b"\r\n\r\n"):
        raise Malformed("the head does not end")
    lines = raw[:-4].split(b"\r\n")
    for line in lines:
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise Malformed(f"a bare CR, LF or NUL in {line!r}")
    return lines


def request(method, target, *fields, body=None, version="HTTP/1.1", host="docker"):
    """The bytes of a request. `body` adds a Content-Length; a field is `"Name: value"`."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += fields
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunked(*chunks):
    """The bytes of a chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def read_chunk(stream, limit=LIMIT):
    """One chunk, b"" for the last one (whose trailer section must be empty)."""
    line = stream.recv_until(b"\r\n", limit)
    if not re.match(rb"(0|[1-9a-fA-F][0-9a-fA-F]{0,15})\r\n\Z", line):
        raise Malformed(f"chunk size line {line!r}")
    data = stream.recv_exactly(int(line, 16), limit)
    if stream.recv_exactly(2, limit) != b"\r\n":
        raise Malformed(f"no CRLF behind a chunk of {len(data)}")
    return data


def read_request(stream, limit=LIMIT, body=True):
    """The next request, checked strictly, with its body unless `body` is False."""
    got = Request(stream.recv_head(limit)).check()
    if body:
        read_body(stream, got, limit)
    return got


def read_body(stream, got, limit=LIMIT):
    if "transfer-encoding" in got:
        chunks = list(iter(lambda: read_chunk(stream, limit), b""))
        got.body, got.chunks = b"".join(chunks), [len(chunk) for chunk in chunks]
    elif "content-length" in got:
        got.body = stream.recv_exactly(int(got["content-length"]), limit)
    return got


def read_response(stream, method="GET", limit=LIMIT, body=True):
    """The next final answer; 1xx other than 101 are collected in `interim`."""
    interim = []
    while True:
        got = Response(stream.recv_head(limit))
        if got.status >= 200 or got.status == 101:
            break
        interim.append(got)
    got.interim = interim
    if not body or method == "HEAD" or got.status in (101, 204, 304):
        return got
    if got["transfer-encoding"] is not None:
        if got["transfer-encoding"] != "chunked" or "content-length" in got:
            raise Malformed(f"framing of {got.raw!r}")
        got.chunks = list(iter(lambda: read_chunk(stream, limit), b""))
        got.body = b"".join(got.chunks)
    elif got["content-length"] is not None:
        got.body = stream.recv_exactly(int(got["content-length"]), limit)
    else:
        got.body = stream.recv_to_end(limit)
    return got
