#!/usr/bin/env python3
"""[workload] recreate = yes against a client that means ill: names that become others', commands that an image's are merged into, older versions of the API."""
import copy
import json
import os
import sys

from recreate import DB, IMAGES, LINES, NGINX, V, WEB, Level, body_of, inspection, watchtower, web
from message import read_response, request
from tap import Suite, contains, equal, true
from wire import is_denial

suite = Suite("recreate, swapped: ")
VPN, NEW = "c3" * 32, "e5" * 32
FIXED = {"IPAMConfig": {"IPv4Address": "172.20.0.9"}}


def connect(level, network, container, endpoint):
    return level.ask("POST", f"/networks/{network}/connect", {"Container": container, "EndpointConfig": endpoint})


def rename(level, container, name):
    equal(level.ask("POST", f"/containers/{container}/rename?name={name}").status, 204, "rename")


def of(one, **host):
    made = copy.deepcopy(one) if "HostConfig" in one and "Id" not in one else body_of(one)
    made["HostConfig"].update(host)
    return made


# A create without a name

@suite.test("Watchtower's fork: stop, remove, create without a name, rename, connect, start")
def _():
    with Level(web()) as level:
        old = json.loads(level.ask("GET", f"/containers/{WEB}/json").body)
        level.gone()
        ident = level.passes(watchtower(old), name="")
        rename(level, ident, "web")
        equal(connect(level, "front", ident, FIXED).status, 200, "connect")
        equal(level.ask("POST", f"/containers/{ident}/start").status, 204, "start")


@suite.test("the preset watchtower lets Watchtower's fork do its work, and no more")
def _():
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "units", "policies", "watchtower.ini"), encoding="utf-8") as file:
        preset = file.read().replace("[policy]\n", "[policy]\nsocket = @SOCKET@\n", 1)
    with Level(web(), text=preset, name="watchtower", stderr="null") as level:
        for method, target in (("POST", f"/containers/{WEB}/stop?signal=SIGTERM&t=10"), ("DELETE", f"/containers/{WEB}?force=1")):
            equal(level.ask(method, target).status, 204, target)
        level.refused(of(watchtower(web()), Binds=["/:/host"]), "HostConfig.Binds", name="")
        ident = level.passes(watchtower(web()), name="")
        rename(level, ident, "web")
        equal(level.ask("POST", f"/containers/{ident}/start").status, 204, "start")


@suite.test("stop, remove, create without a name and start, all sent at once by a client that sends no more")
def _():
    with Level(web()) as level:
        raw = json.dumps(body_of(web())).encode()
        level.send(request("POST", f"{V}/containers/{WEB}/stop") + request("DELETE", f"{V}/containers/{WEB}") + request("POST", f"{V}/containers/create", "Content-Type: application/json", body=raw) + request("POST", f"{V}/containers/{1:064x}/start"))
        level.client.half_close()
        equal([read_response(level.client, method).status for method in ("POST", "DELETE", "POST", "POST")], [204, 204, 201, 204], "statuses")


@suite.test("Watchtower's fork and itself: rename, create without a name, rename")
def _():
    with Level(web()) as level:
        rename(level, WEB, "xyz")
        rename(level, level.passes(watchtower(web()), name=""), "web")


@suite.test("Watchtower's fork: 40 containers are stopped and removed before the first is created without a name")
def _():
    many = [inspection(f"c{n}", f"{n:02x}" * 32, host={"Memory": n << 20, "MemorySwap": n << 21}) for n in range(1, 41)]
    with Level(*many) as level:
        for one in many:
            level.gone(one["Id"])
        for one in reversed(many):
            rename(level, level.passes(watchtower(one), name=""), one["Name"][1:])


@suite.test("a create without a name stands for one container as a whole, and for each once")
def _():
    other = inspection("db", DB, host={"Privileged": True, "Binds": ["/var:/var"]})
    with Level(web(), other, inspection("idle", "d" * 64, host={"PidMode": "host"})) as level:
        level.refused(body_of(web()), "no [workload] binds", "recreate: no container of that name was seen on this connection", name="")
        level.gone(WEB)
        level.gone(DB)
        level.refused(of(web(), Privileged=True), "HostConfig.", name="")
        level.refused(of(other, Binds=["/etc/ssl:/ssl:ro", "data:/data"]), "HostConfig.", name="")
        level.refused(of(web(), PidMode="host"), "HostConfig.", name="")
        level.refused(body_of(web(), Cmd=["sh"]), "", name="")
        level.refused(body_of(web(), Image="alpine"), "no [workload] binds", "recreate: no container", name="")
        level.passes(body_of(other), name="")
        level.passes(body_of(web()), name="")
        level.refused(body_of(web()), "no [workload] binds", name="")
        level.refused(body_of(other), "no [workload] binds", name="")


# Whose networks

@suite.test("another container that gets the name of the one that was made anew does not get its addresses")
def _():
    with Level(web(), inspection("db", DB, networks={})) as level:
        level.gone()
        rename(level, DB, "web")
        contains(is_denial(connect(level, "front", DB, FIXED), 403).message, "IPv4Address", "not made anew")
    with Level(web(), inspection("db", DB, networks={})) as level:
        level.gone()
        ident = level.passes(body_of(web()))
        rename(level, ident, "away")
        rename(level, DB, "web")
        contains(is_denial(connect(level, "front", DB, FIXED), 403).message, "IPv4Address", "renamed behind it")
        equal(connect(level, "front", ident, FIXED).status, 200, "the right one")


@suite.test("a container of other code under the old one's name does not get its addresses")
def _():
    with Level(web()) as level:
        level.gone()
        ident = level.passes({"Image": "alpine", "Cmd": ["sh"]})
        contains(is_denial(connect(level, "front", ident, FIXED), 403).message, "IPv4Address", "message")


@suite.test("a container that is named by its name, or the beginning of its id, gets no addresses: either can be another's in a moment")
def _():
    with Level(web()) as level:
        level.gone()
        ident = level.passes(body_of(web()))
        for name in ("web", ident[:12], ident[:63], ident.upper() if ident.upper() != ident else "WEB", ident + "0"):
            contains(is_denial(connect(level, "front", name, FIXED), 403).message, "IPv4Address", name)
        equal(connect(level, "front", ident, FIXED).status, 200, "by its id")


@suite.test("nobody can be called as the id of a container that is gone, and get its addresses")
def _():
    with Level(web(), inspection("db", DB, networks={})) as level:
        level.gone()
        equal(level.ask("POST", f"/containers/{DB}/rename?name={WEB}").status, 403, "rename")
        equal(level.create({"Image": "alpine"}, WEB).status, 403, "create")


@suite.test("a container that needs nothing else of the old one gets its addresses when it is the same")
def _():
    plain = {"Binds": None, "CapAdd": None, "Devices": [], "Mounts": None, "PortBindings": {}, "RestartPolicy": {"Name": "no"}}
    two = {**web()["NetworkSettings"]["Networks"], "back": {"IPAMConfig": {"IPv4Address": "172.21.0.9"}, "NetworkID": "a" * 64}}
    one = web(host=plain, networks=two)
    with Level(one) as level:
        level.gone()
        made = body_of(one)
        made["NetworkingConfig"]["EndpointsConfig"] = {"front": {}}
        ident = level.passes(made)
        equal(connect(level, "back", ident, {"IPAMConfig": {"IPv4Address": "172.21.0.9"}}).status, 200, "the second network")
    with Level(one) as level:
        level.gone()
        ident = level.passes({**made, "Cmd": ["sh"]})
        contains(is_denial(connect(level, "back", ident, {"IPAMConfig": {"IPv4Address": "172.21.0.9"}}), 403).message, "IPv4Address", "another command")


@suite.test("Portainer undoes what it did: the old container gets its name and its addresses back")
def _():
    with Level(web(), lines=LINES + "[networks]\nforce = yes\n") as level:
        equal(level.ask("POST", f"/containers/{WEB}/stop").status, 204, "stop")
        rename(level, WEB, "web-old")
        level.ask("POST", f"/networks/{'f' * 64}/disconnect", {"Container": WEB, "Force": True})
        rename(level, WEB, "web")
        endpoint = web()["NetworkSettings"]["Networks"]["front"]
        equal(connect(level, "f" * 64, WEB, endpoint).status, 200, "connect")


for name, head, raw in (("in one piece", "Content-Length: %d", b'{"Id":"%s","Warnings":[]}\n'), ("in small chunks", "Transfer-Encoding: chunked", b'{"Warnings":null,"Id":"%s"}'), ("that is long", "Content-Length: %d", b'{"Id":"%s","Warnings":["' + b"w" * 5000 + b'"]}'), ("that is no JSON", "Content-Length: %d", b'{"Id":"%s"'), ("without an id", "Content-Length: %d", b'{"id":"%s"}')):
    @suite.test(f"the id of the new container from an answer {name}")
    def _(name=name, head=head, raw=raw):
        known = name in ("in one piece", "in small chunks")
        text = raw % NEW.encode()
        pieces = b"".join(b"%x\r\n%s\r\n" % (len(text[at:at + 7]), text[at:at + 7]) for at in range(0, len(text), 7)) + b"0\r\n\r\n"
        with Level(web()) as level:
            level.gone()
            level.docker.raw[f"POST {V}/containers/create"] = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" + (head % len(text) if "%d" in head else head).encode() + b"\r\n\r\n" + (text if "%d" in head else pieces)
            got = level.create(body_of(web()))
            equal((got.status, got.body), (201, text), "what the client got")
            equal(connect(level, "front", NEW, FIXED).status, 200 if known else 403, "connect")
            level.refused(body_of(web()), "no [workload] binds")   # once, even so


# Whose name

SHARED = [{"Type": "bind", "Source": "/etc", "Destination": "/etc-of-host", "Mode": "ro", "RW": False, "Propagation": "rprivate"}]
SECRET = [{"Type": "bind", "Source": "/var/log", "Destination": "/secret", "Mode": "", "RW": True, "Propagation": "rprivate"}]
# What the engine tells of it, what a tool asks for, and what the engine is to get.
JOINS = {"network": ("NetworkMode", f"container:{VPN}", "container:vpn", f"container:{VPN}"), "IPC": ("IpcMode", f"container:{VPN}", "container:vpn", f"container:{VPN}"),
         "processes": ("PidMode", f"container:{VPN}", "container:/vpn", f"container:{VPN}"), "mounts": ("VolumesFrom", ["vpn:ro"], ["vpn:ro"], [f"{VPN}:ro"])}


def joined(field, told):
    return web(host={field: told}, networks={}) | {"Mounts": SHARED}, inspection("vpn", VPN) | {"Mounts": SHARED}, inspection("vault", DB) | {"Mounts": SECRET}


for what, (field, told, named, settled) in JOINS.items():
    @suite.test(f"the {what} of another container: that one's, not of one that gets its name")
    def _(field=field, told=told, named=named, settled=settled):
        one, vpn, vault = joined(field, told)
        with Level(one, vpn, vault) as level:
            level.gone()
            level.passes(of(one, **{field: named}), **{field: settled})
        one, vpn, vault = joined(field, told)
        with Level(one, vpn, vault) as level:
            level.gone()
            rename(level, VPN, "gone")
            rename(level, DB, "vpn")
            level.refused(of(one, **{field: named}), f"HostConfig.{field}")
            level.passes(of(one, **{field: settled}))
        one, vpn, vault = joined(field, told)
        with Level(one, vpn, vault) as level:
            level.gone()
            for other in ("vault", DB, "none"):
                level.refused(of(one, **{field: json.loads(json.dumps(named).replace("vpn", other))}), f"HostConfig.{field}")

    @suite.test(f"the {what} of another container: renamed before dsp asks, it is not another's")
    def _(field=field, told=told, named=named, settled=settled):
        one, vpn, vault = joined(field, told)
        with Level(one, vpn, vault) as level:
            rename(level, VPN, "gone")
            rename(level, DB, "vpn")
            level.gone()
            level.refused(of(one, **{field: named}), f"HostConfig.{field}")
            level.refused(of(one, **{field: json.loads(json.dumps(settled).replace(VPN, DB))}), f"HostConfig.{field}")

    @suite.test(f"the {what} of another container: renamed behind the question, the engine is told the id")
    def _(field=field, told=told, named=named, settled=settled):
        def swap(docker, line):
            if line.startswith(f"POST {V}/containers/create"):
                docker.containers[VPN]["Name"], docker.containers[DB]["Name"] = "/gone", "/vpn"
        one, vpn, vault = joined(field, told)
        with Level(one, vpn, vault) as level:
            level.gone()
            level.docker.hook = swap
            level.passes(of(one, **{field: named}), **{field: settled})

    @suite.test(f"the {what} of another container that was made anew as well: the new one's, by its name or by the old id")
    def _(field=field, told=told, named=named, settled=settled):
        for asked in (named, settled):
            one, vpn, _ = joined(field, told)
            with Level(one, vpn) as level:
                level.gone()
                level.gone(VPN)
                ident = level.passes(body_of(vpn), "vpn")
                level.passes(of(one, **{field: asked}), **{field: json.loads(json.dumps(settled).replace(VPN, ident))})

    @suite.test(f"the {what} of another container that was made anew, as no other: of other code under its name")
    def _(field=field, told=told, named=named):
        one, vpn, _ = joined(field, told)
        with Level(one, vpn) as level:
            level.gone()
            level.gone(VPN)
            level.passes({"Image": "alpine", "HostConfig": {}}, "vpn")
            level.refused(of(one, **{field: named}), f"HostConfig.{field}")


MORE = {"more": SHARED + SECRET, "one that can be written to": [{**SHARED[0], "RW": True}], "one of elsewhere": [{**SHARED[0], "Source": "/"}], "one to elsewhere": [{**SHARED[0], "Destination": "/"}],
        "a volume": [{**SHARED[0], "Type": "volume", "Name": "etc"}], "one whose changes the host sees": [{**SHARED[0], "Propagation": "rshared"}], "none that it tells": None}
for what, mounts in MORE.items():
    @suite.test(f"the mounts of a container that has the name, and {what}, are not lent")
    def _(mounts=mounts):
        one = web(host={"VolumesFrom": ["vpn"]}, networks={}) | {"Mounts": SHARED}
        with Level(one, inspection("vpn", VPN) | {"Mounts": mounts}) as level:
            level.gone()
            level.refused(of(one), "HostConfig.VolumesFrom")


@suite.test("the mounts of another container can be lent read-only, where it has them to write to")
def _():
    one = web(host={"VolumesFrom": ["vpn:ro"]}, networks={}) | {"Mounts": SHARED}
    with Level(one, inspection("vpn", VPN) | {"Mounts": [{**SHARED[0], "RW": True}]}) as level:
        level.gone()
        level.refused(of(one, VolumesFrom=["vpn"]), "HostConfig.VolumesFrom")
        level.passes(of(one), VolumesFrom=[f"{VPN}:ro"])


@suite.test("links, which the engine tells by names alone, are the policy's: as the engine tells them, or as Watchtower or its fork make them of that")
def _():
    told = ["/db:/web/store", "/cache:/web/cache"]
    one = web(host={"Links": told})
    with Level(one, inspection("db", DB), inspection("cache", "c" * 64)) as level:
        level.gone()
        level.refused(body_of(one), "HostConfig.Links is not allowed by policy ci (no [workload] links)")
        level.refused(of(one, Links=["/db:/store", "/cache:/cache"]), "no [workload] links")
    for links in (told, ["/cache:/cache", "/db:/store"], ["db:store", "cache:cache"], ["cache:/web/cache", "db:/web/store"], ["cache", "db:store"]):
        with Level(copy.deepcopy(one), lines=LINES + "links = db:* cache:*\n") as level:
            level.gone()
            level.passes(of(one, Links=links), Links=["cache:cache" if "cache" in link else "db:store" for link in links])
    with Level(one, lines=LINES + "links = db:* cache:*\n") as level:
        level.gone()
        for links in (["/db:/store"], ["/db:/store", "/vault:/cache"], ["/db:/other", "/cache:/cache"], ["/db:/store", "/cache:/cache", "/vault:/v"], ["/db:/store", "/db:/store"], ["/db:/store", "/cache:"]):
            level.refused(of(one, Links=links), "HostConfig.Links")


@suite.test("the mounts of a container that volumes-from names: by its name, as the engine keeps it, and whichever has it")
def _():
    one = web(host={"VolumesFrom": ["vpn:ro"]})
    with Level(one, inspection("vpn", VPN), inspection("vault", DB), lines=LINES + "volumes-from = vpn:*\n") as level:
        level.gone()
        rename(level, VPN, "gone")
        level.passes(of(one))
        level.gone("web")
        level.refused(of(one, VolumesFrom=["vault:ro"]), "HostConfig.VolumesFrom")


@suite.test("a container that names one that is gone is not made anew: nobody can tell whom the engine will find")
def _():
    for raw in ("container:vpn", "container:" + VPN):
        one = web(host={"NetworkMode": raw}, networks={})
        with Level(one) as level:
            level.gone()
            level.refused(of(one), "HostConfig.NetworkMode names a container that is not there, asks policy ci ([workload] recreate)")


@suite.test("more references than 32 are not settled, and not lent")
def _():
    one = web(host={"VolumesFrom": ["vpn:ro"] * 33})
    with Level(one, inspection("vpn", VPN)) as level:
        level.gone()
        level.refused(of(one), "HostConfig")


@suite.test("500 containers that name others made anew, half of them without a name, with as many refusals: no growth in memory")
def _():
    one, vpn = web(host={"NetworkMode": f"container:{VPN}", "VolumesFrom": ["vpn:ro"]}), inspection("vpn", VPN)
    settled = {"NetworkMode": f"container:{VPN}", "VolumesFrom": [f"{VPN}:ro"]}
    with Level(one, vpn) as level:
        def some(count):
            for n in range(count):
                level.gone("web")
                level.refused(of(one, Privileged=True))
                level.refused(of(one, PidMode="container:gone"), name="")
                ident = level.passes(of(one), name="web" if n % 2 else "", **settled)
                equal(connect(level, "front", ident, FIXED).status, 200, "connect")
                is_denial(connect(level, "front", VPN, FIXED), 403)
                rename(level, ident, "web")
        some(100)
        before = level.dsp.resident()
        some(400)
        true(level.dsp.resident() - before <= 128, f"{before} kB, then {level.dsp.resident()} kB")


# Which code

OWN = {"Entrypoint": ["/own"], "Cmd": ["serve"]}


@suite.test("an empty entrypoint is none, not the image's: the command would run without it")
def _():
    with Level(web()) as level:
        level.gone()
        for sent in ([], [""]):
            level.refused(body_of(web(), Entrypoint=sent), "Entrypoint is to be what")
            level.refused(body_of(web(), Entrypoint=sent, Cmd=None), "Entrypoint is to be what")
        level.passes(watchtower(web()))


@suite.test("an entrypoint without a command runs without the image's command")
def _():
    with Level(web()) as level:
        level.gone()
        for sent in (None, []):
            level.refused(body_of(web(), Cmd=sent), "Cmd is to be what")
        level.passes(body_of(web(), Entrypoint=None, Cmd=None))


@suite.test("a command of the old image does not run under an entrypoint of the newer, nor the other way round")
def _():
    newer = {"Config": {"User": "101", "Env": NGINX["Config"]["Env"], "Entrypoint": ["/new"], "Cmd": ["new"]}}
    with Level(web(), images={**IMAGES, "nginx:2": newer}) as level:
        level.gone()
        old = NGINX["Config"]
        for entrypoint, cmd in ((["/new"], old["Cmd"]), (old["Entrypoint"], ["new"]), (None, old["Cmd"])):
            level.refused(body_of(web(), Image="nginx:2", Entrypoint=entrypoint, Cmd=cmd), "is to be what")
        level.passes(body_of(web(), Image="nginx:2", Entrypoint=["/new"], Cmd=["new"]))
    for entrypoint, cmd in ((old["Entrypoint"], old["Cmd"]), (None, None)):
        with Level(web(), images={**IMAGES, "nginx:2": newer}) as level:
            level.gone()
            level.passes(body_of(web(), Image="nginx:2", Entrypoint=entrypoint, Cmd=cmd))


@suite.test("a container whose entrypoint was taken away is made anew without one")
def _():
    one = web(config={"Entrypoint": None, "Cmd": ["sh"]})
    with Level(one) as level:
        level.gone()
        level.refused(body_of(one), "Entrypoint is to be what")
        level.passes(body_of(one, Entrypoint=[]))
    with Level(one) as level:
        level.gone()
        level.passes(body_of(one, Entrypoint=[""]))


@suite.test("a container with a command of its own keeps the image's entrypoint, and one with both keeps both")
def _():
    for config, sent in (({"Cmd": ["serve"]}, {"Entrypoint": None}), (OWN, {}), ({"Entrypoint": ["/own"], "Cmd": None}, {})):
        one = web(config=config)
        with Level(one) as level:
            level.gone()
            level.passes(body_of(one, Image="nginx:1.28", **sent))


# What else there is to be had

@suite.test("a container that publishes all ports publishes none more")
def _():
    one = web(host={"PublishAllPorts": True, "PortBindings": {}})
    images = {**IMAGES, "nginx:2": {"Config": {**NGINX["Config"], "ExposedPorts": {"8443/tcp": {}}}}}
    with Level(one, images=images) as level:
        level.gone()
        level.refused(body_of(one, ExposedPorts={"80/tcp": {}, "22/tcp": {}}), "ExposedPorts is to be what the existing container has")
        level.passes(body_of(one, ExposedPorts={"80/tcp": {}, "8443/tcp": {}}, Image="nginx:2"))
    with Level(web()) as level:
        level.gone()
        level.passes(body_of(web(), ExposedPorts={"22/tcp": {}}))


@suite.test("a container without a network is made anew without one")
def _():
    one = web(config={"NetworkDisabled": True})
    with Level(one) as level:
        level.gone()
        for sent in (False, None):
            level.refused(body_of(one, NetworkDisabled=sent), "NetworkDisabled is to be what the existing container has")
        level.passes(body_of(one))


def under(level, version, body):
    """Stops, removes and creates under a version of the API."""
    for method, target in (("POST", f"/{version}/containers/{WEB}/stop"), ("DELETE", f"/{version}/containers/{WEB}"), ("POST", f"/{version}/containers/create?name=web")):
        raw = json.dumps(body).encode() if "create" in target else None
        level.send(request(method, target, *(["Content-Type: application/json"] if raw else []), body=raw))
        got = read_response(level.client, method)
    return got


@suite.test("a version of the API that leaves out a restriction is not taken: a bind's non-recursive, annotations")
def _():
    bound = {"Mounts": [{"Type": "bind", "Source": "/srv", "Target": "/srv", "BindOptions": {"NonRecursive": True}}]}
    for host, field, good, bad in ((bound, "Mounts", "v1.40", "v1.39"), ({"Annotations": {"sandbox": "strict"}}, "Annotations", "v1.43", "v1.42")):
        one = web(host=host)
        with Level(one) as level:
            contains(is_denial(under(level, bad, body_of(one)), 403).message, f"HostConfig.{field} is left out by this version of the API, asks policy ci ([workload] recreate)", "message")
        with Level(one) as level:
            equal(under(level, good, body_of(one)).status, 201, "status")
    with Level(web()) as level:
        equal(under(level, "v1.25", body_of(web())).status, 201, "without either")


@suite.test("capabilities as Docker's client in Go writes them since version 28: in order, with CAP_, each once; no others")
def _():
    one = web(host={"CapAdd": ["NET_RAW", "SYS_TIME", "NET_ADMIN"], "CapDrop": ["mknod"]})
    for add, drop in ((["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_TIME"], ["CAP_MKNOD"]), (["net_raw", "NET_RAW", "SYS_TIME", "NET_ADMIN"], ["MKNOD"])):
        with Level(one) as level:
            level.gone()
            for other in (add + ["CAP_SYS_ADMIN"], add[:1], ["ALL"], ["CAP_CAP_NET_RAW", *add[1:]]):
                level.refused(of(one, CapAdd=other, CapDrop=drop), "HostConfig.CapAdd")
            level.refused(of(one, CapAdd=add, CapDrop=[]), "HostConfig.CapDrop")
            level.passes(of(one, CapAdd=add, CapDrop=drop))


if __name__ == "__main__":
    sys.exit(suite.main())
