"""What must not be found, and a search for it: raw, in hexadecimal and in base 64, wherever in a text that begins.

A world has its `Secrets`; whatever passes through its clients is added by itself, the rest by one line
(`world.secrets.add("a password", text)`). When the world is closed, all that its daemons wrote is searched, and what is
found fails the test that had the world. What belongs to no world (what pytest wrote, what was seen of processes) is
searched at the end of the run, and fails the run: plugin.py.
"""

import base64
import io
import json
import re
import sys
import zipfile
from collections import defaultdict

# Shorter ones, or ones of fewer different bytes, can't be told from chance: a code of six digits, a key of zeros.
SHORTEST, PLAINEST = 12, 8
# In words of this many bytes is searched; a pattern of _WHOLE holds one of them whole, wherever in a text it begins.
_WORD = 8
_WHOLE = 2 * _WORD - 1

_LINES = re.compile(r"(PrivateKey|PresharedKey) *= *([A-Za-z0-9+/]{43}=)")
_TOKEN = re.compile(r"\baifw_([A-Za-z0-9_-]{43})\b")
# The keys of an association, in the far end's configuration.
_HEXADECIMAL = re.compile(r'(?:\b0x|")([0-9a-f]{40,144})\b')
# Members of answers and of requests whose text is secret wherever they stand.
ANSWERED = {"token", "code", "secret", "csrf_token", "recovery_code"}
ASKED = {"password", "code", "private_key", "preshared_key"}
ASKED_HEXADECIMAL = {"enc_key_in", "enc_key_out", "auth_key_in", "auth_key_out"}


def forms(secret):
    """How a secret's bytes would look where somebody put them. Of base 64, only the letters that depend on nothing
    before or behind it: three cases, for it may begin at any byte of what is encoded."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)
        letters = text[(8 * before + 5) // 6:8 * (before + len(secret)) // 6]
        found |= {letters, letters.replace(b"+", b"-").replace(b"/", b"_")}
    return found


class Secrets:
    """Names of secrets by their bytes. No method gives or says a secret."""

    def __init__(self):
        self._names = {}
        # What was answered where no secret belongs: refusals, and what a GET shows that is no configuration.
        self.answers = bytearray()

    def __len__(self):
        return len(self._names)

    def add(self, name, secret):
        """A secret, as bytes or as text; again under another name is no other."""
        secret = secret.encode() if isinstance(secret, str) else bytes(secret)
        if len(secret) >= SHORTEST and len(set(secret)) >= PLAINEST:
            self._names.setdefault(secret, name)

    def add_key(self, name, text):
        """A key in base 64, as WireGuard writes it; what is none is nobody's secret."""
        if isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9+/]{43}=", text):
            self.add(name, base64.b64decode(text))

    def add_all(self, other):
        for secret, name in other._names.items():
            self.add(name, secret)

    # MARK: What passes

    def read_text(self, text):
        """What a configuration or the command line shows."""
        for name, key in _LINES.findall(text):
            self.add_key(name, key)
        for letters in _TOKEN.findall(text):
            self.add("a token", f"aifw_{letters}")
            self.add("a token's bytes", base64.urlsafe_b64decode(letters + "="))

    def read_request(self, body):
        """What a caller gives."""
        for name, value in _members(body):
            if name in ASKED_HEXADECIMAL and re.fullmatch(r"(0x)?([0-9a-fA-F]{2})+", value):
                self.add(name, bytes.fromhex(value.removeprefix("0x")))
            elif name in ("private_key", "preshared_key"):
                self.add_key(name, value)
            elif name in ASKED:
                self.add(name, value)

    def read_answer(self, method, path, status, headers, body):
        """What a caller is told; method and path are those of the request."""
        if status >= 400 or (method == "GET" and not re.search(r"/config|/auth/", path)):
            self.answers += body + b"\n"
            return
        for name, value in headers:
            if name.lower() == "set-cookie":
                self._add_cookie(value)
        type = next((value for name, value in headers if name.lower() == "content-type"), "")
        if type == "application/zip":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                for name in archive.namelist():
                    self.read_text(archive.read(name).decode())
            return
        text = body.decode(errors="replace")
        self.read_text(text.replace("\\/", "/"))
        if "/ipsec/" in path and "/config" in path:
            for key in _HEXADECIMAL.findall(text):
                self.add("a key of an association", bytes.fromhex(key))
        if "json" in type and text:
            for name, value in _members(json.loads(text)):
                if name in ANSWERED:
                    self._add_word(name, value)

    def _add_cookie(self, header):
        value = header.split(";")[0].partition("=")[2]
        self._add_word("a session's cookie", value)

    def _add_word(self, name, value):
        """A secret that is written in letters: those, and the bytes that they stand for."""
        self.add(name, value)
        letters = value.removeprefix("aifw_").replace("-", "").upper()
        if name == "secret" and re.fullmatch(r"[A-Z2-7]{16,}=*", letters):
            self.add(f"{name}'s bytes", base64.b32decode(letters + "=" * (-len(letters) % 8)))
        elif re.fullmatch(r"(..){8,}", value) and re.fullmatch(r"[0-9a-f]+", value):
            self.add(f"{name}'s bytes", bytes.fromhex(value))
        elif re.fullmatch(r"[A-Za-z0-9_-]{22,}", value) and len(value) % 4 != 1:
            self.add(f"{name}'s bytes", base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))

    # MARK: The search

    def search(self):
        """A search for all that is known by now."""
        return Search(self._names)


# Those of all worlds of this run that were closed.
RUN = Secrets()


class Search:
    """Finds any of many secrets in a text, in time that does not grow with how many they are."""

    def __init__(self, names):
        self._short, self._by_word = [], defaultdict(list)
        for secret, name in names.items():
            for form in forms(secret):
                if len(form) < _WHOLE:
                    self._short.append((form, name))
                    continue
                # Of the words that begin at each of these, one is whole in any text that is cut into words.
                for start in range(_WORD):
                    self._by_word[int.from_bytes(form[start:start + _WORD], sys.byteorder)].append((form, name))

    def names_in(self, data):
        """The names of the secrets that are in `data`."""
        found = {name for form, name in self._short if form in data}
        whole = len(data) // _WORD * _WORD
        words = memoryview(data)[:whole].cast("Q")
        if not self._by_word.keys().isdisjoint(words):
            for word in self._by_word.keys() & set(words):
                found |= {name for form, name in self._by_word[word] if form in data}
        return sorted(found)


def _members(json):
    """All members whose value is a text, at any depth."""
    if isinstance(json, dict):
        for name, value in json.items():
            if isinstance(value, str):
                yield name, value
            else:
                yield from _members(value)
    elif isinstance(json, list):
        for value in json:
            yield from _members(value)
