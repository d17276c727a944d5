"""What a Python program with python3-docker sends. Argument: "ordinary" or "dangerous". Recorded by tests/host/record."""
import contextlib
import sys

import docker
from docker.types import LogConfig, Mount, Ulimit

client = docker.from_env()
make = client.containers.create


def ordinary():
    client.containers.run("bb", "true", remove=True)
    client.containers.run("bb", ["sh", "-c", "echo hello"], name="py-env", environment={"A": "1"}, labels={"app": "py"})
    network = client.networks.create("py-net", driver="bridge", labels={"app": "py"})
    client.networks.create("py-inner", internal=True)
    client.volumes.create("py-vol", labels={"app": "py"})
    container = client.containers.run("bb", "sleep 1000000", detach=True, name="py-web", ports={"80/tcp": 18090, "443/tcp": ("127.0.0.1", 18091)},
                                      volumes={"py-vol": {"bind": "/data", "mode": "rw"}}, network="py-net", restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
                                      mem_limit="64m", user="1000", working_dir="/tmp", hostname="web", init=True)
    make("bb", "sh", stdin_open=True, tty=True, tmpfs={"/run": "size=1m"}, read_only=True, cap_drop=["ALL"], security_opt=["no-new-privileges"])
    make("bb", mounts=[Mount("/data", "py-vol"), Mount("/tmp", None, type="tmpfs")], pids_limit=50, shm_size="64m")
    make("bb", healthcheck={"test": ["CMD", "true"], "interval": 1000000000}, ulimits=[Ulimit(name="nofile", soft=1024, hard=2048)],
         log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": "10m"}), dns=["9.9.9.9"])
    container.exec_run("true")
    container.exec_run(["sh", "-c", "echo hello"], environment={"A": "1"}, workdir="/tmp", user="1000", detach=True)
    container.update(mem_limit="128m", memswap_limit="256m", restart_policy={"Name": "always"})
    network.disconnect(container)
    network.connect(container, aliases=["db"])
    container.rename("py-web2")
    container.commit("bb", "py")
    client.services.create("bb", ["sleep", "1000000"], name="py-service", env=["A=1"], labels={"app": "py"}, mounts=["py-vol:/data:rw"])
    client.secrets.create(name="py-secret", data=b"secret")
    container.remove(force=True)


def dangerous():
    name, one = "py-victim", client.containers.run("bb", "sleep 1000000", detach=True, name="py-victim")
    for options in (
            {"privileged": True}, {"volumes": ["/:/host"]}, {"volumes": {"/srv/data": {"bind": "/data", "mode": "ro"}}}, {"pid_mode": "host"},
            {"pid_mode": f"container:{name}"}, {"ipc_mode": "host"}, {"uts_mode": "host"}, {"network_mode": "host"}, {"network_mode": f"container:{name}"},
            {"userns_mode": "host"}, {"cgroup_parent": "/system.slice"}, {"devices": ["/dev/null:/dev/xnull:rwm"]}, {"device_cgroup_rules": ["c *:* rwm"]},
            {"device_requests": [docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])]}, {"cap_add": ["SYS_ADMIN"]},
            {"mounts": [Mount("/host", "/", type="bind")]}, {"mounts": [Mount("/data", "/srv/data", type="bind", read_only=True, propagation="rshared")]},
            {"mounts": [Mount("/host", "py-evil", driver_config=docker.types.DriverConfig("local", {"type": "none", "o": "bind", "device": "/"}))]},
            {"security_opt": ["seccomp=unconfined"]}, {"security_opt": ["apparmor:unconfined"]}, {"security_opt": ["disable"]}, {"runtime": "evil"},
            {"group_add": ["0"]}, {"volumes_from": [name]}, {"sysctls": {"net.ipv4.ip_forward": "1"}}, {"volume_driver": "evil", "volumes": ["x:/x"]},
            {"log_config": LogConfig(type="syslog", config={"syslog-address": "udp://10.0.0.1:514"})}, {"extra_hosts": {"evil": "host-gateway"}},
            {"links": {name: "db"}}, {"oom_kill_disable": True}, {"oom_score_adj": -1000}, {"tmpfs": {"/tmp": "exec,suid,dev"}},
            {"publish_all_ports": True}, {"ports": {"22/tcp": 22}}, {"storage_opt": {"size": "100g"}}, {"cpu_rt_runtime": 950000}, {"mac_address": "02:42:ac:11:00:98"}):
        attempt(make, "bb", **options)
    attempt(one.exec_run, "true", privileged=True)
    attempt(client.volumes.create, "py-evil2", driver_opts={"type": "none", "o": "bind", "device": "/"})
    attempt(client.networks.create, "py-evil3", driver="macvlan", options={"parent": "eth0"})
    attempt(client.networks.create, "py-evil4", ipam=docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet="10.96.0.0/24")]))
    attempt(client.networks.get("bridge").connect, one, ipv4_address="172.17.0.99")
    attempt(client.services.create, "bb", mounts=["/:/host:rw"])
    attempt(client.services.create, "bb", networks=["host"], cap_add=["SYS_ADMIN"], user="0")
    attempt(client.swarm.update, rotate_manager_token=True)
    attempt(client.plugins.client.api.configure_plugin, "evil", ["data.source=/"])
    one.remove(force=True)


def attempt(function, *arguments, **options):
    # The engine may refuse; what matters is what it was sent.
    with contextlib.suppress(docker.errors.APIError, docker.errors.NotFound, TypeError):
        function(*arguments, **options)


{"ordinary": ordinary, "dangerous": dangerous}[sys.argv[1]]()
