//go:build debian

package main

import (
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/swarm"
)

// The types of the engine that this Debian has: 20.10 in Debian 12, 26.1 in Debian 13.

// As runconfig/config_unix.go has it.
type createDebian struct {
	*container.Config
	InnerHostConfig  *container.HostConfig `json:"HostConfig"`
	Cpuset           string
	NetworkingConfig *network.NetworkingConfig
	*container.HostConfig
}

func init() {
	for operation, make := range map[string]func() interface{}{
		"ContainerCreate":   func() interface{} { return new(createDebian) },
		"ContainerStart":    func() interface{} { return new(container.HostConfig) },
		"ContainerUpdate":   func() interface{} { return new(container.UpdateConfig) },
		"ContainerExec":     func() interface{} { return new(types.ExecConfig) },
		"ExecStart":         func() interface{} { return new(types.ExecStartCheck) },
		"NetworkConnect":    func() interface{} { return new(types.NetworkConnect) },
		"NetworkCreate":     func() interface{} { return new(types.NetworkCreateRequest) },
		"NetworkDisconnect": func() interface{} { return new(types.NetworkDisconnect) },
		"ImageCommit":       func() interface{} { return new(container.Config) },
		"ServiceCreate":     func() interface{} { return new(swarm.ServiceSpec) },
		"ServiceUpdate":     func() interface{} { return new(swarm.ServiceSpec) },
		"SwarmInit":         func() interface{} { return new(swarm.InitRequest) },
		"SwarmJoin":         func() interface{} { return new(swarm.JoinRequest) },
		"SwarmUnlock":       func() interface{} { return new(swarm.UnlockRequest) },
		"SwarmUpdate":       func() interface{} { return new(swarm.Spec) },
		"NodeUpdate":        func() interface{} { return new(swarm.NodeSpec) },
		"SecretCreate":      func() interface{} { return new(swarm.SecretSpec) },
		"SecretUpdate":      func() interface{} { return new(swarm.SecretSpec) },
		"ConfigCreate":      func() interface{} { return new(swarm.ConfigSpec) },
		"ConfigUpdate":      func() interface{} { return new(swarm.ConfigSpec) },
	} {
		engines[operation] = append(engines[operation], engine{"of Debian", make})
	}
}
