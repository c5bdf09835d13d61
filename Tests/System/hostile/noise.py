"""Bytes that are no request."""

import struct

from .attempt import Attempt, framed

_WORDS = [
    b"{", b"}", b"[", b"]", b":", b",", b'"', b'"greet"', b'"seal"', b'"reveal"', b'"applyTunnel"', b'"interface"',
    b'"wg0"', b"null", b"true", b"-", b"0", b"1e3", b"1.0", b"\\u0000", b"\\ud800", b"\xff", b"\x00", b" ", b"\n",
    b"99999999999999999999", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf"]
_REFUSED = frozenset({"malformed", "unknown_verb", "out_of_order"})
# Of a length that was announced and never came, nobody is told.
_CUT = _REFUSED | {"closed"}


def make(random, loot):
    channel = random.choice(("write", "read", None))
    choice = random.random()
    if choice < 0.4:
        return _attempt("random body", framed(random.randbytes(_length(random))), channel, _REFUSED)
    if choice < 0.6:
        return _attempt("random stream", random.randbytes(_length(random)), channel, _CUT)
    if choice < 0.9:
        body = b"".join(random.choices(_WORDS, k=random.randint(1, 40)))
        return _attempt("words of JSON", framed(body), channel, _REFUSED)
    if choice < 0.95:
        length = random.choice((0, (1 << 20) + 1, 1 << 24, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
        return _attempt("length that no frame has", struct.pack(">I", length) + b"{}", channel, _REFUSED)
    if choice < 0.999:
        cut = framed(random.randbytes(64))[:random.randint(1, 67)]
        return _attempt("half a frame", cut, channel, _CUT)
    return _attempt(
        "1 MiB", framed(random.choice((b" ", b"[", b'{"', b"\xff")) * (1 << 20))[:4 + (1 << 20)], channel, _REFUSED)


def _attempt(name, data, channel, allowed):
    return Attempt("noise", name, data, channel, allowed, ends=True, stops=True)


def _length(random):
    return random.randint(1, 1 << random.randint(0, 10))
