package main

import (
	"bytes"
	"encoding/json"
)

// An engine is a way in which some release of dockerd decodes the bodies of an operation.
type engine struct {
	name string
	make func() interface{} // a pointer to what the body is decoded into
}

// By operation; "now" is the newest engine. debian.go adds the types of the engine in Debian.
var engines = map[string][]engine{
	"ContainerCreate": {
		{"now", func() interface{} { return new(createNow) }},
		{"up to 26.1", func() interface{} { return new(createThen) }},
	},
	"CheckpointCreate":  now(func() interface{} { return new(checkpoint) }),
	"ConfigCreate":      now(func() interface{} { return new(secretSpec) }),
	"ConfigUpdate":      now(func() interface{} { return new(secretSpec) }),
	"ContainerExec":     now(func() interface{} { return new(execCreate) }),
	"ContainerStart":    now(func() interface{} { return new(HostConfig) }),
	"ContainerUpdate":   now(func() interface{} { return new(update) }),
	"ExecStart":         now(func() interface{} { return new(execStart) }),
	"ImageCommit":       now(func() interface{} { return new(Config) }),
	"NetworkConnect":    now(func() interface{} { return new(networkConnect) }),
	"NetworkCreate":     now(func() interface{} { return new(networkCreate) }),
	"NetworkDisconnect": now(func() interface{} { return new(networkDisconnect) }),
	"NodeUpdate":        now(func() interface{} { return new(nodeSpec) }),
	"PluginPull":        now(func() interface{} { return new([]privilege) }),
	"PluginSet":         now(func() interface{} { return new([]string) }),
	"PluginUpgrade":     now(func() interface{} { return new([]privilege) }),
	"SecretCreate":      now(func() interface{} { return new(secretSpec) }),
	"SecretUpdate":      now(func() interface{} { return new(secretSpec) }),
	"ServiceCreate":     now(func() interface{} { return new(serviceSpec) }),
	"ServiceUpdate":     now(func() interface{} { return new(serviceSpec) }),
	"SwarmInit":         now(func() interface{} { return new(swarmInit) }),
	"SwarmJoin":         now(func() interface{} { return new(swarmJoin) }),
	"SwarmUnlock":       now(func() interface{} { return new(swarmUnlock) }),
	"SwarmUpdate":       now(func() interface{} { return new(swarmSpec) }),
	"SystemAuth":        now(func() interface{} { return new(authConfig) }),
	"VolumeCreate":      now(func() interface{} { return new(volumeCreate) }),
	"VolumeUpdate":      now(func() interface{} { return new(volumeUpdate) }),
}

func now(make func() interface{}) []engine { return []engine{{"now", make}} }

// decode does what the most forgiving engine does: it reads the first value and nothing behind it (up to 20.10,
// api/server/httputils/httputils.go). nil: the engine answers 400, and does nothing.
func (e engine) decode(body []byte) interface{} {
	into := e.make()
	if json.NewDecoder(bytes.NewReader(body)).Decode(into) != nil {
		return nil
	}
	return into
}
