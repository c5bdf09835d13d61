"""The arguments and environments of everything that this run starts, as others on the host could see them."""

import os
import threading
from pathlib import Path


class Watch(threading.Thread):
    """Looks every `period` seconds at all processes that descend from this one. What has ended before it looked is not
    seen; the daemons, which last, are."""

    def __init__(self, period=0.05):
        super().__init__(daemon=True)
        self.seen = set()
        self._period = period
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(self._period):
            self._look()

    def _look(self):
        pending = [os.getpid()]
        while pending:
            process = Path(f"/proc/{pending.pop()}")
            try:
                for task in (process / "task").iterdir():
                    pending += map(int, (task / "children").read_text().split())
                # Its own are the tester's, and no daemon's.
                if process.name != str(os.getpid()):
                    self.seen |= {(process / name).read_bytes() for name in ("cmdline", "environ")}
            except OSError:
                pass  # It has ended.

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()
