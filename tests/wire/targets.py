#!/usr/bin/env python3
"""Request targets: decoded once, refused when not clean, passed on as they were judged (api/routing.md §1, §2.10–12)."""
import sys
from urllib.parse import unquote

from wire import EVERYTHING, TOO_OLD, passes, refuses

from message import request
from tap import Suite, equal

suite = Suite("targets: ")


def refused(name, target, method="GET", status=400):
    suite.add(f"{name} is refused", lambda: refuses(request(method, target), status, rules=EVERYTHING))


def passed(name, target, rule="allow = SystemVersion", method="GET", line=None):
    suite.add(f"{name} reaches the engine", lambda: passes(request(method, target), line or f"{method} {target} HTTP/1.1", rules=rule))


# Forms

for target in ("http://docker/version", "http://x/version", "HTTP://x/version", "https://x/version", "foo://x/version", "http:/version",
               "unix:/version", "http://u:p@x/version", "http://x"):
    refused(f"the absolute-form {target}", target)
refused("the authority-form", "docker:80")
refused("the asterisk-form with GET", "*")
refused("a target without leading slash", "version")
refused("a target that begins with a question mark", "?x=1")
refused("an empty path before the query of a version", "v1.41/version")

# What is not clean

for target in ("//version", "/v1.41//version", "/containers//json", "/./version", "/version/.", "/containers/../version", "/..", "/.",
               "/containers/x/../json", "/version/..", "/../version", "//", "/v1.41/./version"):
    refused(f"{target}", target)
for target in ("/containers/%2e%2e/version", "/%2e/version", "/.%2e/version", "/containers/%2E./version", "/containers/x%2f..%2fjson",
               "/version%2f..%2fimages/json", "/containers%2fjson", "/v1.41%2fversion", "/%2fversion", "/containers/a%2Fb/json",
               "/images/a%2fb/json", "/containers/a%5cb/json"):
    refused(f"{target}", target)
for target in ("/containers/%252e%252e/json", "/containers/a%252fb/json", "/containers/%25/json", "/images/a%2541/json"):
    refused(f"the doubly encoded {target}", target)
for escape in ("%00", "%01", "%09", "%0a", "%0d", "%0D%0A", "%1b", "%7f"):
    refused(f"the control character {escape} in the path", f"/containers/a{escape}b/json")
for target in ("/containers/%zz/json", "/containers/%/json", "/containers/%4/json", "/containers/a%", "/containers/a%4", "/%u0041/json"):
    refused(f"the broken escape {target}", target)
for target in ("/containers/%ff/json", "/containers/%c0%ae/json", "/containers/%ed%a0%80/json"):
    refused(f"the invalid UTF-8 {target}", target)
for byte in (0x01, 0x09, 0x0b, 0x1f, 0x7f):
    refused(f"the raw byte 0x{byte:02x} in the path", f"/containers/a{chr(byte)}b/json")
    refused(f"the raw byte 0x{byte:02x} in the query", f"/version?a{chr(byte)}b")
for target in ("/version#x", "/version?x#y", "/_ping#/../version", "/version#"):
    refused(f"the fragment {target}", target)
for target in ("/version;x", "/version;x=1/json", "/containers/a;b/json", "/version?a=1;b=2"):
    refused(f"the semicolon {target}", target)
for target in ("/version/", "/containers/json/", "/containers/", "/images/x/json/", "/volumes/", "/v1.41/", "/_ping/"):
    refused(f"the trailing slash {target}", target, status=(400, 403))
refused("a raw backslash in the path", "/containers\\json", status=(400, 403))

# Versions

for version in ("/v1.24", "/v1.25", "/v1.40", "/v1.41", "/v1.44", "/v1.47", "/v1.50", "/v1.51", "/v1.56", ""):
    passed(f"the version prefix {version or 'none'}", f"{version}/version")
for version in ("/v1.23", "/v1.21", "/v1.12", "/v1.0", "/v0.9", "/v1.9", "/v0.99"):
    suite.add(f"the version prefix {version}, below min-api, is answered 400 in Docker's words", lambda version=version: refuses(
        request("GET", f"{version}/version"), 400, says=TOO_OLD.format(version[2:], "1.24"), closes=False))
for version in ("/V1.41", "/v", "/v1.41a", "/v1,41", "/vx", "/v1.41/v1.41", "/v1_41", "/v-1.41", "/v+1.41"):
    suite.add(f"the version prefix {version} is not one: no operation", lambda version=version: refuses(
        request("GET", f"{version}/version"), (400, 403), rules="allow = SystemVersion"))
for version in ("/v1", "/v1..41", "/v1.", "/v.1", "/v.", "/v1.041", "/v01.41", "/v1.41.0.0.0.0", "/v99999999999999999999.1", "/v1.99999999999999999999"):
    suite.add(f"the version prefix {version}, which two readers take differently, is refused", lambda version=version: refuses(
        request("GET", f"{version}/version"), (400, 403), rules="allow = SystemVersion", closes=False))

# Podman routes by anything of letters, digits, dots and dashes: a rule for /containers/*/json would not hold for it
for target in ("/v1.41-x/containers/x/json", "/v4.0.0-dev/containers/x/json", "/v4.0.0-dev/libpod/containers/x/json", "/v1.41a/_ping", "/v1.x/_ping", "/v1-1/_ping"):
    suite.add(f"{target}, which begins with what may be a version, is refused even where every path is allowed", lambda target=target: refuses(
        request("GET", target), 400, rules=EVERYTHING, closes=False))


@suite.test("min-api of the policy is the bound")
def _():
    refuses(request("GET", "/v1.43/version"), 400, says=TOO_OLD.format("1.43", "1.44"), limits="min-api = 1.44", closes=False)


@suite.test("the version min-api itself passes")
def _():
    passes(request("GET", "/v1.44/version"), "GET /v1.44/version HTTP/1.1", limits="min-api = 1.44")


@suite.test("versions are compared as numbers: 1.100 is not below 1.24")
def _():
    passes(request("GET", "/v1.100/version"), "GET /v1.100/version HTTP/1.1")


@suite.test("a three-part version passes (podman's clients send one)")
def _():
    passes(request("GET", "/v1.41.0/version"), "GET /v1.41.0/version HTTP/1.1")
    passes(request("GET", "/v4.3.1/version"), "GET /v4.3.1/version HTTP/1.1")


@suite.test("/vX.Y.Z/libpod is no operation: refused unless a raw rule allows it")
def _():
    refuses(request("GET", "/v4.3.1/libpod/containers/json"), 403, rules="allow = ContainerList containers:read")
    passes(request("GET", "/v4.3.1/libpod/containers/json"), "GET /v4.3.1/libpod/containers/json HTTP/1.1", rules="allow = GET /libpod/containers/json")


# Queries pass as they were

for target in ("/containers/json?all=1", "/containers/json?filters={\"status\":[\"running\"]}",
               "/containers/json?filters=%7B%22label%22%3A%7B%22a%3Db%22%3Atrue%7D%7D", "/containers/json?filters=%7B+%22a%22+%7D",
               "/containers/json?a=b&a=c&&=", "/containers/json?a=/../b", "/containers/json?a=//x", "/containers/json?a?b", "/containers/json?a=%2f%2e%2e",
               "/containers/json?filters={[|^`<>]}", "/containers/json?x=a:b@c,d!e$f'(g)*~"):
    passed(f"the query of {target}", target, "allow = ContainerList")
passed("a trailing question mark (fsouza's client) is taken, and the path", "/containers/json?", "allow = ContainerList", line="GET /containers/json HTTP/1.1")
passed("a query of 20 KB", "/containers/json?filters=" + "a" * 20000, "allow = ContainerList")


# Names

for name in ("web", "a_b-c.d", "0123456789abcdef", "%2Dx", "a%20b", "a:b", "a@b", "a=b,c", "a!$&'()*+~b", "%7Bx%7D", "%C3%A9"):
    suite.add(f"the container name {name} reaches the engine, decoded to the same", lambda name=name: equal(
        unquote(passes(request("GET", f"/containers/{name}/json"), rules="allow = ContainerInspect").target),
        unquote(f"/containers/{name}/json"), "target"))
for name in ("alpine", "library/alpine", "ghcr.io/acme/app:v1.2", "localhost:5000/a/b/c", "alpine@sha256:" + "0" * 64):
    passed(f"the image name {name}", f"/images/{name}/json", "allow = ImageInspect")
passed("/networks/ with its slash", "/networks/", "allow = NetworkList")
passed("/debug/pprof/ with its slash", "/debug/pprof/", EVERYTHING)


if __name__ == "__main__":
    sys.exit(suite.main())
