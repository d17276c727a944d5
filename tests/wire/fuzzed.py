#!/usr/bin/env python3
"""A fuzzed policy file never crashes dspctl or dsp. dspctl, which loads policies by dsp's own code, is built with AddressSanitizer for it."""
import atexit
import concurrent.futures
import functools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import wire  # noqa: F401 (finds the library)

import dspctl
from dsp import Dsp
from message import read_response, request
from tap import Skip, Suite, contains, equal, true

suite = Suite("fuzzed: ", limit=300)
BUILD = os.path.dirname(os.path.dirname(dspctl.binary()))
PRESETS = os.path.join(dspctl.REPO, "units", "policies")
FILES = int(os.environ.get("FUZZ_FILES", "150"))

# What presets do not have: each other section, kind of rule and kind of mistake.
MORE = """[policy]
description = x
extends = base
mode = audit
socket = /run/docker.sock
[sections]
POST = 1
CONTAINERS = 1
ALLOW_START = 1
ALLOW_LOGS = 0
LIBPOD_PODS = 1
LOG_LEVEL = info
[rules]
allow = ImageCreate ? fromImage=ghcr.io/acme/* tag=*
deny = ContainerList ? filters.label=x* all=no limit=0..100 ; words
allow = GET /containers/*/top POST /x/** networks:read
[clients]
uids = 0 1000
units = *.service
containers = 0123456789ab
addresses = 10.0.0.0/8 fd00::/8
tls-subjects = CN = x, O = *
[limits]
min-api = 1.41
head-timeout = 500ms
body-max = 64K
[log]
requests = denied
"""
PIECES = [b"\0", b"\xff", b"[", b"]", b"=", b" ;", b";", b"?", b"*", b"**", b"%", b"'", b'"', b"\r", b"\n", b"\t", b"\\", b"\xe2\x80\xae", b"\xc2", b"%s%n", b"A" * 70, b"x" * 9000,
          b"/" * 300, b" " * 300, b"? a=b", b"18446744073709551616", b"-1", b"[rules]\nallow = ", b"[later]\n", b"extends = ", b"..", b"allow = GET /"]


@functools.lru_cache(1)
def sanitized():
    """A dspctl with the sanitizers, of the sources that Makefile.am lists for it."""
    folder = tempfile.mkdtemp(prefix="dspctl-asan.")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as file:
        made = dict(re.findall(r"^(\w+) = (.*)$", file.read(), re.MULTILINE))
    with open(os.path.join(dspctl.REPO, "Makefile.am"), encoding="utf-8") as file:
        lists = re.findall(r"^src_(?:libjudge_a|dspctl)_SOURCES = ((?:.*\\\n)*.*)", file.read(), re.MULTILINE)
    sources = sorted(set(re.findall(r"src/\S+\.c\b", " ".join(lists))))
    true(len(sources) > 40, f"sources: {sources}")
    flags = ["-std=gnu17", "-O1", "-g", "-D_GNU_SOURCE", "-DHAVE_CONFIG_H", f"-I{BUILD}", f"-I{dspctl.REPO}/src", f"-I{BUILD}/src", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
             f'-DDSP_SYSCONFDIR="{folder}/none"', f'-DDSP_POLICYDIR="{PRESETS}"', f'-DDSP_UNITDIR="{folder}/none"']
    for name in ("DSPCTL_SYSTEMD_CFLAGS", "INIH_CFLAGS", "JANSSON_CFLAGS"):
        flags += made.get(name, "").split()
    cc = made.get("CC", "cc").split()[:1]
    if subprocess.run([*cc, "-fsanitize=address,undefined", "-x", "c", "-", "-o", f"{folder}/probe"], input="int main(void) { return 0; }", text=True, capture_output=True, check=False).returncode != 0:
        raise Skip("the compiler has no AddressSanitizer here")

    def build(source):
        out = os.path.join(folder, source.replace("/", "-") + ".o")
        subprocess.run([*cc, *flags, "-c", "-o", out, os.path.join(dspctl.REPO, source)], check=True, capture_output=True)
        return out

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        objects = list(pool.map(build, sources))
    libraries = [word for name in ("DSPCTL_SYSTEMD_LIBS", "INIH_LIBS", "JANSSON_LIBS", "LIBS") for word in made.get(name, "").split()]
    subprocess.run([*cc, "-fsanitize=address,undefined", "-o", f"{folder}/dspctl", *objects, *libraries], check=True, capture_output=True)
    return f"{folder}/dspctl"


def run(*words, input=None):
    """The status and what it printed; a report of a sanitizer and a signal are errors."""
    environment = {**os.environ, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"}
    done = subprocess.run([sanitized(), *words], input=input, capture_output=True, timeout=60, env=environment, check=False)
    true(done.returncode in (0, 1, 2, 64), f"dspctl {' '.join(words)}: status {done.returncode}: {done.stderr[-1500:].decode(errors='replace')}")
    return done.returncode, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def seeds():
    found = [MORE.encode(), MORE.replace("extends = base\n", "").encode()]
    for name in sorted(os.listdir(PRESETS)):
        with open(os.path.join(PRESETS, name), "rb") as file:
            found.append(file.read())
    return found


def mutated(chance, texts):
    text = bytearray(chance.choice(texts))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        cut = chance.choice((0, 0, 1, 4, 40))
        other = chance.choice(texts)
        start = chance.randrange(len(other))
        piece = chance.choice((chance.choice(PIECES), bytes([chance.randrange(256)]), other[start:start + chance.randint(1, 200)]))
        text[at:at + cut] = piece
    return bytes(text)


def fuzzed():
    """The same files each time; $FUZZ_SEED gives others."""
    chance, texts = random.Random(int(os.environ.get("FUZZ_SEED", "1"))), seeds()
    return [mutated(chance, texts) for _ in range(FILES)]


@suite.test("the sanitizer's dspctl judges as the other one, and would report an error")
def _():
    with dspctl.Folder() as folder:
        path = folder.policy(dspctl.rules("allow = SystemPing\nallow = SystemPong"))
        equal(run("check", path), (1, "".join(dspctl.run("check", path)[1:])), "check")
        with open(sanitized(), "rb") as file:
            contains(file.read(), b"__asan_report", "the program")


@suite.test("no fuzzed policy file crashes dspctl: check, explain, diff and learn end with a status of theirs")
def _():
    valid = 0
    with dspctl.Folder() as folder:
        base = folder.policy("[rules]\nallow = SystemPing\n", "base.ini")
        log = folder.write("log", "traefik: denied ImageList GET /v1.41/images/json?all=1 403 in=0 out=0 0.1ms -\n" * 3)
        for text in fuzzed():
            path = folder.policy(text, "fuzzed.ini")
            status, _ = run("check", "--json", path)
            valid += status == 0
            run("explain", "--peer", "uid=0 gid=0 unit=x.service", path, "POST", "/v1.41/images/create?fromImage=ghcr.io/acme/x&filters={\"label\":[\"x\"]}")
            if status == 0:
                run("check", path)
                run("diff", base, path)
                run("learn", "--add", path, log)
    true(FILES * 0.02 < valid < FILES, f"{valid} of {FILES} files are valid")


@suite.test("no fuzzed input crashes dspctl import")
def _():
    inputs = ["CONTAINERS=1\nPOST=0\n", "acl a\nhttp-request allow if a\n", "services:\n  a: &x\n    image: tecnativa/docker-socket-proxy\n    environment:\n      - CONTAINERS=1\n  b:\n    <<: *x\n    environment: {POST: '1'}\n",
              '[{"Config": {"Image": "linuxserver/socket-proxy", "Env": ["CONTAINERS=1", "ALLOW_START=1"]}}]', "acl a path_reg ^/v[0-9.]+/(info|_ping)\nhttp-request allow if a { method GET }\nhttp-request deny\n",
              ":2375 {\n @a {\n  method GET\n  path_regexp ^/v[0-9.]+/containers/[a-z]+/json$\n }\n handle @a {\n  reverse_proxy unix//run/docker.sock\n }\n respond 403\n}\n"]
    chance, texts = random.Random(int(os.environ.get("FUZZ_SEED", "1"))), [text.encode() for text in inputs]
    for _ in range(FILES):
        run("import", input=mutated(chance, texts))


@suite.test("no fuzzed policy file crashes dsp: it is answered 503 where dspctl finds errors, and else as the policy says")
def _():
    for text in fuzzed()[:FILES // 3]:
        with dspctl.Folder() as folder:
            path = folder.policy(text, "fuzzed.ini")
            broken = dspctl.run("check", "--quiet", path)[0] != 0
            dsp = Dsp("--policy=" + path)
            try:
                dsp.client.send(request("GET", "/no/such/thing"))
                status = read_response(dsp.client).status
                equal(dsp.stop(), 0, f"exit status with {text!r}")
            finally:
                dsp.kill()
            equal(status == 503, broken, f"that the status {status} is 503, of {text!r}")


if __name__ == "__main__":
    sys.exit(suite.main())
