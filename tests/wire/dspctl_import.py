#!/usr/bin/env python3
"""dspctl import: other proxies' configurations, to policies that mean the same."""
import json
import os
import re
import sys

import wire  # noqa: F401 (finds the library)

import dspctl
from dspctl import Folder, operations, out, run
from tap import Suite, contains, equal, lacks

suite = Suite("dspctl import: ")


def imported(text, *options, status=0):
    """(operations, the lines of [sections] as a dict, the policy's text)."""
    policy = out("import", *options, input=text, status=status)
    with Folder() as folder:
        path = folder.policy(policy)
        equal(run("check", "-q", path)[0], 0, f"status of check of\n{policy}")
        return operations(path), dict(re.findall(r"^([A-Z_]+) = (.*)$", policy, re.MULTILINE)), policy


def means(sections):
    with Folder() as folder:
        return operations(folder.policy("[sections]\n" + "".join(f"{line}\n" for line in sections.split())))


@suite.test("KEY=1 lines")
def _():
    for text in ("CONTAINERS=1\nPOST=0\nIMAGES=1\n", "export CONTAINERS=1\n# a comment\nPOST=\"0\"\nIMAGES='1' # list\n", "- CONTAINERS=1\n- POST=0\n- IMAGES=1\n",
                 "CONTAINERS=true\nPOST=False\nIMAGES=yes\n", "CONTAINERS: 1\nPOST: 0\nIMAGES: \"1\"\n", "CONTAINERS=0\nCONTAINERS=1\r\nPOST=0\r\nIMAGES=1\r\n"):
        allowed, lines, _ = imported(text)
        equal(lines, {"CONTAINERS": "1", "POST": "0", "IMAGES": "1"}, text)
        equal(allowed, means("CONTAINERS=1 POST=0 IMAGES=1"))


COMPOSE = """
version: "3"
services:
  web:
    image: nginx
    environment:
      - COLOR=1
  dockerproxy:
    image: "tecnativa/docker-socket-proxy:0.3"
    environment:
      - CONTAINERS=1 # list and inspect
      - "NETWORKS=1"
      - POST=0
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
networks:
  socket: {}
"""


@suite.test("a compose file with a list")
def _():
    _, lines, text = imported(COMPOSE)
    equal(lines, {"CONTAINERS": "1", "NETWORKS": "1", "POST": "0"})
    contains(text, "from dockerproxy (tecnativa/docker-socket-proxy:0.3)")


@suite.test("a compose file with a map, quotes, interpolation with a default, and values in one line")
def _():
    equal(imported(COMPOSE.replace("- CONTAINERS=1 # list and inspect", "CONTAINERS: 1").replace('- "NETWORKS=1"', 'NETWORKS: "1"').replace("- POST=0", "POST: ${POST:-0}"))[1],
          {"CONTAINERS": "1", "NETWORKS": "1", "POST": "0"})
    equal(imported("services:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment: {CONTAINERS: 1, POST: 0}\n")[1], {"CONTAINERS": "1", "POST": "0"})
    equal(imported("services:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment: [\"CONTAINERS=1\", \"POST=0\"]\n")[1], {"CONTAINERS": "1", "POST": "0"})


@suite.test("a piece of a compose file that was pasted without its indentation")
def _():
    equal(imported("dockerproxy:\nimage: tecnativa/docker-socket-proxy\nenvironment:\n- LOG_LEVEL=info\n- CONTAINERS=1\nports:\n- \"2375\"\n")[1], {"LOG_LEVEL": "info", "CONTAINERS": "1"})


@suite.test("of several proxies in a compose file one must be named")
def _():
    two = COMPOSE.replace("image: nginx", "image: lscr.io/linuxserver/socket-proxy").replace("COLOR=1", "INFO=1")
    status, _, errors = run("import", input=two)
    equal(status, 2, "status")
    contains(errors, "web dockerproxy")
    equal(imported(two, "--service=dockerproxy")[1], {"CONTAINERS": "1", "NETWORKS": "1", "POST": "0"})
    equal(imported(two, "--service", "web")[1]["INFO"], "1")


@suite.test("what docker inspect prints of the running container")
def _():
    inspect = [{"Name": "/dockerproxy", "Config": {"Image": "tecnativa/docker-socket-proxy", "Env": ["CONTAINERS=1", "PATH=/usr/bin", "POST=1", "HAPROXY_VERSION=2.2"]}}]
    allowed, lines, text = imported(json.dumps(inspect, indent=2))
    equal(lines, {"CONTAINERS": "1", "POST": "1"})
    equal(allowed, means("CONTAINERS=1 POST=1"))
    contains(text, "; not taken over: PATH (")


@suite.test("of what docker inspect prints of several containers the proxy is taken, or the one that is named; the list of the environment alone will do")
def _():
    two = [{"Name": "/web", "Config": {"Image": "nginx", "Env": ["COLOR=1"]}}, {"Name": "/proxy", "Config": {"Image": "x", "Env": ["CONTAINERS=1", "POST=0"]}}]
    equal(imported(json.dumps(two))[1], {"CONTAINERS": "1", "POST": "0"})
    two[0]["Config"]["Env"] = ["INFO=1"]
    contains(run("import", input=json.dumps(two))[2], "web proxy")
    equal(imported(json.dumps(two), "--service=web")[1], {"INFO": "1"})
    equal(imported('["CONTAINERS=1", "POST=0"]')[1], {"CONTAINERS": "1", "POST": "0"})
    for nothing in ("[]", '[{"Name": "/a", "Config": {"Env": null}}]', "{}", "17"):
        run_status = run("import", input=nothing)[0]
        equal(run_status in (1, 2), True, f"status {run_status} of {nothing}")


ODD = {
    "anchors and merge keys": "x-env: &env\n  CONTAINERS: 1\n  POST: '1'\nservices:\n  p:\n    image: &i tecnativa/docker-socket-proxy\n    environment:\n      <<: *env\n      POST: 0\n",
    "a merge of several": "a: &a {CONTAINERS: 1}\nb: &b\n  POST: \"0\"\n  CONTAINERS: 0\nservices:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment:\n      <<: [*a, *b]\n",
    "an alias for the whole": "x: &e\n  - CONTAINERS=1\n  - POST=0\nservices:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment: *e\n",
    "a service in one line": "services:\n    p: { image: tecnativa/docker-socket-proxy, environment: { CONTAINERS: 1, POST: 0 }, volumes: ['/a:/a:ro'] }\n",
    "a flow over lines": "services:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment: {\n      CONTAINERS: 1, # x\n      POST: 0\n    }\n",
    "a base that is merged into services": "x-p: &p\n  image: tecnativa/docker-socket-proxy\n  environment: {CONTAINERS: 1, POST: 0}\nservices:\n  p:\n    <<: *p\n    restart: always\n",
    "extends": "services:\n  base:\n    image: nginx\n    environment: [POST=0]\n  p:\n    extends: {service: base}\n    image: tecnativa/docker-socket-proxy\n    environment:\n      CONTAINERS: 1\n",
    "CRLF, a BOM, a document's start, tags": "\ufeff---\r\nservices:\r\n  p:\r\n    image: tecnativa/docker-socket-proxy\r\n    environment:\r\n    - !!str CONTAINERS=1\r\n    - POST=0\r\n...\r\nnot: [yaml\r\n",
    "block scalars and lines that go on": "services:\n  web:\n    image: nginx\n    command: >\n      a: b\n        - c\n    entrypoint: sh\n      -c x\n  p:\n    image: tecnativa/docker-socket-proxy\n"
                                          "    labels:\n    - \"a: b # c\"\n    - 'it''s'\n    environment:\n      CONTAINERS: 1\n      POST: 0\n",
    "JSON, as docker compose config prints it": '{"services": {"p": {"image": "tecnativa/docker-socket-proxy", "environment": {"CONTAINERS": "1", "POST": "0"}}}}',
    "version 1, without services": "p:\n  image: tecnativa/docker-socket-proxy\n  environment:\n    - CONTAINERS=1\n    - POST=0\nweb:\n  image: nginx\n",
}
for kind, text in ODD.items():
    suite.add(f"a compose file with {kind}", lambda text=text: equal(imported(text, *(("--service=p",) if "extends" in text else ()))[1], {"CONTAINERS": "1", "POST": "0"}))


@suite.test("a compose file's env_file is read beside it; one that is not there is told, and makes the status 1")
def _():
    with Folder() as folder:
        folder.write("one.env", "CONTAINERS=1\n# x\nexport INFO=\"1\"\nPOST=1\n")
        folder.write("sub/two.env", "IMAGES=1\n")
        head = "services:\n  p:\n    image: tecnativa/docker-socket-proxy\n    env_file:\n"
        path = folder.write("compose.yml", head + "      - one.env\n      - path: ./sub/two.env\n        required: true\n    environment:\n      POST: 0\n")
        equal(dict(re.findall(r"^([A-Z_]+) = (.*)$", out("import", path), re.MULTILINE)), {"CONTAINERS": "1", "INFO": "1", "POST": "0", "IMAGES": "1"})
        path = folder.write("compose.yml", head + "      - none.env\n    environment:\n      CONTAINERS: 1\n")
        contains(out("import", path, status=1), "; not taken over, since it could not be read: none.env\n")


@suite.test("a variable whose value is the shell's is told, and makes the status 1")
def _():
    for entry in ("- CONTAINERS", "CONTAINERS:"):
        text = imported(f"services:\n  p:\n    image: tecnativa/docker-socket-proxy\n    environment:\n      {entry}\n", status=1)[2]
        contains(text, "; not taken over: CONTAINERS = (not in this file), which is neither 0 nor 1")


@suite.test("what is no YAML that dspctl reads is an error with its line, and nothing is imported")
def _():
    for line, text in ((3, "services:\n  p:\n\timage: x\n    environment:\n"), (4, "services:\n  p:\n    environment:\n    CONTAINERS\n"), (3, "services:\n  p:\n    environment: {A: 1\n"), (3, "services:\n  p:\n    environment: *none\n"),
                       (4, "services:\n    p:\n      environment:\n   x: y\n"), (1, "services: " + "[" * 100 + "\n#environment:\n")):
        status, policy, errors = run("import", input=text)
        equal((status, policy), (2, ""), text)
        contains(errors, f"line {line}: ", f"what is said of {text!r}")


@suite.test("what is something else altogether is an error")
def _():
    for text in ("", "\n", "docker run -e CONTAINERS=1 tecnativa/docker-socket-proxy\n", "[Service]\nExecStart=/bin/true\n", "<xml a=\"1\"/>\n"):
        equal(run("import", input=text)[:2], (2, ""), f"status and output of {text!r}")


@suite.test("LinuxServer's defaults apply to its image, or when they are asked for")
def _():
    off = {"ALLOW_ARCHIVE", "ALLOW_ATTACH", "ALLOW_CHANGES", "ALLOW_EXEC", "ALLOW_EXPORT", "ALLOW_KILL", "ALLOW_TOP"}
    for text, options in ((COMPOSE.replace("tecnativa/docker-socket-proxy:0.3", "lscr.io/linuxserver/socket-proxy").replace("- POST=0", "- ALLOW_LOGS=1"), ()),
                          ("CONTAINERS=1\nALLOW_LOGS=1\n", ("--image=linuxserver",))):
        allowed, lines, _ = imported(text, *options)
        equal({name for name, value in lines.items() if value == "0"}, off)
        equal(("ContainerLogs" in allowed, "ContainerArchive" in allowed), (True, False), "ContainerLogs and ContainerArchive")
    lacks(imported("CONTAINERS=1\n")[1], "ALLOW_TOP")


@suite.test("each line tells the operations that it lets through")
def _():
    text = imported("INFO=1\nALLOW_START=1\nPOST=0\n")[2]
    contains(text, ";   SystemInfo (sensitive): see facts of the host: name, kernel, storage, counts\nINFO = 1\n")
    contains(text, ";   ContainerStart (write): start a container\nALLOW_START = 1\n")


@suite.test("what is not a matter of the policy is told, with whose it is")
def _():
    contains(imported("CONTAINERS=1\nDISABLE_IPV6=1\nTZ=UTC\n")[2], "; not taken over: DISABLE_IPV6 (DISABLE_IPV6 is not a matter of the policy: where to listen is ListenStream=")


@suite.test("a value that is neither on nor off is told, is not guessed, and makes the status 1")
def _():
    _, lines, text = imported("CONTAINERS=maybe\nIMAGES=${IMAGES}\nINFO=1\n", status=1)
    equal(lines, {"INFO": "1"})
    contains(text, "; not taken over: CONTAINERS = maybe, which is neither 0 nor 1")


@suite.test("a value cannot put a line of its own into the policy")
def _():
    inspect = [{"Config": {"Env": ["CONTAINERS=1\n[rules]\nallow = ContainerCreate", "LOG_LEVEL=info\n[rules]", "A\nPOST = 1=1", "INFO=1"]}}]
    text = run("import", input=json.dumps(inspect))[1]
    equal(re.findall(r"^(?:[A-Z_]+|allow) = .*$", text, re.MULTILINE), ["LOG_LEVEL = info\\x0a[rules]", "INFO = 1"])


CADDYFILE = """
{
  debug
}
http://localhost:2379 {
  @infourl {
    method GET
    path /v1.41/info
  }
  @ping method HEAD
  @statsurl {
    method GET
    path /v1.41/stats
  }
  @containers {
    method GET
    path /v1.41/containers/*/stats /v1.41/containers/json
  }
  @images path_regexp ^/v[\\d.]+/images/(json|[\\w./-]+/history)$
  @volumes {
    method GET
    path /v1.41/volumes*
  }
  reverse_proxy @infourl unix///var/run/docker.sock
  reverse_proxy @volumes unix///var/run/docker.sock
  reverse_proxy @statsurl unix///var/run/docker.sock
  reverse_proxy @containers unix///var/run/docker.sock
  handle @images {
    reverse_proxy unix///var/run/docker.sock
  }
  respond 403
}
"""


@suite.test("a Caddyfile's paths, and what of them is no operation")
def _():
    allowed, _, text = imported(CADDYFILE)
    equal(set(allowed), {"SystemInfo", "ContainerList", "ContainerStats", "ImageList", "ImageHistory", "VolumeList", "VolumeInspect"})
    contains(text, "; reverse_proxy @statsurl unix///var/run/docker.sock\n;   matches no operation of the Docker Engine API\n")


@suite.test("what a Caddyfile lets through without a condition that can be mapped is told, and makes the status 1")
def _():
    for line in ("reverse_proxy unix//var/run/docker.sock", "handle {\n reverse_proxy unix//x\n }", "handle_path /docker/* {\n reverse_proxy unix//x\n }", "reverse_proxy @none unix//x"):
        allowed, _, text = imported(f":2375 {{\n @blocked not method GET\n respond @blocked 403\n handle /_ping {{\n  reverse_proxy unix//x\n }}\n {line}\n}}\n", status=1)
        contains(text, "; not mapped: ")
        equal(set(allowed), {"SystemPing", "SystemPingHead"}, f"what is allowed with {line}")


HAPROXY = """
frontend docker
    acl is_get method GET
    acl ping path_reg ^(/v[\\d\\.]+)?/_ping$
    acl containers path,url_dec -m reg -i ^(/v[\\d\\.]+)?/containers/json
    acl restart path_end /restart
    http-request allow if is_get containers
    http-request allow if METH_POST restart or METH_GET ping
    http-request allow if { path -m beg /version }
    http-request deny
"""


@suite.test("the http-request rules of an haproxy.cfg")
def _():
    allowed, _, _ = imported(HAPROXY)
    equal(set(allowed), {"ContainerList", "ContainerRestart", "SystemPing", "SystemPingHead", "SystemVersion"})


@suite.test("a condition that is not about method and path is told, not guessed, and makes the status 1")
def _():
    allowed, _, text = imported(HAPROXY.replace("http-request allow if is_get containers", "http-request allow if is_get containers { src 10.0.0.0/8 }\n    http-request deny if restart"), status=1)
    lacks(allowed, "ContainerList")
    contains(text, "; not mapped, for its condition 'src': ")
    contains(text, "; not mapped: http-request deny if restart\n")


@suite.test("Tecnativa's own haproxy.cfg is not read: its environment decides")
def _():
    status, _, errors = run("import", input="http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/containers } { env(CONTAINERS) -m bool }\n")
    equal(status, 2, "status")
    contains(errors, "docker inspect")


@suite.test("what is nothing that it knows is status 2")
def _():
    equal(run("import", input="hello\n")[0], 2, "status")
    equal(run("import", input="")[0], 2, "status")
    equal(run("import", os.path.join(os.path.dirname(__file__), "none"))[0], 2, "status")


if __name__ == "__main__":
    sys.exit(suite.main())
