"""Hostile queries, ids and headers, each with what it may be answered."""

from urllib.parse import quote

LONG = "A" * 8000
NOBODY = "00000000-0000-4000-8000-000000000000"

# No call knows these, or takes such a value of a parameter that it knows.
QUERIES = [
    "unheard_of=1", "unheard_of", "=", "=1", "%", "%2", "%zz", "%00", "%00=1", "%ff=1", "a=%ff", "a=%c0%af",
    "a=%ed%a0%80",
    "a=1&a=2", "%61=1&a=2", "limit=0", "limit=-1", "limit=1001", "limit=1e2", "limit=1.0", "limit=%2B1", "limit=0x10",
    "limit=" + "9" * 400, "limit=", "limit=1&limit=1", "limit=%D9%A1", "limit=1%00", "limit=%201", "sort=", "sort=Name",
    "sort=name%00", "sort=name,-name", "sort=id;DROP%20TABLE%20tunnel", "cursor=", "cursor=!", "cursor=AAAA",
    "cursor=%00",
    "cursor=W10", "cursor=WyJuYW1lIiwiYSIsIngiXQ", "cursor=WyJuYW1lIiwxLDJd", "cursor=" + "W1tb" * 1000,
    "cursor=" + LONG,
    "family=5", "family=", "family=4&family=6", "format=", "format=exe", "format=../../etc/passwd", "split_tunnel=yes",
    "split_tunnel=", "split_tunnel=TRUE", "split_tunnel=1", "x=" + LONG, "&".join(f"x{n}=1" for n in range(1000)),
    "limit[]=1", "limit=1;sort=name", "q=a&q=b", quote("\u202e") + "=1", quote("a" + "\u0301" * 1000) + "=1",
    "__proto__=1"]

# None is an id, though some look like the one of what is there.
IDS = [
    "0", "-1", "null", "*", "%2a", ".", "..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "%0a", "%ff", "%c0%af",
    "%", "%zz", "%2", "{id}", "%7Bid%7D", "'%20OR%201=1%20--", ";id", "$(id)", NOBODY, NOBODY.replace("-", ""),
    "%7B" + NOBODY + "%7D", NOBODY + "%0a", NOBODY + "%00", "%20" + NOBODY, NOBODY[:-1], NOBODY + "0",
    "g" + NOBODY[1:], quote("\u0660") + NOBODY[1:], quote("\uff10") + NOBODY[1:], LONG, quote("\u202e"), "a%2fb",
    quote("a" + "\u0301" * 1000), "urn:uuid:" + NOBODY, "ffffffff-ffff-ffff-ffff-ffffffffffff"]

# With none of these is a condition met.
CONDITIONS = [
    "", "r1", '"', '""', '"r1', 'r1"', 'W/"r1"', 'w/"r1"', "W/", '"r99999999999999999999"', '"r-1"', '"R1"', "'r1'",
    "**", "*x", "a" + "\xcc\x96\xcc\x81" * 3900,
    '"a", "b", "c"', ",,,,", '","', '"\x80\xff"', '"r1\t"', '"' + LONG + '"', ", ".join(['"x"'] * 2000), "null"]

# Whatever is wanted, the answer is one of ours.
ACCEPTED = [
    "", "*", "*/*;q=0", "text/html", "image/*;q=0.0", ";;;", ",,,", "*/*;q=nan", "*/*;q=inf", "*/*;q=-1", "*/*;q=1e999",
    "*/*;q=" + "9" * 400, "a/b" + LONG, "/", "\xff/\xff", "application/json;q=0.1, */*;q=0.2",
    ", ".join(["text/plain;q=0.1"] * 500)]
RANGES = ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=18446744073709551615-", "bytes=5-1", "lines=1-2", "bytes=",
          "bytes=" + ",".join(["0-1"] * 1000), "\xff"]
IDEMPOTENCY = ["", " ", '"', LONG, "\xff\xfe", "a\tb", "'; DROP TABLE token; --", "../../../etc/passwd", "*",
               "\x80" * 1000]
# Beside a socket that needs no token.
OTHERS = [
    (name, value) for name in (
        "Authorization", "Cookie", "X-CSRF-Token", "Last-Event-ID", "X-Request-Id", "Expect", "TE", "X-Forwarded-For",
        "X-HTTP-Method-Override", "If-None-Match", "Accept-Encoding", "Origin")
    for value in (
        "", LONG, "\xff\xfe\x80", "a" + "\xcc\x96\xcc\x81" * 3900, '"; DROP TABLE token; --',
        "Bearer aifw_" + "A" * 43, "Bearer", "=;=;=", "a=b; " * 1000)]

# What is no HTTP, or two readings of one: behind it stands what must not be read as a request of its own.
_SMUGGLED = b"0\r\n\r\nDELETE /api/v1/vpn/wg/%s HTTP/1.1\r\nHost: x\r\n\r\n"


def broken(target, tunnel):
    """Heads, with whatever follows them, that get a bare 400 or no answer, and the door."""
    smuggled = _SMUGGLED % tunnel.encode()
    post = f"POST {target} HTTP/1.1\r\nContent-Type: application/json\r\n"
    host = post + "Host: localhost\r\n"
    return {
        "no host": post.encode() + b"Content-Length: 2\r\n\r\n{}",
        "two hosts": (host + "Host: other\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a negative length": (host + "Content-Length: -1\r\n\r\n").encode(),
        "a length with a plus": (host + "Content-Length: +2\r\n\r\n{}").encode(),
        "a length in hexadecimal": (host + "Content-Length: 0x2\r\n\r\n{}").encode(),
        "a length beyond 64 bits": (host + "Content-Length: 99999999999999999999\r\n\r\n{}").encode(),
        "two lengths": (host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n").encode() + b"{}" + smuggled,
        "a list of lengths": (host + "Content-Length: 2, 3\r\n\r\n").encode() + b"{}" + smuggled,
        "length and chunks": (host + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n").encode() + smuggled,
        "an unknown coding": (host + "Transfer-Encoding: nonsense\r\n\r\n").encode() + smuggled,
        "chunks that are not last": (host + "Transfer-Encoding: chunked, identity\r\n\r\n").encode() + smuggled,
        "a chunk of no number": (host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n").encode(),
        "a chunk of a negative length": (host + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n").encode(),
        "a chunk beyond 64 bits": (host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n").encode(),
        "a chunk longer than it says": (host + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}{}{}\r\n0\r\n\r\n").encode(),
        "NUL in a header": (host + "X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a blank before a colon": (host + "X-A : b\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a folded header": (host + "X-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a header without a name": (host + ": b\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a line that is no header": (host + "nonsense\r\nContent-Length: 2\r\n\r\n{}").encode(),
        "a blank in the target": f"GET {target} x HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "NUL in the target": f"GET {target}\0 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "no target": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
        "HTTP of another time": f"GET {target} HTTP/9.9\r\nHost: x\r\n\r\n".encode(),
        "no version": f"GET {target}\r\n\r\n".encode(),
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        "NUL alone": bytes(1000), "lines without end": b"\r\n" * 100 + b"\0",
        "a header of a megabyte": (host + "X-A: " + "A" * (1 << 20) + "\r\n\r\n").encode(),
        "ten thousand headers": (host + "X-A: b\r\n" * 10_000 + "\r\n").encode(),
        "a target of a megabyte": f"GET {target}?{'A' * (1 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "a method of a megabyte": b"A" * (1 << 20) + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    }
