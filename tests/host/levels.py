"""A level for each real client: the preset of its name, unless there is none; and what a client asked of it."""
import contextlib
import json

from tap import equal, true

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
    """Makes the level from clients/levels/NAME.ini."""
    if host.ask("systemctl", "cat", f"dsp-{name}.socket").returncode == 0:
        host.do("rm", "-f", f"/etc/dsp/{name}.ini")      # what another test wrote there: the preset is meant
        return
    make(host, name, host.read(f"{FOLDER}/levels/{name}.ini"))


def make(host, name, policy):
    """A level of one's own, as an administrator writes it; one that is there gets the policy. Returns whether it is new."""
    new = host.ask("systemctl", "cat", f"dsp-{name}.socket").returncode != 0
    host.write(f"/etc/dsp/{name}.ini", policy)
    if new:
        host.write(f"/etc/systemd/system/dsp-{name}.socket", f"[Socket]\nListenStream=/run/dsp/{name}.sock\n[Install]\nWantedBy=sockets.target\n")
        host.write(f"/etc/systemd/system/dsp-{name}@.service", f"[Unit]\nDescription=Docker socket for {name}: one connection\n")
        host.do("systemctl", "daemon-reload")
    host.do("systemctl", "start", f"dsp-{name}.socket")
    return new


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


# By which requests a program that was taken over would leave its level.
OUTSIDE = {
    "ContainerCreate": ("POST", "/containers/create", '{"Image":"bb","HostConfig":{"Privileged":true}}'),
    "ContainerExec": ("POST", "/containers/bystander/exec", '{"Cmd":["true"]}'),
    "ContainerAttach": ("POST", "/containers/bystander/attach?stream=1&stdin=1", ""),
    "ContainerAttachWebsocket": ("GET", "/containers/bystander/attach/ws?stream=1&stdin=1", ""),
    "ContainerArchive": ("GET", "/containers/bystander/archive?path=/bin/busybox", ""),
    "PutContainerArchive": ("PUT", "/containers/bystander/archive?path=/", ""),
    "ContainerKill": ("POST", "/containers/bystander/kill", ""),
    "ContainerDelete": ("DELETE", "/containers/bystander?force=1", ""),
    "ImageGet": ("GET", "/images/bb/get", ""),
    "VolumeCreate": ("POST", "/volumes/create", '{"Driver":"local"}'),
    "PluginPull": ("POST", "/plugins/pull?remote=evil", "[]"),
    "SecretList": ("GET", "/secrets", ""),
}


def outside(host, name):
    """What no program that only watches may do is refused at the level, and does not happen."""
    level(host, name)
    host.container("bystander")
    for operation, (method, path, body) in OUTSIDE.items():
        status, said = host.curl(name, path, "-X", method, "-H", "Content-Type: application/json", "-d", body)
        equal(status, 403, f"the status of {method} {path}, answered {said!r}")
        equal(json.loads(said)["message"].split(" (")[0], f"dsp: {operation}", f"the reason for {method} {path}")
    equal(host.engine("inspect", "-f", "{{.State.Running}}", "bystander"), "true", "the container runs")
    host.engine("rm", "-f", "bystander")


def refused(host, name, **commands):
    """What the Docker CLI is refused at the level: each operation by the command for it. There is a container `bystander`."""
    level(host, name)
    host.container("bystander")
    for operation, command in commands.items():
        host.refused(name, operation, *command)
    host.engine("rm", "-f", "bystander")
