"""Runs the built dspctl.

The binary is $DSPCTL, else $top_builddir/src/dspctl, else src/dspctl of the tree these tests lie in.
"""
import json
import os
import shutil
import subprocess
import tempfile

from tap import equal


def binary():
    if os.environ.get("DSPCTL"):
        return os.path.abspath(os.environ["DSPCTL"])
    top = os.environ.get("top_builddir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    return os.path.abspath(os.path.join(top, "src", "dspctl"))


REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(*arguments, input=None, through=(), limit=30):
    """Runs dspctl to its end. Returns (status, stdout, stderr); death by a signal is an error of the test's."""
    done = subprocess.run([*through, binary(), *arguments], input=input, stdin=subprocess.DEVNULL if input is None else None,
                          capture_output=True, text=True, errors="replace", timeout=limit, check=False)
    if done.returncode < 0:
        raise AssertionError(f"dspctl {' '.join(map(str, arguments))} died of signal {-done.returncode}: {done.stderr[-2000:]}")
    return done.returncode, done.stdout, done.stderr


def out(*arguments, status=0, **options):
    """The output of a dspctl that must end with `status`."""
    got, text, errors = run(*arguments, **options)
    equal(got, status, f"status of dspctl {' '.join(map(str, arguments))}, which said {errors[-1000:]}{text[-500:]}")
    return text


def read_json(*arguments, status=0, **options):
    return json.loads(out(*arguments, "--json", status=status, **options))


class Folder:
    """A directory for policies: `with Folder() as at: at.policy("[rules]…")` gives a path."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="dspctl-test.")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w" if isinstance(text, str) else "wb", **({"newline": ""} if isinstance(text, str) else {})) as file:
            file.write(text)
        return path

    def policy(self, text, name="level.ini"):
        return self.write(name, text)


def rules(lines):
    return "[rules]\n" + "".join(f"{line}\n" for line in lines.strip().splitlines() for line in [line.strip()])


def operations(path):
    """{name: "whole" or "part"} of what a policy allows, as check tells it."""
    return {one["name"]: "part" if one["part"] else "whole" for one in read_json("check", path)[0]["operations"]}
