"""The clock jumps: time limits and durations do not depend on what day it is."""
import contextlib
import time

from modes import HALF, register_each
from stream import Stream
from tap import equal, eventually, true

# The clock itself cannot be set, a host shares it with the machine. So dsp gets a C library in front of its own for
# which the day changes at every look at the wall clock, there and back.
LIBRARY = "/usr/lib/jumping-clock.so"
SOURCE = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long jump(void)
{
    static int looks;
    return looks++ % 2 ? 86400 : -86400;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int r = (int)syscall(SYS_clock_gettime, id, t);
    if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI))
        t->tv_sec += jump();
    return r;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *t)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}
"""
LIMITS = "head-timeout = 2s\nidle-timeout = 4s\nidle-exit = 3s"


def register(suite, host):
    register_each(suite, host, lambda test, mode: _register(test, host, mode))


def _register(test, host, mode):
    @test("the wall clock jumps by days: head-timeout and idle-timeout end what they should, on time" +
          (", and so does idle-exit" if mode.resident else ""), limit=90)
    def _():
        with _jumping(host, mode):
            mode.policy(LIMITS)
            client, pid = mode.open()
            true(LIBRARY in host.read(f"/proc/{pid}/maps"), "the process has not got the jumping clock")
            client.close()
            with mode.connect() as slow, mode.connect() as silent:
                started = time.monotonic()
                slow.sendall(HALF)
                equal(host.answer(slow)[0], 408, "status of the slow one")
                true(1.5 < time.monotonic() - started < 4, f"408 after {time.monotonic() - started:.1f} s")
                equal(silent.recv(1), b"", "what the silent one reads")
                true(3.5 < time.monotonic() - started < 8, f"the silent one's end after {time.monotonic() - started:.1f} s")
            if mode.resident:
                eventually(lambda: not mode.processes(), 10, "the parent's end")
            mode.healthy()

    @test("the wall clock jumps by days: a stream is not cut, durations in the journal are right, a changed policy counts at once", limit=90)
    def _():
        with _jumping(host, mode):
            mode.policy(LIMITS)
            after = host.cursor()
            with Stream(host, *mode.docker("events")) as events:
                eventually(mode.serving, 5, "the stream's process")
                time.sleep(5)
                true(events.alive(), "the stream was cut")
                host.container("seen", command=("true",))
                events.await_line("seen")
            mode.quiet()
            durations = {record["DSP_OPERATION"]: int(record["DSP_DURATION_USEC"]) / 1e6 for record in host.records(after, DSP_POLICY=mode.level)}
            true(5 < durations["SystemEvents"] < 20, f"durations: {durations}")
            true(all(0 <= duration < 20 for duration in durations.values()), f"durations: {durations}")
            mode.prompt(5)
            host.write(f"/etc/dsp/{mode.level}.ini", "[rules]\nallow = SystemVersion\n")
            for _ in range(6):
                mode.prompt(5, status=403)


@contextlib.contextmanager
def _jumping(host, mode):
    host.write("/root/jumping-clock.c", SOURCE)
    host.do("gcc", "-shared", "-fPIC", "-O2", "-o", LIBRARY, "/root/jumping-clock.c")
    days = host.do("env", f"LD_PRELOAD={LIBRARY}", "python3", "-c", "import time; print(int(abs(time.time() - time.time())))").strip()
    true(days in ("172799", "172800"), f"the clock does not jump: {days}")
    drop_in = f"/etc/systemd/system/{mode.service}.d/90-clock.conf"
    host.write(drop_in, f"[Service]\nEnvironment=LD_PRELOAD={LIBRARY}\n")
    host.do("systemctl", "daemon-reload")
    try:
        mode.reset()
        yield
    finally:
        host.sh(f"rm {drop_in}; systemctl daemon-reload")
