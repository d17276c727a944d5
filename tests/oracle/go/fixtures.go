package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Where an operation's body goes. A {} is a segment.
var routes = []struct{ operation, target string }{
	{"ContainerCreate", "POST /containers/create"},
	{"ContainerUpdate", "POST /containers/{}/update"},
	{"ContainerExec", "POST /containers/{}/exec"},
	{"ContainerStart", "POST /containers/{}/start"},
	{"CheckpointCreate", "POST /containers/{}/checkpoints"},
	{"ExecStart", "POST /exec/{}/start"},
	{"ImageCommit", "POST /commit"},
	{"NetworkCreate", "POST /networks/create"},
	{"NetworkConnect", "POST /networks/{}/connect"},
	{"NetworkDisconnect", "POST /networks/{}/disconnect"},
	{"VolumeCreate", "POST /volumes/create"},
	{"VolumeUpdate", "PUT /volumes/{}"},
	{"ServiceCreate", "POST /services/create"},
	{"ServiceUpdate", "POST /services/{}/update"},
	{"SwarmInit", "POST /swarm/init"},
	{"SwarmJoin", "POST /swarm/join"},
	{"SwarmUpdate", "POST /swarm/update"},
	{"SwarmUnlock", "POST /swarm/unlock"},
	{"NodeUpdate", "POST /nodes/{}/update"},
	{"SecretCreate", "POST /secrets/create"},
	{"SecretUpdate", "POST /secrets/{}/update"},
	{"ConfigCreate", "POST /configs/create"},
	{"ConfigUpdate", "POST /configs/{}/update"},
	{"PluginPull", "POST /plugins/pull"},
	{"PluginUpgrade", "POST /plugins/{}/upgrade"},
	{"PluginSet", "POST /plugins/{}/set"},
	{"SystemAuth", "POST /auth"},
}

func operationAt(method, path string) string {
	got := strings.Split(method+" "+path, "/")
	for _, route := range routes {
		want := strings.Split(route.target, "/")
		same := len(want) == len(got)
		for i := 0; same && i < len(want); i++ {
			same = want[i] == "{}" || want[i] == got[i]
		}
		if same {
			return route.operation
		}
	}
	return ""
}

func targetOf(operation string) string {
	for _, route := range routes {
		if route.operation == operation {
			return strings.ReplaceAll(route.target, "{}", "plain")
		}
	}
	panic(operation)
}

// readFixtures reads all files of a pattern.
func readFixtures(pattern string) ([]fixture, error) {
	names, _ := filepath.Glob(pattern)
	var out []fixture
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			var read struct{ What, Method, Target, Body string }
			if err := json.Unmarshal(line, &read); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			path, _, _ := strings.Cut(read.Target, "?")
			if version, rest, _ := strings.Cut(path[1:], "/"); version != "" && version[0] == 'v' && strings.Contains(version, ".") {
				path = "/" + rest
			}
			operation := operationAt(read.Method, path)
			if operation == "" && strings.HasSuffix(path, "/attach") {
				continue // dockerode sends its options there, which no engine reads
			}
			if operation == "" {
				return nil, fmt.Errorf("%s: no operation at %s", name, read.Target)
			}
			out = append(out, fixture{read.What, filepath.Base(name), operation, read.Method + " " + read.Target, []byte(read.Body), parse([]byte(read.Body))})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no %s", pattern)
	}
	return out, nil
}
