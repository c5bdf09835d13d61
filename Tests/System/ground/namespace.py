"""A network namespace with a mount namespace of its own."""

import ctypes
import itertools
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

from .waiting import wait_until

_numbers = itertools.count(1)


class Namespace:
    """Named for `ip netns`, uniquely on this machine; has an empty /run of its own, as wireguard-go's control socket is
    /run/wireguard/NAME.sock in every network namespace. `close()` ends every process in it, by its id."""

    def __init__(self, role):
        self.name = f"aifw-t{os.getpid()}-{next(_numbers)}-{role}"
        self._make()

    def _make(self):
        self._holder = None
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        try:
            self.ip("link", "set", "lo", "up")
            self._holder = subprocess.Popen(
                ["ip", "netns", "exec", self.name, "sh", "-c",
                 "mount -t tmpfs -o mode=0755 tmpfs /run && exec sleep infinity"],
                start_new_session=True)
            wait_until(self._holds, f"a mount namespace for {self.name}")
        except BaseException:
            self.close()
            raise

    def _holds(self):
        assert self._holder.poll() is None, "a mount namespace needs CAP_SYS_ADMIN"
        return Path(f"/proc/{self._holder.pid}/comm").read_text().strip() == "sleep"

    def inside(self, *command):
        """The command that runs `command` in here. nsenter replaces itself, so the process id is the command's."""
        return ["nsenter", "--target", str(self._holder.pid), "--net", "--mount", "--", *map(str, command)]

    def run(self, *command, check=True, **options):
        """Runs `command` in here to its end; its output is text."""
        return subprocess.run(
            self.inside(*command), check=check, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            **options)

    def ip(self, *arguments):
        """`ip` upon this namespace, which needs no mount namespace; returns what it prints."""
        done = subprocess.run(
            ["ip", "-n", self.name, *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, f"ip {' '.join(map(str, arguments))}: {done.stderr}"
        return done.stdout

    def socket(self, family, kind, protocol=0):
        """A socket of this process's that is in here."""
        made = []

        def make():
            # A namespace is entered for one thread only.
            with open(f"/run/netns/{self.name}") as handle:
                assert ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), 0) == 0
            made.append(socket.socket(family, kind, protocol))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        return made[0]

    def links(self):
        """The links, by name, as `ip -details -json link` tells."""
        return {link["ifname"]: link for link in json.loads(self.ip("-details", "-json", "link"))}

    def processes(self, name=None):
        """The ids of the processes in here, but for the one that holds it; those named `name` if one is given."""
        found = subprocess.run(["ip", "netns", "pids", self.name], text=True, stdout=subprocess.PIPE).stdout.split()
        ids = [int(pid) for pid in found if not self._holder or int(pid) != self._holder.pid]
        return [pid for pid in ids if name is None or _name(pid) == name]

    def reboot(self):
        """Ends everything in here, and begins anew: what was set up is gone, and the cables to others with it."""
        self.close()
        self._make()

    def close(self):
        """Ends what runs in here and removes the namespace with its links."""
        for pid in self.processes():
            _kill(pid)
        if self._holder:
            self._holder.kill()
            self._holder.wait()
        wait_until(lambda: not self.processes(), f"the end of the processes in {self.name}")
        subprocess.run(["ip", "netns", "delete", self.name], check=True)


def _name(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return None


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
