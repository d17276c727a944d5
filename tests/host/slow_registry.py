"""
Runs inside the host: a registry on 127.0.0.1 with one image, `slow`, whose one layer never comes to its end.

    slow_registry.py PORT
"""
import hashlib
import http.server
import json
import sys
import time

LAYER_SIZE = 1 << 30
CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]}}).encode()
LAYER = "sha256:" + "2" * 64


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


MANIFEST = json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(CONFIG), "digest": digest(CONFIG)},
    "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": LAYER_SIZE, "digest": LAYER}]}).encode()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if self.path == "/v2/":
            self.answer(b"{}", "application/json")
        elif "/manifests/" in self.path:
            self.answer(MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
        elif self.path.endswith(digest(CONFIG)):
            self.answer(CONFIG, "application/octet-stream")
        else:
            self.drip()

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Length", str(LAYER_SIZE))
        self.end_headers()
        try:
            while self.command != "HEAD":
                self.wfile.write(bytes(65536))
                time.sleep(0.1)
        except OSError:
            pass

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Registry).serve_forever()
