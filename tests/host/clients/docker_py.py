"""What a Python program with python3-docker does to watch an engine. Arguments: a running container, one that ends, and what it prints."""
import sys

import docker

running, brief, line = sys.argv[1:]
client = docker.from_env()

container = client.containers.get(running)
assert container.status == "running", container.status
assert {running, brief} <= {one.name for one in client.containers.list(all=True)}
assert client.containers.list(filters={"name": running}) == [container]
assert client.containers.get(brief).logs() == line.encode() + b"\n"
assert container.top()["Processes"][0][-1] == "sleep 1000000"
assert container.stats(stream=False)["name"] == "/" + running
first = next(container.stats(stream=True, decode=True))
assert first["id"] == container.id
assert "bb:latest" in client.images.get("bb").tags
assert {"bridge", "none"} <= {network.name for network in client.networks.list()}
assert isinstance(client.volumes.list(), list)
assert client.info()["ContainersRunning"] >= 1
assert client.df()["Containers"]

attempts = {
    "ContainerCreate": lambda: client.containers.run("bb", "true"),
    "ContainerExec": lambda: container.exec_run("true"),
    "ContainerArchive": lambda: container.get_archive("/bin/busybox"),
    "ContainerStop": container.stop,
    "ImageGet": lambda: next(client.images.get("bb").save()),
    "VolumeCreate": lambda: client.volumes.create("evil"),
}
for operation, attempt in attempts.items():
    try:
        attempt()
    except docker.errors.APIError as error:
        assert error.status_code == 403, error
        assert f"dsp: {operation} (" in error.explanation, error.explanation
    else:
        sys.exit(f"{operation} was allowed")
print("done")
