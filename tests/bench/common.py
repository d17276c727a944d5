"""What the benchmarks on a host share."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "host"), os.path.join(TESTS, "lib")]
sys.dont_write_bytecode = True

import image                                # noqa: E402
from host import Host                       # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "7"))
POLICY = "[policy]\nsocket = {socket}\n[sections]\nCONTAINERS = 1\n[log]\nrequests = denied\n"


def hosts():
    """A host of each release that the command line names, else of all; with the programs that the benchmarks need."""
    for release in [word for word in sys.argv[1:] if word in image.RELEASES] or list(image.RELEASES):
        host = Host(release)
        host.start()
        try:
            for name in ("client", "engine", "nothing"):
                host.copy_in(os.path.join(HERE, f"{name}.c"), f"/root/{name}.c")
                host.do("gcc", "-O2", "-D_GNU_SOURCE", "-o", f"/usr/local/bin/bench-{name}", f"/root/{name}.c")
            host.do("systemd-run", "--unit=bench-engine", "/usr/local/bin/bench-engine", "/run/bench-engine.sock")
            print(f"{release}: medians of {ROUNDS} rounds (lowest to highest)", flush=True)
            yield host
        finally:
            host.stop()


def level(host, name, service="", socket=""):
    """A level with Accept=yes, or by `socket` otherwise, whose service has these settings beside all levels' own."""
    host.write(f"/etc/dsp/{name}.ini", POLICY.format(socket="/run/bench-engine.sock"))
    host.write(f"/etc/systemd/system/dsp-{name}.socket", f"[Socket]\nListenStream=/run/dsp/{name}.sock\n")
    host.write(f"/etc/systemd/system/dsp-{name}@.service", "[Unit]\nDescription=bench\n")
    if service:
        host.write(f"/etc/systemd/system/dsp-{name}@.service.d/50-bench.conf", f"[Service]\n{service}\n")
    if socket:
        host.write(f"/etc/systemd/system/dsp-{name}.socket.d/50-bench.conf", f"[Socket]\n{socket}\n")


def connection(host, socket, count, target="/v1.41/_ping", every=0):
    """The median of a connection with one request, in microseconds."""
    return float(host.do("/usr/local/bin/bench-client", str(count), "1", "socket", socket, target, str(every), timeout=300).split()[2])
