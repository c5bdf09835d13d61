"""What a client can do to a connection without saying anything wrong."""

import struct

from .attempt import framed, outcome
from .connection import Connection, greeting

_INVENTORY = framed(b'{"inventory":{}}')


def make(random, loot):
    """A game: called with the socket's path and the loot, it returns what came of it."""
    return random.choice(_GAMES)


def greets_twice(path, loot):
    line = Connection(path)
    answers = line.exchange([greeting("write"), greeting("write")])
    line.close()
    return outcome(answers[-1])


def takes_a_seat_twice(path, loot):
    first, second = Connection(path), Connection(path)
    first.exchange([greeting("read")])
    came = outcome(second.exchange([greeting("read")])[0])
    first.close()
    second.close()
    return came


def crowds(path, loot):
    """More connections than are taken, of which none says anything."""
    lines = [Connection(path) for _ in range(12)]
    for line in lines:
        line.close()
    return "done"


def leaves_in_the_middle(path, loot):
    line = Connection(path)
    line.exchange([greeting("write")])
    line.socket.send(struct.pack(">I", 1 << 20) + b'{"applyTunnel":' * 10)
    line.close()
    return "done"


def never_reads(path, loot):
    """Asks for more than a socket holds, and goes without having read one answer."""
    line = Connection(path)
    line.exchange([greeting("read")])
    for _ in range(2000):
        try:
            line.socket.send(_INVENTORY)
        except BlockingIOError:
            break
    line.close()
    return "done"


def speaks_byte_by_byte(path, loot):
    line = Connection(path)
    for byte in greeting("read")[:-1]:
        line.socket.send(bytes([byte]))
    came = outcome(line.exchange([b"}"])[0])
    line.close()
    return came


_GAMES = [greets_twice, takes_a_seat_twice, crowds, leaves_in_the_middle, never_reads, speaks_byte_by_byte]
