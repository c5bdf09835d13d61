"""The way between the browser and the server, which a test can cut."""

import contextlib
import socket
import threading


class Cable:
    """Listens at a port of 127.0.0.1 that stays the same, and carries what comes, as it is, to where `port()` says that
    the server listens now: a daemon that is started again may have another one."""

    def __init__(self, port):
        self._far_port = port
        self._ends, self._lock = set(), threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._serve()

    def cut(self):
        """Ends all connections; new ones are refused."""
        if self._listener:
            _end(self._listener)
            self._listener = None
            self._thread.join(timeout=5)
        with self._lock:
            for end in self._ends:
                _end(end)
            self._ends.clear()
        self.thaw()

    def freeze(self):
        """Nothing gets through and nobody is told, as where packets are lost; connections stay open."""
        self._flows.clear()

    def thaw(self):
        """What was held up goes on."""
        self._flows.set()

    def mend(self):
        """New connections get through; one that has been all along goes on."""
        self.thaw()
        if not self._listener:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._serve()

    def _serve(self):
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()

    def _accept(self, listener):
        # Until the listener is shut down.
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._far_port()), timeout=10)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                with self._lock:
                    self._ends |= {near, far}
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        # One that says no more is done: TLS says good-bye on its own.
        for end in (source, target):
            _end(end)
        with self._lock:
            self._ends -= {source, target}


def _end(end):
    # The other direction may have done it.
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
