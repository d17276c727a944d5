"""TLS with client certificates: stunnel in front, by the recipes of examples/tls, with real certificates."""
import contextlib
import re

from parents import EXAMPLES, Client, answers_fully, filters, listens, prepare, streams
from tap import contains, equal, eventually, true

FOLDER = f"{EXAMPLES}/tls"
TLS = "/etc/dsp/tls"
MAKE = f"{FOLDER}/make-certificates"
CHAIN, PINNED, SECOND = "127.0.0.1:2376", "127.0.0.1:2377", "127.0.0.1:2378"
FORGED = "/root/forged"      # authorities and certificates with the very names of the real ones
EXPIRED = "/root/expired"    # certificates that were good until 2021
# In that folder: signs the request of $1 with the certificate and key of the options.
EXPIRE = r"""
    expire()
    {
        mkdir $1; : >$1/index; echo 77 >$1/serial
        printf '%s\n' '[ca]' 'default_ca = d' '[d]' database=$1/index serial=$1/serial new_certs_dir=$1 default_md=sha256 policy=p \
            '[p]' O=optional OU=optional CN=supplied >$1/settings
        printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth >$1/extensions
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out $1/key.pem
        openssl req -new -key $1/key.pem -subj /O=dsp/CN=$1 -out $1/request.pem
        openssl ca -batch -config $1/settings -in $1/request.pem -out $1/cert.pem -notext -extfile $1/extensions \
            -startdate 20200101000000Z -enddate 20210101000000Z "${@:2}"
    }"""


def register(suite, host):
    test = suite.test

    def certificates():
        """Once: as the recipes say, and forged ones."""
        if host.ask("test", "-d", FORGED).returncode == 0:
            return
        host.sh(f"""
            {MAKE} server localhost 127.0.0.1 ::1
            for level in readonly traefik; do {MAKE} ca $level; {MAKE} client $level alice; done
            {MAKE} client readonly bob
            {MAKE} pin ci runner
            export DSP_TLS={FORGED}
            mkdir -p $DSP_TLS; cp -r {TLS}/server $DSP_TLS
            {MAKE} ca readonly; {MAKE} client readonly alice
            {MAKE} pin ci runner
            mkdir {EXPIRED}; cd {EXPIRED}
            {EXPIRE}
            expire alice -cert {TLS}/readonly/ca.pem -keyfile {TLS}/readonly/ca-key.pem
            expire runner -selfsign -keyfile runner/key.pem
            cat runner/cert.pem >>{TLS}/ci/pinned.pem""")

    @contextlib.contextmanager
    def stunnel(level, where, edit=lambda text: text):
        certificates()
        prepare(host)
        recipe = "ci" if level == "ci" else "readonly"
        text = edit(host.read(f"{FOLDER}/dsp-{recipe}.conf").replace(recipe, level))
        if level != "ci":
            # The recipe's commands, for another level with its name in place of `readonly`.
            host.sh(f"rm -rf /root/tls; mkdir /root/tls; sed 's/readonly/{level}/g' {FOLDER}/dsp-readonly.socket.conf >/root/tls/dsp-{level}.socket.conf")
            for command in re.findall(r"^#   ((?:groupadd|install|systemctl) .*?)(?:  +\(.*)?$", text, re.MULTILINE):
                host.sh(f"cd /root/tls; {command}" + (" || test $? = 9" if command.startswith("groupadd") else ""))
        host.write(f"/etc/stunnel/dsp-{level}.conf", text)
        host.sh(f"systemctl reset-failed; systemctl restart stunnel@dsp-{level}")
        try:
            eventually(lambda: listens(host, f"*:{where.rpartition(':')[2]}"), 10, f"stunnel's listener: {host.journal('-u', f'stunnel@dsp-{level}', '-n', '10')}")
            yield
        finally:
            host.ask("systemctl", "stop", f"stunnel@dsp-{level}")
            if level != "ci":
                host.sh(f"rm -rf /etc/systemd/system/dsp-{level}.socket.d; systemctl daemon-reload; systemctl reset-failed; systemctl restart dsp-{level}.socket")

    chain = lambda: stunnel("readonly", CHAIN)
    pinned = lambda: stunnel("ci", PINNED)
    second = lambda: stunnel("traefik", SECOND, lambda text: text.replace("2376", "2378"))

    def client(where, folder):
        return Client(host, f"tcp://{where}", "DOCKER_TLS_VERIFY=1", f"DOCKER_CERT_PATH={folder}")

    ALICE, RUNNER = f"{TLS}/readonly/alice", f"{TLS}/ci/runner"

    def check(parent, where, folder, what, *arguments):
        def run():
            with parent():
                what(client(where, folder), *arguments)
        return run

    for name, parent, where, folder, level, peer in (
            ("stunnel connects to the level's socket", chain, CHAIN, ALICE, "readonly", r"pid=[1-9][0-9]* uid=99[0-9] gid=[0-9]+"),
            ("stunnel starts dsp", pinned, PINNED, RUNNER, "ci",
             r"tcp=127\.0\.0\.1:[0-9]+ tls=(::ffff:)?127\.0\.0\.1 [0-9]+ \(O=dsp, OU=ci, CN=runner\)")):
        suite.add(f"tls: {name}: with the right certificate what the policy allows passes, what is dangerous is refused, and the record tells who asked",
                  check(parent, where, folder, filters, level, peer))
        suite.add(f"tls: {name}: an event stream is live, and no process is left when its client goes", check(parent, where, folder, streams))
    suite.add("tls: a client that has closed its sending side still gets all of the answer", check(pinned, PINNED, RUNNER, answers_fully))

    def refuses(parent, where, *options):
        """The handshake fails, whatever the client shows, and dsp is not even started."""
        def run():
            with parent():
                host.all_gone()
                after = host.cursor()
                # curl sends the certificate that it has, whatever authorities the server names.
                done = host.ask("curl", "-sS", "--max-time", "10", "--cacert", f"{TLS}/server/ca.pem", *options, f"https://{where}/_ping")
                true(done.returncode in (35, 55, 56), f"curl's status is {done.returncode}: {done.stdout}{done.stderr}")
                equal(done.stdout, "", "what the client got")
                why = "peer did not return a certificate" if not options else "certificate verify failed"
                said = lambda: "\n".join(entry["MESSAGE"] for entry in host.entries(after) if entry["_COMM"] == "stunnel4")
                eventually(lambda: why in said(), 5, f"the reason in what stunnel says: {why}")
                equal(host.records(after), [], "records of dsp")
        return run

    def shows(folder):
        return "--cert", f"{folder}/cert.pem", "--key", f"{folder}/key.pem"

    for name, parent, where, others in (
            ("an authority's level", chain, CHAIN,
             {"another level's authority": f"{TLS}/traefik/alice", "another level's pinned client": RUNNER, "the server itself": f"{TLS}/server",
              "a forged authority of the same name": f"{FORGED}/readonly/alice", "its own client after it has expired": f"{EXPIRED}/alice"}),
            ("a level of pinned certificates", pinned, PINNED,
             {"another level's authority": ALICE, "the server itself": f"{TLS}/server", "a forged certificate of the same name": f"{FORGED}/ci/runner",
              "a client that is listed after it has expired": f"{EXPIRED}/runner"})):
        suite.add(f"tls: {name} refuses a client without a certificate", refuses(parent, where))
        for other, folder in others.items():
            suite.add(f"tls: {name} refuses the certificate of {other}", refuses(parent, where, *shows(folder)))

    @test("tls: docker prints why when it has no certificate or another one")
    def _():
        with chain():
            certificate = f"{TLS}/readonly/alice"
            host.sh(f"rm -rf /root/none; mkdir /root/none; cp {certificate}/ca.pem /root/none")
            for folder, why in (("/root/none", "certificate required"), (RUNNER, "certificate required"), (f"{FORGED}/readonly/alice", "tls: ")):
                done = client(CHAIN, folder).docker("ps")
                true(done.returncode != 0, f"docker ps with {folder} succeeded")
                contains(done.stderr, why)
            client(CHAIN, certificate).allowed("ps")

    @test("tls: two levels with two authorities do not mix")
    def _():
        with chain(), second():
            first, other = f"{TLS}/readonly/alice", f"{TLS}/traefik/alice"
            client(CHAIN, first).allowed("images")
            client(SECOND, other).refused("ImageList", "images", level="traefik")
            for where, folder in ((CHAIN, other), (SECOND, first)):
                done = client(where, folder).docker("version")
                true(done.returncode != 0, f"the certificate of {folder} is good for {where}")
                contains(done.stderr, "tls: ")

    @test("tls: a client trusts no server but the one whose authority it was given")
    def _():
        with chain():
            host.sh(f"rm -rf /root/mistrust; cp -r {ALICE} /root/mistrust; cp {TLS}/traefik/ca.pem /root/mistrust/ca.pem")
            contains(client(CHAIN, "/root/mistrust").docker("ps").stderr, "certificate signed by unknown authority")
            contains(client("127.0.0.2:2376", ALICE).docker("ps").stderr, "certificate is valid for")

    @test("tls: a revoked certificate gets nothing any more, others go on")
    def _():
        bob = client(CHAIN, f"{TLS}/readonly/bob")
        with chain():
            bob.allowed("ps")
        host.sh(f"{MAKE} revoke readonly bob")
        with chain():
            true(bob.docker("ps").returncode != 0, "the revoked certificate is good")
            client(CHAIN, ALICE).allowed("ps")
            contains(host.journal("-u", "stunnel@dsp-readonly", "-n", "20"), "certificate revoked")

    @test("tls: a session that one level began is not resumed without a certificate")
    def _():
        request = r"printf 'GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n'"
        begin = f"({request}) | timeout 10 openssl s_client -ign_eof -CAfile {TLS}/server/ca.pem -connect {{}} -tls1_{{}} -sess_out /root/session {' '.join(_openssl(ALICE))} 2>&1 || true"
        resume = f"({request}) | timeout 10 openssl s_client -ign_eof -CAfile {TLS}/server/ca.pem -connect {{}} -tls1_{{}} -sess_in /root/session 2>&1 || true"
        with chain(), second():
            for version in (2, 3):
                host.ask("rm", "-f", "/root/session")
                contains(host.sh(begin.format(CHAIN, version)), "HTTP/1.1 200 OK")
                for where in (CHAIN, SECOND):
                    if host.ask("test", "-e", "/root/session").returncode == 0:
                        said = host.sh(resume.format(where, version))
                        true("HTTP/1.1 200" not in said and "Reused" not in said, f"TLS 1.{version}, {where}: {said[-2000:]}")

    @test("tls: where stunnel connects, it is of no group but the level's, which cannot open docker.sock")
    def _():
        with chain():
            pid = host.property("stunnel@dsp-readonly", "MainPID")["MainPID"]
            status = dict(line.split(":", 1) for line in host.read(f"/proc/{pid}/status").splitlines())
            group = host.do("getent", "group", "tls-readonly").split(":")[2]
            equal((set(status["Gid"].split()), set(status["Groups"].split()) - {group}), ({group}, set()), "groups")
            true("0" not in status["Uid"].split(), "stunnel is root")

    @test("tls: a client that made its key itself, as the README says, gets in when its certificate is listed")
    def _():
        certificates()
        command = re.search(r"^    (openssl req (?:.*\\\n)*.*)$", host.read(f"{FOLDER}/README.md"), re.MULTILINE)[1]
        host.sh(f"rm -rf /root/own; mkdir /root/own; cd /root/own; {command}\ncp {TLS}/server/ca.pem .")
        with pinned():
            true(client(PINNED, "/root/own").docker("ps").returncode != 0, "a certificate that is not listed is good")
        host.sh(f"cat /root/own/cert.pem >>{TLS}/ci/pinned.pem")
        with pinned():
            for folder in ("/root/own", RUNNER):
                client(PINNED, folder).allowed("ps")

    @test("tls: stunnel where there is IPv6 listens there, too")
    def _():
        with pinned():
            client("[::1]:2377", RUNNER).allowed("ps")

    @test("tls: make-certificates keeps keys to root, leaves policies readable, overwrites nothing and takes no path as a name")
    def _():
        certificates()
        for path in host.do("find", TLS, "-name", "*key.pem").split():
            equal(host.do("stat", "-c", "%a %U", path).strip(), "600 root", path)
        equal(host.do("stat", "-c", "%a", "/etc/dsp").strip(), "755", "/etc/dsp")
        before = host.do("sh", "-c", f"cat {TLS}/*/*.pem {TLS}/*/*/*.pem | sha256sum")
        for arguments in (("ca", "readonly"), ("client", "readonly", "alice"), ("pin", "ci", "runner"), ("server", "localhost"), ("client", "nobody", "x"),
                          ("ca", "../evil"), ("client", "readonly", "../evil"), ("pin", ".", "x"), ("ca", ""), ()):
            true(host.ask(MAKE, *arguments).returncode in (64, 66, 73), f"make-certificates {arguments} is not refused")
        equal(host.do("sh", "-c", f"cat {TLS}/*/*.pem {TLS}/*/*/*.pem | sha256sum"), before, "the certificates")
        true(host.ask("test", "-e", "/etc/dsp/evil").returncode != 0, "a name led out of its folder")


def _openssl(folder):
    return "-cert", f"{folder}/cert.pem", "-key", f"{folder}/key.pem"
