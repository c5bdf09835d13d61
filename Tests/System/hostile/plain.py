"""HTTP to the API's Unix socket, byte by byte as it was made, over a connection that is kept while the server does."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

# Seconds for one answer: no request takes a thousandth of it, so this is a hang and no slow machine.
DEADLINE = 30
CHUNK = 64 << 10


@dataclass(frozen=True)
class Said:
    """What the server answered."""

    status: int
    type: str
    body: bytes

    def faults(self):
        """What is wrong with it as a problem (RFC 9457), in words; empty if it is a good one."""
        if self.type != "application/problem+json":
            return [f"Content-Type {self.type}"]
        problem = json.loads(self.body)
        found = [] if problem.get("status") == self.status else [f"says status {problem.get('status')}"]
        if not str(problem.get("type")).startswith("/problems/"):
            found.append(f"type {problem.get('type')}")
        return found + [f"no {name}" for name in ("title", "detail") if not problem.get(name)]

    @property
    def fields(self):
        """The members that it finds fault with."""
        return {fault["field"] for fault in json.loads(self.body).get("errors", [])}


class Plain:
    """Root needs no token there. What is refused must not say a secret: `world.secrets` gets it to be searched."""

    def __init__(self, world):
        self._path = str(world.api_socket)
        self._secrets = world.secrets
        self._socket = None

    def send(self, method, target, body=None, headers=(), chunked=False):
        """Sends one request and returns what was said, or None if the server closed without a word."""
        lines = [("Host", "localhost"), *headers]
        if body is not None and not any(name.lower() == "content-length" for name, _ in headers):
            lines.append(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body))))
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
        return self.send_raw(head.encode("latin-1"), body, chunked, method)

    def send_raw(self, head, body=None, chunked=False, method="GET"):
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(DEADLINE)
            self._socket.connect(self._path)
        try:
            self._socket.sendall(head + (b"" if chunked or body is None else body))
            if chunked:
                for start in range(0, len(body), CHUNK):
                    part = body[start:start + CHUNK]
                    self._socket.sendall(b"%x\r\n%s\r\n" % (len(part), part))
                self._socket.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has heard enough; its answer may be there all the same.
        response = HTTPResponse(self._socket, method=method)
        try:
            response.begin()
            said = Said(response.status, response.getheader("Content-Type", ""), response.read())
            if said.status >= 400:
                self._secrets.answers += said.body + b"\n"
        except (HTTPException, ConnectionResetError):
            said = None
        # Of chunks that nobody waited for, the server reads only so many.
        if said is None or response.will_close or chunked:
            self.close()
        return said

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None
