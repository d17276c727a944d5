package main

import (
	"reflect"
	"strconv"
	"strings"
)

// What is dangerous in a decoded body at a policy that names nothing, by operation and path. Where a rule is not plain, its
// reason is here. The paths are Go's: what dsp calls its own fields plays no part.

func fine(reflect.Value) bool { return false }

// anything that is not zero, however deep.
func anything(value reflect.Value) bool { return found(nil, "", value) != "" }

// given is for what means something by its mere presence: an empty list, a pointer to an empty struct.
func given(reflect.Value) bool { return true }

func unless(allowed ...string) rule {
	return func(value reflect.Value) bool {
		for _, one := range allowed {
			if value.String() == one {
				return false
			}
		}
		return true
	}
}

func within(path string, folders ...string) bool {
	for _, folder := range folders {
		if path == folder || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// each judges the strings of a list.
func each(dangerous func(text string) bool) rule {
	return func(value reflect.Value) bool {
		for i := 0; i < value.Len(); i++ {
			if dangerous(value.Index(i).String()) {
				return true
			}
		}
		return false
	}
}

// pairs judges the entries of a map of strings.
func pairs(dangerous func(name, text string) bool) rule {
	return func(value reflect.Value) bool {
		for _, key := range value.MapKeys() {
			if dangerous(key.String(), value.MapIndex(key).String()) {
				return true
			}
		}
		return false
	}
}

// /proc/self/fd/N leads to the host with runc before 1.1.12: CVE-2024-21626.
func workingDir(value reflect.Value) bool {
	return within(clean(value.String()), "/proc", "/sys", "/dev")
}

func clean(path string) string {
	var kept []string
	for _, part := range strings.Split(path, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, part)
		}
	}
	return "/" + strings.Join(kept, "/")
}

// "src:dst[:mode]" with a path of the host. Of a mode's words the engine obeys those about the host's mounts for a path alone
// (moby daemon/volume/mounts/linux_parser.go); z and Z label the volume's own files.
func bind(text string) bool {
	parts := strings.Split(text, ":")
	if len(parts) == 1 {
		return false // a path in the container: an anonymous volume
	}
	return !volumeName(parts[0])
}

// As moby's volume/names: what is none is a path.
func volumeName(name string) bool {
	for i, c := range []byte(name) {
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alphanumeric && (i == 0 || !strings.ContainsRune("_.-", rune(c))) {
			return false
		}
	}
	return name != ""
}

func among(text string, words ...string) bool {
	for _, word := range words {
		if text == word {
			return true
		}
	}
	return false
}

// "name:alias" and the like of the host's or another container's network; a colon is in no network's name.
func networkMode(value reflect.Value) bool {
	return value.String() == "host" || strings.Contains(value.String(), ":")
}

// A service finds a network by the beginning of its id, too, and the host's is one (moby daemon/cluster/helpers.go).
func serviceNetwork(value reflect.Value) bool {
	name := value.String()
	return networkMode(value) || name != "none" && strings.Trim(name, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

// The fourteen that a container has anyway (moby oci/caps/defaults.go); CAP_ and case do not count.
func capability(text string) bool {
	return !among(strings.TrimPrefix(strings.ToUpper(text), "CAP_"), "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
		"NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")
}

func securityOption(text string) bool {
	return !noNewPrivilege(text)
}

// The engine takes what ParseBool takes (moby daemon/daemon_unix.go).
func noNewPrivilege(text string) bool {
	value := strings.TrimPrefix(text, "no-new-privileges")
	if value == text || value == "" {
		return value == "" && text != ""
	}
	yes, err := strconv.ParseBool(value[1:])
	return strings.ContainsAny(value[:1], "=:") && yes && err == nil
}

func mountFlags(text string) bool {
	for _, flag := range strings.Split(text, ",") {
		if among(flag, "suid", "dev") {
			return true
		}
	}
	return false
}

func logOption(name, _ string) bool {
	return !among(name, "max-size", "max-file", "compress", "mode", "max-buffer-size", "tag")
}

// What is against the host; the others are limits.
func ulimitRule(value reflect.Value) bool {
	for i := 0; i < value.Len(); i++ {
		one := value.Index(i)
		if !one.IsNil() && among(strings.ToLower(one.Elem().FieldByName("Name").String()), "rtprio", "nice", "rttime") {
			return true
		}
	}
	return false
}

func tmpfsOptions(value reflect.Value) bool {
	for i := 0; i < value.Len(); i++ {
		if each(mountFlags)(value.Index(i)) {
			return true
		}
	}
	return false
}

func absolute(value reflect.Value) bool { return !volumeName(value.String()) }

func negative(value reflect.Value) bool { return value.Int() < 0 }

func over(bound int64) rule { return func(value reflect.Value) bool { return value.Int() > bound } }

// In checkpoint names a slash leads out of the folder.
func pathPart(value reflect.Value) bool {
	return strings.ContainsAny(value.String(), "/") || value.String() == ".."
}

// A secret or a config of the swarm: one without an id swarmkit refuses (manager/controlapi/service.go).
func reference(id string) rule {
	return func(value reflect.Value) bool {
		for i := 0; i < value.Len(); i++ {
			if one := value.Index(i); !one.IsNil() && one.Elem().FieldByName(id).String() != "" {
				return true
			}
		}
		return false
	}
}

// An address that is empty is none.
func addresses(value reflect.Value) bool {
	for i := 0; i < value.Len(); i++ {
		one := value.Index(i)
		for _, name := range []string{"Subnet", "IPRange", "Gateway"} {
			if one.FieldByName(name).String() != "" {
				return true
			}
		}
		if pairs(func(_, address string) bool { return address != "" })(one.FieldByName("AuxAddress")) {
			return true
		}
	}
	return false
}
