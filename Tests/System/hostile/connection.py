"""A connection to the helper that keeps many requests under way."""

import select
import socket
import struct

from ground.frames import PROTOCOL

from .attempt import framed

PATIENCE = 20


class Silence(AssertionError):
    """The helper has not answered for `PATIENCE` seconds, or can't be reached."""


class Connection:
    """Requests go out together; answers are taken as they come, so that neither end waits for the other for ever."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        # Not settimeout(): Python's connects without waiting, and a full queue refuses that (unix(7), EAGAIN).
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PATIENCE, 0))
        try:
            self.socket.connect(str(path))
        except OSError as fault:
            raise Silence(f"the helper can't be reached: {fault}") from fault
        self.socket.setblocking(False)
        self._poll = select.poll()
        self._received = bytearray()
        self.greeted = None
        self.ended = False

    def exchange(self, frames, stops=False):
        """Sends `frames` and returns the bodies of the answers: fewer than frames if the helper has closed."""
        rest, answers = memoryview(b"".join(frames)), []
        wanted = len(frames)
        while len(answers) < wanted and not self.ended:
            self._poll.register(self.socket, select.POLLIN | (select.POLLOUT if rest else 0))
            if not self._poll.poll(PATIENCE * 1000):
                raise Silence(f"no answer within {PATIENCE} s")
            if rest:
                rest = self._send(rest)
                if not rest and stops:
                    self.stop()
            self._receive()
            answers += self._whole()
        return answers

    def end(self):
        """Waits for the helper to close, which must say nothing more."""
        rest = self.exchange([b""])
        if rest or self._received:
            raise AssertionError(f"after the last answer came {(rest or [bytes(self._received)])[0][:200]}")

    def stop(self):
        """Says that nothing more is coming."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The helper was first.

    def _send(self, rest):
        try:
            return rest[self.socket.send(rest):]
        except BlockingIOError:
            return rest
        except (BrokenPipeError, ConnectionResetError):
            return rest[len(rest):]  # What it said before is still to be read.

    def _receive(self):
        try:
            part = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionResetError:
            part = b""
        self._received += part
        self.ended = not part

    def _whole(self):
        """The answers that are complete; a page that says `more` is no answer yet."""
        start = 0
        while len(self._received) >= start + 4:
            (length,) = struct.unpack_from(">I", self._received, start)
            if len(self._received) < start + 4 + length:
                break
            body = bytes(self._received[start + 4:start + 4 + length])
            start += 4 + length
            if not (body.startswith(b'{"read') and body.endswith(b'"more":true}}')):
                yield body
        del self._received[:start]

    def close(self):
        self.socket.close()


def greeting(channel):
    return framed({"greet": {"protocol": PROTOCOL, "channel": channel}})


def ask(connection, body):
    """One request and its answer's body, as bytes; None if the helper has closed."""
    return next(iter(connection.exchange([framed(body)])), None)
