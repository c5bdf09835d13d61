"""An event stream of the API, read as a client of server-sent events reads it, and held against the description."""

import json
import socket
import time
from http.client import HTTPResponse

from .rest import HOST, Answer

SCHEMAS = {"change": "ChangeEvent", "status": "StatusEvent", "handshake": "HandshakeEvent", "reset": "ResetEvent"}


class Stream:
    """`GET /events` for the caller of `rest`, over TLS or, with the `path` of a socket, on this host. `last` is what a
    browser has as its last event id, and is kept up to date. Iterating yields (event, data) until the stream ends."""

    def __init__(self, rest, last=None, query="", path=None, receive=None):
        self.last = last
        self._contract = rest.contract
        lines = [f"GET /api/v1/events{query} HTTP/1.1", f"Host: {HOST}", "Accept: text/event-stream"]
        if path is None:
            lines.append(f"Authorization: Bearer {rest.token}")
            self._socket = rest.connection()
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(30)
            self._socket.connect(str(path))
        if receive:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        if last is not None:
            lines.append(f"Last-Event-ID: {last}")
        self._socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self._response = HTTPResponse(self._socket, method="GET")
        self._response.begin()
        self.status = self._response.status
        self.headers = dict(self._response.getheaders())
        body = b"" if self.status == 200 else self._response.read()
        self.answer = Answer(self.status, self.headers, body)
        if self._contract:
            self._contract.check("GET", "/api/v1/events", self.answer)
        if self.status == 200:
            assert self.headers["Cache-Control"] == "no-store" and self.headers["X-Accel-Buffering"] == "no"

    def _line(self):
        """The next line without its end; None where the stream has ended."""
        line = self._response.readline()
        return line.decode().rstrip("\n") if line.endswith(b"\n") else None

    def block(self):
        """The fields of the next block, comments under an empty name; None at the end of the stream."""
        fields = {}
        while line := self._line():
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        if line is None:
            return None
        # The last id moves with a block that has no data too.
        self.last = fields.get("id", self.last)
        return fields

    def __iter__(self):
        while (fields := self.block()) is not None:
            if "data" in fields:
                yield self._event(fields)

    def _event(self, fields):
        data = json.loads(fields["data"])
        if self._contract:
            reference = {"$ref": f"#/components/schemas/{SCHEMAS[fields['event']]}"}
            self._contract.validate(("event", fields["event"]), reference, data)
        assert ("id" in fields) == (fields["event"] in ("change", "reset"))
        if "id" in fields:
            assert int(fields["id"]) == data["revision"]
        return fields["event"], data

    def until(self, wanted, seconds=40):
        """The data of the first event that `wanted(event, data)` wants. It must come within `seconds`, or by the
        heartbeat behind them."""
        end = time.monotonic() + seconds
        while (fields := self.block()) is not None:
            if "data" in fields:
                event, data = self._event(fields)
                if wanted(event, data):
                    return data
            assert time.monotonic() < end, f"not within {seconds} s"
        raise AssertionError("the stream has ended before")

    def ends(self):
        """Reads it to its end, which must come."""
        for _ in self:
            pass
        return True

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
