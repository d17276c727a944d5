"""What the clients are asked to do, for recorder.py. A command's marker says whether the engine, too, must take it."""
import re
import shlex

ORDINARY = """
run --rm bb true
run bb echo hello
run --rm -i bb cat
run -d --name web -p 8080:80 -p 127.0.0.1:8443:443/tcp -v data:/data bb sleep 1000000
run -d --name plain bb sleep 1000000
create --name c1 -it bb sh
create --name c2 -e A=1 -e B --env-file /root/env -l app=web --label-file /root/env --hostname h1 --domainname example.org bb
create --name c3 -w /tmp -u 1000:1000 --entrypoint sh bb -c 'echo "a b" > /dev/null && true'
create --name c4 --restart unless-stopped --stop-signal SIGINT --stop-timeout 5 --init bb
create --name c5 --restart on-failure:3 --read-only --tmpfs /tmp:rw,noexec,nosuid,size=64m bb
create --name c6 --cap-drop ALL --security-opt no-new-privileges --pids-limit 100 -m 64m --memory-swap 64m bb
create --name c7 --health-cmd 'wget -q -O - http://localhost/' --health-interval 5s --health-retries 3 --health-timeout 2s --health-start-period 1s bb
create --name c8 --network none --log-driver json-file --log-opt max-size=10m --log-opt max-file=3 bb
create --name c9 --mount type=volume,src=data,dst=/data --mount type=tmpfs,dst=/run,tmpfs-size=1048576 -v /anonymous bb
create --name c10 -v data:/data:ro --shm-size 64m --ulimit nofile=1024:2048 --expose 9000 bb
create --name c11 --pull missing --platform linux/amd64 --dns 9.9.9.9 --dns-search example.org ghcr.io/acme/bb:1 sh -c 'exit 0'
create --ipc shareable bb
create --name c12 --no-healthcheck --cidfile /root/cid --cpu-shares 512 bb
network create net1
network create --driver bridge --internal --label app=web net2
run -d --name joined --network net1 --network-alias db bb sleep 1000000
network connect --alias web2 net1 web
network disconnect net1 web
volume create vol1
volume create --label app=web vol2
exec plain true
exec -d plain sleep 1
exec -e A=1 -w /tmp -u 1000 plain sh -c 'echo hello'
exec -i plain cat
update --memory 64m --memory-swap 128m plain
update --restart unless-stopped plain
update --pids-limit 50 plain
rename joined joined2
commit plain bb:committed
start c5
stop -t 0 web
swarm init --advertise-addr 127.0.0.1
service create --detach --name s1 bb sleep 1000000
service create --detach --name s2 --replicas 2 -e A=1 -l app=web --container-label c=1 --mount type=volume,src=data,dst=/data --limit-memory 64m bb sleep 1000000
service create --detach --name s3 --publish 8081:80 --restart-condition on-failure --update-delay 5s --health-cmd true --user 1000 --workdir /tmp bb
service update --detach --replicas 1 s2
service update --detach --env-add B=2 --image ghcr.io/acme/bb:1 s1
service scale --detach s1=2
service rollback --detach s1
network create --driver overlay over1
service create --detach --name s4 --network over1 bb
secret create sec1 /root/env
config create conf1 /root/env
service create --detach --name s5 --secret sec1 --config src=conf1,target=/conf bb
swarm update --task-history-limit 3
"""

DANGEROUS = """
create --privileged bb
create -v /:/host bb
create -v /srv/data:/data:ro bb
create -v /var/run/docker.sock:/var/run/docker.sock bb
create -v /srv/data/../../etc:/data bb
create -v /srv/data:/data:rshared bb
create --pid host bb
create --pid container:plain bb
create --ipc host bb
create --ipc container:plain bb
create --uts host bb
create --network host bb
create --network container:plain bb
create --network net1 --ip 172.18.0.99 bb
create --network net1 --mac-address 02:42:ac:11:00:99 bb
create --network net1 --link-local-ip 169.254.169.254 bb
create --network name=net1,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.route_localnet=1 bb
create --userns host bb
create --cgroupns host bb
create --cgroup-parent /system.slice bb
create --device /dev/null:/dev/xnull:rwm bb
create --device /dev:/dev bb
create --device-cgroup-rule 'c *:* rwm' bb
create --gpus all bb
create --cap-add SYS_ADMIN bb
create --cap-add ALL bb
create --cap-add cap_net_admin bb
create --mount type=bind,src=/,dst=/host bb
create --mount type=bind,src=/srv/data,dst=/data,readonly bb
create --mount type=bind,src=/srv/data,dst=/data,bind-propagation=rshared bb
create --mount type=volume,src=evil1,dst=/host,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ bb
create --mount type=volume,src=evil2,dst=/host,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ bb
create --volume-driver evil -v evil3:/data bb
create --security-opt seccomp=unconfined bb
create --security-opt seccomp=/root/allow.json bb
create --security-opt apparmor=unconfined bb
create --security-opt label=disable bb
create --security-opt systempaths=unconfined bb
create --security-opt no-new-privileges=false bb
create --runtime io.containerd.evil.v1 bb
create --group-add 0 --group-add docker bb
create --volumes-from plain bb
create --sysctl kernel.shm_rmid_forced=1 --sysctl net.ipv4.ip_forward=1 bb
create --log-driver syslog --log-opt syslog-address=udp://10.0.0.1:514 bb
create --add-host evil:host-gateway bb
create --network net1 --link plain:db bb
create --oom-kill-disable -m 64m --oom-score-adj -1000 bb
create --tmpfs /tmp:exec,suid,dev bb
create --blkio-weight-device /dev/null:100 --device-read-bps /dev/null:1mb bb
create --storage-opt size=100g bb
create --ulimit rtprio=99 --cpu-rt-runtime 950000 bb
create -P bb
create -p 22:22 bb
create -w /proc/self/fd/8 bb
create --isolation process bb
create --annotation run.oci.handler=krun bb
exec --privileged plain true
volume create --opt type=none --opt o=bind --opt device=/ evil4
volume create --opt type=ext4 --opt device=/dev/sda1 evil5
volume create --driver evil evil6
network create --driver macvlan -o parent=eth0 evil1
network create -o com.docker.network.bridge.name=br-evil evil2
network create --subnet 10.99.0.0/24 --gateway 10.99.0.1 evil3
network create --ipam-driver evil evil4
network create --attachable --driver overlay evil5
network create --config-only --subnet 10.98.0.0/24 evil6
network connect --ip 172.18.0.98 net1 plain
network connect --link plain:db net1 c1
service create --detach --mount type=bind,src=/,dst=/host bb
service create --detach --mount type=volume,src=evil7,dst=/host,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/ bb
service create --detach --network host bb
service create --detach --cap-add SYS_ADMIN bb
service create --detach --cap-add ALL bb
service create --detach --sysctl net.ipv4.ip_forward=1 bb
service create --detach --group 0 bb
service create --detach --host evil:10.0.0.1 bb
service create --detach --log-driver syslog --log-opt syslog-address=udp://10.0.0.1:514 bb
service create --detach --mode global --constraint node.role==manager bb
service create --detach --publish mode=host,target=80,published=80 bb
service update --detach --mount-add type=bind,src=/,dst=/host s3
service update --detach --cap-add SYS_ADMIN s3
service update --detach --network-add over1 --user 0 s3
swarm update --external-ca protocol=cfssl,url=https://evil.example.org
swarm join --token SWMTKN-1-00000000000000000000000000000000000000000000000000-0000000000000000000000000 127.0.0.1:1
"""

# Ordinary, too; but not every kernel has what it takes.
KERNEL = """
create --cpus 0.5 bb
create --cpuset-cpus 0 --memory-reservation 32m --kernel-memory 32m --memory-swappiness 10 bb
update --cpus 0.5 plain
"""

# A terminal is what `script` gives.
SHELL = [
    "script -q -e -c 'docker run --rm -it bb true' /dev/null",
    "script -q -e -c 'docker exec -it plain true' /dev/null",
    "docker node update --label-add zone=a $(docker node ls -q)",
]

# What goes along with a dangerous request, and is not dangerous: (in the target, in the body).
COMPANIONS = [
    (r"/exec/.*/start$", r""),
    (r"/disconnect$", r""),
    (r"/networks/dangerous_default/connect$", r""),
    (r"/volumes/create$", r'"dangerous_data"'),
    (r"/networks/create$", r'"dangerous_default"'),
    (r"/containers/create\?name=(dangerous.options.1|py-victim)$", r""),
]


def companion(target, body):
    return any(re.search(one, target) and re.search(other, body) for one, other in COMPANIONS)


def commands(name):
    """(file, command, whether it must succeed), in order. The name is a release's, or that of a Docker CLI."""
    if name not in RELEASES:
        yield from docker_commands(name)
        return
    docker, compose, python = RELEASES[name]
    yield from docker_commands(docker)
    yield from compose_commands(*compose)
    for danger in ("ordinary", "dangerous"):
        yield f"{python}-{danger}", ["python3", "bodies.py", danger], True
        # The same modules on both releases: recorded once.
        if name == "trixie":
            yield f"dockerode-5.0-{danger}", ["node", "bodies.js", danger], True


RELEASES = {
    "bookworm": ("docker-20.10", ("compose-1.29", ["docker-compose"]), "docker-py-5.0"),
    "trixie": ("docker-26.1", ("compose-2.26", ["docker", "compose"]), "docker-py-7.1"),
}


def docker_commands(name):
    lines = lambda text: (["docker", *shlex.split(line)] for line in text.strip().splitlines())
    for command in lines(ORDINARY):
        yield f"{name}-ordinary", command, True
    for command in lines(KERNEL):
        yield f"{name}-ordinary", command, False
    for command in SHELL:
        yield f"{name}-ordinary", ["sh", "-euc", command], True
    for command in lines(DANGEROUS):
        yield f"{name}-dangerous", command, False


def compose_commands(name, program):
    for danger in ("ordinary", "dangerous"):
        run = lambda *words: (f"{name}-{danger}", [*program, "-p", danger, "-f", f"bodies-{danger}.yml", *words], danger == "ordinary")
        yield run("up", "-d")
        if danger == "ordinary":
            yield run("up", "-d", "--force-recreate")
            yield run("run", "--rm", "-T", "web", "true")
            yield run("exec", "-T", "web", "true")
        yield run("down", "-v", "-t", "0")
