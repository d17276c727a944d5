package main

import "encoding/json"

// What dockerd decodes bodies into, after moby's api/types of 2026 (API 1.55) with the fields that older engines had beside
// (20.10 to 28). Where the engine has a type that reads a string (netip.Addr, network.Port, HardwareAddr), a string stands
// here: it takes more than the engine does, and so hides nothing.

// What engines up to 28 also take a string for, as a list of one (api/types/strslice). Later ones answer 400.
type strSlice []string

func (w *strSlice) UnmarshalJSON(text []byte) error {
	var list []string
	if json.Unmarshal(text, &list) == nil {
		*w = list
		return nil
	}
	var one string
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	*w = strSlice{one}
	return nil
}

type Config struct {
	Hostname, Domainname, User              string
	AttachStdin, AttachStdout, AttachStderr bool
	ExposedPorts                            map[string]struct{}
	Tty, OpenStdin, StdinOnce               bool
	Env                                     []string
	Cmd                                     strSlice
	Healthcheck                             *health
	ArgsEscaped                             bool
	Image                                   string
	Volumes                                 map[string]struct{}
	WorkingDir                              string
	Entrypoint                              strSlice
	NetworkDisabled                         bool
	MacAddress                              string
	OnBuild                                 []string
	Labels                                  map[string]string
	StopSignal                              string
	StopTimeout                             *int
	Shell                                   strSlice
}

type health struct {
	Test                                          []string
	Interval, Timeout, StartPeriod, StartInterval int64
	Retries                                       int
}

type resources struct {
	CpuShares, Memory, NanoCpus                                                        int64
	CgroupParent                                                                       string
	BlkioWeight                                                                        uint16
	BlkioWeightDevice                                                                  []*weightDevice
	BlkioDeviceReadBps, BlkioDeviceWriteBps, BlkioDeviceReadIOps, BlkioDeviceWriteIOps []*throttleDevice
	CpuPeriod, CpuQuota, CpuRealtimePeriod, CpuRealtimeRuntime                         int64
	CpusetCpus, CpusetMems                                                             string
	Devices                                                                            []device
	DeviceCgroupRules                                                                  []string
	DeviceRequests                                                                     []deviceRequest
	KernelMemory, KernelMemoryTCP, MemoryReservation, MemorySwap                       int64
	MemorySwappiness                                                                   *int64
	OomKillDisable                                                                     *bool
	PidsLimit                                                                          *int64
	Ulimits                                                                            []*ulimit
	CpuCount, CpuPercent                                                               int64
	IOMaximumIOps, IOMaximumBandwidth                                                  uint64
}

type weightDevice struct {
	Path   string
	Weight uint16
}

type throttleDevice struct {
	Path string
	Rate uint64
}

type device struct{ PathOnHost, PathInContainer, CgroupPermissions string }

type deviceRequest struct {
	Driver       string
	Count        int
	DeviceIDs    []string
	Capabilities [][]string
	Options      map[string]string
}

type ulimit struct {
	Name       string
	Hard, Soft int64
}

type restartPolicy struct {
	Name              string
	MaximumRetryCount int
}

type logConfig struct {
	Type   string
	Config map[string]string
}

type portBinding struct {
	HostIP   string `json:"HostIp"`
	HostPort string
}

type HostConfig struct {
	Binds                                            []string
	ContainerIDFile                                  string
	LogConfig                                        logConfig
	NetworkMode                                      string
	PortBindings                                     map[string][]portBinding
	RestartPolicy                                    restartPolicy
	AutoRemove                                       bool
	VolumeDriver                                     string
	VolumesFrom                                      []string
	ConsoleSize                                      [2]uint
	Annotations                                      map[string]string
	CapAdd, CapDrop                                  strSlice
	Capabilities                                     []string
	CgroupnsMode                                     string
	Dns, DnsOptions, DnsSearch, ExtraHosts, GroupAdd []string
	IpcMode, Cgroup                                  string
	Links                                            []string
	OomScoreAdj                                      int
	PidMode                                          string
	Privileged, PublishAllPorts, ReadonlyRootfs      bool
	SecurityOpt                                      []string
	StorageOpt, Tmpfs                                map[string]string
	UTSMode, UsernsMode                              string
	ShmSize                                          int64
	Sysctls                                          map[string]string
	Runtime, Isolation                               string
	resources
	Mounts                     []mount
	MaskedPaths, ReadonlyPaths []string
	Init                       *bool
}

type mount struct {
	Type, Source, Target string
	ReadOnly             bool
	Consistency          string
	BindOptions          *struct {
		Propagation                                                                  string
		NonRecursive, CreateMountpoint, ReadOnlyNonRecursive, ReadOnlyForceRecursive bool
	}
	VolumeOptions *struct {
		NoCopy       bool
		Labels       map[string]string
		Subpath      string
		DriverConfig *driver
	}
	ImageOptions *struct{ Subpath string }
	TmpfsOptions *struct {
		SizeBytes int64
		Mode      uint32
		Options   [][]string
	}
	ClusterOptions *struct{}
}

type driver struct {
	Name    string
	Options map[string]string
}

type endpoint struct {
	IPAMConfig *struct {
		IPv4Address, IPv6Address string
		LinkLocalIPs             []string
	}
	Links, Aliases                            []string
	DriverOpts                                map[string]string
	GwPriority                                int
	NetworkID, EndpointID, Gateway, IPAddress string
	MacAddress                                string
	IPPrefixLen                               int
	IPv6Gateway, GlobalIPv6Address            string
	GlobalIPv6PrefixLen                       int
	DNSNames                                  []string
}

type networkingConfig struct{ EndpointsConfig map[string]*endpoint }

// Engines from 27.
type createNow struct {
	*Config
	HostConfig       *HostConfig
	NetworkingConfig *networkingConfig
}

// Engines up to 26.1, which take the keys of HostConfig also beside those of Config (runconfig/config_unix.go).
type createThen struct {
	*Config
	InnerHostConfig  *HostConfig `json:"HostConfig"`
	Cpuset           string
	NetworkingConfig *networkingConfig
	*HostConfig
}

type update struct {
	resources
	RestartPolicy restartPolicy
}

type execCreate struct {
	User                                    string
	Privileged, Tty                         bool
	ConsoleSize                             *[2]uint
	AttachStdin, AttachStderr, AttachStdout bool
	Detach                                  bool
	DetachKeys                              string
	Env                                     []string
	WorkingDir                              string
	Cmd                                     []string
	Container                               string
}

type execStart struct {
	Detach, Tty bool
	ConsoleSize *[2]uint
}

type networkCreate struct {
	Name, Driver, Scope    string
	CheckDuplicate         bool
	EnableIPv4, EnableIPv6 *bool
	IPAM                   *struct {
		Driver  string
		Options map[string]string
		Config  []struct {
			Subnet, IPRange, Gateway string
			AuxAddress               map[string]string `json:"AuxiliaryAddresses"`
		}
	}
	Internal, Attachable, Ingress, ConfigOnly bool
	ConfigFrom                                *struct{ Network string }
	Options, Labels                           map[string]string
}

type networkConnect struct {
	Container      string
	EndpointConfig *endpoint
}

type networkDisconnect struct {
	Container string
	Force     bool
}

type volumeCreate struct {
	ClusterVolumeSpec  *clusterVolume
	Driver             string
	DriverOpts, Labels map[string]string
	Name               string
}

type volumeUpdate struct{ Spec *clusterVolume }

type clusterVolume struct {
	Group      string
	AccessMode *struct {
		Scope, Sharing string
		MountVolume    *struct {
			FsType     string
			MountFlags []string
		}
		BlockVolume *struct{}
	}
	AccessibilityRequirements *struct {
		Requisite, Preferred []struct{ Segments map[string]string }
	}
	CapacityRange *struct{ RequiredBytes, LimitBytes int64 }
	Secrets       []struct{ Key, Secret string }
	Availability  string
}

type authConfig struct {
	Username      string `json:"username"`
	Password      string `json:"password"`
	Auth          string `json:"auth"`
	Email         string `json:"email"`
	ServerAddress string `json:"serveraddress"`
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`
}

type privilege struct {
	Name, Description string
	Value             []string
}

type checkpoint struct {
	CheckpointID, CheckpointDir string
	Exit                        bool
}
