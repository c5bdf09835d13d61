"""The REST API over its Unix socket, by one connection that is kept: for tests of many requests."""

import http.client
import json
import socket


class Line(http.client.HTTPConnection):
    """Root needs no token there."""

    def __init__(self, world):
        super().__init__("localhost", timeout=60)
        self._path = str(world.api_socket)
        self._secrets = world.secrets

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def ask(self, method, path, body=None):
        """The `data` of the answer, which must be a success; None where it has none."""
        data = None if body is None else json.dumps(body).encode()
        self.request(method, f"/api/v1{path}", data, {"Content-Type": "application/json"} if data else {})
        answer = self.getresponse()
        text = answer.read()
        self._secrets.read_request(body)
        self._secrets.read_answer(method, path, answer.status, answer.getheaders(), text)
        assert answer.status in (200, 201), f"{method} {path}: {answer.status} {text.decode(errors='replace')}"
        return json.loads(text).get("data")
