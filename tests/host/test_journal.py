"""The journal: one record for each request, which tells all of it and cannot be forged."""
import time

from tap import contains, equal, eventually, lacks, true

FIELDS = ("DSP_POLICY", "DSP_OPERATION", "DSP_METHOD", "DSP_TARGET", "DSP_VERDICT", "DSP_RULE", "DSP_STATUS",
          "DSP_BYTES_IN", "DSP_BYTES_OUT", "DSP_DURATION_USEC", "DSP_PEER")
WARNING, NOTICE = "4", "5"


def register(suite, host):
    test = suite.test

    def one(level, path, *options, **match):
        """Makes one request and returns its one record."""
        after = host.cursor()
        host.curl(level, path, *options)
        time.sleep(0.2)      # a second record, if there were one
        records = eventually(lambda: host.records(after), 5, "a record")
        equal(len(records), 1, "number of records")
        equal([name for name in FIELDS if name not in records[0]], [], "absent fields")
        return records[0]

    @test("journal: an allowed request leaves one record with all fields, at notice")
    def _():
        record = one("traefik", "/v1.41/containers/json?all=1")
        wanted = {"DSP_POLICY": "traefik", "DSP_OPERATION": "ContainerList", "DSP_METHOD": "GET", "DSP_TARGET": "/v1.41/containers/json?all=1",
                  "DSP_VERDICT": "allowed", "DSP_STATUS": "200", "PRIORITY": NOTICE}
        equal({name: record[name] for name in wanted}, wanted, "record")
        contains(record["DSP_RULE"], "traefik.ini:", "the rule, as file and line")
        true(int(record["DSP_BYTES_OUT"]) > 0, "DSP_BYTES_OUT is not positive")
        true(0 < int(record["DSP_DURATION_USEC"]) < 20_000_000, f"DSP_DURATION_USEC={record['DSP_DURATION_USEC']}")
        int(record["DSP_BYTES_IN"])

    @test("journal: a denied request leaves one record with all fields, at warning")
    def _():
        record = one("traefik", "/v1.41/images/json")
        wanted = {"DSP_POLICY": "traefik", "DSP_OPERATION": "ImageList", "DSP_METHOD": "GET", "DSP_TARGET": "/v1.41/images/json",
                  "DSP_VERDICT": "denied", "DSP_STATUS": "403", "PRIORITY": WARNING}
        equal({name: record[name] for name in wanted}, wanted, "record")

    @test("journal: the message is one line that names operation, target and verdict's policy")
    def _():
        message = one("traefik", "/v1.41/images/json")["MESSAGE"]
        equal(message.count("\n"), 0, "line ends in the message")
        for part in ("ImageList", "/v1.41/images/json", "traefik"):
            contains(message, part, "message")

    @test("journal: a record tells who asked")
    def _():
        equal(one("traefik", "/_ping")["DSP_PEER"] != "", True)

    @test("journal: a record counts the bytes of a large answer")
    def _():
        host.container("loud", command=("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo; sleep 1000000"))
        time.sleep(0.5)
        record = one("readonly", "/v1.41/containers/loud/logs?stdout=1")
        true(300000 <= int(record["DSP_BYTES_OUT"]) < 400000, f"DSP_BYTES_OUT={record['DSP_BYTES_OUT']}")

    @test("journal: each of several requests on one connection has its own record")
    def _():
        after = host.cursor()
        with host.connect("traefik") as client:
            for path in ("/_ping", "/version", "/images/json", "/containers/json"):
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
                host.answer(client)
        host.all_gone()
        equal([record["DSP_OPERATION"] for record in host.records(after)], ["SystemPing", "SystemVersion", "ImageList", "ContainerList"], "operations")

    @test("journal: a malformed request is refused with 400 and recorded, its bytes made harmless")
    def _():
        after = host.cursor()
        with host.connect("traefik") as client:
            client.sendall(b"GET /x\x1b[2J\x01\xff HTTP/1.1\r\nHost: d\r\n\r\n")
            equal(host.answer(client)[0], 400, "status")
        records = eventually(lambda: host.records(after), 5, "a record")
        equal(len(records), 1, "number of records")
        equal(records[0]["DSP_STATUS"], "400")
        for name in FIELDS + ("MESSAGE",):
            # journalctl prints a field that is not plain text as a list of numbers.
            true(isinstance(records[0].get(name, ""), str) and records[0].get(name, "").isprintable(), f"{name} is {records[0].get(name)!r}")

    @test("journal: a target cannot forge a second record or field")
    def _():
        record = one("traefik", "/images/json?a=%0aDSP_VERDICT=allowed%0a")
        equal((record["DSP_VERDICT"], record["DSP_OPERATION"]), ("denied", "ImageList"), "verdict and operation")

    @test("journal: systemd adds no lines of its own for a connection")
    def _():
        after = host.cursor()
        host.curl("traefik", "/_ping")
        host.all_gone()
        said = "".join(entry["MESSAGE"] + "\n" for entry in host.entries(after) if entry.get("_PID") == "1")
        lacks(said, "dsp-traefik@", "what systemd says")
