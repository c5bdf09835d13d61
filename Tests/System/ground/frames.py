"""The helper's socket, spoken to byte by byte."""

import json
import os
import socket
import struct

# Greet.protocolVersion of Sources/Wire.
PROTOCOL = 3


class Frames:
    """A connection to the helper as account `user`: the kernel tells the helper who connected, by the effective id."""

    def __init__(self, path, user):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        os.seteuid(user)
        try:
            self.socket.connect(str(path))
        finally:
            os.seteuid(0)

    def send(self, body):
        """Sends one frame: bytes as they are, anything else as JSON."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_raw(struct.pack(">I", len(body)) + body)

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next frame's JSON; None if the helper has closed the connection."""
        head = self._exactly(4)
        if head is None:
            return None
        return json.loads(self._exactly(struct.unpack(">I", head)[0]))

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                return None
            data += part
        return data

    def ask(self, body):
        self.send(body)
        return self.receive()

    def greet(self, channel):
        """Greets, and returns the answer."""
        return self.ask({"greet": {"protocol": PROTOCOL, "channel": channel}})

    def close(self):
        self.socket.close()
