package main

// The same of what a swarm is told: moby's api/types/swarm.

type annotations struct {
	Name   string
	Labels map[string]string
}

type serviceSpec struct {
	annotations
	TaskTemplate taskSpec
	Mode         struct {
		Replicated    *struct{ Replicas *uint64 }
		Global        *struct{}
		ReplicatedJob *struct{ MaxConcurrent, TotalCompletions *uint64 }
		GlobalJob     *struct{}
	}
	UpdateConfig, RollbackConfig *struct {
		Parallelism     uint64
		Delay           int64
		FailureAction   string
		Monitor         int64
		MaxFailureRatio float32
		Order           string
	}
	Networks     []networkAttachment
	EndpointSpec *struct {
		Mode  string
		Ports []struct {
			Name, Protocol            string
			TargetPort, PublishedPort uint32
			PublishMode               string
		}
	}
}

type networkAttachment struct {
	Target     string
	Aliases    []string
	DriverOpts map[string]string
}

type taskSpec struct {
	ContainerSpec *containerSpec
	PluginSpec    *struct {
		Name       string      `json:"name"`
		Remote     string      `json:"remote"`
		Privileges []privilege `json:"privileges"`
		Disabled   bool        `json:"disabled"`
		Env        []string    `json:"env"`
	}
	NetworkAttachmentSpec *struct{ ContainerID string }
	Resources             *struct {
		Limits *struct {
			NanoCPUs, MemoryBytes, Pids int64
			GenericResources            []genericResource
		}
		Reservations *struct {
			NanoCPUs, MemoryBytes int64
			GenericResources      []genericResource
		}
		SwapBytes, MemorySwappiness *int64
	}
	RestartPolicy *struct {
		Condition   string
		Delay       *int64
		MaxAttempts *uint64
		Window      *int64
	}
	Placement *struct {
		Constraints []string
		Preferences []struct {
			Spread *struct{ SpreadDescriptor string }
		}
		MaxReplicas uint64
		Platforms   []struct{ Architecture, OS string }
	}
	Networks    []networkAttachment
	LogDriver   *driver
	ForceUpdate uint64
	Runtime     string
}

type genericResource struct {
	NamedResourceSpec    *struct{ Kind, Value string }
	DiscreteResourceSpec *struct {
		Kind  string
		Value int64
	}
}

type fileTarget struct {
	Name, UID, GID string
	Mode           uint32
}

type containerSpec struct {
	Image         string
	Labels        map[string]string
	Command, Args []string
	Hostname      string
	Env           []string
	Dir, User     string
	Groups        []string
	Privileges    *struct {
		CredentialSpec *struct{ Config, File, Registry string }
		SELinuxContext *struct {
			Disable                 bool
			User, Role, Type, Level string
		}
		Seccomp *struct {
			Mode    string
			Profile []byte
		}
		AppArmor        *struct{ Mode string }
		NoNewPrivileges bool
	}
	Init                     *bool
	StopSignal               string
	TTY, OpenStdin, ReadOnly bool
	Mounts                   []mount
	StopGracePeriod          *int64
	Healthcheck              *health
	Hosts                    []string
	DNSConfig                *struct{ Nameservers, Search, Options []string }
	Secrets                  []*struct {
		File                 *fileTarget
		SecretID, SecretName string
	}
	Configs []*struct {
		File                 *fileTarget
		Runtime              *struct{}
		ConfigID, ConfigName string
	}
	Isolation                     string
	Sysctls                       map[string]string
	CapabilityAdd, CapabilityDrop []string
	Ulimits                       []*ulimit
	OomScoreAdj                   int64
}

type swarmSpec struct {
	annotations
	Orchestration struct{ TaskHistoryRetentionLimit *int64 }
	Raft          struct {
		SnapshotInterval            uint64
		KeepOldSnapshots            *uint64
		LogEntriesForSlowFollowers  uint64
		ElectionTick, HeartbeatTick int
	}
	Dispatcher struct{ HeartbeatPeriod int64 }
	CAConfig   struct {
		NodeCertExpiry int64
		ExternalCAs    []*struct {
			Protocol, URL string
			Options       map[string]string
			CACert        string
		}
		SigningCACert, SigningCAKey string
		ForceRotate                 uint64
	}
	TaskDefaults     struct{ LogDriver *driver }
	EncryptionConfig struct{ AutoLockManagers bool }
}

type swarmInit struct {
	ListenAddr, AdvertiseAddr, DataPathAddr string
	DataPathPort                            uint32
	ForceNewCluster                         bool
	Spec                                    swarmSpec
	AutoLockManagers                        bool
	Availability                            string
	DefaultAddrPool                         []string
	SubnetSize                              uint32
}

type swarmJoin struct {
	ListenAddr, AdvertiseAddr, DataPathAddr string
	RemoteAddrs                             []string
	JoinToken, Availability                 string
}

type swarmUnlock struct{ UnlockKey string }

type nodeSpec struct {
	annotations
	Role, Availability string
}

type secretSpec struct {
	annotations
	Data               []byte
	Driver, Templating *driver
}
