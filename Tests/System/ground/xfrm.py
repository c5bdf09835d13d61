"""The security associations and policies that a namespace's kernel has, without their keys (ip-xfrm(8))."""

import hashlib
import re
from dataclasses import dataclass

# AssociationNumber of Sources/Wire: the first byte of a reqid that is ours.
_OURS = 0xAF


def is_ours(reqid):
    return reqid >> 24 == _OURS


@dataclass(frozen=True)
class State:
    """A security association. `added` is when it was installed, as `ip` writes it, or what it was changed to."""

    source: str
    destination: str
    protocol: str
    spi: int
    reqid: int
    mode: str
    added: str
    packets: int
    bytes: int
    failed: int

    @property
    def identity(self):
        """What stays for as long as nobody makes it anew."""
        return self.source, self.destination, self.protocol, self.spi, self.reqid, self.added


@dataclass(frozen=True)
class Policy:
    """`templates` are (protocol, reqid, mode), from the inside out."""

    source: str
    destination: str
    direction: str
    priority: int
    templates: tuple

    @property
    def is_ours(self):
        return any(is_ours(reqid) for _, reqid, _ in self.templates)

    @property
    def remote(self):
        """The network at the far end."""
        return self.destination if self.direction == "out" else self.source

    @property
    def is_of_gateway(self):
        """Whether it is for one host and no network, as those of two gateways on one LAN are."""
        return self.remote.endswith(("/32", "/128"))


def states(namespace):
    """Ours."""
    return [one for one in map(_state, _states(namespace)) if is_ours(one.reqid)]


def policies(namespace):
    """Ours."""
    return [one for one in map(_policy, _policies(namespace)) if one.is_ours]


def foreign(namespace):
    """What is somebody else's, as text that can be compared, keys hashed."""
    with_keys = _blocks(namespace.run("ip", "xfrm", "state").stdout)
    kept = [re.sub(r"0x[0-9a-f]{32,}", lambda key: hashlib.sha256(key[0].encode()).hexdigest(), one)
            for one in with_keys if not is_ours(int(re.search(r"reqid (\d+)", one)[1]))]
    return kept + [one for one in _policies(namespace) if not _policy(one).is_ours]


def digest(namespace):
    """A hash of all keys of ours, that tells whether any was changed."""
    ours = [one for one in _blocks(namespace.run("ip", "xfrm", "state").stdout)
            if is_ours(int(re.search(r"reqid (\d+)", one)[1]))]
    return hashlib.sha256("".join(sorted(re.findall(r"0x[0-9a-f]{32,}", "".join(ours)))).encode()).hexdigest()


def _states(namespace):
    return _blocks(namespace.run("ip", "-s", "xfrm", "state", "list", "nokeys").stdout)


def _policies(namespace):
    return _blocks(namespace.run("ip", "xfrm", "policy", "list", "nosock").stdout)


def _blocks(text):
    return [block for block in re.split(r"^(?=src )", text, flags=re.MULTILINE) if block]


def _state(block):
    def number(pattern):
        return int(re.search(pattern, block)[1])

    ends = re.match(r"src (\S+) dst (\S+)", block)
    protocol, spi = re.search(r"proto (\w+) spi (0x[0-9a-f]+)", block).groups()
    return State(
        ends[1], ends[2], protocol, int(spi, 16), number(r"reqid (\d+)"), re.search(r"mode (\w+)", block)[1],
        re.search(r"add (\S+ \S+)", block)[1], number(r"(\d+)\(packets\)"), number(r"(\d+)\(bytes\)"),
        number(r"failed (\d+)"))


def _policy(block):
    ends = re.match(r"src (\S+) dst (\S+)", block)
    direction, priority = re.search(r"dir (\w+)(?: .*)? priority (\d+)", block).groups()
    templates = re.findall(r"proto (\w+) .*?reqid (\d+).*? mode (\w+)", block)
    return Policy(ends[1], ends[2], direction, int(priority),
                  tuple((protocol, int(reqid), mode) for protocol, reqid, mode in templates))
