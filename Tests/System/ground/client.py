"""A WireGuard client: the tools of a user's laptop, in a namespace of its own."""

import re
import signal
import subprocess
import threading

from .waiting import wait_until


class Client:
    """A host on the same network as the gateway. `bring_up(text)` does what `wg-quick up` does, with wg-quick's own
    reading of the file, less what a namespace has no use for: DNS and policy routing."""

    def __init__(self, namespace, folder):
        self.namespace = namespace
        self._folder = folder
        self.interface = None
        self.values = {}

    def bring_up(self, text, name="laptop"):
        """Uses the configuration as it was downloaded, not one byte changed."""
        self._read(text, name)
        self._make(name)
        self._configure(name)
        for address in self.values["Address"]:
            self.namespace.ip("address", "add", address, "dev", name)
        if "MTU" in self.values:
            self.namespace.ip("link", "set", name, "mtu", self.values["MTU"][0])
        self.namespace.ip("link", "set", name, "up")
        for prefix in self.values["AllowedIPs"]:
            self.namespace.ip("route", "replace", prefix, "dev", name)
        self.interface = name

    def _read(self, text, name):
        file = self._folder / f"{name}.conf"
        file.touch(mode=0o600)
        file.write_text(text)
        self.values = {}
        for key, value in re.findall(r"^(\w+) *= *(.*)$", text, re.MULTILINE):
            self.values.setdefault(key, []).extend(part.strip() for part in value.split(","))
        self._stripped = subprocess.run(["wg-quick", "strip", file], check=True, stdout=subprocess.PIPE).stdout

    def _configure(self, name):
        subprocess.run(
            self.namespace.inside("wg", "setconf", name, "/dev/stdin"), input=self._stripped, check=True, timeout=10)

    def begin_anew(self, text=None):
        """Forgets the session, so that the next packet shakes hands: a client misses the other end only after 15 s.
        With a `text`, by that configuration, of which only the key is another one."""
        if text is not None:
            self._read(text, self.interface)
        peer = self.namespace.run("wg", "show", self.interface, "peers").stdout.strip()
        self.namespace.run("wg", "set", self.interface, "peer", peer, "remove")
        self._configure(self.interface)

    def _make(self, name):
        try:
            self.namespace.ip("link", "add", name, "type", "wireguard")
        except AssertionError:
            process = subprocess.Popen(
                self.namespace.inside("wireguard-go", "-f", name), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            socket = f"/run/wireguard/{name}.sock"

            def ready():
                assert process.poll() is None, "wireguard-go did not start; it needs /dev/net/tun"
                return self.namespace.run("test", "-S", socket, check=False).returncode == 0

            wait_until(ready, "the client's wireguard-go")

    def reaches(self, address="10.0.0.1", tries=3):
        """Whether `address` answers one of `tries` pings, 0.2 s apart, within 2 s after the last."""
        done = self.namespace.run(
            "ping", "-n", "-c", tries, "-i", "0.2", "-W", "2", address, check=False)
        return done.returncode == 0

    def reaches_again(self, address="10.0.0.1"):
        """Whether `address` answers within 30 s, on a busy machine too, or after the server has forgotten the session:
        a client notices after 15 s without an answer (KEEPALIVE_TIMEOUT and REKEY_TIMEOUT of WireGuard's paper) and
        shakes hands anew."""
        done = self.namespace.run("ping", "-n", "-c", "1", "-i", "0.2", "-w", "30", address, check=False)
        return done.returncode == 0

    def handshake(self):
        """Seconds since 1970 of the latest handshake with the server; 0 if there was none."""
        shown = self.namespace.run("wg", "show", self.interface, "latest-handshakes").stdout.split()
        return int(shown[1])


class PingStream:
    """Ten pings a second from a client, every sequence number looked at."""

    def __init__(self, client, address="10.0.0.1"):
        self._process = subprocess.Popen(
            client.namespace.inside("ping", "-n", "-i", "0.1", address), text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.answered = []
        self.advance(3)

    def advance(self, count):
        """Returns after `count` more answers have come; fails if they take 15 s more than they should."""
        aim = len(self.answered) + count
        end = threading.Timer(15 + count / 10, self._process.kill)
        end.start()
        try:
            while len(self.answered) < aim:
                line = self._process.stdout.readline()
                assert line, "ping gets no answers any more"
                self._take(line)
        finally:
            end.cancel()

    def _take(self, line):
        match = re.search(r"icmp_seq=(\d+) ttl=", line)
        if match:
            self.answered.append(int(match[1]))

    def stop(self):
        """Ends it; fails if an answer is missing or came twice. The last pings may still be on their way, all that were
        sent before this call are answered."""
        self.advance(3)
        self._process.send_signal(signal.SIGINT)
        rest = self._process.stdout.read()
        self._process.wait(timeout=10)
        for line in rest.splitlines():
            self._take(line)
        last = max(self.answered)
        missing = sorted(set(range(1, last)) - set(self.answered))
        assert not missing, f"{len(missing)} of {last} pings lost: {missing[:20]}"
        assert len(self.answered) == len(set(self.answered)), "a ping was answered twice"
