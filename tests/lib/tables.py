"""The tables of system calls, read from the source as mkfilter reads them: src/sandbox/*.def.

    rows("connection") -> [Row("read", "ALLOW", []), ...]
"""
import os
import re
from collections import namedtuple

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "sandbox")
ROLES = ("connection", "spare", "parent")
ROW = re.compile(r'^([A-Z_]+)\((\w+), (?:([^"]*), )?"', re.MULTILINE)
INCLUDE = re.compile(r'^#include "sandbox/(\w+)\.def"', re.MULTILINE)

Row = namedtuple("Row", "name rule values")


def rows(role):
    """All rows of a role's table, with those that it includes."""
    with open(os.path.join(FOLDER, role + ".def"), encoding="utf-8") as file:
        text = file.read()
    found = [Row(name, rule, values.split(", ") if values else []) for rule, name, values in ROW.findall(text)]
    for other in INCLUDE.findall(text):
        found += rows(other)
    return found


def names(role):
    return {row.name for row in rows(role)}
