"""A process as the kernel shows it: what it may, what it has open, what is in its memory (proc(5))."""

import os
import re
from pathlib import Path

NET_ADMIN = 1 << 12
CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


class Process:
    """Read anew at each call; the process may end at any time."""

    def __init__(self, pid):
        self.pid = pid
        self._folder = Path(f"/proc/{pid}")

    def path(self, name):
        return self._folder / name

    def threads(self):
        """What /proc/PID/task/TID/status says, of each thread: filters and capabilities are a thread's own."""
        return [_fields(task / "status") for task in (self._folder / "task").iterdir()]

    def status(self):
        return _fields(self._folder / "status")

    def words(self, name):
        """The strings of `cmdline` or `environ`."""
        return [word.decode() for word in (self._folder / name).read_bytes().split(b"\0") if word]

    def core_limit(self):
        """The soft and the hard limit of RLIMIT_CORE, as words."""
        limits = (self._folder / "limits").read_text()
        return re.search(r"^Max core file size +(\S+) +(\S+)", limits, re.MULTILINE).groups()

    def descriptors(self):
        """Number to what it is: `socket`, `anon_inode:[eventpoll]`, a path; the inodes' numbers are left out."""
        found = {}
        for one in (self._folder / "fd").iterdir():
            try:
                found[int(one.name)] = re.sub(r":\[\d+\]$", "", os.readlink(one))
            except FileNotFoundError:
                pass  # Closed meanwhile.
        return found

    def private_kib(self):
        """KiB of memory that is its own and no file's."""
        return int(re.search(r"^Anonymous: +(\d+) kB", (self._folder / "smaps_rollup").read_text(), re.MULTILINE)[1])

    def private_memory(self):
        """The name and the bytes of each piece of memory that may hold what it was told: heap, stack, data, and pages
        of no file that it has made read-only."""
        with (self._folder / "mem").open("rb", buffering=0) as memory:
            for line in (self._folder / "maps").read_text().splitlines():
                place, rights, _, _, inode, *name = line.split(maxsplit=5)
                name = name[0] if name else "anonymous"
                # [vvar] and its like are the kernel's, and the same for every process.
                if rights[0] == "r" and rights[3] == "p" and (rights[1] == "w" or inode == "0") and name[:2] != "[v":
                    start, end = (int(number, 16) for number in place.split("-"))
                    memory.seek(start)
                    yield f"{name} {place}", _all(memory, end - start)


def _all(memory, length):
    data = bytearray()
    while len(data) < length:
        part = memory.read(length - len(data))
        assert part, "less memory than the map says"
        data += part
    return bytes(data)


def _fields(path):
    lines = (line.split(":", 1) for line in path.read_text().splitlines())
    return {name: value.strip() for name, value in lines}
