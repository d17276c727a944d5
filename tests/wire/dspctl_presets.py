#!/usr/bin/env python3
"""dspctl check of the presets: no risk that their own comments do not announce."""
import os
import re
import sys

import wire  # noqa: F401 (finds the library)

import dspctl
from dspctl import Folder, read_json
from tap import Suite, equal, true

suite = Suite("presets: ")
FOLDER = os.path.join(dspctl.REPO, "units", "policies")
PRESETS = sorted(name[:-4] for name in os.listdir(FOLDER) if name.endswith(".ini"))

# A word by which a comment tells of a kind of risk. What is not here no preset may have.
TELLING = {"root": r"\broot\b|take the host|takes? over the host", "exec": r"\bexec|\bcommands?\b|\bcode\b|\bruns?\b|standard input", "audit": r"\baudit\b", "broad": None, "exec-half": r"exec", "unrestricted": r"\broot on the host\b",
           "contents": r"\broot on the host\b|\bBeware\b", "everything": r"ports of the host"}


def comments_of(text, line):
    """The comments at the top of a policy, and those above a line in its own paragraph."""
    lines = text.splitlines()
    above = []
    for one in reversed(lines[:line]):
        if not one.strip():
            break
        above.append(one)
    head = lines[:next((at for at, one in enumerate(lines) if one.startswith("[")), 0)]
    # What a head says of lines that are commented out announces nothing of those that are not.
    said = re.sub(r"^; Optional, (?:.|\n)*?\n;\n", "", "\n".join(head) + "\n", flags=re.MULTILINE).splitlines()
    return "\n".join(one.partition(";")[2] for one in said + above)


def unannounced(path):
    """The warnings of a policy that its comments do not tell of."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = []
    for warning in read_json("check", path)[0]["warnings"]:
        said = comments_of(text, warning.get("line", 0))
        words = TELLING.get(warning["id"], "(?!)")
        names = re.findall(r"\b[A-Z][a-z]+[A-Z]\w+\b", warning["text"]) if words is None else []
        if not (all(name in said for name in names) if words is None else re.search(words, said, re.IGNORECASE)):
            found.append(f"{os.path.basename(path)}:{warning.get('line', 0)}: {warning['text']}")
    return found


for preset in PRESETS:
    suite.add(f"dspctl check of {preset} warns of nothing but what its comments announce", lambda preset=preset: equal(unannounced(os.path.join(FOLDER, f"{preset}.ini")), []))


@suite.test("a risk that a comment does not announce is found, one that it announces is not held against it")
def _():
    with Folder() as folder:
        for comment, lines, wanted in ((";", "allow = ContainerCreate", 1), ("; This is root on the host.", "allow = ContainerCreate", 0), ("; Reads files.", "allow = containers:sensitive", 1),
                                       ("; Runs commands.", "allow = ContainerExec ExecStart", 0), ("; audit", "allow = POST /new/thing", 1)):
            equal(len(set(one.split(":")[1] for one in unannounced(folder.policy(f"[rules]\n{comment}\n{lines}\n")))), wanted, f"warnings of {lines} below {comment!r}")


@suite.test("there are presets")
def _():
    true({"traefik", "readonly"} <= set(PRESETS), PRESETS)


if __name__ == "__main__":
    sys.exit(suite.main())
