"""What a client can do to a connection without saying anything wrong."""

import socket
import struct

from .attempt import framed, outcome
from .connection import Connection, greeting

_INVENTORY = framed(b'{"inventory":{}}')


def make(random, loot):
    """A game and what must come of it: called with the socket's path, it returns what came."""
    return random.choice(_GAMES)


def greets_twice(path):
    line = Connection(path)
    answers = line.exchange([greeting("write"), greeting("write")])
    line.close()
    return outcome(answers[-1])


def takes_a_seat_twice(path):
    first, second = Connection(path), Connection(path)
    first.exchange([greeting("read")])
    came = outcome(second.exchange([greeting("read")])[0])
    first.close()
    second.close()
    return came


def crowds(path):
    """More connections than are taken, of which none says anything; the queue may be full of them."""
    lines = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) for _ in range(12)]
    for line in lines:
        line.connect_ex(str(path))
    for line in lines:
        line.close()
    return "done"


def leaves_in_the_middle(path):
    line = Connection(path)
    line.exchange([greeting("write")])
    line.socket.send(struct.pack(">I", 1 << 20) + b'{"applyTunnel":' * 10)
    line.close()
    return "done"


def never_reads(path):
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


def speaks_byte_by_byte(path):
    line = Connection(path)
    for byte in greeting("read")[:-1]:
        line.socket.send(bytes([byte]))
    came = outcome(line.exchange([b"}"])[0])
    line.close()
    return came


_GAMES = [
    (greets_twice, "out_of_order"), (takes_a_seat_twice, "limit"), (crowds, "done"), (leaves_in_the_middle, "done"),
    (never_reads, "done"), (speaks_byte_by_byte, "greet")]
