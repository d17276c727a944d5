"""Many connections: nothing may grow, fail or stay."""
import json
import os

from tap import diagnose, equal, eventually, true

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS = int(os.environ.get("DSP_TEST_CONNECTIONS", "10000"))
REQUESTS = 10000
OK = "HTTP/1.1 200 OK"


def register(suite, host):
    test = suite.test

    def flood(mode, level, count, timeout=600):
        host.copy_in(os.path.join(HERE, "flood.py"), "/root/flood.py")
        return json.loads(host.do("python3", "/root/flood.py", mode, f"/run/dsp/{level}.sock", str(count), timeout=timeout))

    def healthy(level):
        host.all_gone(30)
        equal(host.property(f"dsp-{level}.socket", "ActiveState", "SubState", "Result"),
              {"ActiveState": "active", "SubState": "listening", "Result": "success"}, "socket unit")
        equal(host.do("systemctl", "list-units", "--failed", "--all", "--plain", "--no-legend", "dsp-*").strip(), "", "failed units")

    @test("load: 500 connections at once are all served, and the socket unit does not mind", limit=180)
    def _():
        result = flood("burst", "traefik", 500)
        diagnose(f"{result['seconds']:.1f} s for 500 connections at once")
        equal(result["answers"], {OK: 500}, "answers")
        healthy("traefik")

    @test("load: more than 200 connections within two seconds do not fail the socket unit", limit=120)
    def _():
        # systemd's default trigger limit; those clients go away at once, which is the fastest way to make many.
        for _ in range(400):
            host.connect("traefik").close()
        equal(host.curl("traefik", "/_ping")[0], 200, "status afterwards")
        healthy("traefik")

    @test(f"load: {CONNECTIONS} connections, one after another by four clients, leave no process, no unit and no growth of systemd", limit=1500)
    def _():
        flood("serial", "traefik", 200)      # what systemd allocates once
        healthy("traefik")
        before = _weight(host, host.leader)
        result = flood("serial", "traefik", CONNECTIONS, timeout=1400)
        diagnose(f"{1000 * result['seconds'] / CONNECTIONS:.1f} ms a connection, request included")
        equal(result["answers"], {OK: CONNECTIONS}, "answers")
        healthy("traefik")
        after = _weight(host, host.leader)
        diagnose(f"systemd before {before}, after {after}")
        true(after["descriptors"] <= before["descriptors"] + 5, f"systemd's descriptors grew: {before}, {after}")
        true(after["kilobytes"] <= before["kilobytes"] + 8192, f"systemd's memory grew: {before}, {after}")

    @test(f"load: {REQUESTS} requests on one connection, allowed and denied, make its process no bigger", limit=300)
    def _():
        host.all_gone()
        requests = [b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n", b"GET /images/json HTTP/1.1\r\nHost: d\r\n\r\n",
                    b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"]
        with host.connect("traefik") as client:
            def ask(count):
                statuses = set()
                for number in range(count):
                    client.sendall(requests[number % 3])
                    statuses.add((number % 3, host.answer(client)[0]))
                equal(statuses, {(0, 200), (1, 403), (2, 403)}, "statuses")
            ask(300)
            pid = f"/proc/{eventually(host.processes, 5, 'the process')[0]}"
            before = _weight(host, host.path(pid))
            ask(REQUESTS)
            after = _weight(host, host.path(pid))
        diagnose(f"dsp before {before}, after {after}")
        equal(after["descriptors"], before["descriptors"], "descriptors")
        true(after["kilobytes"] <= before["kilobytes"] + 64, f"memory grew: {before}, {after}")
        healthy("traefik")


def _weight(host, process):
    """Memory and descriptors of a process, given by its pid here or its folder in a /proc."""
    folder = process if isinstance(process, str) else f"/proc/{process}"
    with open(f"{folder}/status") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    return {"kilobytes": resident, "descriptors": len(os.listdir(f"{folder}/fd"))}
