"""Golden frames, and requests that would be done, with something wrong in them."""

import json
from pathlib import Path

from . import walk
from .attempt import Attempt, framed

_FOLDER = Path(__file__).parents[2] / "WireTests" / "Golden"
# Read before the account is left that may read them.
GOLDEN = [path.read_bytes()[4:] for path in sorted(_FOLDER.glob("*.frame"))]
assert len(GOLDEN) >= 18, f"no golden frames in {_FOLDER}"

# JSON texts in the place of a value.
_NASTY = [
    b"null", b"true", b"{}", b"[]", b'""', b"0", b"-1", b"-0", b"1.0", b"1e3", b"1E400", b"0x10", b"01", b"+1", b"NaN",
    b"18446744073709551616", b"9223372036854775808", b"-9223372036854775809", b"9" * 400, b'"\\ud800"', b'"\\udc00x"',
    b'"\\u0000"', b'"\x00"', b'"\xc0\x80"', b'"\xe0\x80\xaf"', b'"\xed\xa0\x80"', b'"\xf5\x80\x80\x80"', b'"\xff"',
    b'"\\x"', b'"\n"', b'"' + b"A" * 5000 + b'"', b"[" * 31 + b"]" * 31, b"[" * 40 + b"]" * 40, b"[" * 5000,
    b"[" + b"0," * 5000 + b"0]", b'{"a":' * 40, b'["wg0"]', b'{"object":{}}', b'"AAAA"', b'"="', b'"wg0\\n"',
    b'"\\u0077g0"',
    b'"0.0.0.0/0"', b'"::/0"', b'"eth0"', b"/**/1", b"[1,]", b'{"a":1,"a":1}', b"'a'"]


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
            tree = json.loads(body, object_pairs_hook=_Object)
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
    _flip, _flip, _cut, _insert, _repeat, _tree(_replace), _tree(_replace), _tree(_remove), _tree(_double),
    _tree(_rename), _tree(_swap)]
