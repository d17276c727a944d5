#!/usr/bin/env python3
"""Every field, parameter and head field that matters has its tests, and they hold: tests/data/fields.tsv has a line for each.

A line: method, path, where it stands, its pointer, the operation; and then what shows it. Either NAME=SENSE for each of its fields, by the cases of
bodies_fields.py and queries.py:

    refused   by default, with the field named; passes by its key; is refused where its value is outside of what the key says
    narrowed  passes by default; where its key stands only what that says passes
    required  a key asks for it, or bounds it
    passes    by default: it gives nothing

or, of what is no field, the beginnings of the names of the tests that are about it, with "; " between them.
"""
import os
import sys

import bodies
import bodies_fields
import bypasses
import execstart
import framing
import heads
import queries
import targets
import upgrade

from tap import Suite, true

suite = Suite("each field: ")
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "fields.tsv")
SUITES = [module.suite for module in (bodies, bodies_fields, bypasses, execstart, framing, heads, queries, targets, upgrade)]
NAMED = [(one.prefix + name, function) for one in SUITES for name, function, _ in one.tests]
CASES = {"body": bodies_fields.CASES, "query": queries.CASES, "path": queries.CASES}
SENSES = ("refused", "narrowed", "required", "passes")


def values(tree, at="", found=None):
    """All that stands in a body, by its path: {"HostConfig.Mounts[].Type": ["bind", ...]}."""
    found = {} if found is None else found
    if at:
        found.setdefault(at, []).append(tree)
    if isinstance(tree, dict):
        for name, below in tree.items():
            values(below, f"{at}.{name}" if at else name, found)
    elif isinstance(tree, list):
        for below in tree:
            values(below, at + "[]", found)
    return found


def shows(case, sense, path):
    """Whether a case is one of that sense, about what stands at `path`."""
    inside = [value for tree in case.bodies for value in values(tree).get(path, [])]
    outside = [value for tree in case.outside for value in values(tree).get(path, [None])]
    if sense == "passes":
        return any(value not in (None, False, "", 0, [], {}) for value in inside)
    if sense == "required":
        return case.sense == sense and bool(inside or [value for value in outside if value is not None])
    return case.sense == sense and bool(inside) and (case.bounded or any(value not in inside for value in outside))


def fields_hold(operation, where, told):
    for word in told.split():
        path, _, sense = word.rpartition("=")
        true(sense in SENSES, f"{word}: no sense")
        cases = [case for case in CASES[where] if case.operation == operation and shows(case, sense, path)]
        true(cases, f"{operation}: no test of {path} as {sense}")
        for case in cases[:8]:
            case.check()


def tests_hold(told):
    for name in told.split("; "):
        functions = [function for known, function in NAMED if known.startswith(name)]
        true(functions, f"no test is named {name!r}")
        for function in functions[:8]:
            function()


with open(TABLE, encoding="utf-8") as file:
    LINES = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]

for method, resource, place, pointer, whose, shown in LINES:
    @suite.test(f"{method} {resource}, {place}: {pointer}")
    def _(place=place, whose=whose, shown=shown):
        if "=" in shown.split(" ", 1)[0]:
            fields_hold(whose, place, shown)
        else:
            tests_hold(shown)

if __name__ == "__main__":
    sys.exit(suite.main())
