/* inspect.c: how long the judgement of a body takes: of what `docker run` sends of a container with a
 * bind, ports and labels. */
#include "measure.h"

#include "inspect/inspect.h"

enum { ROUNDS = 2000 };

static const char body[] =
    "{\"Hostname\":\"\",\"Domainname\":\"\",\"User\":\"1000:1000\",\"AttachStdin\":false,\"AttachStdout\":true,"
    "\"AttachStderr\":true,\"Tty\":false,\"OpenStdin\":false,\"StdinOnce\":false,\"Env\":[\"A=1\",\"B=2\"],"
    "\"Cmd\":[\"serve\",\"--all\"],\"Image\":\"ghcr.io/acme/web:1\",\"Volumes\":{},\"WorkingDir\":\"\","
    "\"Entrypoint\":null,\"OnBuild\":null,\"Labels\":{\"com.docker.compose.project\":\"p\","
    "\"com.docker.compose.service\":\"web\",\"team\":\"web\"},\"HostConfig\":{\"Binds\":[\"data:/data\","
    "\"/srv/web/conf:/etc/web:ro\"],\"ContainerIDFile\":\"\",\"LogConfig\":{\"Type\":\"\",\"Config\":{}},"
    "\"NetworkMode\":\"front\",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}]},"
    "\"RestartPolicy\":{\"Name\":\"always\",\"MaximumRetryCount\":0},\"AutoRemove\":false,\"VolumeDriver\":\"\","
    "\"VolumesFrom\":null,\"ConsoleSize\":[24,80],\"CapAdd\":null,\"CapDrop\":[\"ALL\"],\"CgroupnsMode\":\"\","
    "\"Dns\":[],\"DnsOptions\":[],\"DnsSearch\":[],\"ExtraHosts\":null,\"GroupAdd\":null,\"IpcMode\":\"\","
    "\"Cgroup\":\"\",\"Links\":null,\"OomScoreAdj\":0,\"PidMode\":\"\",\"Privileged\":false,"
    "\"PublishAllPorts\":false,\"ReadonlyRootfs\":false,\"SecurityOpt\":[\"no-new-privileges\"],\"UTSMode\":\"\","
    "\"UsernsMode\":\"\",\"ShmSize\":0,\"Isolation\":\"\",\"CpuShares\":0,\"Memory\":536870912,\"NanoCpus\":0,"
    "\"CgroupParent\":\"\",\"BlkioWeight\":0,\"BlkioWeightDevice\":[],\"BlkioDeviceReadBps\":[],"
    "\"BlkioDeviceWriteBps\":[],\"BlkioDeviceReadIOps\":[],\"BlkioDeviceWriteIOps\":[],\"CpuPeriod\":0,"
    "\"CpuQuota\":0,\"CpuRealtimePeriod\":0,\"CpuRealtimeRuntime\":0,\"CpusetCpus\":\"\",\"CpusetMems\":\"\","
    "\"Devices\":[],\"DeviceCgroupRules\":null,\"DeviceRequests\":null,\"MemoryReservation\":0,\"MemorySwap\":0,"
    "\"MemorySwappiness\":null,\"OomKillDisable\":false,\"PidsLimit\":null,\"Ulimits\":[],\"CpuCount\":0,"
    "\"CpuPercent\":0,\"IOMaximumIOps\":0,\"IOMaximumBandwidth\":0,\"MaskedPaths\":null,\"ReadonlyPaths\":null},"
    "\"NetworkingConfig\":{\"EndpointsConfig\":{\"front\":{\"IPAMConfig\":null,\"Links\":null,\"Aliases\":[\"web\"],"
    "\"MacAddress\":\"\",\"DriverOpts\":null,\"NetworkID\":\"\",\"EndpointID\":\"\",\"Gateway\":\"\"}}}}";

static const char text[] =
    "[workload]\nimages = ghcr.io/acme/*\nbinds = /srv/web/**\nports = 8000-8999\n"
    "networks = front back\nrestart = always\nusers = 1000:*\n"
    "forbid-labels = traefik.*\nrestrict-to = memory=512M\n"
    "require-no-new-privileges = yes\nrequire-dropped-capabilities = ALL\n";

int main(void)
{
    static double times[ROUNDS];
    const struct operation *create = docker_operations;
    struct policy policy;
    struct policy_error error = {0};

    while (strcmp(create->name, "ContainerCreate") != 0)
        create++;
    policy_init(&policy, STR("bench"), "bench.ini");
    if (policy_parse(&policy, str_of(text), &error) != 0)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct finding finding;
        double before = now_us();
        if (!inspect_body(create, NULL, str_of(body), &policy, &finding)) {
            printf("refused: %s\n", finding.field);
            return 1;
        }
        times[i] = now_us() - before;
    }
    qsort(times, ROUNDS, sizeof(*times), by_value);
    printf("judging a create of %zu bytes: median %.1f us, 99th percentile %.1f us\n",
           sizeof(body) - 1, times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    policy_free(&policy);
    return 0;
}
