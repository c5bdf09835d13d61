"""What adding one more costs, beside others and alone: by AiFw VPN, and by the tools that a user would run instead.

    growth.py BINARIES COUNT TIMES KIND…

Run by Benchmarks/run, as root. Each addition among many is measured in turn with one where there is no other, so that
what else the machine does hits both alike; what was added is removed again before the next. Figures are medians."""

import ctypes
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from ground.line import Line
from ground.namespace import Namespace
from ground.process import Process
from ground.world import World

LIBC = ctypes.CDLL(None, use_errno=True)
# As the helper makes it (Sources/FilterRules), less the rules of the other kind.
BASE = """
table inet filter {
    set ports { type inet_service; }
    set interfaces { type ifname; }
    set gateways { type ipv4_addr . ipv4_addr . inet_proto; }
    set reqids { typeof ipsec in reqid; }
    chain input {
        type filter hook input priority filter; policy accept
        udp dport @ports accept
        iifname @interfaces accept
        ip saddr . ip daddr . meta l4proto @gateways accept
        ipsec in reqid @reqids accept
    }
}
"""


class Daemons:
    """AiFw VPN: one request of its API over a connection that is kept."""

    name = "AiFw VPN"

    def __init__(self, binaries):
        self.world = World(binaries, wireguard="kernel")
        self._line = Line(self.world)
        self._ids = {}

    def prepare(self):
        # One that nobody has used for a minute is closed.
        self._line.close()
        self._line.connect()

    def add(self, kind, number):
        path, body = {"associations": ("/vpn/ipsec", association), "tunnels": ("/vpn/wg", tunnel)}[kind]
        self._ids[kind, number] = f"{path}/{self._line.ask('POST', path, body(number))['id']}"

    def remove(self, kind, number):
        self._line.ask("DELETE", self._ids.pop((kind, number)))

    def fill(self, kind, numbers):
        for number in numbers:
            self.add(kind, number)

    def memory(self):
        return [Process(daemon.pid).private_kib() for daemon in (self.world.helper, self.world.api)]

    def close(self):
        self.world.close()


def association(number):
    return {"name": f"association {number}", "src_addr": "192.0.2.1", "dst_addr": far(number),
            "src_networks": ["10.209.0.0/16"], "dst_networks": [network(number)]}


def tunnel(number):
    return {"name": f"tunnel {number}", "address": f"{network(number)[:-4]}1/24", "enabled": True}


def network(number):
    return f"10.{10 + number // 250}.{number % 250}.0/24"


def far(number):
    return f"198.18.{number // 250}.{1 + number % 250}"


class Tools:
    """ip-xfrm(8), wg(8) and nft(8): as few processes as will do, keys made beforehand and given by their input."""

    name = "ip, wg and nft"

    def __init__(self):
        self._namespace = Namespace("tools")
        self._namespace.ip("link", "add", "uplink", "type", "bridge")
        self._namespace.ip("address", "add", "192.0.2.1/24", "dev", "uplink")
        self._namespace.ip("link", "set", "uplink", "up")
        self._run("nft", "--file", "-", text=BASE)

    def _run(self, *words, text):
        # The process enters the namespace itself: no other program is run beside what is measured.
        subprocess.run(words, input=text, text=True, check=True, stdout=subprocess.DEVNULL, preexec_fn=self._enter)

    def _enter(self):
        with open(f"/run/netns/{self._namespace.name}") as handle:
            assert LIBC.setns(handle.fileno(), 0) == 0

    def prepare(self):
        pass

    def add(self, kind, number):
        if kind == "associations":
            self._run("ip", "-batch", "-", text="\n".join(lines(number)))
        else:
            # wg-quick(8) does the same, and more besides.
            self._run("ip", "link", "add", f"wg{number}", "type", "wireguard", text="")
            self._run("wg", "set", f"wg{number}", "listen-port", str(20000 + number), "private-key", "/dev/stdin",
                      text=KEY)
            self._run("ip", "-batch", "-", text="\n".join(opening(number)))
        self._run("nft", "--file", "-", text=elements("add", kind, [number]))

    def remove(self, kind, number):
        if kind == "associations":
            self._run("ip", "-batch", "-", text="\n".join(removal(number)))
        else:
            self._namespace.ip("link", "delete", f"wg{number}")
        self._run("nft", "--file", "-", text=elements("delete", kind, [number]))

    def fill(self, kind, numbers):
        if not numbers:
            return
        if kind == "associations":
            made = itertools.chain.from_iterable(map(lines, numbers))
        else:
            # Without keys, which only cost time here.
            made = itertools.chain.from_iterable(
                [f"link add wg{number} type wireguard", *opening(number)] for number in numbers)
        self._run("ip", "-batch", "-", text="\n".join(made))
        self._run("nft", "--file", "-", text=elements("add", kind, numbers))

    def close(self):
        self._namespace.close()


KEY = subprocess.run(["wg", "genkey"], text=True, check=True, stdout=subprocess.PIPE).stdout


def opening(number):
    yield f"address add {network(number)[:-4]}1/24 dev wg{number}"
    yield f"link set wg{number} mtu 1420 up"


def lines(number):
    """Two security associations and three policies, in the words of ip-xfrm(8)."""
    here, there, inside, outside = "192.0.2.1", far(number), "10.209.0.0/16", network(number)
    for source, destination in ((here, there), (there, here)):
        yield (f"xfrm state add src {source} dst {destination} proto esp spi {4096 + number:#x} reqid {number + 1} "
               f"mode tunnel aead rfc4106(gcm(aes)) 0x{os.urandom(36).hex()} 128")
    for way, source, destination, ends in (
            ("out", inside, outside, (here, there)), ("in", outside, inside, (there, here)),
            ("fwd", outside, inside, (there, here))):
        yield (f"xfrm policy add src {source} dst {destination} dir {way} tmpl src {ends[0]} dst {ends[1]} proto esp "
               f"reqid {number + 1} mode tunnel")


def removal(number):
    inside, outside = "10.209.0.0/16", network(number)
    for way, source, destination in (("out", inside, outside), ("in", outside, inside), ("fwd", outside, inside)):
        yield f"xfrm policy delete src {source} dst {destination} dir {way}"
    for source, destination in (("192.0.2.1", far(number)), (far(number), "192.0.2.1")):
        yield f"xfrm state delete src {source} dst {destination} proto esp spi {4096 + number:#x}"


def elements(verb, kind, numbers):
    if kind == "tunnels":
        sets = {"ports": [str(20000 + number) for number in numbers],
                "interfaces": [f'"wg{number}"' for number in numbers]}
    else:
        sets = {"gateways": [f"{far(number)} . 192.0.2.1 . {protocol}" for number in numbers for protocol in (50, 17)],
                "reqids": [str(number + 1) for number in numbers]}
    return "".join(f"{verb} element inet filter {name} {{ {', '.join(each)} }}\n" for name, each in sets.items())


class Growth:
    """One way to do it, alone and among many."""

    def __init__(self, make, times):
        self._times = times
        self.alone, self.crowd = make(), make()
        self.name = self.alone.name

    def measure(self, kind, there, spare):
        """Milliseconds of the first and of the one more than `there`. `spare` is a number that nothing has."""
        took = {self.alone: [], self.crowd: []}
        for where in took:
            where.prepare()
        for turn in range(self._times + 1):
            for where, times in took.items():
                began = time.perf_counter()
                where.add(kind, spare)
                # The first time loads modules.
                times += [(time.perf_counter() - began) * 1000] if turn else []
                where.remove(kind, spare)
        return [statistics.median(times) for times in took.values()]

    def close(self):
        self.crowd.close()
        self.alone.close()


def main(binaries, count, times, kinds):
    rows, memory = [], []
    ways = [Growth(lambda: Daemons(Path(binaries)), times), Growth(Tools, times)]
    daemons = ways[0].crowd
    try:
        for kind in kinds:
            memory.append((f"no {kind} yet", daemons.memory()))
            for way in ways:
                done, figures = 0, []
                for level in (1, count // 2, count):
                    began = time.monotonic()
                    way.crowd.fill(kind, range(done, level - 1))
                    done = level - 1
                    filled = time.monotonic() - began
                    figures.append(way.measure(kind, done, count + 1))
                    first, more = figures[-1]
                    print(f"{way.name}: {kind}: {done} there (filled in {filled:.0f} s); the first {first:.1f} ms, "
                          f"one more {more:.1f} ms", flush=True)
                rows.append((kind, way.name, figures))
            memory.append((f"{count - 1} {kind}", daemons.memory()))
    finally:
        for way in ways:
            way.close()
    show(rows, memory, count, times)


def show(rows, memory, count, times):
    print(f"\nOne more, in ms and as a multiple of the first of its kind in the same minute; medians of {times}\n")
    print(f"{'':14}{'':16}{'1st':>8}{count // 2:>8,}th{'':>8}{count:>8,}th")
    for kind, name, figures in rows:
        first = statistics.median(one for one, _ in figures)
        cells = "".join(f"{more:>10.1f} {f'({more / one:.2f} x)':>9}" for one, more in figures[1:])
        print(f"{kind:14}{name:16}{first:>8.1f}{cells}")
    print("\nPrivate memory in KiB: the helper's, and the API daemon's\n")
    for what, (helper, api) in memory:
        print(f"{what:26}{helper:>8,}{api:>10,}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
