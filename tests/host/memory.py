"""Takes the memory from one process of a host, so that the kernel's out-of-memory killer ends it: by the machine's memory controller."""
import contextlib
import os

import leftovers
from tap import Skip


@contextlib.contextmanager
def out_of_memory(host, pid):
    """
    Moves the process, given by its pid inside, to a cgroup in which there is no memory to be had. Yields a function
    that tells how many processes the kernel has killed there.

    A host cannot do this itself where the machine has the controller in a hierarchy of version 1: then MemoryMax=
    has no effect in it.
    """
    base, limit, events = _controller(host)
    group = os.path.join(base, "dsp-test-oom-" + os.path.basename(host.folder))
    os.mkdir(group)
    try:
        _write(f"{group}/{limit}", "4096")      # one page
        _write(f"{group}/cgroup.procs", _outside(host, pid))
        yield lambda: _kills(f"{group}/{events}")
    finally:
        for left in open(f"{group}/cgroup.procs").read().split():
            _write(f"{base}/cgroup.procs", left)
        os.rmdir(group)


def _controller(host):
    """Where cgroups with a memory limit can be made, and the names of the limit's file and the events' file."""
    with open("/proc/self/mounts") as mounts:
        mounted = [line.split()[1:4] for line in mounts]
    for where, kind, options in mounted:
        if kind == "cgroup" and "memory" in options.split(","):
            return where, "memory.limit_in_bytes", "memory.oom_control"
    above = os.path.dirname(leftovers.cgroup(host.folder))
    with open(f"{above}/cgroup.subtree_control") as file:
        if "memory" in file.read().split():
            return above, "memory.max", "memory.events"
    raise Skip("no memory controller is to be had on this machine")


def _outside(host, pid):
    """The pid here of a process inside."""
    space = os.readlink(f"/proc/{host.leader}/ns/pid")
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{name}/ns/pid") == space:
                with open(f"/proc/{name}/status") as file:
                    if next(line.split()[-1] for line in file if line.startswith("NSpid:")) == str(pid):
                        return name
    raise AssertionError(f"process {pid} of the host is not seen from outside")


def _kills(path):
    with open(path) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("oom_kill "))


def _write(path, text):
    with contextlib.suppress(ProcessLookupError), open(path, "w") as file:
        file.write(text)
