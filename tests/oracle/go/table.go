package main

// rules of an operation: what stands under each path.
type rules = map[string]rule

func under(prefix string, inner rules) rules {
	out := rules{}
	for path, judge := range inner {
		out[prefix+path] = judge
	}
	return out
}

func together(all ...rules) rules {
	out := rules{}
	for _, one := range all {
		for path, judge := range one {
			out[path] = judge
		}
	}
	return out
}

func all(judge rule, paths ...string) rules {
	out := rules{}
	for _, path := range paths {
		out[path] = judge
	}
	return out
}

var configRules = together(
	all(fine, "Hostname", "Domainname", "User", "AttachStdin", "AttachStdout", "AttachStderr", "ExposedPorts", "Tty", "OpenStdin", "StdinOnce",
		"Env", "Cmd", "Healthcheck", "ArgsEscaped", "Image", "Volumes", "Entrypoint", "NetworkDisabled", "Labels", "StopSignal", "StopTimeout", "Shell"),
	rules{"WorkingDir": workingDir, "MacAddress": anything, "OnBuild": anything},
)

var resourceRules = together(
	all(fine, "CpuShares", "Memory", "NanoCpus", "BlkioWeight", "CpuPeriod", "CpuQuota", "CpusetCpus", "CpusetMems", "KernelMemory", "KernelMemoryTCP",
		"MemoryReservation", "MemorySwap", "MemorySwappiness", "PidsLimit", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"),
	all(anything, "CgroupParent", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps",
		"CpuRealtimePeriod", "CpuRealtimeRuntime", "Devices", "DeviceCgroupRules", "DeviceRequests", "OomKillDisable"),
	rules{"Ulimits": ulimitRule},
)

var restartRules = rules{"Name": unless("no", "on-failure"), "MaximumRetryCount": fine}

var mountRules = together(
	all(fine, "Target", "ReadOnly", "Consistency", "VolumeOptions.NoCopy", "VolumeOptions.Labels", "VolumeOptions.Subpath",
		"TmpfsOptions.SizeBytes", "TmpfsOptions.Mode"),
	rules{
		"Type":                            unless("volume", "tmpfs"),
		"Source":                          absolute,
		"BindOptions":                     fine, // Type decides
		"VolumeOptions.DriverConfig.Name": unless("local"),
		// type=none, o=bind, device=/ is a bind; and the volume outlives the container.
		"VolumeOptions.DriverConfig.Options": pairs(func(_, _ string) bool { return true }),
		"ImageOptions":                       fine, // Type decides
		"TmpfsOptions.Options":               tmpfsOptions,
	},
)

// What an engine fills in itself it does not read.
var endpointRules = together(
	all(fine, "Aliases", "DNSNames", "EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen",
		"GwPriority"), // which of its own networks it leaves by
	all(anything, "IPAMConfig", "Links", "DriverOpts", "MacAddress"),
	rules{"NetworkID": networkMode},
)

var hostRules = together(resourceRules, under("RestartPolicy.", restartRules), under("Mounts[].", mountRules),
	all(fine, "ContainerIDFile", "AutoRemove", "ConsoleSize", "CapDrop", "Dns", "DnsOptions", "DnsSearch", "ReadonlyRootfs", "Init"),
	all(anything, "VolumesFrom", "Annotations", "Capabilities", "ExtraHosts", "GroupAdd", "Cgroup", "Links", "PidMode", "Privileged",
		"PublishAllPorts", "StorageOpt", "UTSMode", "UsernsMode", "Sysctls"),
	rules{
		"Binds":            each(bind),
		"LogConfig.Type":   unless("json-file", "local"),
		"LogConfig.Config": pairs(logOption),
		"NetworkMode":      networkMode,
		// An empty list of bindings is a port on all addresses.
		"PortBindings": given,
		"VolumeDriver": unless("local"),
		"CapAdd":       each(capability),
		"CgroupnsMode": unless("private"),
		// Whoever would join must be allowed to.
		"IpcMode":       unless("none", "private", "shareable"),
		"OomScoreAdj":   negative,
		"SecurityOpt":   each(securityOption),
		"Tmpfs":         pairs(func(_, options string) bool { return mountFlags(options) }),
		"ShmSize":       over(64 << 20),
		"Runtime":       unless("runc"),
		"Isolation":     unless("default"),
		"MaskedPaths":   given,
		"ReadonlyPaths": given,
	},
)

var createRules = together(configRules, under("HostConfig.", hostRules), under("NetworkingConfig.EndpointsConfig{}.", endpointRules),
	rules{"NetworkingConfig.EndpointsConfig{key}": networkMode, "Cpuset": fine})

var containerSpecRules = together(under("Mounts[].", mountRules),
	all(fine, "Image", "Labels", "Command", "Args", "Hostname", "Env", "User", "Privileges.NoNewPrivileges", "Init", "StopSignal", "TTY", "OpenStdin",
		"ReadOnly", "StopGracePeriod", "Healthcheck", "DNSConfig", "CapabilityDrop"),
	all(anything, "Groups", "Privileges.CredentialSpec", "Privileges.SELinuxContext", "Privileges.Seccomp.Profile", "Hosts", "Sysctls"),
	rules{
		"Secrets":                  reference("SecretID"),
		"Configs":                  reference("ConfigID"),
		"Dir":                      workingDir,
		"Privileges.Seccomp.Mode":  unless("default"),
		"Privileges.AppArmor.Mode": unless("default"),
		"Isolation":                unless("default"),
		"CapabilityAdd":            each(capability),
		"Ulimits":                  ulimitRule,
		"OomScoreAdj":              negative,
	},
)

var serviceRules = together(under("TaskTemplate.ContainerSpec.", containerSpecRules),
	all(fine, "Name", "Labels", "TaskTemplate.Resources", "TaskTemplate.RestartPolicy", "TaskTemplate.Placement.Preferences",
		"TaskTemplate.Placement.MaxReplicas", "TaskTemplate.Placement.Platforms", "TaskTemplate.Networks[].Aliases", "Networks[].Aliases", "TaskTemplate.ForceUpdate",
		"Mode.Replicated", "Mode.ReplicatedJob", "UpdateConfig", "RollbackConfig", "EndpointSpec.Mode"),
	all(anything, "TaskTemplate.PluginSpec", "TaskTemplate.NetworkAttachmentSpec", "TaskTemplate.Placement.Constraints",
		"TaskTemplate.Networks[].DriverOpts", "Networks[].DriverOpts", "EndpointSpec.Ports"),
	rules{
		"TaskTemplate.Networks[].Target": serviceNetwork,
		"Networks[].Target":              serviceNetwork, // where engines below API 1.44 look, too
		"TaskTemplate.LogDriver.Name":    unless("json-file", "local"),
		"TaskTemplate.LogDriver.Options": pairs(logOption),
		"TaskTemplate.Runtime":           unless("container"),
		"Mode.Global":                    given, // on every node
		"Mode.GlobalJob":                 given,
	},
)

var networkRules = together(
	all(fine, "Name", "CheckDuplicate", "EnableIPv4", "EnableIPv6", "Internal", "Labels",
		"Attachable"), // of a swarm's networks, whose drivers are dangerous
	all(anything, "IPAM.Options", "Ingress", "ConfigOnly", "ConfigFrom", "Options"),
	rules{"Driver": unless("bridge"), "Scope": unless("local"), "IPAM.Driver": unless("default"), "IPAM.Config": addresses},
)

var execRules = together(
	all(fine, "Tty", "ConsoleSize", "AttachStdin", "AttachStderr", "AttachStdout", "Detach", "DetachKeys", "Env", "Cmd", "Container"),
	rules{"User": anything, "Privileged": anything, "WorkingDir": workingDir},
)

var secretRules = all(fine, "Name", "Labels", "Data")

// By operation. What is not here may have nothing in it: the join of a swarm, the privileges of a plugin.
var dangers = map[string]rules{
	"CheckpointCreate":  {"CheckpointID": pathPart, "Exit": fine},
	"ConfigCreate":      secretRules,
	"ConfigUpdate":      secretRules,
	"ContainerCreate":   createRules,
	"ContainerExec":     execRules,
	"ContainerUpdate":   together(resourceRules, under("RestartPolicy.", restartRules)),
	"ExecStart":         all(fine, "Detach", "Tty", "ConsoleSize"),
	"ImageCommit":       configRules,
	"NetworkConnect":    together(under("EndpointConfig.", endpointRules), all(fine, "Container")),
	"NetworkCreate":     networkRules,
	"NetworkDisconnect": all(fine, "Container"),
	"SecretCreate":      secretRules,
	"SecretUpdate":      secretRules,
	"ServiceCreate":     serviceRules,
	"ServiceUpdate":     serviceRules,
	"SwarmUnlock":       all(fine, "UnlockKey"), // who has the key has the swarm
	"SystemAuth":        all(fine, "username", "password", "auth", "email", "identitytoken", "registrytoken"),
	"VolumeCreate":      {"Name": fine, "Driver": unless("local"), "DriverOpts": pairs(func(_, _ string) bool { return true }), "Labels": fine},
}
