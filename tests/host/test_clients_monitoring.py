"""Real clients: Prometheus, CrowdSec and Zabbix, each at the preset of its name."""
import contextlib
import json
import re

import levels
from stream import Stream
from tap import contains, equal, eventually, true

PROMETHEUS = """
scrape_configs:
  - job_name: containers
    docker_sd_configs: [{{host: "{address}", refresh_interval: 1s}}]
{more}
"""
SWARM = """
  - job_name: swarm
    dockerswarm_sd_configs: [{{host: "{address}", role: services, refresh_interval: 1s}}]
"""
ZABBIX = """
Server=127.0.0.1
LogType=console
Plugins.Docker.Endpoint={address}
Plugins.Docker.Timeout=10
"""
ACQUISITION = """
source: docker
container_name: [{name}]
labels:
  type: syslog
"""


def register(suite, host):
    test = suite.test

    def get(url):
        done = host.ask("curl", "-sS", "--max-time", "5", url)
        return done.stdout if done.returncode == 0 else ""

    @contextlib.contextmanager
    def prometheus(address, more=""):
        host.write("/root/prometheus/prometheus.yml", PROMETHEUS.format(address=address, more=more.format(address=address)))
        command = ("prometheus", "--config.file=/root/prometheus/prometheus.yml", "--storage.tsdb.path=/root/prometheus/data",
                   "--web.listen-address=127.0.0.1:9099", "--log.level=error")
        with Stream(host, *command) as server:
            yield server

    @test("clients: Prometheus shows the containers as targets at the level prometheus, and follows what is started")
    def _():
        def targets():
            answer = get("http://127.0.0.1:9099/api/v1/targets")
            found = json.loads(answer)["data"]["activeTargets"] if answer else []
            return {target["discoveredLabels"]["__meta_docker_container_name"]: target["discoveredLabels"] for target in found}

        def serving(name):
            host.ask("docker", "rm", "-f", name)
            host.engine("run", "-d", "--name", name, "--label", "team=web", "bb", "sleep", "1000000")

        serving("scraped")
        with levels.at(host, "prometheus") as address, prometheus(address):
            labels = eventually(lambda: targets().get("/scraped"), 20, "the target", every=0.5)
            equal(labels["__meta_docker_container_label_team"], "web", "the container's label")
            equal(labels["__meta_docker_network_name"], "bridge", "its network")
            equal(labels["__meta_docker_network_ip"], host.engine("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", "scraped"), "its address")
            serving("scraped-later")
            eventually(lambda: "/scraped-later" in targets(), 20, "the later target", every=0.5)
        host.engine("rm", "-f", "scraped", "scraped-later")

    @test("clients: Prometheus' swarm discovery, which is outside the level prometheus, is refused")
    def _():
        with levels.at(host, "prometheus", denied={"ServiceList"}) as address, prometheus(address, SWARM):
            failures = r'prometheus_sd_refresh_failures_total\{[^}]*mechanism="dockerswarm"[^}]*\} [1-9]'
            eventually(lambda: re.search(failures, get("http://127.0.0.1:9099/metrics")), 20, "the count of failed refreshes", every=0.5)
        levels.outside(host, "prometheus")

    @test("clients: Zabbix's agent returns containers, numbers, images and disk usage at the level zabbix")
    def _():
        host.container("measured")
        with levels.at(host, "zabbix") as address:
            host.write("/root/zabbix.conf", ZABBIX.format(address=address))
            item = lambda key: host.do("zabbix_agent2", "-c", "/root/zabbix.conf", "-t", key)
            contains(item("docker.ping"), "|1]", "docker.ping")
            contains(item("docker.info"), '"ContainersRunning":', "docker.info")
            contains(item("docker.containers"), '"/measured"', "docker.containers")
            contains(item("docker.containers.discovery"), '"{#NAME}":"/measured"', "docker.containers.discovery")
            contains(item("docker.container_info[measured]"), '"Running":true', "docker.container_info")
            contains(item("docker.container_stats[measured]"), '"memory_stats":', "docker.container_stats")
            contains(item("docker.images"), '"bb:latest"', "docker.images")
            contains(item("docker.data_usage"), '"LayersSize":', "docker.data_usage")

    @test("clients: Zabbix's level refuses what changes a container, and its files")
    def _():
        levels.outside(host, "zabbix")

    @test("clients: CrowdSec reads a container's log at the level crowdsec and decides about who attacks")
    def _():
        name = host.container("sshd", command=("sh", "-c", "while ! test -e /tmp/go; do sleep 0.1; done; "
                              "for i in 1 2 3 4 5 6 7 8 9; do echo \"$(date '+%b %e %H:%M:%S') sshd sshd[$i]: "
                              "Failed password for root from 192.0.2.66 port 4711 ssh2\"; done; sleep 1000000"))
        with levels.at(host, "crowdsec") as address:
            host.write("/root/crowdsec/acquis.yaml", ACQUISITION.format(name=name))
            # Debian's configuration, but for where to read and that nobody outside is told or asked.
            settings = host.read("/etc/crowdsec/config.yaml").replace("/etc/crowdsec/acquis.yaml", "/root/crowdsec/acquis.yaml")
            settings = re.sub(r"\n +acquisition_dir:.*", "", settings)
            settings = re.sub(r"\n +online_client:.*\n.*", "", settings).replace("log_media: file", "log_media: stdout").replace("daemonize: true", "daemonize: false")
            host.write("/root/crowdsec/config.yaml", settings)
            # DOCKER_HOST: the key docker_host of Debian 13's CrowdSec does not work with the Docker library that it is built with.
            with Stream(host, "env", f"DOCKER_HOST={address}", "crowdsec", "-c", "/root/crowdsec/config.yaml") as crowdsec:
                hits = lambda: re.search(r'cs_dockersource_hits_total\{[^}]*source="sshd"[^}]*\} ([0-9.e+]+)', get("http://127.0.0.1:6060/metrics"))
                crowdsec.await_line("start tail for container", 40)
                host.engine("exec", name, "touch", "/tmp/go")
                eventually(lambda: hits() and float(hits()[1]) == 9, 20, "nine lines acquired", every=0.5)
                eventually(lambda: "192.0.2.66" in host.ask("cscli", "-c", "/root/crowdsec/config.yaml", "decisions", "list", "-o", "raw").stdout,
                           20, "the decision", every=0.5)
                true(crowdsec.alive(), f"crowdsec has ended\n{crowdsec.seen}")

    @test("clients: CrowdSec's level refuses what changes a container, and its files")
    def _():
        levels.outside(host, "crowdsec")
