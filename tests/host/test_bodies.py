"""What an allowed create may contain: the real Docker CLI and the real engine at a level without [workload], and at one with it."""
import levels
from tap import contains, equal, lacks, true

LEVEL = "bodies"
RULES = """[rules]
allow = SystemPing SystemVersion SystemInfo ImageInspect ImageList
allow = containers:read containers:sensitive containers:write containers:exec containers:root exec:exec exec:sensitive exec:write
allow = networks:read networks:write volumes:sensitive volumes:root volumes:write
allow = swarm:sensitive services:sensitive services:root plugins:sensitive plugins:root
"""
NAMED = """
[workload]
binds = /srv/allowed/**:ro
capabilities = NET_ADMIN
ports = 127.0.0.1:8000-8999
restart = unless-stopped
tmpfs = /run
"""

# What must not pass, as people type it: the field that the answer names.
DANGEROUS = {
    "--privileged": ("HostConfig.Privileged", "privileged"),
    "-v /:/host": ("HostConfig.Binds[0] '/'", "binds"),
    "-v /srv/../etc:/host": ("HostConfig.Binds[0]", None),
    "--mount type=bind,source=/,target=/host": ("HostConfig.Mounts[0].Source '/'", "binds"),
    "--mount type=volume,source=x,target=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/": ("HostConfig.Mounts[0].VolumeOptions.DriverConfig.Options", "volume-options"),
    "--volume-driver evil -v evil:/x": ("HostConfig.VolumeDriver 'evil'", "volume-drivers"),
    "--volumes-from kept": ("HostConfig.VolumesFrom[0] 'kept'", "volumes-from"),
    "--tmpfs /run:suid": ("HostConfig.Tmpfs", "tmpfs"),
    "--pid host": ("HostConfig.PidMode 'host'", "host-namespaces"),
    "--pid container:kept": ("HostConfig.PidMode 'kept'", "join-containers"),
    "--ipc host": ("HostConfig.IpcMode 'host'", "host-namespaces"),
    "--uts host": ("HostConfig.UTSMode 'host'", "host-namespaces"),
    "--userns host": ("HostConfig.UsernsMode 'host'", "host-namespaces"),
    "--cgroupns host": ("HostConfig.CgroupnsMode 'host'", "host-namespaces"),
    "--network host": ("HostConfig.NetworkMode 'host'", "host-namespaces"),
    "--network container:kept": ("HostConfig.NetworkMode 'kept'", "join-containers"),
    "--device /dev/null": ("HostConfig.Devices[0] '/dev/null'", "devices"),
    "--device-cgroup-rule 'c 1:* rwm'": ("HostConfig.DeviceCgroupRules[0]", "device-cgroup-rules"),
    "--cap-add SYS_ADMIN": ("HostConfig.CapAdd 'SYS_ADMIN'", "capabilities"),
    "--cap-add ALL": ("HostConfig.CapAdd 'ALL'", "capabilities"),
    "--security-opt seccomp=unconfined": ("HostConfig.SecurityOpt[0] 'seccomp=unconfined'", "security-opt"),
    "--security-opt apparmor=unconfined": ("HostConfig.SecurityOpt[0] 'apparmor=unconfined'", "security-opt"),
    "--security-opt systempaths=unconfined": ("HostConfig.MaskedPaths", "security-opt"),
    "--sysctl net.ipv4.ip_forward=1": ("HostConfig.Sysctls 'net.ipv4.ip_forward=1'", "sysctls"),
    "--group-add docker": ("HostConfig.GroupAdd[0] 'docker'", "group-add"),
    "--cgroup-parent x.slice": ("HostConfig.CgroupParent 'x.slice'", "cgroup-parents"),
    "--runtime evil": ("HostConfig.Runtime 'evil'", "runtimes"),
    "--log-driver syslog": ("HostConfig.LogConfig.Type 'syslog'", "log-drivers"),
    "-p 80:80": ("HostConfig.PortBindings '80'", "ports"),
    "-P": ("HostConfig.PublishAllPorts", "ports"),
    "--oom-score-adj -1000": ("HostConfig.OomScoreAdj", "oom-score-adj"),
    "--restart always": ("HostConfig.RestartPolicy.Name 'always'", "restart"),
    "-w /proc/self/fd/8": ("WorkingDir '/proc/self/fd/8'", "working-dirs"),
}


def register(suite, host):
    test = suite.test

    def level(lines=""):
        """Makes the level, or writes its policy anew."""
        levels.make(host, LEVEL, RULES + lines)

    def refused(words, *says):
        done = host.ask("sh", "-c", f"DOCKER_HOST=unix:///run/dsp/{LEVEL}.sock docker {words}")
        true(done.returncode != 0, f"docker {words} succeeded")
        for word in says:
            contains(done.stdout + done.stderr, word, "what docker prints")

    @test("bodies: an ordinary docker run passes at a level that says nothing of bodies: volumes, limits, labels, a user, a pipe")
    def _():
        level()
        said = host.allowed(LEVEL, "run", "--rm", "-i", "--network", "none", "-v", "bodies-data:/data", "--label", "a=b", "-e", "A=1", "-m", "64m", "--pids-limit", "50", "-u", "1000:1000",
                            "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--init", "-w", "/tmp", "--stop-timeout", "1", "bb", "sh", "-c", "id -u; cat", input="through\n")
        equal(said, "1000\nthrough\n", "output")
        host.allowed(LEVEL, "volume", "rm", "bodies-data")

    @test("bodies: ordinary volumes and networks are made and removed, a container is connected, an exec runs, an update passes")
    def _():
        level()
        host.container("kept")
        host.allowed(LEVEL, "volume", "create", "--label", "a=b", "bodies-volume")
        host.allowed(LEVEL, "network", "create", "bodies-network")
        host.allowed(LEVEL, "create", "--name", "bodies-made", "--network", "bodies-network", "--network-alias", "x", "--mount", "type=volume,source=bodies-volume,target=/data", "bb", "true")
        host.allowed(LEVEL, "network", "disconnect", "bodies-network", "bodies-made")
        host.allowed(LEVEL, "network", "connect", "--alias", "y", "bodies-network", "bodies-made")
        equal(host.allowed(LEVEL, "exec", "kept", "echo", "hello"), "hello\n", "output of exec")
        host.allowed(LEVEL, "update", "--memory", "64m", "--memory-swap", "128m", "kept")
        for words in (("rm", "bodies-made"), ("network", "rm", "bodies-network"), ("volume", "rm", "bodies-volume")):
            host.allowed(LEVEL, *words)

    @test("bodies: docker run prints the refusal as the daemon's own answer: --privileged, -v /:/host, --pid host, --network host, --device, --cap-add, --mount type=bind, --volume-driver")
    def _():
        level()
        host.container("kept")
        for options in ("--privileged", "-v /:/host", "--pid host", "--network host", "--device /dev/null", "--cap-add SYS_ADMIN", "--mount type=bind,source=/,target=/host", "--volume-driver evil -v evil:/x"):
            field, key = DANGEROUS[options]
            refused(f"run --rm --name bodies-evil {options} bb true", f"Error response from daemon: dsp: {field}", f"is not allowed by policy {LEVEL} (no [workload] {key})")
        equal(host.engine("ps", "-aq", "--filter", "name=bodies-evil"), "", "containers of that name")

    for options, (field, key) in DANGEROUS.items():
        def check(options=options, field=field, key=key):
            level()
            host.container("kept")
            refused(f"create --name bodies-evil {options} bb true", f"dsp: {field}", f"(no [workload] {key})" if key else "could be read in two ways")
            equal(host.engine("ps", "-aq", "--filter", "name=bodies-evil"), "", "containers of that name")
        suite.add(f"bodies: docker create {options} is refused, and docker prints which field and key", check)

    beside = {
        "volume create --opt type=none --opt o=bind --opt device=/ evil": ("DriverOpts", "[volumes] options"),
        "volume create --driver evil evil": ("Driver 'evil'", "[volumes] drivers"),
        "network create --driver macvlan --opt parent=eth0 evil": ("Driver 'macvlan'", "[networks] drivers"),
        "network create --subnet 10.0.0.0/8 evil": ("IPAM.Config[0].Subnet '10.0.0.0/8'", "[networks] subnets"),
        "network create --opt com.docker.network.bridge.name=docker0 evil": ("Options", "[networks] options"),
        "volume create --driver local --opt type=nfs --opt o=addr=192.0.2.1,rw --opt device=:/ evil": ("DriverOpts", "[volumes] options"),
        "plugin install --grant-all-permissions evil/sshfs": ("the parameter remote of GetPluginPrivileges 'docker.io/evil/sshfs:latest'", "[plugins] remotes"),
        "exec --privileged kept true": ("Privileged", "[exec] privileged"),
        "exec -u 0 kept true": ("User '0'", "[exec] users"),
        "update --restart always kept": ("RestartPolicy.Name 'always'", "[workload] restart"),
    }
    for words, (field, key) in beside.items():
        def check(words=words, field=field, key=key):
            level()
            host.container("kept")
            refused(words, f"dsp: {field}", f"(no {key})")
        suite.add(f"bodies: docker {words} is refused, and docker prints which field and key", check)

    @test("bodies: docker plugin install reaches the registry for a plugin that [plugins] remotes names, and for no other")
    def _():
        level("[plugins]\nremotes = localhost:9/sshfs\n")
        done = host.docker(LEVEL, "plugin", "install", "--grant-all-permissions", "localhost:9/sshfs")
        lacks(done.stdout + done.stderr, "dsp: ", "what docker prints of a plugin that is named")
        refused("plugin install --grant-all-permissions localhost:9/other", "dsp: the parameter remote of GetPluginPrivileges 'localhost:9/other:latest'", "(not in [plugins] remotes)")
        level()

    @test("bodies: a service with a bind of the node is refused before a swarm is asked")
    def _():
        level()
        refused("service create --detach --mount type=bind,source=/,target=/host bb", "dsp: TaskTemplate.ContainerSpec.Mounts[0].Source '/'", "(no [workload] binds)")

    @test("bodies: what [workload] names passes with the real engine, and no more")
    def _():
        level(NAMED)
        host.sh("mkdir -p /srv/allowed/a && echo told > /srv/allowed/a/file")
        said = host.allowed(LEVEL, "run", "--rm", "--network", "none", "-v", "/srv/allowed/a:/x:ro", "--cap-add", "NET_ADMIN", "--tmpfs", "/run", "--restart", "no", "bb", "cat", "/x/file")
        equal(said, "told\n", "output")
        for options, field in (("-v /srv/allowed/a:/x", "HostConfig.Binds[0]"), ("-v /srv/allowed:/x:ro", "HostConfig.Binds[0]"), ("--cap-add SYS_ADMIN", "HostConfig.CapAdd"), ("-p 8080:80", "HostConfig.PortBindings"),
                               ("--restart always", "HostConfig.RestartPolicy.Name"), ("--tmpfs /tmp", "HostConfig.Tmpfs")):
            refused(f"create {options} bb true", f"dsp: {field}", "(not in [workload] ")
        level()

    @test("bodies: below a pattern of binds a container's own link leads to the host, as dspctl check warns; a directory that is named itself cannot be led")
    def _():
        level("[workload]\nbinds = /srv/linked/**\n")
        host.sh("mkdir -p /srv/linked/a /srv/beside && echo told > /srv/beside/file")
        run = ("run", "--rm", "--network", "none")
        host.allowed(LEVEL, *run, "-v", "/srv/linked/a:/x", "bb", "ln", "-sfn", "/srv/beside", "/x/out")
        equal(host.allowed(LEVEL, *run, "-v", "/srv/linked/a/out:/y", "bb", "cat", "/y/file"), "told\n", "what a link leads to")
        done = host.ask("dspctl", "check", LEVEL)
        contains(done.stdout + done.stderr, "[workload] binds = /srv/linked/**: a container puts a symbolic link there", "what check says")
        level("[workload]\nbinds = /srv/linked/a\n")
        host.allowed(LEVEL, *run, "-v", "/srv/linked/a:/x", "bb", "ln", "-sfn", "/srv/beside", "/x/a")
        refused("run --rm --network none -v /srv/linked/a/out:/y bb true", "dsp: HostConfig.Binds[0] '/srv/linked/a/out'", "(not in [workload] binds)")
        equal(host.allowed(LEVEL, *run, "-v", "/srv/linked/a:/y", "bb", "readlink", "/y/a"), "/srv/beside\n", "what is mounted")
        done = host.ask("dspctl", "check", LEVEL)
        lacks(done.stdout + done.stderr, "symbolic link", "what check says")
        level()

    @test("bodies: unrestricted = yes is docker.sock again")
    def _():
        level("[workload]\nunrestricted = yes\n")
        host.allowed(LEVEL, "create", "--name", "bodies-privileged", "--privileged", "--pid", "host", "-v", "/:/host", "--cap-add", "ALL", "bb", "true")
        equal(host.engine("inspect", "--format", "{{.HostConfig.Privileged}} {{.HostConfig.Binds}}", "bodies-privileged"), "true [/:/host]", "what was made")
        host.allowed(LEVEL, "rm", "bodies-privileged")
        level()
