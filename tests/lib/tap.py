"""A small TAP (version 13) harness: register functions under the promise they check, run them, print the outcome.

    from tap import Suite, equal, contains
    suite = Suite()

    @suite.test("a denied create is answered 403")
    def _():
        equal(ask("POST", "/containers/create").status, 403)

    sys.exit(suite.main())

A test fails by raising (AssertionError for a broken promise, anything else for a broken test), is skipped by
raising Skip, and is given up after its time limit. The main thread runs the tests, so that the limit can interrupt
a test in any blocking call (SIGALRM). Output is flushed line by line: a reader sees how far a hanging run came.
"""
import argparse
import contextlib
import os
import signal
import sys
import time
import traceback


class Skip(Exception):
    """Raised by a test that cannot be run here; its text is the reason."""


class Timeout(BaseException):
    """The test's time limit passed. Not an Exception: a test's own `except Exception` must not swallow it."""


class Suite:
    """An ordered set of tests which share a name prefix and a time limit."""

    def __init__(self, prefix="", limit=60):
        self.prefix = prefix      # put before each name, e.g. "trixie: "
        self.limit = limit        # seconds that a test may take unless it says otherwise
        self.tests = []           # (name, function, limit)
        self.on_failure = None    # called after a failed test; returns lines for its diagnostics
        self.setup = None         # called before the first test that is run; an error fails them all
        self.teardown = None      # called after the last one, whatever happened

    def test(self, name, limit=None):
        """Decorator: registers the function as the test of the promise `name`. Functions may all be called `_`."""
        def register(function):
            if any(name == known for known, _, _ in self.tests):
                raise ValueError(f"two tests are named {name!r}")
            self.tests.append((name, function, limit))
            return function
        return register

    def add(self, name, function, limit=None):
        """Like the decorator, for tests made in a loop."""
        self.test(name, limit)(function)

    def main(self, argv=None):
        """Runs this suite as a program. Returns the exit status."""
        return run([self], argv)


def run(suites, argv=None):
    """
    Runs `suites` one after another under one plan. `argv` (default: the command line) may hold words: a test is run
    when its name contains one of them. `--list` prints the names, `--stop` ends at the first failure.
    Returns 0 when nothing failed, else 1. With CI=true in the environment a skip is a failure: CI has all it needs.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true", help="print the tests' names and exit")
    parser.add_argument("--stop", action="store_true", help="end at the first failure")
    parser.add_argument("words", nargs="*", help="run only tests whose name contains one of these")
    options = parser.parse_args(argv)

    chosen = [(suite, [test for test in suite.tests if _wanted(suite.prefix + test[0], options.words)]) for suite in suites]
    if options.list:
        for suite, tests in chosen:
            for name, _, _ in tests:
                print(suite.prefix + name)
        return 0
    report = Report(sum(len(tests) for _, tests in chosen))
    for suite, tests in chosen:
        if tests:
            _run_suite(suite, tests, report, options.stop)
        if options.stop and report.failed:
            break
    return report.finish()


def _wanted(name, words):
    return not words or any(word in name for word in words)


class Report:
    """Prints the TAP lines and counts. Usable on its own by a program that does not register functions."""

    def __init__(self, plan=None):
        self.count = self.failed = self.skipped = 0
        self.plan = plan
        _print("TAP version 13")
        if plan is not None:
            _print(f"1..{plan}")

    def ok(self, name, seconds=None):
        self.count += 1
        _print(f"ok {self.count} - {_clean(name)}")
        if seconds is not None and seconds >= 1:
            diagnose(f"{seconds:.1f} s")

    def not_ok(self, name, *lines):
        self.count += 1
        self.failed += 1
        _print(f"not ok {self.count} - {_clean(name)}")
        for line in lines:
            diagnose(line)

    def skip(self, name, reason):
        self.count += 1
        if os.environ.get("CI") == "true":
            self.failed += 1
            _print(f"not ok {self.count} - {_clean(name)}")
            diagnose(f"skipped, which CI does not accept: {reason}")
        else:
            self.skipped += 1
            _print(f"ok {self.count} - {_clean(name)} # SKIP {' '.join(str(reason).split())}")

    def finish(self):
        """Prints the plan if it was not known before. Returns the exit status."""
        if self.plan is None:
            _print(f"1..{self.count}")
            self.plan = self.count
        return 1 if self.failed or self.count != self.plan else 0


def diagnose(text):
    """Prints `text` as TAP diagnostics: a comment, line by line."""
    for line in str(text).splitlines() or [""]:
        _print(f"# {line}")


def _print(line):
    print(line, flush=True)


def _clean(name):
    # A '#' in a name would begin a directive.
    return " ".join(name.replace("#", "\\#").split())


def _run_suite(suite, tests, report, stop):
    broken = None
    if suite.setup:
        broken = _attempt(suite.setup, None)
    for name, function, limit in tests:
        full = suite.prefix + name
        started = time.monotonic()
        failure = broken or _attempt(function, limit or suite.limit)
        if failure is None:
            report.ok(full, time.monotonic() - started)
        elif isinstance(failure, Skip):
            report.skip(full, failure)
        else:
            report.not_ok(full, *_tell(failure))
            if suite.on_failure and failure is not broken:
                with contextlib.suppress(Exception):
                    for line in suite.on_failure():
                        diagnose(line)
            if stop:
                break
        # A broken setup tells its story once.
        if broken is not None and not isinstance(broken, Skip):
            broken = AssertionError("setup failed, see the first test")
    if suite.teardown:
        error = _attempt(suite.teardown, None)
        if error is not None:
            diagnose("teardown failed:")
            for line in _tell(error):
                diagnose(line)


def _attempt(function, limit):
    """Calls `function`, at most `limit` seconds long. Returns None or what it raised."""
    try:
        with time_limit(limit):
            function()
    except (Exception, Timeout) as error:
        return error
    return None


@contextlib.contextmanager
def time_limit(seconds):
    """Raises Timeout in the main thread when the block takes longer than `seconds` (None: no limit)."""
    if seconds is None:
        yield
        return

    def expire(_signal, _frame):
        raise Timeout(f"not done after {seconds} s")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _tell(error):
    """The lines that explain `error`: its text and, from the test's own file, where it was raised."""
    lines = [f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError) else str(error) or "assertion failed"]
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename) != os.path.abspath(__file__):
            lines.append(f"at {os.path.relpath(frame.filename)}:{frame.lineno}: {frame.line}")
    return lines


# Checks: each raises an AssertionError that shows what was there and what was promised.

def equal(got, wanted, what="value"):
    if got != wanted:
        raise AssertionError(f"{what} differs\n  wanted {_show(wanted)}\n  got    {_show(got)}")


def contains(got, part, what="text"):
    if part not in got:
        raise AssertionError(f"{what} lacks {_show(part)}\n  got {_show(got)}")


def lacks(got, part, what="text"):
    if part in got:
        raise AssertionError(f"{what} holds {_show(part)}\n  got {_show(got)}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def eventually(check, seconds=10, what="condition", every=0.05):
    """Calls `check` until it returns something true, which is returned; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what} did not come true within {seconds} s (last: {_show(value)})")
        time.sleep(every)


def _show(value):
    text = repr(value)
    return text if len(text) <= 2000 else f"{text[:1000]} … {text[-900:]} ({len(text)} characters)"


if __name__ == "__main__":
    sys.exit("tap.py is a library")
