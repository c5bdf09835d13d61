"""A gateway with both daemons, and clients on the same network."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .client import Client
from .daemon import Daemon
from .namespace import Namespace
from .rest import REST
from .secrets import RUN, Secrets
from .terminal import Terminal

# Accounts without an entry in the password file, in a range that systemd leaves to nobody.
HELPER_ACCOUNT = 60811
API_ACCOUNT = 60812
GATEWAY_ADDRESS = "192.0.2.1"
MASTER = "the master key"


class World:
    """192.0.2.0/24 is a bridge in the gateway's namespace with a cable to each client's; aifw-apid listens on 127.0.0.1
    of the host. `close()` leaves nothing behind, and fails if one of `secrets` is in what the daemons wrote or in an
    answer where none belongs. What no client of this class hears of is added by whoever does:
    `world.secrets.add(name, secret)`."""

    # The class of ``REST.contract``, set where its validator is installed (plugin.py).
    contract = None

    def __init__(self, binaries, wireguard="auto", api=True, policy=None, filter=None, ruleset=None):
        """With a `policy`, the helper is given a file of it (``write_policy``); with a `filter`, that option. A
        `ruleset`, a file for nft(8), is loaded before anything is started, as at a boot."""
        self._closers = []
        # /run is replaced in the namespaces, and a socket's path may have 107 bytes: so /tmp.
        self.folder = Path(tempfile.mkdtemp(prefix="aifw-world-", dir="/tmp"))
        self._closers.append(lambda: shutil.rmtree(self.folder))
        self.folder.chmod(0o711)
        self.secrets = Secrets()
        self._closers.append(self._search)
        try:
            self._lay_out(binaries)
            self._connect()
            if policy is not None:
                self.write_policy(policy)
            self._options = ["--wireguard", wireguard]
            self._needs_launcher = wireguard != "kernel"
            if policy is not None:
                self._options += ["--policy", self.policy]
            if filter is not None:
                self._options += ["--filter", filter]
            if ruleset is not None:
                self.gateway.run("nft", "--file", ruleset)
            self.launcher, self.helper, self.api = self._launcher(), self._helper(), self._api()
            self._start(api)
            self._closers.append(self._learn)
        except BaseException:
            self.close()
            raise

    def _lay_out(self, binaries):
        self.binaries = self.folder / "bin"
        self.binaries.mkdir(mode=0o711)
        for name in ("aifw-privd", "aifw-launcher", "aifw-apid", "aifw"):
            # The daemons' accounts may not be let into the folder that the checkout is in.
            shutil.copy2(Path(binaries) / name, self.binaries / name)
            (self.binaries / name).chmod(0o755)
        for name, owner in (("helper", HELPER_ACCOUNT), ("api", API_ACCOUNT), ("logs", 0), ("clients", 0)):
            (self.folder / name).mkdir(mode=0o700)
            os.chown(self.folder / name, owner, owner)
        (self.folder / "helper").chmod(0o711)
        (self.folder / "api").chmod(0o711)
        self.launcher_socket = self.folder / "helper" / "launcher.sock"
        self.helper_socket = self.folder / "helper" / "privd.sock"
        self.policy = self.folder / "privd.policy"
        self.state = self.folder / "helper" / "state"
        self.database = self.folder / "api" / "aifw.db"
        self.api_socket = self.folder / "api" / "api.sock"
        self.certificate = self.folder / "api" / "tls.crt"
        # Empty, so that nothing holds that this host's /etc says; a test may put settings there before a start.
        self.configuration = self.folder / "api" / "apid.yaml"
        self.configuration.touch()

    def _connect(self):
        self.gateway = Namespace("gateway")
        self._closers.append(self.gateway.close)
        self._clients = 0
        self._furnish()

    def _furnish(self):
        # An address of its own: a bridge without one takes its ports' lowest, so that a new client's cable could change
        # it under the feet of clients that know the former one.
        self.gateway.ip("link", "add", "uplink", "address", "02:00:00:00:00:01", "type", "bridge")
        self.gateway.ip("address", "add", f"{GATEWAY_ADDRESS}/24", "dev", "uplink")
        self.gateway.ip("link", "set", "uplink", "up")
        # Where the Internet would be; its source address is what client configurations get as Endpoint.
        self.gateway.ip("route", "add", "default", "via", "192.0.2.254")

    def _launcher(self, *options):
        daemon = Daemon("aifw-launcher", self.gateway.inside(
            self.binaries / "aifw-launcher", "--socket", self.launcher_socket, "--user", HELPER_ACCOUNT, *options),
            self.folder / "logs" / "aifw-launcher", lambda daemon: "aifw-launcher: ready:" in daemon.words())
        self._closers.append(daemon.kill)
        return daemon

    def write_policy(self, policy, mode=0o644):
        """Writes the policy file, which the helper reads at its next start: text as it is, anything else as JSON."""
        self.policy.write_text(policy if isinstance(policy, str) else json.dumps(policy))
        self.policy.chmod(mode)

    def _helper(self):
        daemon = Daemon("aifw-privd", self.gateway.inside(
            self.binaries / "aifw-privd", "--socket", self.helper_socket, "--peer-user", API_ACCOUNT,
            "--user", HELPER_ACCOUNT, "--state-directory", self.state, "--launcher", self.launcher_socket,
            *self._options),
            self.folder / "logs" / "aifw-privd", lambda daemon: "aifw-privd: ready:" in daemon.words())
        self._closers.append(daemon.kill)
        return daemon

    def _api(self):
        daemon = Daemon("aifw-apid", self._where_api_is([
            "setpriv", f"--reuid={API_ACCOUNT}", f"--regid={API_ACCOUNT}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", self.binaries / "aifw-apid",
            "--config", self.configuration, "--database", self.database, "--helper-socket", self.helper_socket,
            "--api-socket", self.api_socket, "--listen", "127.0.0.1:0"]),
            self.folder / "logs" / "aifw-apid",
            lambda daemon: any(re.search(r"\bready\b", line) for line in daemon.words().splitlines()))
        self._closers.append(daemon.kill)
        return daemon

    def _where_api_is(self, command):
        """The command that runs aifw-apid's `command` where it is to be: on the host."""
        return command

    def _start(self, api=True):
        if self._needs_launcher:
            self.launcher.start()
        self.helper.start()
        if api:
            self.start_api()

    def start_api(self, descriptors=None):
        """Starts aifw-apid, with so many descriptors at most if that is said; its port may be another one than before.
        The first time, makes an administrator's token."""
        self.api.start(descriptors)
        ready = next(line for line in self.api.words().splitlines() if re.search(r"\bready\b", line))
        port = int(re.search(r"127\.0\.0\.1:(\d+)", ready)[1])
        if hasattr(self, "rest"):
            self.rest.port = port
            return
        token = self.aifw("token", "create", "--name", "system-tests", "--scope", "admin").stdout.strip()
        self.rest = REST(port, self.certificate, token, self.secrets)
        if self.contract:
            self.rest.contract = self.contract.of(self.rest)

    def reboot(self, ready=lambda: None):
        """The gateway ends at whatever instruction it is, and comes back with what is on its disk; its cables to others
        are gone, until `ready()` has laid them. Clients made before are not connected again."""
        self.api.kill()
        self.helper.kill()
        self.launcher.kill()
        self.gateway.reboot()
        self._furnish()
        ready()
        # Each is entered by the namespace's new holder.
        self.launcher, self.helper, self.api = self._launcher(), self._helper(), self._api()
        self._start()

    def aifw(self, *arguments, check=True):
        """Runs the CLI against this world's API socket."""
        return self.shell('exec aifw "$@"', *arguments, check=check)

    def shell(self, script, *arguments, check=True, **environment):
        """Runs a bash script in which `aifw` is the CLI of this world."""
        environment = self._environment | environment
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script, "aifw-test", *map(str, arguments)], env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            cwd=self.folder / "clients")
        self.secrets.read_text(done.stdout)
        if check:
            assert done.returncode == 0, f"{script} {' '.join(map(str, arguments))}: {done.stderr}"
        return done

    def terminal(self, *arguments):
        """Runs the CLI at a terminal."""
        return Terminal([self.binaries / "aifw", *arguments], env=self._environment, cwd=self.folder / "clients")

    @property
    def _environment(self):
        return {"PATH": f"{self.binaries}:/usr/bin:/bin", "AIFW_API_SOCKET": str(self.api_socket),
                "HOME": str(self.folder)}

    def client(self):
        """Another host on the network, 192.0.2.2 and up."""
        self._clients += 1
        namespace = Namespace(f"client{self._clients}")
        self._closers.append(namespace.close)
        port = f"port{self._clients}"
        self.gateway.ip("link", "add", port, "type", "veth", "peer", "name", "uplink", "netns", namespace.name)
        self.gateway.ip("link", "set", port, "master", "uplink", "up")
        namespace.ip("address", "add", f"192.0.2.{1 + self._clients}/24", "dev", "uplink")
        namespace.ip("link", "set", "uplink", "up")
        folder = self.folder / "clients" / str(self._clients)
        folder.mkdir(mode=0o700)
        return Client(namespace, folder)

    def connected_client(self, tunnel, peer):
        """A client that was brought up from the peer's configuration and has reached the gateway."""
        client = self.client()
        client.bring_up(self.rest.config(tunnel, peer))
        assert client.reaches_again(), "no answer through the tunnel"
        return client

    def wireguard(self, interface="wg0"):
        """The peers that the gateway's interface has, public key to its set of allowed IPs; None without interface.
        Of what `wg` shows, only `allowed-ips` is read: a dump would hold private keys."""
        done = self.gateway.run("wg", "show", interface, "allowed-ips", check=False)
        if done.returncode != 0:
            return None
        rows = (line.split("\t") for line in done.stdout.splitlines())
        return {key: set() if ips == "(none)" else set(ips.split()) for key, ips in rows}

    def index(self, interface="wg0"):
        """The kernel's index of an interface of the gateway."""
        return self.gateway.links()[interface]["ifindex"]

    def _learn(self):
        """What no caller is told: the keys that the kernel and the vault have."""
        for what in ("private-key", "preshared-keys"):
            for line in self.gateway.run("wg", "show", "all", what, check=False).stdout.splitlines():
                self.secrets.add_key(f"a {what} of an interface", line.split()[-1])
        for key in re.findall(r"0x([0-9a-f]{40,})", self.gateway.run("ip", "xfrm", "state", check=False).stdout):
            self.secrets.add("a key of a security association", bytes.fromhex(key))
        for key in self._master_keys():
            self.secrets.add(MASTER, key)

    def _master_keys(self):
        """The one that is used and, after a rotation, the former one."""
        file = self.state / "master.key"
        content = file.read_bytes() if file.exists() else b""
        return [content[start:start + 32] for start in range(0, len(content), 32)]

    def _search(self):
        """Everything in the folder, but for programs and for what is the clients' own: they keep configurations there,
        and the token by which they came."""
        search, found = self.secrets.search(), []
        for path in self.folder.rglob("*"):
            place = path.relative_to(self.folder)
            if path.is_file() and not path.is_symlink() and place.parts[0] not in ("bin", "clients"):
                allowed = {MASTER} if path == self.state / "master.key" else set()
                found += [f"{name} in {place}" for name in search.names_in(path.read_bytes()) if name not in allowed]
        found += [f"{name} in an answer" for name in search.names_in(bytes(self.secrets.answers))]
        RUN.add_all(self.secrets)
        assert not found, f"there are secrets where none belongs: {found}"

    def close(self):
        """Ends everything, the last made first; all of it, even if some of it fails."""
        faults, interrupt = [], None
        while self._closers:
            try:
                self._closers.pop()()
            except Exception as fault:  # The rest must still be cleaned up; the test fails below.
                faults.append(fault)
            except KeyboardInterrupt as end:
                interrupt = end
        if interrupt:
            raise interrupt
        assert not faults, f"clean-up failed: {faults}"
