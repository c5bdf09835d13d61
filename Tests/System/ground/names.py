"""A DNS server in a namespace, for the C library of who is in there: it knows the names that a test gives it."""

import contextlib
import socket
import struct
import threading

ADDRESS = "127.0.0.53"
_A, _INTERNET = 1, 1
# Answered, by who knows; recursion was asked for and is had (RFC 1035, section 4.1.1).
_ANSWER, _NO_SUCH_NAME = 0x8580, 3


class Names:
    """Answers with what `addresses` holds, name to IPv4 address, at the time of the question; counts in `asked`."""

    def __init__(self, namespace, folder):
        self.addresses = {}
        self.asked = []
        file = folder / "resolv.conf"
        file.write_text(f"nameserver {ADDRESS}\noptions timeout:2 attempts:2\n")
        file.chmod(0o644)
        # Others must not see it: the namespace has mounts of its own.
        namespace.run("mount", "--bind", file, "/etc/resolv.conf")
        self._socket = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ADDRESS, 53))
        # How soon it notices that it is to end.
        self._socket.settimeout(0.2)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                question, sender = self._socket.recvfrom(512)
                self._socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        labels, place = [], 12
        while question[place]:
            labels.append(question[place + 1:place + 1 + question[place]].decode())
            place += 1 + question[place]
        name = ".".join(labels).lower()
        kind, _ = struct.unpack_from("!HH", question, place + 1)
        self.asked.append(name)
        address = self.addresses.get(name)
        found = address is not None and kind == _A
        head = question[:2] + struct.pack(
            "!HHHHH", _ANSWER | (0 if address else _NO_SUCH_NAME), 1, int(found), 0, 0)
        record = struct.pack("!HHHIH", 0xC00C, _A, _INTERNET, 1, 4) + socket.inet_aton(address) if found else b""
        return head + question[12:place + 5] + record

    def close(self):
        self._ends.set()
        self._thread.join(timeout=5)
        self._socket.close()
