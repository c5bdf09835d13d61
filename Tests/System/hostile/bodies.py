"""Hostile bodies: a good one, damaged in every way that we could think of. All are enumerated, none is drawn by lot.

Each says what it is to be answered: 400 for what is no JSON, 413, 415, 422 for JSON that is not what is needed.
"""

import json
from dataclasses import dataclass, replace

DEPTH = 10_000
# Up to this many bytes, with all that is around it, a text fits into a body of 1 MiB.
LONG = 1_000_000
_JSON = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Body:
    """`field` is the member that a 422 has to name; None for any, or for none."""

    name: str
    data: bytes
    statuses: frozenset
    field: str | None = None
    headers: tuple = _JSON
    chunked: bool = False


# MARK: Values, as they stand in the text

_HUGE = {
    "1e400": "1e400", "-1e400": "-1e400", "a fraction of zero": "51820.0", "an exponent": "5182e1", "E": "1E2",
    "a half": "0.5", "-1": "-1", "2^64": "18446744073709551616", "2^63": "9223372036854775808",
    "-2^63-1": "-9223372036854775809", "400 digits": "1" * 400, "400 digits of a fraction": "0." + "1" * 400,
    "an exponent of 400 digits": "1e" + "9" * 400}
_SMALL = {"0": "0", "-0": "-0", "1": "1"}
_OTHER_TYPES = {
    "an empty array": "[]", "an empty object": "{}", "an array in an array": "[[]]", "null in an array": "[null]",
    "an object in an array": "[{}]", "an object": '{"a": 1}', "a flag in an array": "[true]",
    "a number in an array": "[1]", "as deep as is read": "[" * 28 + "]" * 28}
_FLAGS = {"true": "true", "false": "false"}

# Texts that are nothing anywhere, not even a name.
_STRAY = {
    "NUL": "\0", "NUL within": "a\0b", "a line of its own": "x\nPostUp = touch /tmp/owned",
    "a section of its own": "x\r\n[Peer]\r\nAllowedIPs = 0.0.0.0/0", "a rule of its own": "x\npass in quick all\n",
    "a line separator": "x\u2028y", "a paragraph separator": "x\u2029y", "from right to left": "a\u202eb",
    "an isolate": "a\u2066b", "a left mark": "a\u200fb", "SOH": "\x01", "DEL": "a\x7f", "NEL": "a\x85b",
    "ESC": "\x1b[2J",
    "a byte order mark within": "a\ufeff", "a zero width": "au\u200bto", "a tag": "a\U000e0041",
    "blank": " ", "white space": "\t\n", "a no-break space": "\u00a0", "an ideographic space behind": "auto\u3000",
    "a megabyte": "A" * LONG, "Hangul": "\u1100\u1161\u11a8" * 10_000, "ligatures": "\ufdfa" * 10_000,
    "as many marks as are read": "a" + "\u0316\u0301" * 32}
# More marks in a row than are read at all: to put them in order takes a time that grows with their number's square.
_BOMBS = {
    "a bomb of marks": "a" + "\u0301" * 20_000, "a bomb of two orders": "a" + "\u0316\u0301" * 20_000,
    "a bomb of letters made of marks": "a" + "\u0f73\u0f71" * 20_000}
# Texts that may well be a name, and are nothing else.
_SYNTAX = {
    "a quote and a rule": '"; pass in all; "', "a brace": "} ; flush ruleset", "a brace of nft": "{ 10.0.0.0/8 }",
    "a substitution": "$(reboot)", "a backquote": "`reboot`", "SQL": "' OR 1=1 --", "a path": "../../../etc/passwd",
    "a format": "%n%s", "an escape": "\\u0000", "a command": "wg0; reboot", "a comment": "10.0.0.1/24 # x",
    "a template": "{{7*7}}", "Cyrillic": "\u0430uto", "full width": "\uff41\uff55\uff54\uff4f",
    "combining": "auto\u0307", "Arabic digits": "\u0661\u0660.\u0660.\u0660.\u0661/\u0662\u0664",
    "wide digits": "\uff11", "a superscript": "\u00b9", "a comma": ",", "commas": ", ,", "a variable": "${IFS}",
    "a table": "<bogons>", "a long list": ",".join(["10.0.0.1/32"] * 5000)}
# Words that look like the right one to a reader who does not look at the case.
_ALIKE = {"capitals": "AUTO", "a capital": "Auto", "a blank before": " auto", "a blank behind": "auto ", "empty": ""}

# What kind of value a member is; those not listed are words: one of a few, or of a grammar.
NAMES = {"name"}
NUMBERS = {"listen_port", "mtu", "persistent_keepalive", "replay_window"}
# A number, or a text that is one.
NUMERALS = {"fwmark", "spi_in", "spi_out"}
MARKS = {"masquerade", "routes", "enabled", "allow_overlap", "keep_private_key"}
# A host's name may be "AUTO", and so may a user's.
HOSTS = {"dns", "endpoint", "listen_interface", "username"}
# "" clears them.
CLEARED = {"dns", "endpoint", "listen_interface", "split_routes", "client_routes", "preshared_key", "src_networks",
           "dst_networks"}
# Any text that is long enough, and not too long.
PHRASES = {"password"}
# Where nothing stands, 0 does.
_ZERO = {"fwmark", "persistent_keepalive", "replay_window"}


def _texts(name):
    if name in PHRASES:
        return {"too short": "short", "too long": "x" * 1025, "a megabyte": "A" * LONG}
    found = dict(_STRAY)
    if name not in NAMES:
        found |= _SYNTAX
    if name not in NAMES | HOSTS:
        found |= _ALIKE
    if name in CLEARED:
        found.pop("empty", None)
    return found


def _wrong(name):
    """What is no value of the member `name`: names to texts."""
    found = _HUGE | _OTHER_TYPES
    if name not in NUMBERS | NUMERALS | MARKS or name in MARKS:
        found = found | _SMALL
    elif name not in _ZERO:
        found = found | {"0": "0", "-0": "-0"}
    if name not in MARKS:
        found = found | _FLAGS
    found = found | {what: json.dumps(text) for what, text in _texts(name).items()}
    if name in NUMBERS | MARKS:
        found = found | {"digits in quotes": '"51820"', "true in quotes": '"true"'}
    return found


# MARK: Bodies

def _text(members):
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members) + "}"


def _members(call):
    return [(name, json.dumps(value)) for name, value in call.body.items()]


def _whole(call, text):
    """The body whose members are `text`."""
    return (text if call.inside is None else f'{{"{call.inside}": [{text}]}}').encode()


def good(call):
    return _whole(call, _text(_members(call)))


def _damaged_members(call):
    members = _members(call)
    place = "" if call.inside is None else f"{call.inside}[0]."

    def body(what, changed, name):
        return Body(what, _whole(call, _text(changed)), frozenset({422}), None if call.instead else place + name)

    for name, _ in members:
        others = [one for one in members if one[0] != name]
        for what, value in _wrong(name).items():
            yield body(f"{name}: {what}", others + [(name, value)], name)
        for what, text in _BOMBS.items():
            yield Body(f"{name}: {what}", _whole(call, _text(others + [(name, f'"{text}"')])), frozenset({400}))
        if name in call.required:
            yield body(f"{name}: left out", others, name)
        if name in call.required | call.settable:
            yield body(f"{name}: null", others + [(name, "null")], name)
    for name in call.read_only:
        for what, value in {"a number": "1", "a text": '"x"', "an array": "[]"}.items():
            yield body(f"{name}, which can't be set: {what}", members + [(name, value)], name)


def _not_json(call):
    """What is no JSON (RFC 8259), or more than that."""
    members, text = _members(call), good(call)
    first, value = members[0]
    twice = json.dumps(first)
    found = {
        "empty": b"", "white space": b" \r\n\t", "NUL": b"\0", "two": text + text, "a letter behind": text + b"x",
        "NUL behind": text + b"\0", "a brace behind": text + b"}", "a comma behind": text + b",",
        "a BOM": b"\xef\xbb\xbf" + text, "UTF-16": text.decode().encode("utf-16"),
        "UTF-16 without a mark": text.decode().encode("utf-16-le"), "UTF-32": text.decode().encode("utf-32-be"),
        "arrays without end": b"[" * DEPTH, "objects without end": b'{"a":' * DEPTH,
        "deep arrays": b"[" * DEPTH + b"]" * DEPTH, "deep objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
        "both, deep": b'[{"a":' * (DEPTH // 2) + b"1" + b"}]" * (DEPTH // 2),
        "single quotes": text.replace(b'"', b"'"), "a comma at the end": text[:-1] + b",}",
        "a comma at the start": b"{," + text[1:], "a comment": b"/* */" + text, "a comment of a line": b"// x\n" + text,
        "form data": b"name=x&address=10.0.0.1%2F24", "XML": b"<name>x</name>", "YAML": b"name: x\naddress: y\n",
        "a name without quotes": b"{name: 1}", "no colon": b'{"name" 1}', "no value": b'{"name": }',
        "no name": b"{: 1}", "a number for a name": b"{1: 1}", "a word": b"undefined", "True": b"True",
        "half a word": b"tru",
        "bytes of 0xff": b"\xff" * 1000, "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 100}
    for what, raw in {
            "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity", "a plus": "+1", "a leading zero": "01",
            "no digit before the point": ".5", "no digit behind it": "1.", "a bare exponent": "1e",
            "hexadecimal": "0x10", "a minus alone": "-", "two minus": "--1", "an underscore": "1_000",
            "deep": "[" * DEPTH + "]" * DEPTH, "deeper than is read": "[" * 40 + "]" * 40,
            "a lone high surrogate": '"\\ud800"',
            "a lone low surrogate": '"\\udc00"', "surrogates in the wrong order": '"\\udc00\\ud800"',
            "a high one and a letter": '"\\ud800a"', "two high ones": '"\\ud800\\ud800"', "half an escape": '"\\u12"',
            "an escape of hexadecimal": '"\\x41"', "an escape of an octet": '"\\0"', "an escape at the end": '"\\"',
            "no hexadecimal digit": '"\\u00zz"', "a line in it": '"a\nb"', "a tab in it": '"a\tb"',
            "NUL in it": '"a\0b"', "US in it": '"a\x1fb"', "no end": '"a'}.items():
        found[f"{first}: {what}"] = _whole(call, _text([(first, raw), *members[1:]]))
    for what, raw in {
            "a stray continuation": b"\x80", "a start alone": b"\xc3", "two bytes for a slash": b"\xc0\xaf",
            "three bytes for a slash": b"\xe0\x80\xaf", "four bytes for a slash": b"\xf0\x80\x80\xaf",
            "two bytes for NUL": b"\xc0\x80", "an encoded surrogate": b"\xed\xa0\x80",
            "a pair of them": b"\xed\xa0\xbd\xed\xb8\x80", "beyond Unicode": b"\xf4\x90\x80\x80",
            "0xf5": b"\xf5\x80\x80\x80", "five bytes": b"\xf8\x88\x80\x80\x80",
            "0xfe": b"\xfe", "0xff": b"\xff", "two of three": b"\xe2\x82", "three of four": b"\xf0\x9f\x92",
            "Latin-1": "é".encode("latin-1")}.items():
        found[f"{what}, in a value"] = _whole(call, _text([(first, '"@"'), *members[1:]])).replace(b"@", raw, 1)
        found[f"{what}, in a name"] = _whole(call, _text([("@", "1"), *members])).replace(b"@", raw, 1)
    for name, value in members:
        found[f"{name} twice"] = _whole(call, _text([*members, (name, value)]))
    found |= {
        "twice, once escaped": _whole(call, _text(members)[:-1] + f', "\\u{ord(first[0]):04x}{first[1:]}": {value}}}'),
        "twice, with another value": _whole(call, _text([(first, "null"), *members])),
        "five thousand times": _whole(call, "{" + ", ".join([f"{twice}: {value}"] * 5000) + "}"),
        "a lone surrogate in a name": _whole(call, _text(members)[:-1] + ', "\\ud800": 1}'),
        "unknown ones, the last twice": _whole(
            call, f'{_text(members)[:-1]}, {_CROWDS["five thousand unknown"]}, "x0": 1}}'),
        "a bomb of marks for a name": _whole(call, _text([*members, ("a" + "\u0316\u0301" * 20_000, "1")]))}
    for cut in {len(text) * part // 24 for part in range(1, 24)} | {len(text) - part for part in range(1, 6)}:
        found[f"cut off behind {cut} bytes"] = text[:cut]
    for what, data in found.items():
        yield Body(what, data, frozenset({400}))


_CROWDS = {
    "five thousand unknown": ", ".join(f'"x{number}": 1' for number in range(5000)),
    "sixty thousand unknown": ", ".join(f'"{number:x}": 1' for number in range(60_000)),
    "as many near misses": ", ".join(f'"nam{number}": 1' for number in range(50_000))}


def _no_such_object(call):
    """JSON, but no object, or one with members that nobody knows, or without any."""
    members = _members(call)
    found = {
        "null": b"null", "true": b"true", "a number": b"1", "a huge number": b"1e400", "400 digits": b"1" * 400,
        "a text": b'"x"', "an empty array": b"[]", "it in an array": b"[" + good(call) + b"]",
        "a long array": b"[" + b",".join([b"1"] * 100_000) + b"]", "a megabyte of text": b'"' + b"A" * LONG + b'"',
        "as deep as is read": b"[" * 32 + b"]" * 32}
    for what, more in {
            "an empty name": [("", "1")], "a blank name": [(" ", "1")], "__proto__": [("__proto__", "{}")],
            "a name of NUL": [("\0", "1")], "a name with a line": [("x\nPostUp", "1")],
            "a name of a megabyte": [("A" * LONG, "1")], "a name from right to left": [("\u202eeman", "1")],
            "a known name in capitals": [(members[0][0].upper(), "1")],
            "a known name and NUL": [(members[0][0] + "\0", "1")], "a name that looks known": [("n\u0430me", "1")],
            "one unknown": [("unheard_of", "null")]}.items():
        found[what] = _whole(call, _text(members + more))
    for what, more in _CROWDS.items():
        found[what] = _whole(call, f"{_text(members)[:-1]}, {more}}}")
    if call.required:
        found["no member"] = _whole(call, "{}")
    if call.inside:
        found |= {
            f"{call.inside}: {what}": f'{{"{call.inside}": {value}}}'.encode() for what, value in
            {"null": "null", "a text": '"x"', "a number": "1", "an object": "{}", "of texts": '["x"]',
             "of null": "[null]", "too many": "[" + ",".join(["{}"] * 10_001) + "]"}.items()}
    for what, data in found.items():
        yield Body(what, data, frozenset({422}))


def _wrappings(call, method):
    """A good body under a wrong name or in the wrong measure."""
    text, over = good(call), b" " * call.limit + b"{}"
    types = ["text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
             "application/xml", "application/jsonx", "application/octet-stream", "application", "/", "", "*/*", "json",
             "application/json/json", "text/plain; application/json", "application/json, text/plain"]
    if method != "PATCH":
        types.append("application/merge-patch+json")
    for type in types:
        yield Body(f"as {type!r}", text, frozenset({415}), headers=(("Content-Type", type),))
    for coding in ("gzip", "br", "identity, gzip", "nonsense"):
        yield Body(f"coded as {coding}", text, frozenset({415}), headers=(*_JSON, ("Content-Encoding", coding)))
    yield Body("over the limit", over, frozenset({413}))
    yield Body("over the limit, in chunks", over, frozenset({413}), chunked=True)
    for length in (call.limit + 1, 1 << 40, (1 << 63) - 1):
        yield Body(
            f"{length} bytes announced", b"{", frozenset({413}), headers=(*_JSON, ("Content-Length", str(length))))


def damaged(call, method):
    """All of them, each once."""
    seen = set()
    for made in (_not_json(call), _no_such_object(call), _damaged_members(call), _wrappings(call, method)):
        for body in made:
            key = (body.data, body.headers, body.chunked)
            if key not in seen:
                seen.add(key)
                yield replace(body, statuses=body.statuses | call.instead)
