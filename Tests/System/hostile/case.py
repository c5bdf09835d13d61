"""A request that is a well-formed frame and must not be done, and a table of such."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Case:
    """`request(loot)` is a request, or the bytes of a frame's body. `field` is None where none is named."""

    request: Callable
    code: str
    field: str | None = None
    channel: str | None = "write"


class Cases(dict):
    """By name."""

    def add(self, name, request, code, field=None, channel="write"):
        assert name not in self, name
        self[name] = Case(request, code, field, channel)
