"""Golden frames, and requests that would be done, with something wrong in them."""

import base64
import json
import re
from pathlib import Path

from . import walk
from .attempt import Attempt, framed
from .forbidden import FOREIGN_LINK, FOREIGN_NETWORK, FOREIGN_PORT, FOREIGN_ROUTE, FOREIGN_TUNNEL
from .loot import PRIVATE, SHARED, identity
from .networks import HOST_NETWORK

_FOLDER = Path(__file__).parents[2] / "WireTests" / "Golden"
# Read before the account is left that may read them.
GOLDEN = [path.read_bytes()[4:] for path in sorted(_FOLDER.glob("*.frame"))]
assert len(GOLDEN) >= 28, f"no golden frames in {_FOLDER}"

# JSON texts in the place of a value.
_NASTY = [
    b"null", b"true", b"{}", b"[]", b'""', b"0", b"-1", b"-0", b"1.0", b"1e3", b"1E400", b"0x10", b"01", b"+1", b"NaN",
    b"18446744073709551616", b"9223372036854775808", b"-9223372036854775809", b"9" * 400, b'"\\ud800"', b'"\\udc00x"',
    b'"\\u0000"', b'"\x00"', b'"\xc0\x80"', b'"\xe0\x80\xaf"', b'"\xed\xa0\x80"', b'"\xf5\x80\x80\x80"', b'"\xff"',
    b'"\\x"', b'"\n"', b'"' + b"A" * 5000 + b'"', b"[" * 31 + b"]" * 31, b"[" * 40 + b"]" * 40, b"[" * 5000,
    b"[" + b"0," * 5000 + b"0]", b'{"a":' * 40, b'["wg0"]', b'{"object":{}}', b'"AAAA"', b'"="', b'"wg0\\n"',
    b'"\\u0077g0"',
    b'"0.0.0.0/0"', b'"::/0"', b'"eth0"', b"/**/1", b"[1,]", b'{"a":1,"a":1}', b"'a'"]


# Texts in the place of one of their form, which only the policy, the vault or the kernel can tell from a good one.
_ALIKE = [(re.compile(form), texts) for form, texts in (
    (r"wg\d+", ["wg0", "wg1", "wg2", "wg3", FOREIGN_TUNNEL, FOREIGN_LINK, "wg9999"]),
    (r"[0-9a-f]{8}-[0-9a-f-]{27}", [identity(number) for number in (0, 1, 2, 3, 1000, 1001)]),
    (r"[0-9a-f.:]+/\d+", [
        "0.0.0.0/0", "::/0", "10.77.1.0/24", "10.200.3.0/24", "10.201.0.1/24", "10.0.0.0/8", HOST_NETWORK,
        FOREIGN_NETWORK,
        FOREIGN_ROUTE, "192.0.2.1/24", "127.0.0.0/8", "224.0.0.0/4", "fd77:1::/64", "fd77:9::1/64", "2001:db8:2::/64"]),
    (r"[0-9.]+:\d+", ["192.0.2.9:51820", "127.0.0.1:1", "224.0.0.1:9", "[::1]:51820", "192.0.2.1:47799"]),
    (r"[0-9.]+", ["203.0.113.1", "198.51.100.1", "192.0.2.1", "192.0.2.9", "127.0.0.1", "224.0.0.5", "0.0.0.0"]),
    (r"esp|ah", ["esp", "ah"]), (r"in|out|forward", ["in", "out", "forward"]),
    (r"tunnel|transport", ["tunnel", "transport"]),
    (r"(listen-port|tunnel-traffic|protected-packets|key-exchange|inner-traffic|masquerade)",
     ["listen-port", "tunnel-traffic", "protected-packets", "key-exchange", "inner-traffic", "masquerade"]),
    (r"(aes|chacha20)-.*", ["aes-256-gcm", "aes-128-gcm", "chacha20-poly1305", "aes-256-cbc"]),
    (r"client|device", ["client", "device"]), (r"wireguard-.*", [PRIVATE, SHARED]), (r"write|read", ["write", "read"]))]


class _Object(list):
    """The members of a JSON object, which may come twice."""


def make(random, loot):
    """Whatever comes of it may be answered in any way, but by harm."""
    body = random.choice(GOLDEN) if random.random() < 0.6 else walk.request(random, loot)[1]
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        body = random.choice(_MUTATIONS)(random, body) or b"x"
    channel = random.choice(("write", "write", "read", None))
    return Attempt("mutant", "mutant", framed(body[:1 << 20]), channel, ends=True)


def _flip(random, body):
    changed = bytearray(body)
    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random, body):
    return body[:random.randrange(len(body))]


def _insert(random, body):
    at = random.randrange(len(body))
    return body[:at] + random.randbytes(random.randint(1, 8)) + body[at:]


def _repeat(random, body):
    first, last = sorted(random.choices(range(len(body) + 1), k=2))
    return body[:last] + body[first:]


def _tree(change):
    def mutate(random, body):
        try:
            tree = json.loads(body.decode(), object_pairs_hook=_Object)
        except (ValueError, RecursionError):
            return _flip(random, body)
        places = list(_places(tree))
        if not places:
            return _flip(random, body)
        change(random, *random.choice(places))
        return _text(tree)

    return mutate


def _places(tree):
    """Every (container, index) in it."""
    if isinstance(tree, list):
        for index, element in enumerate(tree):
            yield tree, index
            yield from _places(element[1] if isinstance(tree, _Object) else element)


def _text(tree):
    if isinstance(tree, bytes):
        return tree
    if isinstance(tree, _Object):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + _text(value) for name, value in tree) + b"}"
    if isinstance(tree, list):
        return b"[" + b",".join(map(_text, tree)) + b"]"
    return json.dumps(tree).encode()


def _put(random, container, index, value):
    container[index] = (container[index][0], value) if isinstance(container, _Object) else value


def _replace(random, container, index):
    _put(random, container, index, random.choice(_NASTY))


def _exchange(random, container, index):
    """Another value of the same form: a number near a border, a text of `_ALIKE`, a key with one bit changed."""
    value = container[index][1] if isinstance(container, _Object) else container[index]
    if isinstance(value, int):
        value = random.choice((0, 1, 7, 576, 1279, 1280, 1420, FOREIGN_PORT, 47700, 47701, 65535, 0xFFFFFFFF))
    elif isinstance(value, str):
        texts = next((texts for form, texts in _ALIKE if form.fullmatch(value)), None)
        value = random.choice(texts) if texts else _flipped(random, value)
    _put(random, container, index, value)


def _flipped(random, text):
    try:
        key = bytearray(base64.b64decode(text, validate=True))
    except ValueError:
        return text[::-1]
    if key:
        key[random.randrange(len(key))] ^= 1 << random.randrange(8)
    return base64.b64encode(key).decode()


def _remove(random, container, index):
    del container[index]


def _double(random, container, index):
    container.insert(random.randint(0, len(container)), container[index])


def _rename(random, container, index):
    if isinstance(container, _Object):
        name, value = container[index]
        container[index] = (random.choice((
            name.upper(), name + " ", name + "\x00", name[::-1], "", "object", "interface", "set", "__proto__",
            "greet", "inventory", "removeTunnel", "execute")), value)


def _swap(random, container, index):
    other = random.randrange(len(container))
    if isinstance(container, _Object):
        (first, one), (second, two) = container[index], container[other]
        container[index], container[other] = (first, two), (second, one)


_MUTATIONS = [
    _flip, _flip, _cut, _insert, _repeat, _tree(_replace), _tree(_remove), _tree(_double), _tree(_rename), _tree(_swap),
    *[_tree(_exchange)] * 10]
