#!/usr/bin/env python3
"""Conditions on the query: what a rule's `?` means on the wire."""
import json
import sys
from urllib.parse import quote

from rules import means
from wire import Wire, is_denial

from message import read_response, request
from tap import Suite, true

suite = Suite("conditions: ")


def promise(name, rules, table):
    means(name, rules, table, suite)


promise("an allow holds only with the values that it names", "allow = ImageCreate ? fromImage=ghcr.io/acme/* tag=*", """
    + POST /v1.41/images/create?fromImage=ghcr.io/acme/web&tag=1
    + POST /images/create?tag=1&fromImage=ghcr.io%2Facme%2Fweb
    - POST /images/create?fromImage=ghcr.io/evil/web&tag=1
    - POST /images/create?fromImage=ghcr.io/acme/web
    - POST /images/create""")
promise("a deny holds for any value that it names", "allow = ImageCreate\ndeny = ImageCreate ? fromImage=evil*", """
    + POST /images/create?fromImage=good
    - POST /images/create?fromImage=good&fromImage=evil
    - POST /images/create?fromImage=%65vil/x""")
promise("a deny of a path holds however the path is written", "allow = ContainerArchive\ndeny = ContainerArchive ? path=/etc/**", """
    + GET /containers/x/archive?path=/srv/x
    + GET /containers/x/archive?path=/srv/.
    + GET /containers/x/archive?path=/srv/etc/x
    - GET /containers/x/archive?path=/etc/passwd
    - GET /containers/x/archive?path=//etc/passwd
    - GET /containers/x/archive?path=etc/passwd
    - GET /containers/x/archive?path=./etc/passwd
    - GET /containers/x/archive?path=/srv/../etc/passwd
    - GET /containers/x/archive?path=../../etc/passwd
    - GET /containers/x/archive?path=/etc//./passwd/
    - GET /containers/x/archive?path=/etc/../srv/x
    - GET /containers/x/archive?path=/%2e%2e/etc/passwd""")
promise("an absent boolean is what dockerd takes then", "allow = GET /containers/*/logs ? follow=no", """
    + GET /containers/x/logs
    + GET /containers/x/logs?follow=None
    - GET /containers/x/logs?follow=true
    - GET /containers/x/logs?follow=off
    - GET /containers/x/logs?follow=0&follow=1""")
promise("a filter must be asked for", "allow = ContainerList ? filters.label=team=web", f"""
    + GET /containers/json?filters={quote(json.dumps(dict(label=["team=web"])))}
    + GET /containers/json?filters={quote(json.dumps(dict(label={"team=web": True})))}
    - GET /containers/json?filters={quote(json.dumps(dict(label=["team=web", "x"])))}
    - GET /containers/json?filters={quote('{"label":["team=web"],"label":["x"]}')}
    - GET /containers/json?filters=x
    - GET /containers/json""")
promise("the conditions of a line are those of all its rules", "allow = ContainerStop ContainerRestart ? t=0..10", """
    + POST /containers/x/stop?t=10
    + POST /containers/x/restart?t=1
    - POST /containers/x/restart?t=11
    - POST /containers/x/stop""")


@suite.test("a query of a thousand pairs and more meets no condition, and is answered at once")
def _():
    with Wire("allow = ImageCreate ? fromImage=*") as wire:
        wire.send(request("POST", "/images/create?fromImage=a" + "&x=" * 1000))
        is_denial(read_response(wire.client), 403)


@suite.test("the record names the rule with its condition")
def _():
    with Wire("allow = ContainerLogs ? follow=no") as wire:
        wire.relay(request("GET", "/containers/x/logs"))
        wire.end()
        true("allow = ContainerLogs ? follow=no" in str(wire.records()), f"no condition in {wire.records()}")


@suite.test("patterns full of stars cost no time")
def _():
    from time import monotonic
    rules = "\n".join(f"allow = ContainerRename ? name={'*a' * 100}{i}" for i in range(200))
    with Wire(rules) as wire:
        began = monotonic()
        wire.send(request("POST", "/containers/x/rename?name=" + "a" * 60000))
        is_denial(read_response(wire.client), 403)
        true(monotonic() - began < 2, f"{monotonic() - began} s")


if __name__ == "__main__":
    sys.exit(suite.main())
