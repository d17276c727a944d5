// What a program with dockerode sends. Argument: "ordinary" or "dangerous". Recorded by tests/host/record.
const Docker = require("/opt/clients/node_modules/dockerode");
const docker = new Docker({ socketPath: process.env.DOCKER_HOST.replace("unix://", "") });

async function ordinary() {
  await docker.createVolume({ Name: "node-vol", Labels: { app: "node" } });
  await docker.createNetwork({ Name: "node-net", Driver: "bridge", CheckDuplicate: true });
  const network = docker.getNetwork("node-net");
  await docker.run("bb", ["echo", "hello"], process.stdout, { Tty: false, HostConfig: { AutoRemove: true } });
  const container = await docker.createContainer({
    Image: "bb", name: "node-web", Cmd: ["sleep", "1000000"], Env: ["A=1"], Labels: { app: "node" }, ExposedPorts: { "80/tcp": {} },
    HostConfig: { Binds: ["node-vol:/data"], PortBindings: { "80/tcp": [{ HostPort: "18095" }] }, RestartPolicy: { Name: "unless-stopped" }, NetworkMode: "node-net" },
    NetworkingConfig: { EndpointsConfig: { "node-net": { Aliases: ["web"] } } },
  });
  await container.start();
  await docker.createContainer({ Image: "bb", Tty: true, OpenStdin: true, AttachStdin: true, AttachStdout: true, AttachStderr: true });
  await docker.createContainer({ Image: "bb", HostConfig: { Mounts: [{ Type: "volume", Source: "node-vol", Target: "/data" }], Memory: 67108864, CapDrop: ["ALL"] } });
  const exec = await container.exec({ Cmd: ["true"], AttachStdout: true, AttachStderr: true });
  await exec.start({ hijack: true, stdin: true });
  await (await container.exec({ Cmd: ["sh", "-c", "echo hello"], Env: ["A=1"], WorkingDir: "/tmp", User: "1000" })).start({ Detach: true });
  await container.update({ Memory: 67108864, MemorySwap: 134217728, RestartPolicy: { Name: "always" } });
  await network.disconnect({ Container: "node-web" });
  await network.connect({ Container: "node-web", EndpointConfig: { Aliases: ["db"] } });
  await docker.createService({ Name: "node-service", TaskTemplate: { ContainerSpec: { Image: "bb", Args: ["sleep", "1000000"] } }, Mode: { Replicated: { Replicas: 1 } } });
  await container.remove({ force: true });
}

async function dangerous() {
  const host = [
    { Privileged: true }, { Binds: ["/:/host"] }, { Binds: ["/srv/data:/data:ro,rshared"] }, { PidMode: "host" }, { IpcMode: "host" }, { UTSMode: "host" },
    { NetworkMode: "host" }, { NetworkMode: "container:plain" }, { UsernsMode: "host" }, { CgroupnsMode: "host" }, { CgroupParent: "/system.slice" },
    { Cgroup: "container:plain" }, { Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/xnull", CgroupPermissions: "rwm" }] },
    { DeviceCgroupRules: ["a *:* rwm"] }, { DeviceRequests: [{ Driver: "cdi", DeviceIDs: ["vendor.com/class=name"] }] }, { CapAdd: ["SYS_ADMIN"] }, { CapAdd: "ALL" },
    { Mounts: [{ Type: "bind", Source: "/", Target: "/host" }] }, { Mounts: [{ Type: "image", Source: "bb", Target: "/image" }] },
    { Mounts: [{ Type: "volume", Target: "/host", VolumeOptions: { DriverConfig: { Options: { type: "none", o: "bind", device: "/" } } } }] },
    { SecurityOpt: ["seccomp=unconfined"] }, { MaskedPaths: [], ReadonlyPaths: [] }, { Runtime: "evil" }, { GroupAdd: ["0"] }, { VolumesFrom: ["plain"] },
    { Sysctls: { "kernel.shm_rmid_forced": "1" } }, { Annotations: { evil: "1" } }, { LogConfig: { Type: "fluentd", Config: { "fluentd-address": "unix:///run/x" } } },
    { ExtraHosts: ["evil:10.0.0.1"] }, { Links: ["plain:db"] }, { OomScoreAdj: -1000 }, { PublishAllPorts: true }, { Tmpfs: { "/tmp": "suid,dev,exec" } },
    { BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1 }] }, { StorageOpt: { size: "100g" } }, { Ulimits: [{ Name: "rtprio", Soft: 99, Hard: 99 }] },
  ];
  for (const HostConfig of host) await attempt(docker.createContainer({ Image: "bb", HostConfig }));
  await attempt(docker.createContainer({ Image: "bb", Privileged: true, Binds: ["/:/host"] }));
  await attempt(docker.createContainer({ Image: "bb", NetworkingConfig: { EndpointsConfig: { host: {} } } }));
  await attempt(docker.createContainer({ Image: "bb", NetworkingConfig: { EndpointsConfig: { bridge: { IPAMConfig: { IPv4Address: "172.17.0.99" } } } } }));
  await attempt(docker.getContainer("plain").exec({ Cmd: ["true"], Privileged: true }));
  await attempt(docker.getContainer("plain").start({ Binds: ["/:/host"] }));
  await attempt(docker.getContainer("plain").update({ Devices: [{ PathOnHost: "/dev/sda" }] }));
  await attempt(docker.createVolume({ Name: "node-evil", Driver: "local", DriverOpts: { type: "none", o: "bind", device: "/" } }));
  await attempt(docker.createNetwork({ Name: "node-evil", Driver: "ipvlan", Options: { parent: "eth0" } }));
  await attempt(docker.createService({ TaskTemplate: { ContainerSpec: { Image: "bb", Mounts: [{ Type: "bind", Source: "/", Target: "/host" }],
    Privileges: { Seccomp: { Mode: "unconfined" }, AppArmor: { Mode: "disabled" }, SELinuxContext: { Disable: true } } } } }));
  await attempt(docker.createService({ TaskTemplate: { Runtime: "plugin", PluginSpec: { name: "evil", remote: "evil", privileges: [{ name: "network", value: ["host"] }] } } }));
}

// The engine may refuse; what matters is what it was sent.
const attempt = (promise) => promise.catch(() => {});

({ ordinary, dangerous })[process.argv[2]]().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
