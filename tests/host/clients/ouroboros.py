"""What Ouroboros does with python3-docker to update a container. Argument: the container's name."""
import sys

import docker

client = docker.from_env()
old = client.containers.get(sys.argv[1])
config = old.attrs["Config"]
old.stop()
old.remove()
made = client.api.create_container(
    name=old.name, hostname=config["Hostname"], user=config["User"], domainname=config["Domainname"], tty=config["Tty"],
    ports=[tuple(port.split("/")) for port in config.get("ExposedPorts") or {}] or None, volumes=list(config.get("Volumes") or {}) or None,
    working_dir=config["WorkingDir"], image="bb:latest", command=config["Cmd"], host_config=old.attrs["HostConfig"], labels=config["Labels"],
    entrypoint=config["Entrypoint"], environment=config["Env"])
new = client.containers.get(made["Id"])
for network in new.attrs["NetworkSettings"]["Networks"]:
    client.api.disconnect_container_from_network(container=new.id, net_id=network, force=True)
for network, endpoint in old.attrs["NetworkSettings"]["Networks"].items():
    client.networks.get(network_id=network)
    client.api.connect_container_to_network(container=new.id, net_id=network, aliases=endpoint["Aliases"], links=endpoint["Links"],
                                            ipv4_address=endpoint["IPAddress"], ipv6_address=endpoint["GlobalIPv6Address"])
new.start()
print("updated")
