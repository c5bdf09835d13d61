"""One of the daemons, as a process that a test starts, kills and starts again."""

import os
import signal
import subprocess
from pathlib import Path

from .waiting import wait_until


class Daemon:
    """`command` with its output appended to `log`, over all its lives. `ready(daemon)` tells when a life has begun."""

    def __init__(self, name, command, log, ready):
        self.name = name
        self._command = [str(word) for word in command]
        self._ready = ready
        self._process = None
        self.log = Path(log)
        self.log.touch(mode=0o600)
        self._life_began = 0

    def start(self, descriptors=None):
        """Starts it, with so many descriptors at most if that is said, and returns when it serves."""
        assert not self.runs, f"{self.name} runs already"
        self._life_began = self.log.stat().st_size
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                limit + self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={"PATH": "/usr/bin:/bin"}, cwd="/")
        wait_until(self._serves, f"{self.name} ready; it said: {self.words()}", 20)

    def _serves(self):
        assert self.runs, f"{self.name} ended instead of starting; it said: {self.words()}"
        return self._ready(self)

    @property
    def pid(self):
        return self._process.pid

    @property
    def runs(self):
        return self._process is not None and self._process.poll() is None

    def words(self):
        """What it has said in this life."""
        return self.log.read_bytes()[self._life_began:].decode(errors="replace")

    def lines(self):
        """The lines it has said in all its lives."""
        return self.log.read_text(errors="replace").splitlines()

    def signal(self, number):
        """Sends it a signal that it lives on with."""
        os.kill(self._process.pid, number)

    def stop(self):
        """Ends it as an init system would."""
        self._end(signal.SIGTERM)

    def kill(self):
        """Ends it at whatever instruction it is."""
        self._end(signal.SIGKILL)

    def _end(self, number):
        if self._process and self._process.poll() is None:
            os.kill(self._process.pid, number)
        if self._process:
            self._process.wait(timeout=20)
