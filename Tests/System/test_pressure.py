"""Whoever holds connections, sends slowly or sends much: aifw-apid goes on answering others, the Unix socket above all,
its memory and its descriptors stay within bounds, and afterwards all is as before."""

import contextlib
import json
import resource
import secrets
import select
import socket
import ssl
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse

import pytest
from ground.process import Process
from ground.waiting import wait_until

LIMIT = 1024  # max-connections, as it is built in.
DESCRIPTORS = LIMIT + 384  # docs/CONFIGURATION.md
# Private memory, in MiB, with that many connections; some 40 to 55 KiB each.
MEMORY = 256


@pytest.fixture(autouse=True)
def descriptors():
    """This process needs one for each connection that it makes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Siege:
    """What the daemon is like while many connections are held; they are closed at the end."""

    def __init__(self, world):
        self.world = world
        self.process = Process(world.api.pid)
        self.held = []
        self._before = self.sockets()
        context = ssl.create_default_context(cafile=world.certificate)
        context.check_hostname = False
        self._contexts = {"http/1.1": context}
        context = ssl.create_default_context(cafile=world.certificate)
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        self._contexts["h2"] = context

    def sockets(self):
        """How many the daemon has open. Its other descriptors come and go with its database."""
        return list(self.process.descriptors().values()).count("socket")

    def plain(self):
        """TCP without a word."""
        self.held.append(self.world.rest.plain_connection())
        return self.held[-1]

    def secured(self, protocol="http/1.1"):
        """TLS, its handshake done."""
        plain = self.world.rest.plain_connection()
        try:
            self.held.append(self._contexts[protocol].wrap_socket(plain))
        except OSError:
            plain.close()
            raise
        return self.held[-1]

    def local(self):
        """Over the Unix socket."""
        made = socket.socket(socket.AF_UNIX)
        made.connect(str(self.world.api_socket))
        self.held.append(made)
        return made

    def others_are_served(self):
        self.world.rest.get("/vpn/wg").must(200)
        assert self.world.aifw("vpn", "list").returncode == 0

    def is_within_bounds(self):
        assert len(self.process.descriptors()) <= DESCRIPTORS
        memory = self.process.private_kib() >> 10
        assert memory <= MEMORY, f"{memory} MiB"

    def lift(self):
        for connection in self.held:
            connection.close()
        self.held.clear()

    def is_forgotten(self):
        """Everything that was held is given back: the daemon has no more sockets than before."""
        wait_until(lambda: self.sockets() <= self._before, "as few sockets as before", 30)
        self.others_are_served()
        self.is_within_bounds()
        assert self.world.api.runs


@pytest.fixture
def siege(world):
    siege = Siege(world)
    yield siege
    siege.lift()


def closed(connections, seconds):
    """Waits until the daemon has closed all of them."""
    left = {connection.fileno(): connection for connection in connections}
    poll = select.poll()
    for descriptor in left:
        poll.register(descriptor, select.POLLIN | select.POLLRDHUP)
    end = time.monotonic() + seconds
    while left:
        rest = end - time.monotonic()
        assert rest > 0, f"still open after {seconds} s: {list(left.values())[:5]} of {len(left)}"
        for descriptor, event in poll.poll(rest * 1000):
            if event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR):
                poll.unregister(descriptor)
                del left[descriptor]
            else:
                # An answer, or TLS's farewell: what it says is not the point.
                socket.socket.recv(left[descriptor], 1 << 16)


def test_two_thousand_connections_that_say_nothing(siege):
    for number in range(2000):
        # Some have shaken hands, some over HTTP/2, some do not even do that.
        with contextlib.suppress(OSError):
            (siege.plain if number % 10 == 0 else lambda: siege.secured("h2" if number % 3 else "http/1.1"))()
        if number % 250 == 249:
            siege.others_are_served()
            siege.is_within_bounds()
    assert f"limit={LIMIT}" in siege.world.api.words(), "the log says that some had to go"
    siege.others_are_served()
    siege.lift()
    siege.is_forgotten()


def test_a_caller_from_elsewhere_keeps_his_connection_while_one_address_floods(siege):
    ask = b"GET /healthz HTTP/1.1\r\nHost: aifw.local\r\n\r\n"
    with siege.world.rest.connection(source="127.0.0.2") as honest:
        for number in range(1500):
            with contextlib.suppress(OSError):
                siege.plain()
            if number % 500 == 499:
                honest.sendall(ask)
                assert honest.recv(12) == b"HTTP/1.1 200"
                while not honest.recv(1 << 16).endswith(b"}"):
                    pass
    siege.lift()
    siege.is_forgotten()


def test_the_unix_socket_is_answered_however_many_hold_it(siege):
    for _ in range(400):
        siege.local()
    assert siege.world.aifw("vpn", "list").returncode == 0
    siege.is_within_bounds()
    siege.lift()
    siege.is_forgotten()


def test_those_who_send_byte_by_byte_are_hung_up_on(siege):
    token = siege.world.rest.token
    post = (f"POST /api/v1/vpn/wg HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    silent = [siege.plain() for _ in range(50)]
    heads = [siege.secured() for _ in range(50)]
    bodies = [siege.secured() for _ in range(50)]
    local = [siege.local() for _ in range(50)]
    for connection in bodies:
        connection.sendall(post.encode())
    dripping = {connection: b"GET / HTTP/1.1\r\nX: " + b"x" * 200 for connection in heads + local}
    dripping |= {connection: b"[" * 200 for connection in bodies}
    sent = dict.fromkeys(dripping, 0)
    # As slowly as only a few a second, for longer than any of them is waited for.
    for turn in range(80):
        for connection in list(dripping):
            try:
                connection.sendall(dripping[connection][sent[connection]:][:1])
                sent[connection] += 1
            except OSError:
                del dripping[connection]
        if turn % 10 == 0:
            siege.others_are_served()
            siege.is_within_bounds()
        if not dripping:
            break
        # The pace is the attack; nothing is waited for here.
        time.sleep(0.5)
    names = {"heads": heads, "bodies": bodies, "local": local}
    still = {name: len([one for one in list if one in dripping]) for name, list in names.items()}
    assert not dripping, f"some may still send: {still}"
    closed(silent + heads + bodies + local, 30)
    siege.lift()
    siege.is_forgotten()


def test_who_reads_no_answer_is_hung_up_on(siege):
    world = siege.world
    tunnel = world.rest.tunnel(address="10.0.0.1/16")
    for number in range(60):
        world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": f"peer{number}"}).must(201)
    ask = (f"GET /api/v1/vpn/wg/{tunnel['id']}/peers?limit=1000 HTTP/1.1\r\nHost: h\r\n"
           f"Authorization: Bearer {world.rest.token}\r\n\r\n").encode()
    before = siege.process.private_kib(), siege.sockets()
    for _ in range(6):
        # 25 KiB each time, and in all more than the four MiB that the kernel takes for one who does not read.
        siege.secured().sendall(ask * 1000)
    siege.others_are_served()
    siege.is_within_bounds()
    # They read nothing: that the daemon hung up shows in its descriptors only.
    wait_until(
        lambda: siege.sockets() <= before[1], "those who do not read are hung up on", 90)
    assert siege.process.private_kib() - before[0] < 64 << 10
    siege.lift()
    siege.is_forgotten()


@pytest.mark.parametrize("head", [
    b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * (1 << 20),
    b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * (1 << 18) + b"\r\n",
    b"x" * (1 << 20),
], ids=["field", "path", "fields", "nothing"])
def test_a_head_of_a_mebibyte_is_refused_before_it_is_there(siege, head):
    for make in [siege.secured] * 20 + [siege.local]:
        connection = make()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            connection.sendall(head)
        answer = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            answer = connection.recv(64)
        assert answer[:13] in (b"", b"HTTP/1.1 400 ")
        siege.is_within_bounds()
    siege.lift()
    siege.is_forgotten()


def test_bodies_of_a_mebibyte_are_read_a_few_at_a_time(siege):
    world = siege.world
    assert world.rest.post("/vpn/wg", b" " * ((1 << 20) + 1)).must(413).json["type"] == "/problems/too-large"
    body = b'{"name":"' + b"x" * ((1 << 20) - 11) + b'"}'
    head = (f"POST /api/v1/vpn/wg HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {world.rest.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    for _ in range(100):
        # All but the last byte: each is in memory, or is told that there is no room.
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            siege.secured().sendall(head + body[:-1])
    siege.is_within_bounds()
    siege.others_are_served()
    answers = Counter()
    for connection in siege.held:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            connection.sendall(body[-1:])
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            answers[connection.recv(12)[9:].decode()] += 1
    assert answers["422"] >= 30 and answers["503"] >= 1, answers
    siege.lift()
    siege.is_forgotten()


def test_who_announces_many_bodies_keeps_nobody_from_logging_in_or_writing(siege):
    world = siege.world
    reader = world.rest.post("/tokens", {"name": "reader", "scopes": ["vpn:read"]}).must(201).data["token"]

    def announce(path, token, length):
        head = (f"POST /api/v1{path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nIdempotency-Key: {len(siege.held)}\r\n"
                f"Content-Length: {length}\r\n\r\n")
        siege.secured().sendall(head.encode())

    # Who may change nothing has no body to send that anybody could miss the room for.
    announce("/auth/logout", reader, 1 << 20)
    assert siege.held[-1].recv(13) == b"HTTP/1.1 413 "
    for _ in range(64):
        announce("/auth/logout", reader, 16 << 10)
    # Who may, takes all there is for bodies that are not small.
    for _ in range(32):
        announce("/vpn/wg", world.rest.token, 1 << 20)

    def is_full():
        if world.rest.post("/vpn/wg", b" " * (1 << 20)).status == 503:
            return True
        # One of them may have come while this one was there, and been refused.
        announce("/vpn/wg", world.rest.token, 1 << 20)
        return False

    wait_until(is_full, "no room for a long body")
    nobody = {"username": "nobody", "password": secrets.token_urlsafe(18)}
    world.rest.by().post("/auth/login", nobody).must(401)
    world.rest.tunnel()
    siege.others_are_served()
    siege.is_within_bounds()
    siege.lift()
    siege.is_forgotten()
    world.rest.post("/vpn/wg", b" " * (1 << 20)).must(400)


def test_who_is_refused_in_the_midst_of_a_long_body_is_told_why(world):
    for path, token, status in (("/vpn/wg/import", "wrong", 401), ("/restore", world.rest.token, 422)):
        head = (f"POST /api/v1{path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Length: {3 << 20}\r\n\r\n")
        with world.rest.connection() as connection:
            # All of it, as most clients do, before anything is read.
            connection.sendall(head.encode() + bytes(3 << 20))
            response = HTTPResponse(connection, method="POST")
            response.begin()
            assert (response.status, response.getheader("Connection")) == (status, "close")
            assert json.loads(response.read())["type"].startswith("/problems/")


# What a password's hash takes, in MiB (crypto_pwhash_MEMLIMIT_INTERACTIVE of libsodium).
HASH = 64


def log_in(world, source, username):
    """The status of an attempt with a wrong password, from one of the addresses of loopback."""
    body = json.dumps({"username": username, "password": secrets.token_urlsafe(18)})
    with contextlib.closing(world.rest.connection(source=source)) as connection:
        connection.sendall((
            f"POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        return int(connection.recv(12)[9:])


def test_a_flood_of_log_ins_takes_two_hashes_at_a_time_and_keeps_nobody_else_out(siege):
    world = siege.world
    user = {"username": "alice", "password": secrets.token_urlsafe(18), "scopes": ["vpn:read"]}
    world.rest.post("/users", user).must(201)
    before = siege.process.private_kib() >> 10
    with ThreadPoolExecutor(40) as threads:
        # Forty addresses, eight times each: at users there are, and at as many that there are not.
        flood = [
            threads.submit(log_in, world, f"127.0.1.{number % 40 + 1}", "alice" if number % 2 else f"user{number}")
            for number in range(320)]
        most = 0
        while not all(attempt.done() for attempt in flood):
            siege.others_are_served()
            most = max(most, siege.process.private_kib() >> 10)
    answers = Counter(attempt.result() for attempt in flood)
    assert set(answers) == {401, 429}, answers
    assert most - before <= 2 * HASH + 64, f"{most} MiB instead of {before}"
    siege.is_forgotten()

    # Who has the password and another address is let in within the time that he is told.
    claim = {name: user[name] for name in ("username", "password")}

    def let_in():
        return world.rest.by().post("/auth/login", claim).status == 200
    wait_until(let_in, "a log-in with the right password", 130)


# HTTP/2 (RFC 9113), as no proper client speaks it.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


# GET / over https, by the static table (RFC 7541): :method, :scheme, :path; :authority as a literal.
GET = b"\x82\x87\x84\x01\x01h"
SETTINGS = frame(4, 0, 0)


@pytest.mark.parametrize("flood", [
    lambda number: frame(1, 5, 2 * number + 1, GET) + frame(3, 0, 2 * number + 1, (8).to_bytes(4, "big")),
    lambda number: frame(6, 0, 0, bytes(8)),
    lambda number: SETTINGS,
    lambda number: frame(1, 0, 1, GET) if number == 0 else frame(9, 0, 1, b"\x00\x01x\x01y"),
    lambda number: frame(1, 4, 1, b"\x83" + GET[1:]) if number == 0 else frame(0, 0, 1),
    lambda number: frame(1, 5, 2 * number + 1, b"\x00\x01x\x7f\x80\x80\x40" + b"y" * 1000),
], ids=["rapid reset", "ping", "settings", "continuation", "empty data", "header bomb"])
def test_a_flood_of_frames_ends_its_connection_and_no_other(siege, flood):
    connection = siege.secured("h2")
    assert connection.selected_alpn_protocol() == "h2"
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.sendall(PREFACE + SETTINGS)
        for number in range(5000):
            connection.sendall(flood(number))
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while connection.recv(1 << 16):
            pass
    siege.is_within_bounds()
    siege.lift()
    siege.is_forgotten()


def test_streams_count_as_connections(siege):
    """A hundred streams each on forty connections are four times what may be open."""
    # POST, whose body never comes.
    body = frame(1, 4, 1, b"\x83" + GET[1:])
    for _ in range(40):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            siege.secured("h2").sendall(PREFACE + SETTINGS + b"".join(
                body[:5] + (2 * number + 1).to_bytes(4, "big") + body[9:] for number in range(100)))
    siege.others_are_served()
    siege.is_within_bounds()
    siege.lift()
    siege.is_forgotten()


def test_answers_that_nobody_takes_count_as_connections(siege):
    """A hundred streams each on connections whose clients take no byte of a body: what was answered waits in memory."""
    path = b"/page/style.css"
    ask = b"\x82\x87\x04" + bytes([len(path)]) + path + b"\x01\x01h"
    # SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113, section 6.5.2)
    shut = frame(4, 0, 0, (4).to_bytes(2, "big") + bytes(4))
    before = siege.sockets()
    for _ in range(40):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            siege.secured("h2").sendall(PREFACE + shut + b"".join(
                frame(1, 5, 2 * number + 1, ask) for number in range(100)))
    siege.others_are_served()
    wait_until(lambda: siege.sockets() - before <= LIMIT // 100 + 1, "as many closed as are too many", 30)
    siege.is_within_bounds()
    # The newest is still open. Its streams are given up, long before it would be idle.
    received, resets = b"", 0
    siege.held[-1].settimeout(40)
    while resets < 100:
        received += siege.held[-1].recv(1 << 16)
        while len(received) >= 9 and len(received) >= 9 + int.from_bytes(received[:3], "big"):
            resets += received[3] == 3
            received = received[9 + int.from_bytes(received[:3], "big"):]
    siege.lift()
    siege.is_forgotten()


# Few descriptors

def test_few_descriptors_make_few_connections_and_none_goes_without(siege):
    world = siege.world
    world.api.stop()
    world.start_api(descriptors=520)
    siege.process = Process(world.api.pid)
    assert "possible=136" in world.api.words()
    for _ in range(600):
        with contextlib.suppress(OSError):
            siege.plain()
    siege.others_are_served()
    assert len(siege.process.descriptors()) <= 520
    siege.lift()
    siege.is_forgotten()


def test_too_few_descriptors_end_the_start(world):
    world.api.stop()
    with pytest.raises(AssertionError, match="400 descriptors .* are too few; 512 are needed"):
        world.start_api(descriptors=400)
    world.start_api()


def test_what_a_large_answer_took_is_given_back(world):
    process, tunnel = Process(world.api.pid), world.rest.tunnel(address="10.0.0.1/8")
    peers = {"peers": [{"name": f"till {number}"} for number in range(10_000)]}
    world.rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", peers).must(201)
    taken = process.private_kib()
    wait_until(lambda: process.private_kib() < taken - 8 * 1024, "memory given back", 20)
