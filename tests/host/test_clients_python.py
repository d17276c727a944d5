"""Real clients: programs in Python, which all speak by python3-docker or code that came from it."""
import levels
from stream import Stream
from tap import contains, equal


def register(suite, host):
    test = suite.test

    @test("clients: a program with python3-docker sees the engine at the level readonly and may not change it")
    def _():
        host.container("py-running")
        host.container("py-brief", command=("echo", "said to Python"))
        with levels.at(host, "readonly", denied={"ContainerCreate", "ContainerExec", "ContainerArchive", "ContainerStop", "ImageGet", "VolumeCreate"}) as address:
            out = host.do("env", f"DOCKER_HOST={address}", "python3", f"{levels.FOLDER}/docker_py.py", "py-running", "py-brief", "said to Python")
        equal(out, "done\n")

    @test("clients: Glances lists the containers with their state at the level glances")
    def _():
        name = host.container("looked-at")
        plugin = "docker" if host.release == "bookworm" else "containers"
        with levels.at(host, "glances") as address:
            with Stream(host, "env", f"DOCKER_HOST={address}", "PYTHONUNBUFFERED=1", "glances", "--stdout", plugin, "--time", "1") as glances:
                line = glances.await_line(f"'{name}'", 40)
                contains(line, "running", "what Glances shows")

    @test("clients: Glances' level refuses what changes a container, and its files")
    def _():
        levels.outside(host, "glances")

    @test("clients: Ansible's docker_host_info and docker_container_info report at the level readonly, docker_container is refused")
    def _():
        host.container("for-ansible")
        with levels.at(host, "readonly", denied={"ContainerCreate"}) as address:
            out = host.do("env", "ANSIBLE_LOCALHOST_WARNING=no", "ansible-playbook", "-i", "localhost,", "-e", "ansible_python_interpreter=/usr/bin/python3",
                          "-e", f"docker_host={address} container=for-ansible", f"{levels.FOLDER}/ansible.yml")
        contains(out, "all asserted", "what Ansible prints")

    @test("clients: Ansible's inventory plugin finds the containers at the level readonly")
    def _():
        host.container("inventoried", "--label", "team=web")
        with levels.at(host, "readonly") as address:
            host.write("/root/inventory.docker.yml", f"plugin: community.docker.docker_containers\ndocker_host: {address}\nadd_legacy_groups: true\n")
            contains(host.do("ansible-inventory", "-i", "/root/inventory.docker.yml", "--list"), '"inventoried"', "the inventory")
