"""
What a disposable host occupies on this machine: a run folder and a cgroup of the same name. Made here, removed here,
also when the run that made them was killed.

A run folder belongs to the process that made it, noted in it by pid and start time (a pid alone may be used again).
When that process is gone, so is the use of the folder, its mounts and all processes in its cgroup.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

import image


def make(name):
    """Makes a run folder and its cgroup, owned by this process. Returns the folder's path."""
    sweep()
    path = tempfile.mkdtemp(prefix=f"{name}-", dir=_runs())
    with open(os.path.join(path, "owner"), "w") as file:
        file.write(f"{os.getpid()} {_start_time(os.getpid())}")
    os.mkdir(cgroup(path))
    return path


def cgroup(path):
    """
    The cgroup of the run folder `path`, on the unified hierarchy. Two hosts need two of them, since nspawn
    otherwise gives the systemd of each the same subtree; and it tells which processes are the host's.
    """
    with open("/proc/self/mounts") as mounts:
        where = next((line.split()[1] for line in mounts if line.split()[2] == "cgroup2"), None)
    if where is None:
        raise RuntimeError("no cgroup2 file system is mounted here")
    with open("/proc/self/cgroup") as file:
        own = next(line.strip()[3:] for line in file if line.startswith("0::"))
    return os.path.join(where, own.strip("/"), "dsp-test-" + os.path.basename(path))


def remove(path):
    """Ends all processes of the run folder's host and removes everything."""
    group = cgroup(path)
    _kill_crowd(group)
    for _ in range(200):
        if not _kill(group):
            break
        time.sleep(0.05)
    for folder, _, _ in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    root = os.path.join(path, "root")
    while os.path.ismount(root):
        # Lazily: the dead pid namespace may still be torn down.
        subprocess.run(["umount", "--lazy", root], check=True)
    # The files below a mount that were still there would be removed with the folder.
    with open("/proc/self/mounts") as mounts:
        inside = [line for line in mounts if f" {path}/" in line]
    if inside:
        raise RuntimeError(f"still mounted: {inside}")
    for _ in range(10):
        shutil.rmtree(path, ignore_errors=True)
        if not os.path.exists(path):
            return
        time.sleep(0.5)


def sweep():
    """Removes the run folders whose owner is gone."""
    for name in os.listdir(_runs()):
        path = os.path.join(_runs(), name)
        # Without a note yet: made a moment ago, or by a run that was killed in that moment.
        fresh = not os.path.exists(f"{path}/owner") and time.time() - os.stat(path).st_mtime < 60
        if not fresh and not _owned(path):
            remove(path)


def _runs():
    # Beside the cache, not in /run: Docker's layers and the overlay's upper layer need a real file system.
    path = os.path.join(image.CACHE, "run")
    os.makedirs(path, exist_ok=True)
    return path


def _kill(group):
    """Kills all processes of the cgroup and those below. Returns how many there were."""
    count = 0
    for folder, _, _ in os.walk(group):
        with contextlib.suppress(OSError), open(os.path.join(folder, "cgroup.procs")) as procs:
            for pid in procs.read().split():
                count += 1
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
    return count


def _kill_crowd(group):
    """Kills the connections' processes a few at a time: there are kernels that lock up when a thousand with system-call filters end at once."""
    connections = []
    for folder, _, _ in os.walk(group):
        with contextlib.suppress(OSError), open(os.path.join(folder, "cgroup.procs")) as procs:
            connections += [pid for pid in procs.read().split() if _name(pid) == "dsp"]
    for first in range(0, len(connections), 25):
        for pid in connections[first:first + 25]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.1)


def _name(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/comm") as file:
        return file.read().strip()


def _start_time(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


def _owned(path):
    try:
        with open(os.path.join(path, "owner")) as file:
            pid, started = file.read().split()
        return _start_time(pid) == started
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
