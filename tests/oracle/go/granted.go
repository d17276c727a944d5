package main

import (
	"net/netip"
	"reflect"
	"strconv"
	"strings"
)

// The same of granted.ini: what is named there may be, and no more of it; what is asked for there must be.

// A mount is judged as a whole: which source it may have depends on its type, and on whether it can be written to.
func grantedMount(mount reflect.Value) bool {
	source, kind := mount.FieldByName("Source").String(), mount.FieldByName("Type").String()
	if kind != "bind" {
		return found(mountRules, "", mount) != "" || kind == "volume" && source != "" && !strings.HasPrefix(source, "app-")
	}
	if options := mount.FieldByName("BindOptions"); !options.IsNil() {
		bind := options.Elem()
		if !among(bind.FieldByName("Propagation").String(), "", "private", "rprivate") {
			return true
		}
		// CreateMountpoint gives no more than Binds do, which always make their path.
		if field := bind.FieldByName("ReadOnlyNonRecursive"); field.IsValid() && field.Bool() && !hostPath(source, false) {
			return true
		}
	}
	return !hostPath(source, mount.FieldByName("ReadOnly").Bool())
}

func hostPath(path string, readOnly bool) bool {
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	return path == "/srv/cache" || readOnly && path == clean(path) && within(path, "/srv/data")
}

func grantedBind(text string) bool {
	parts := strings.Split(text, ":")
	if len(parts) > 1 && strings.HasPrefix(parts[0], "/") {
		readOnly := false
		for _, mode := range strings.Split(strings.Join(parts[2:], ":"), ",") {
			readOnly = readOnly || mode == "ro"
			if !among(mode, "", "ro", "rw", "private", "rprivate", "nocopy", "copy", "consistent", "cached", "delegated") {
				return true
			}
		}
		return !hostPath(parts[0], readOnly)
	}
	return bind(text) || len(parts) > 1 && !strings.HasPrefix(parts[0], "app-")
}

func grantedDevices(value reflect.Value) bool {
	for i := 0; i < value.Len(); i++ {
		one := value.Index(i)
		permissions := one.FieldByName("CgroupPermissions").String()
		// Without a word of its own a device gets rwm.
		if one.FieldByName("PathOnHost").String() != "/dev/fuse" || permissions == "" || strings.Trim(permissions, "rw") != "" {
			return true
		}
	}
	return false
}

func grantedPorts(value reflect.Value) bool {
	for _, key := range value.MapKeys() {
		list := value.MapIndex(key)
		if list.Len() == 0 {
			return true // any port
		}
		for i := 0; i < list.Len(); i++ {
			first, last, ranged := strings.Cut(list.Index(i).FieldByName("HostPort").String(), "-")
			if !ranged {
				last = first
			}
			from, err := strconv.Atoi(first)
			to, err2 := strconv.Atoi(last)
			if err != nil || err2 != nil || from < 8000 || to > 8999 || from > to {
				return true
			}
		}
	}
	return false
}

func grantedIPAM(value reflect.Value) bool {
	for i := 0; i < value.Len(); i++ {
		for _, name := range []string{"Subnet", "IPRange", "Gateway"} {
			text := value.Index(i).FieldByName(name).String()
			if text == "" {
				continue
			}
			address, _, _ := strings.Cut(text, "/")
			if ip, err := netip.ParseAddr(address); err != nil || !netip.MustParsePrefix("10.99.0.0/16").Contains(ip) {
				return true
			}
		}
	}
	return false
}

func startsWith(words ...string) func(string) bool {
	return func(text string) bool {
		for _, word := range words {
			if strings.HasPrefix(text, word) {
				return false
			}
		}
		return true
	}
}

// A command must begin with this word; one that is there, but empty, is another command: it takes the image's away.
func command(first string) rule {
	return func(value reflect.Value) bool { return value.Len() > 0 && value.Index(0).String() != first }
}

// Memory and swap in one number, -1 without end; engines up to 26.1 take it beside HostConfig, too.
func swap(value reflect.Value) bool { return value.Int() < 0 || value.Int() > 2*512<<20 }

var grantedNetwork = unless("none", "default", "bridge", "front")

var grantedCreate = together(createRules,
	rules{
		"Image":               func(value reflect.Value) bool { return startsWith("ghcr.io/acme/")(value.String()) },
		"User":                unless("1000"),
		"Env":                 each(startsWith("APP_")),
		"Cmd":                 command("sleep"),
		"Entrypoint":          command("/entry"),
		"Labels":              pairs(func(name, _ string) bool { return strings.HasPrefix(name, "traefik.") }),
		"HostConfig.Binds":    each(grantedBind),
		"HostConfig.Mounts[]": grantedMount,
		"HostConfig.CapAdd": each(func(text string) bool {
			return capability(text) && strings.TrimPrefix(strings.ToUpper(text), "CAP_") != "SYS_PTRACE"
		}),
		"HostConfig.PidMode":            unless("host"),
		"HostConfig.NetworkMode":        grantedNetwork,
		"HostConfig.PortBindings":       grantedPorts,
		"HostConfig.RestartPolicy.Name": unless("no", "on-failure", "unless-stopped"),
		"HostConfig.Sysctls":            pairs(func(name, text string) bool { return name != "net.ipv4.ip_unprivileged_port_start" || text != "0" }),
		"HostConfig.SecurityOpt": each(func(text string) bool {
			return securityOption(text) && !among(text, "seccomp=unconfined", "seccomp:unconfined")
		}),
		"HostConfig.Devices":                           grantedDevices,
		"NetworkingConfig.EndpointsConfig{key}":        grantedNetwork,
		"NetworkingConfig.EndpointsConfig{}.NetworkID": grantedNetwork,
		"HostConfig.Memory":                            over(512 << 20),
		"HostConfig.MemorySwap":                        swap,
		"HostConfig.PidsLimit":                         func(value reflect.Value) bool { return value.Elem().Int() > 100 || value.Elem().Int() < 0 },
	},
)

var grantedService = together(serviceRules, rules{
	"TaskTemplate.ContainerSpec.Image":         grantedCreate["Image"],
	"TaskTemplate.ContainerSpec.User":          grantedCreate["User"],
	"TaskTemplate.ContainerSpec.Env":           grantedCreate["Env"],
	"TaskTemplate.ContainerSpec.Command":       command("/entry"),
	"TaskTemplate.ContainerSpec.Args":          command("sleep"),
	"TaskTemplate.ContainerSpec.Labels":        grantedCreate["Labels"],
	"TaskTemplate.ContainerSpec.Mounts[]":      grantedMount,
	"TaskTemplate.ContainerSpec.CapabilityAdd": grantedCreate["HostConfig.CapAdd"],
	"TaskTemplate.ContainerSpec.Sysctls":       grantedCreate["HostConfig.Sysctls"],
	"TaskTemplate.Networks[].Target":           grantedNetwork,
	"Networks[].Target":                        grantedNetwork,
	"EndpointSpec.Ports": func(value reflect.Value) bool {
		for i := 0; i < value.Len(); i++ {
			if port := value.Index(i).FieldByName("PublishedPort").Uint(); port < 8000 || port > 8999 {
				return true
			}
		}
		return false
	},
	"TaskTemplate.ContainerSpec.Privileges.Seccomp.Mode":    unless("default", "unconfined"),
	"TaskTemplate.ContainerSpec.Privileges.Seccomp.Profile": fine, // no profile is less than none
})

// Operations of which granted.ini says nothing are as at plain.ini.
var grantedDangers = func() map[string]rules {
	all := map[string]rules{}
	for operation, plain := range dangers {
		all[operation] = plain
	}
	for operation, named := range grantedOnly {
		all[operation] = named
	}
	return all
}()

var grantedOnly = map[string]rules{
	"ServiceCreate":   grantedService,
	"ServiceUpdate":   grantedService,
	"ContainerCreate": grantedCreate,
	"ContainerUpdate": together(dangers["ContainerUpdate"], rules{
		"RestartPolicy.Name": unless("no", "on-failure", "unless-stopped"),
		"Memory":             over(512 << 20),
		"MemorySwap":         swap,
		"PidsLimit":          func(value reflect.Value) bool { return value.Elem().Int() > 100 || value.Elem().Int() < 0 },
	}),
	"ContainerExec": together(execRules, rules{"User": unless("postgres"), "Env": each(startsWith("PG")), "Cmd": command("pg_dump")}),
	"VolumeCreate": together(dangers["VolumeCreate"], rules{
		"Name":       func(value reflect.Value) bool { return startsWith("app-")(value.String()) },
		"DriverOpts": pairs(func(name, _ string) bool { return name != "size" }),
	}),
	"NetworkCreate": together(networkRules, rules{
		"Name":        func(value reflect.Value) bool { return startsWith("app-")(value.String()) },
		"Driver":      unless("bridge", "macvlan"),
		"IPAM.Config": grantedIPAM,
	}),
}

// missing is what the policy asks for and a decoded container or service has not; or "".
func missing(operation string, root reflect.Value) string {
	root = root.Elem()
	switch operation {
	case "ContainerCreate":
		host := root.FieldByName("InnerHostConfig")
		if !host.IsValid() || host.IsNil() {
			host = root.FieldByName("HostConfig")
		}
		switch {
		case root.FieldByName("Config").IsNil() || root.FieldByName("Config").Elem().FieldByName("User").String() == "":
			return "the image's user"
		case host.IsNil():
			return "no HostConfig"
		case host.Elem().FieldByName("Memory").Int() <= 0:
			return "no memory limit"
		case host.Elem().FieldByName("PidsLimit").IsNil() || host.Elem().FieldByName("PidsLimit").Elem().Int() <= 0:
			return "no limit of pids"
		case !host.Elem().FieldByName("ReadonlyRootfs").Bool():
			return "a root that can be written to"
		case !noNewPrivileges(host.Elem().FieldByName("SecurityOpt")):
			return "new privileges"
		}
	case "ServiceCreate", "ServiceUpdate":
		task := root.FieldByName("TaskTemplate")
		container, needs := task.FieldByName("ContainerSpec"), task.FieldByName("Resources")
		switch {
		case container.IsNil() || !container.Elem().FieldByName("ReadOnly").Bool():
			return "a root that can be written to"
		case container.Elem().FieldByName("User").String() == "":
			return "the image's user"
		case needs.IsNil() || needs.Elem().FieldByName("Limits").IsNil():
			return "no limits"
		}
		memory := needs.Elem().FieldByName("Limits").Elem().FieldByName("MemoryBytes").Int()
		if memory <= 0 || memory > 512<<20 {
			return "no memory limit"
		}
	}
	return ""
}

func noNewPrivileges(list reflect.Value) bool {
	for i := 0; i < list.Len(); i++ {
		if noNewPrivilege(list.Index(i).String()) {
			return true
		}
	}
	return false
}
