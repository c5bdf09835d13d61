"""A client who has nothing to do with what a test changes, and must not notice it."""

from .client import PingStream

# After so many seconds WireGuard makes a new session key by itself (REKEY_AFTER_TIME of its paper).
REKEY = 120


class Bystander:
    """A connected client with a ping stream, and the interface of the gateway that it is connected to."""

    def __init__(self, world, tunnel, peer):
        self._world = world
        self._interface = tunnel["interface"]
        self.client = world.connected_client(tunnel, peer)
        self._index = world.index(self._interface)
        self._handshake = self.client.handshake()
        self._stream = PingStream(self.client)

    def goes_on(self, count=3):
        """Returns after `count` more answers; fails if a session was made anew before its time."""
        self._stream.advance(count)
        handshake, former = self.client.handshake(), self._handshake
        self._handshake = handshake
        # Both are cut to whole seconds.
        assert handshake == former or handshake - former >= REKEY - 1, (
            f"a new handshake {handshake - former} s after the last one")

    def noticed_nothing(self):
        """Ends the stream; fails if a ping was lost, or the interface is another one."""
        self.goes_on()
        self._stream.stop()
        assert self._world.index(self._interface) == self._index, f"{self._interface} was made anew"
