package main

// Words that mean something to dockerd, and near misses.
var words = []string{
	"", "0", "1", "-1", "true", "false", "null", "no", "none", "default", "private", "shareable", "host", "HOST", "Host", "ho\u017ft", "bridge", "ingress",
	"container:plain", "container:", "Container:x", "ns:/proc/1/ns/net", "service:x", "bind", "Bind", "BIND", "volume", "tmpfs", "image", "npipe", "cluster",
	"/", "//", "/.", "/etc", "/etc/../", "..", ".", "./x", "../x", "~", "/srv/data", "/srv/data/", "/srv/data/../../etc", "/var/run/docker.sock", "/proc",
	"/proc/self/fd/8", "/sys", "/dev", "/dev/null", "/dev/sda", "/tmp", "data", "data:/data", "data:/data:ro", "data:/data:rshared", "data:/data:z", "/:/host", "//:/host",
	"/data", "/srv/data:/data:ro", "/srv/data:/data", "a:b:c:d", ":/x", "x:", "../../etc:/x", "data:/data:ro,rshared", "ALL", "all", "SYS_ADMIN", "CAP_SYS_ADMIN", "sys_admin",
	"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE", "CHOWN", "seccomp=unconfined", "seccomp:unconfined", "seccomp={}", "seccomp=builtin", "apparmor=unconfined",
	"apparmor:unconfined", "label=disable", "label:disable", "disable", "no-new-privileges", "no-new-privileges=true", "no-new-privileges:false",
	"systempaths=unconfined", "writable-cgroups=true", "unconfined", "rshared", "rslave", "rprivate", "local", "evil", "overlay", "macvlan", "always",
	"unless-stopped", "on-failure", "json-file", "journald", "syslog", "fluentd", "max-size", "10m", "syslog-address", "udp://10.0.0.1:514", "root", "00", "0:0",
	"1000", "nobody", "runc", "io.containerd.runc.v2", "suid,dev,exec", "noexec,nosuid", "size=64m", "rw", "dev", "80", "8080", "80/tcp", "0.0.0.0", "127.0.0.1", "10.0.0.0/8",
	"169.254.169.254", "02:42:ac:11:00:99", "bb", "nginx", "ghcr.io/acme/bb:1", "com.docker.network.bridge.name", "com.docker.network.endpoint.sysctls", "parent",
	"net.ipv4.ip_forward", "kernel.shm_rmid_forced", "type", "o", "device", "rtprio", "RTPRIO", "nice", "nofile", "c *:* rwm", "rwm", "cdi", "gpu", "manager", "plugin",
	"attachment", "container", "custom", "disabled", "swarm", "global", "node.role==manager", "\u0000", "host\u0000", "\u0000host", "\U0001f600", "\u2028",
}

// Numbers and what looks like one: some of them Go takes for a whole number, most not.
var numbers = []string{
	"0", "-0", "1", "-1", "00", "01", "+1", "1.0", "1.5", "1e0", "1e2", "1E+2", "0e1", "-0.0", "-1000", "64", "1024", "67108864", "67108865", "9223372036854775807",
	"9223372036854775808", "-9223372036854775809", "18446744073709551615", "1e400", "1e-400", ".5", "5.", "0x10", "1_000", "Infinity", "NaN", "-", "1e",
}

// Other values, and what is none.
var others = []string{
	"null", "true", "false", "True", "nul", "[]", "{}", "[null]", "[{}]", "[[]]", `[""]`, `{"":null}`, `{"":""}`, `{"a":{}}`, `"x"`, `[true]`, `[1]`, `["host","host"]`, "undefined", "",
}

// What can stand between or behind values, or in them, and should not always.
var noise = []string{
	" ", "\t", "\r\n", "\n\n", "\v", "\f", "\u00a0", "\ufeff", "\x00", "\x1f", "\x7f", "\x80", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "/**/", "//\n", "#", ",", ",,", ":", "{", "}", "[", "]",
	"{}", `{"Privileged":true}`, `{"HostConfig":{"Privileged":true}}`, "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "\\x41", "'", "null", "0",
}
