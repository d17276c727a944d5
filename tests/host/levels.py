"""A level for each real client: the preset of its name, unless there is none; and what a client asked of it."""
import contextlib
import os

from tap import contains, equal, true

FOLDER = "/usr/src/dsp/tests/host/clients"
NODE = ("env", "NODE_PATH=/opt/clients/node_modules")


def level(host, name):
    """Starts the level. Returns what its clients have as DOCKER_HOST."""
    if not hasattr(host, "client_levels"):
        host.client_levels = set()
    if name not in host.client_levels:
        _without_preset(host, name)
        host.do("systemctl", "enable", "--now", f"dsp-{name}.socket")
        host.client_levels.add(name)
    return f"unix:///run/dsp/{name}.sock"


def _without_preset(host, name):
    """Makes the level as an administrator does, from clients/levels/NAME.ini."""
    units = host.do("pkg-config", "--variable=systemdsystemunitdir", "systemd").strip()
    if os.path.exists(host.path(f"{units}/dsp-{name}.socket")):
        return
    host.write(f"/etc/dsp/{name}.ini", host.read(f"{FOLDER}/levels/{name}.ini"))
    host.write(f"/etc/systemd/system/dsp-{name}.socket", f"[Socket]\nListenStream=/run/dsp/{name}.sock\n[Install]\nWantedBy=sockets.target\n")
    host.write(f"/etc/systemd/system/dsp-{name}@.service", f"[Unit]\nDescription=Docker socket for {name}: one connection\n")
    host.do("systemctl", "daemon-reload")


@contextlib.contextmanager
def at(host, name, denied=()):
    """The block's client has the level: yields its DOCKER_HOST. Fails unless it was allowed something, and refused nothing but `denied`."""
    address = level(host, name)
    after = host.cursor()
    yield address
    records = host.records(after, DSP_POLICY=name)
    true([record for record in records if record["DSP_VERDICT"] == "allowed"], f"no request was allowed by {name}: {records}")
    refused = {record["DSP_OPERATION"]: record for record in records if record["DSP_VERDICT"] == "denied"}
    equal(set(refused), set(denied), f"what {name} refused")


def outside(host, name, **wanted):
    """What no client of the level may: each operation by the CLI's command for it."""
    level(host, name)
    host.container("bystander")
    commands = {
        "ContainerCreate": ("run", "--rm", "--network", "none", "bb", "true"),
        "ContainerExec": ("exec", "bystander", "true"),
        "ContainerArchive": ("cp", "bystander:/bin/busybox", "/tmp/stolen"),
        "ContainerKill": ("kill", "bystander"),
        "ContainerDelete": ("rm", "-f", "bystander"),
        **wanted,
    }
    for operation, command in commands.items():
        if command:
            host.refused(name, operation, *command)
    equal(host.engine("inspect", "-f", "{{.State.Running}}", "bystander"), "true", "the container runs")
    host.engine("rm", "-f", "bystander")


def told(done, operation, name):
    """A client that failed, and passes on dsp's words."""
    true(done.returncode != 0, f"it succeeded\n{done.stdout}{done.stderr}")
    contains(done.stdout + done.stderr, f"dsp: {operation} (")
    contains(done.stdout + done.stderr, f"is not allowed by policy {name}")
