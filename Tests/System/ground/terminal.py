"""A program that believes somebody sits before it."""

import os
import select
import subprocess
import termios


class Terminal:
    """Runs a program at a terminal of its own, which its Ctrl-C goes by; `shown` is all that was seen there."""

    def __init__(self, arguments, **options):
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            list(map(str, arguments)), stdin=theirs, preexec_fn=lambda: os.login_tty(0), **options)
        os.close(theirs)
        self.shown = ""
        self._position = 0

    def until(self, text):
        """Waits until `text` was shown, behind what was waited for before."""
        while text not in self.shown[self._position:]:
            assert self._read(), f"it has ended without {text!r}, after {self.shown!r}"
        self._position = self.shown.index(text, self._position) + len(text)
        return self

    def type(self, text):
        os.write(self._ours, text.encode())
        return self

    @property
    def echoes(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def end(self):
        """Waits for the program's end; returns its status."""
        while self._read():
            pass
        return self.process.wait(timeout=20)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        """False at the end."""
        assert select.select([self._ours], [], [], 20)[0], f"it waits; it has shown {self.shown!r}"
        try:
            part = os.read(self._ours, 1024)
        except OSError:  # The other end is closed.
            return False
        self.shown += part.decode().replace("\r\n", "\n")
        return bool(part)
