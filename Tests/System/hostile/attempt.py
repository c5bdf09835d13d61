"""One thing that the hostile client sends, and what may come back."""

import json
import struct
from dataclasses import dataclass

# What an attempt may be answered with: the verb's name for success, a refusal's code, "closed" without a word.
ANY = None
# These close the connection (Wire/Refusal.swift).
CLOSING = {"malformed", "unknown_verb", "out_of_order", "closed"}


@dataclass
class Attempt:
    """`data` goes out as it is. `channel` is "write" or "read", or None for a connection that has not greeted. `ends`
    says that the connection is expected to be closed after it; `stops` that the client itself says no more behind
    it."""

    kind: str
    name: str
    data: bytes
    channel: str | None = "write"
    allowed: frozenset | None = ANY
    ends: bool = False
    stops: bool = False


def framed(body):
    """A frame around `body`: bytes as they are, anything else as JSON."""
    body = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return struct.pack(">I", len(body)) + body


def outcome(body):
    """Of a reply: the refusal's code, or the verb that succeeded."""
    if body.startswith(b'{"refused":{"code":"'):
        return body[20:body.index(b'"', 20)].decode()
    return body[2:body.index(b'"', 2)].decode()
