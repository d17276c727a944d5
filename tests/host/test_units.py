"""The units: made from one list, understood by both systemds, as closed as they are said to be; none is switched on unasked."""
import os
import re

from host import REPO
from tap import contains, equal, true

LIST = os.path.join(REPO, "units/levels.list")
TABLES = [os.path.join(REPO, f"src/sandbox/{name}.def") for name in ("connection", "spare", "parent")]
SCORES = {"dsp-traefik@x.service": 2.0, "dsp-traefik.service": 0.6}


def levels():
    """The names in units/levels.list."""
    with open(LIST) as file:
        found = re.findall(r"^([a-z0-9][a-z0-9-]*) +\S", file.read(), re.MULTILINE)
    true(found, f"{LIST} has no line 'NAME  TITLE'")
    return found


def register(suite, host):
    test = suite.test
    folder = lambda: host.do("pkg-config", "--variable=systemdsystemunitdir", "systemd").strip()

    @test("units: every level of the list has its socket, its two services and its policy installed")
    def _():
        units = folder()
        wanted = [f"{units}/dsp-{name}{kind}" for name in levels() for kind in (".socket", "@.service", ".service")]
        wanted += [f"/usr/share/dsp/policies/{name}.ini" for name in levels()]
        equal([path for path in wanted if not os.path.exists(host.path(path))], [], "missing files")
        installed = os.listdir(host.path("/usr/share/dsp/policies"))
        equal(sorted(installed), sorted(f"{name}.ini" for name in levels()), "policies")

    @test("units: what a unit listens at and is called is its level's")
    def _():
        for name in levels():
            shown = host.property(f"dsp-{name}.socket", "Listen", "LoadState", "Accept", "Triggers")
            equal(shown["Listen"], f"/run/dsp/{name}.sock (Stream)", name)
            equal((shown["LoadState"], shown["Accept"]), ("loaded", "yes"), name)
            executed = host.property(f"dsp-{name}@1.service", "ExecStart")["ExecStart"]
            contains(executed, f"argv[]=/usr/libexec/dsp --unit=dsp-{name} ;", name)
            contains(host.property(f"dsp-{name}.service", "ExecStart")["ExecStart"], f"--unit=dsp-{name} ;", name)

    @test("units: each dsp-NAME.service has the settings of dsp-resident.conf, each connection has not")
    def _():
        for name in levels():
            shown = host.property(f"dsp-{name}.service", "Type", "ProtectProc", "StandardInput", "PartOf")
            equal(shown, {"Type": "notify", "ProtectProc": "invisible", "StandardInput": "null", "PartOf": f"dsp-{name}.socket"}, name)
            shown = host.property(f"dsp-{name}@1.service", "ProtectProc", "StandardInput", "PartOf")
            equal(shown, {"ProtectProc": "default", "StandardInput": "socket", "PartOf": ""}, f"{name}@")

    @test("units: systemd-analyze verify has no complaint about any of them", limit=180)
    def _():
        units = [f"dsp-{name}{kind}" for name in levels() for kind in (".socket", "@1.service", ".service")]
        done = host.ask("systemd-analyze", "verify", "--man=no", *units, timeout=150)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "dsp" in line]
        equal((done.returncode, said), (0, []), "what systemd-analyze says")

    @test("units: the manual pages that they name are installed")
    def _():
        for name in levels():
            for kind in (".socket", "@1.service", ".service"):
                named = re.findall(r"man:([a-z.-]+)\((\d)\)", host.property(f"dsp-{name}{kind}", "Documentation")["Documentation"])
                true(named, f"dsp-{name}{kind} names no manual page")
                for page, section in named:
                    host.do("test", "-e", f"/usr/share/man/man{section}/{page}.{section}")

    @test("units: systemd-analyze verify does complain about a key that is wrong")
    def _():
        host.write("/etc/systemd/system/dsp-wrong.service", "[Service]\nExecStart=/usr/libexec/dsp\nProtectEverything=yes\n")
        done = host.ask("systemd-analyze", "verify", "dsp-wrong.service")
        os.unlink(host.path("/etc/systemd/system/dsp-wrong.service"))
        contains(done.stdout + done.stderr, "ProtectEverything")

    def score(unit, most):
        def check():
            said = host.do("systemd-analyze", "security", "--no-pager", unit)
            value = float(re.search(rf"exposure level for {re.escape(unit)}: ([0-9.]+)", said).group(1))
            left = "\n".join(line for line in said.splitlines() if line.startswith("✗"))
            true(value <= most, f"{unit} has an exposure level of {value}\n{left}")
        return check

    for unit, most in SCORES.items():
        kind = "a connection" if "@" in unit else "the resident service"
        suite.add(f"units: the exposure level of {kind} by systemd-analyze security is at most {most}", score(unit, most))

    @test("units: systemctl preset-all enables no level; without dsp's preset file it would enable all")
    def _():
        units = folder()
        tree = "/root/preset"
        enabled = lambda: host.sh(f"rm -rf {tree}/etc/systemd/system; systemctl --root={tree} preset-all; find {tree}/etc -name 'dsp-*.socket'")
        host.sh(f"rm -rf {tree}; mkdir -p {tree}/usr/lib/systemd {tree}/etc; cp -a {units} {units}-preset {tree}/usr/lib/systemd")
        equal(enabled(), "", "what preset-all enables")
        os.unlink(host.path(f"{tree}/usr/lib/systemd/system-preset/90-dsp.preset"))
        contains(enabled(), "dsp-traefik.socket", "what preset-all enables without the file")

    @test("units: the units' system calls are enough for each of dsp's own tables")
    def _():
        # Left out: what @default of systemd has, and names that machines of another kind have.
        default = set(host.do("systemd-analyze", "syscall-filter", "@default").split())
        allowed = {}
        for unit in ("dsp-traefik@1.service", "dsp-traefik.service"):
            allowed[unit] = default | set(host.property(unit, "SystemCallFilter")["SystemCallFilter"].split())
        for path in TABLES:
            unit = "dsp-traefik@1.service" if path.endswith("connection.def") else "dsp-traefik.service"
            with open(path) as file:
                names = set(re.findall(r"^ALLOW\w*\((\w+)", file.read(), re.MULTILINE))
            true(names, f"{path} has no row")
            equal(sorted(names - allowed[unit] - OTHER_MACHINES), [], f"{os.path.basename(path)} has, {unit} has not")

    @test("units: installed below DESTDIR, every link leads to a file there, and there is a folder for policies; uninstalled, nothing is left")
    def _():
        host.sh("cd /usr/src/dsp && rm -rf /root/dest && make -s install DESTDIR=/root/dest >/dev/null 2>&1")
        found = host.do("find", "/root/dest", "-type", "l").split()
        true(len(found) >= len(levels()), f"links: {found}")
        equal(host.do("find", "/root/dest", "-xtype", "l").split(), [], "links to nowhere")
        equal(host.do("stat", "-c", "%F %a", "/root/dest/etc/dsp").strip(), "directory 755", "the folder of the operator's policies")
        contains(host.do("readlink", "-f", *found), "/root/dest/", "where they lead")
        host.sh("cd /usr/src/dsp && make -s uninstall DESTDIR=/root/dest >/dev/null 2>&1")
        equal(host.do("find", "/root/dest", "!", "-type", "d").split(), [], "what uninstall leaves")


# Names of system calls that x86-64 has not: systemd drops them from what it shows.
OTHER_MACHINES = {"mmap2", "ppoll_time64", "clock_gettime64", "sigreturn", "fcntl64", "fstatat64", "fstat64", "setrlimit", "ugetrlimit", "getrlimit"}
