#!/usr/bin/env python3
"""A stand-in for dockerd: a few believable answers of the Engine API over a Unix socket, for trying dsp without Docker.

    tests/lib/standin.py --socket PATH [--requests FILE]

It serves `docker version`, `info`, `ps`, `inspect`, `logs`, `events`, `images`, `run -d`-like creates and starts, exec and attach
(an echo), and answers 404 as dockerd does to the rest. `--requests` appends each request line to a file. It keeps nothing but the
containers that were created. It is no filter and no sandbox: everything that reaches it is answered.
"""
import argparse
import json
import os
import re
import signal
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

API = "1.41"
NOW = "2026-11-22T02:27:16.000000000Z"
IMAGE = "sha256:" + "5e" * 32


def container(ident, name, image="nginx:1.27", state="running", labels=None):
    return {"Id": ident, "Name": name, "Image": image, "State": state, "Labels": labels or {}, "Command": "nginx -g 'daemon off;'"}


CONTAINERS = {
    "3f4e" + "a1" * 30: ("web", {"traefik.enable": "true", "traefik.http.routers.web.rule": "Host(`web.example`)"}),
    "9c2b" + "b2" * 30: ("db", {"com.example.secret": "no"}),
}
CONTAINERS = {ident: container(ident, name, labels=labels) for ident, (name, labels) in CONTAINERS.items()}
LOCK = threading.Lock()


def find(name):
    name = name.lstrip("/")
    for ident, one in CONTAINERS.items():
        if name in (ident, one["Name"]) or (len(name) >= 4 and ident.startswith(name)):
            return one
    return None


def summary(one):
    return {"Id": one["Id"], "Names": ["/" + one["Name"]], "Image": one["Image"], "ImageID": IMAGE, "Command": one["Command"], "Created": 1795314436,
            "Ports": [{"PrivatePort": 80, "Type": "tcp"}], "Labels": one["Labels"], "State": one["State"], "Status": "Up 2 hours" if one["State"] == "running" else "Created",
            "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}, "Mounts": []}


def inspection(one):
    running = one["State"] == "running"
    return {"Id": one["Id"], "Created": NOW, "Path": "nginx", "Args": [], "Name": "/" + one["Name"], "Image": IMAGE, "RestartCount": 0, "Driver": "overlay2", "Platform": "linux",
            "State": {"Status": one["State"], "Running": running, "Paused": False, "Restarting": False, "OOMKilled": False, "Dead": False, "Pid": 4242 if running else 0,
                      "ExitCode": 0, "Error": "", "StartedAt": NOW, "FinishedAt": "0001-01-01T00:00:00Z"},
            "HostConfig": {"NetworkMode": "bridge", "Binds": None, "Privileged": False, "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}, "Mounts": [],
            "Config": {"Hostname": one["Id"][:12], "Env": ["PATH=/usr/bin:/bin", "PASSWORD=hunter2"], "Cmd": ["nginx"], "Image": one["Image"], "Labels": one["Labels"], "Tty": False},
            "NetworkSettings": {"Ports": {"80/tcp": None}, "Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}}


VERSION = {"Platform": {"Name": "dsp stand-in"}, "Components": [], "Version": "20.10.24", "ApiVersion": API, "MinAPIVersion": "1.12", "GitCommit": "standin", "GoVersion": "none",
           "Os": "linux", "Arch": "amd64", "KernelVersion": os.uname().release, "BuildTime": NOW}


def info():
    running = sum(one["State"] == "running" for one in CONTAINERS.values())
    return {"ID": "DSP:STAND:IN", "Containers": len(CONTAINERS), "ContainersRunning": running, "ContainersPaused": 0, "ContainersStopped": len(CONTAINERS) - running, "Images": 1,
            "Driver": "overlay2", "DriverStatus": [], "SystemTime": NOW, "LoggingDriver": "json-file", "CgroupDriver": "systemd", "CgroupVersion": "2", "KernelVersion": os.uname().release,
            "OperatingSystem": "dsp stand-in engine", "OSType": "linux", "Architecture": "x86_64", "NCPU": 2, "MemTotal": 4 << 30, "DockerRootDir": "/var/lib/docker", "Name": "standin",
            "ServerVersion": "20.10.24", "Swarm": {"LocalNodeState": "inactive"}, "SecurityOptions": [], "Warnings": None, "Plugins": {}, "RegistryConfig": {}, "Runtimes": {}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Docker/20.10.24"
    sys_version = "(linux)"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def log_request(self, *_):
        if self.server.requests:
            with LOCK, open(self.server.requests, "a", encoding="utf-8") as file:
                file.write(self.requestline + "\n")

    # Answers

    def head(self, status, **fields):
        self.send_response(status)
        for name, value in {"Api-Version": API, "Docker-Experimental": "false", "Ostype": "linux", **fields}.items():
            self.send_header(name.replace("_", "-"), value)

    def whole(self, status, data, kind="application/json", **fields):
        self.head(status, Content_Type=kind, Content_Length=str(len(data)), **fields)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def json(self, value, status=200):
        data = json.dumps(value).encode() + b"\n"
        if len(data) <= 2048:
            return self.whole(status, data)
        self.chunks(status, [data])

    def chunks(self, status, pieces, kind="application/json"):
        self.head(status, Content_Type=kind, Transfer_Encoding="chunked")
        self.end_headers()
        self.wfile.flush()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def error(self, status, message):
        self.json({"message": message}, status)

    def empty(self, status=204):
        self.head(status)
        self.end_headers()

    def body(self):
        if self.headers.get("Transfer-Encoding"):
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def hijack(self, first):
        """Raw bytes both ways: what comes is sent back as standard output."""
        upgraded = self.headers.get("Upgrade") is not None
        self.wfile.write(b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" if upgraded
                         else b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n")
        self.close_connection = True
        data = first
        while data:
            self.wfile.write(b"\1\0\0\0" + len(data).to_bytes(4, "big") + data)
            self.wfile.flush()
            data = self.rfile.read1(65536)

    # Requests

    def answer(self):
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = re.sub(r"\A/v[0-9.]+(?=/)", "", unquote(parts.path))
        self.content = self.body() if self.command in ("POST", "PUT", "DELETE") else b""
        for method, pattern, function in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and self.command in method.split("|"):
                return function(self, *match.groups())
        self.error(404, "page not found")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def ping(self):
        self.whole(200, b"OK", "text/plain; charset=utf-8", Builder_Version="1", Swarm="inactive", Pragma="no-cache", Cache_Control="no-cache, no-store, must-revalidate")

    def list(self):
        every = self.query.get("all", "0").lower() not in ("", "0", "no", "false", "none")
        self.json([summary(one) for one in list(CONTAINERS.values()) if every or one["State"] == "running"])

    def create(self):
        try:
            wanted = json.loads(self.content)
        except ValueError:
            return self.error(400, "invalid JSON")
        ident = os.urandom(32).hex()
        CONTAINERS[ident] = container(ident, self.query.get("name", "created_" + ident[:6]), wanted.get("Image", ""), "created", wanted.get("Labels"))
        self.json({"Id": ident, "Warnings": []}, 201)

    def one(self, name, function):
        found = find(name)
        if found is None:
            return self.error(404, f"No such container: {name}")
        return function(found)

    def inspect(self, name):
        self.one(name, lambda found: self.json(inspection(found)))

    def act(self, name, action):
        def change(found):
            found["State"] = {"start": "running", "restart": "running", "unpause": "running", "pause": "paused"}.get(action, "exited")
            self.empty()
        self.one(name, change)

    def remove(self, name):
        def delete(found):
            del CONTAINERS[found["Id"]]
            self.empty()
        self.one(name, delete)

    def logs(self, name):
        def lines(_):
            def frames():
                for n in range(3):
                    text = f"line {n} of {name}\n".encode()
                    yield b"\1\0\0\0" + len(text).to_bytes(4, "big") + text
                while self.query.get("follow", "0") not in ("", "0", "false"):
                    time.sleep(1)
                    text = time.strftime("%H:%M:%S tick\n").encode()
                    yield b"\1\0\0\0" + len(text).to_bytes(4, "big") + text
            self.chunks(200, frames(), "application/vnd.docker.raw-stream")
        self.one(name, lines)

    def events(self):
        def stream():
            while True:
                at = time.time()
                yield json.dumps({"status": "start", "id": next(iter(CONTAINERS), ""), "from": "nginx:1.27", "Type": "container", "Action": "start", "scope": "local",
                                  "Actor": {"ID": next(iter(CONTAINERS), ""), "Attributes": {"image": "nginx:1.27", "name": "web"}}, "time": int(at), "timeNano": int(at * 1e9)}).encode() + b"\n"
                time.sleep(2)
        self.chunks(200, stream())

    def stats(self, name):
        def stream(_):
            sample = {"read": NOW, "name": "/" + name, "cpu_stats": {"cpu_usage": {"total_usage": 1}, "online_cpus": 2}, "precpu_stats": {}, "memory_stats": {"usage": 1 << 20}, "networks": {}}
            if self.query.get("stream", "1") in ("0", "false"):
                return self.json(sample)

            def samples():
                while True:
                    yield json.dumps(sample).encode() + b"\n"
                    time.sleep(1)
            self.chunks(200, samples())
        self.one(name, stream)

    def wait(self, name):
        self.one(name, lambda _: self.chunks(200, [b'{"StatusCode":0}\n']))

    def exec_create(self, name):
        self.one(name, lambda _: self.json({"Id": os.urandom(32).hex()}, 201))

    def exec_start(self, _):
        try:
            detach = json.loads(self.content or b"{}").get("Detach")
        except ValueError:
            return self.error(400, "invalid JSON")
        if detach:
            return self.whole(200, b"")
        self.hijack(b"hello from exec\n")

    def attach(self, name):
        self.one(name, lambda _: self.hijack(b"attached\n"))

    def archive(self, name):
        def stat(_):
            if self.command == "PUT":
                return self.whole(200, b"")
            self.whole(200, b"\0" * 10240, "application/x-tar", X_Docker_Container_Path_Stat="eyJuYW1lIjoiLyIsInNpemUiOjAsIm1vZGUiOjQ5MywibXRpbWUiOiIyMDI2LTExLTIyVDAwOjAwOjAwWiIsImxpbmtUYXJnZXQiOiIifQ==")
        self.one(name, stat)

    def pull(self):
        name = self.query.get("fromImage", "image")
        self.chunks(200, [json.dumps({"status": status}).encode() + b"\r\n" for status in (f"Pulling from {name}", f"Status: Image is up to date for {name}")])


ROUTES = (
    ("GET|HEAD", r"/_ping", Handler.ping), ("GET", r"/version", lambda self: self.json(VERSION)), ("GET", r"/info", lambda self: self.json(info())),
    ("GET", r"/events", Handler.events), ("GET", r"/containers/json", Handler.list), ("POST", r"/containers/create", Handler.create),
    ("GET", r"/containers/(.+)/json", Handler.inspect), ("GET", r"/containers/(.+)/logs", Handler.logs), ("GET", r"/containers/(.+)/stats", Handler.stats),
    ("GET", r"/containers/(.+)/top", lambda self, name: self.one(name, lambda _: self.json({"Titles": ["PID", "CMD"], "Processes": [["1", "nginx"]]}))),
    ("GET", r"/containers/(.+)/changes", lambda self, name: self.one(name, lambda _: self.json([]))),
    ("GET|HEAD|PUT", r"/containers/(.+)/archive", Handler.archive),
    ("POST", r"/containers/(.+)/(start|stop|restart|kill|pause|unpause)", Handler.act), ("POST", r"/containers/(.+)/wait", Handler.wait),
    ("POST", r"/containers/(.+)/resize", lambda self, _: self.empty(200)), ("POST", r"/containers/(.+)/exec", Handler.exec_create), ("POST", r"/containers/(.+)/attach", Handler.attach),
    ("DELETE", r"/containers/(.+)", Handler.remove), ("POST", r"/exec/(.+)/start", Handler.exec_start),
    ("GET", r"/exec/(.+)/json", lambda self, ident: self.json({"ID": ident, "Running": False, "ExitCode": 0, "ContainerID": next(iter(CONTAINERS), "")})),
    ("GET", r"/images/json", lambda self: self.json([{"Id": IMAGE, "ParentId": "", "RepoTags": ["nginx:1.27"], "RepoDigests": [], "Created": 1795314436, "Size": 190000000, "VirtualSize": 190000000,
                                                       "SharedSize": -1, "Labels": {}, "Containers": -1}])),
    ("GET", r"/images/(.+)/json", lambda self, name: self.json({"Id": IMAGE, "RepoTags": [name], "Os": "linux", "Architecture": "amd64", "Config": {"Env": []}, "RootFS": {"Type": "layers"}})),
    ("POST", r"/images/create", Handler.pull), ("POST", r"/images/load", lambda self: self.json({"stream": f"Loaded {len(self.content)} bytes\n"})),
    ("GET", r"/networks/?", lambda self: self.json([{"Name": "bridge", "Id": "b" * 64, "Scope": "local", "Driver": "bridge", "IPAM": {"Config": []}, "Containers": {}, "Options": {}, "Labels": {}}])),
    ("GET", r"/volumes", lambda self: self.json({"Volumes": [], "Warnings": None})), ("GET", r"/plugins", lambda self: self.json([])),
    ("GET", r"/system/df", lambda self: self.json({"LayersSize": 0, "Images": [], "Containers": [], "Volumes": [], "BuildCache": []})),
    ("GET", r"/(services|tasks|nodes|secrets|configs|swarm)", lambda self, _: self.error(503, "This node is not a swarm manager.")),
)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128
    requests = None

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("unix", 0)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that went is no news
            super().handle_error(request, client_address)


def serve(path, requests=None):
    """A server on `path`, which is made anew; `serve_forever()` runs it."""
    if os.path.exists(path):
        os.unlink(path)
    server = Server(path, Handler)
    server.requests = requests
    return server


def main():
    parser = argparse.ArgumentParser(description="A stand-in Docker engine for trying dsp.")
    parser.add_argument("--socket", required=True, help="the Unix socket to listen on; an old one is replaced")
    parser.add_argument("--requests", help="append each request line to this file")
    options = parser.parse_args()
    server = serve(options.socket, options.requests)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"stand-in engine on {options.socket}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        os.unlink(options.socket)


if __name__ == "__main__":
    main()
