"""Webhooks: real daemons and real receivers, on loopback, where the settings let them be called."""

import base64
import json
import socket
import threading

import pytest
from ground.inner import InnerWorld
from ground.names import Names
from ground.receiver import Receiver, is_signed, make_certificate
from ground.waiting import wait_until
from ground.world import World

TOLD = {"create", "update", "delete", "start", "stop", "rotate", "import", "restore"}
NAME = "hooks.example.org"


class HookedWorld(World):
    """Whose webhooks may call loopback, and trust `certificate`."""

    def _start(self, api=True):
        self.certificate_pair = make_certificate(self.folder / "api", "receiver")
        # The daemon has no business with the key.
        key = self.certificate_pair[1].rename(self.folder / "clients" / "receiver.key")
        self.certificate_pair = (self.certificate_pair[0], key)
        self.configuration.write_text(
            f"webhook-networks: 127.0.0.0/8\nwebhook-ca: {self.certificate_pair[0]}\n")
        super()._start(api)

    def receiver(self, port=0, certificate=True):
        receiver = Receiver(self.certificate_pair if certificate is True else certificate, port)
        self._closers.append(receiver.close)
        return receiver

    def hook(self, receiver, name="hook", path="/", **fields):
        """A new webhook that calls `receiver`: its id and its secret."""
        url = f"https://127.0.0.1:{receiver.port}{path}"
        data = self.rest.post("/webhooks", {"name": name, "url": url} | fields).must(201).data
        learn(self, data["secret"])
        return data["id"], data["secret"]

    def hooked(self, id):
        return self.rest.get(f"/webhooks/{id}").must(200).data

    def changes(self, after=0):
        """The revisions of which webhooks are told, by the log."""
        entries = self.rest.get("/audit?limit=1000&sort=revision").must(200).data
        return [entry["revision"] for entry in entries if entry["action"] in TOLD and entry["revision"] > after]


def learn(world, secret):
    assert secret.startswith("whsec_")
    world.secrets.add("a webhook's secret", secret)
    world.secrets.add("a webhook's secret's bytes", base64.b64decode(secret[6:]))


@pytest.fixture
def world(binaries):
    world = HookedWorld(binaries)
    yield world
    world.close()


def test_every_change_is_delivered_in_order_and_signed_and_delivering_is_no_change(world):
    receiver, peers = world.receiver(), world.receiver()
    url = f"https://127.0.0.1:{receiver.port}/all?site=1"
    secret = world.aifw("webhook", "add", "--name", "all", "--url", url).stdout.strip()
    learn(world, secret)
    (added,) = world.rest.get("/webhooks").must(200).data
    before = world.rest.get(f"/webhooks/{added['id']}").must(200).headers["ETag"]
    begun = world.changes()[-1]
    world.hook(peers, "peers", objects=["peer"])
    tunnel = world.rest.tunnel()
    laptop = world.rest.peer(tunnel, "laptop")
    world.rest.start(tunnel)
    world.rest.config(tunnel, laptop)
    world.rest.by().post("/auth/login", {"username": "nobody", "password": "wrong, as it is"}).must(401)
    path = f"/vpn/wg/{tunnel['id']}/peers"
    world.rest.post(f"{path}/bulk", {"peers": [{"name": f"desk {number}"} for number in range(100)]}).must(201)
    world.rest.post(f"{path}/{laptop['id']}/rotate").must(200)
    world.rest.delete(f"/vpn/wg/{tunnel['id']}").must(200)
    last = world.changes()
    told = [revision for revision in last if revision > begun]
    wait_until(lambda: receiver.revisions == told, "all changes, in order", 20)
    actions = [(message["data"]["action"], message["data"]["object"]["type"]) for message in receiver.messages]
    assert actions[:4] == [("create", "webhook"), ("create", "tunnel"), ("create", "peer"), ("start", "tunnel")]
    assert not {"reveal", "login_failed"} & {action for action, _ in actions}
    for delivered, headers, body in receiver.deliveries:
        assert delivered == "/all?site=1" and headers["Content-Type"] == "application/json"
        assert is_signed(secret, headers, body)
    assert {message["data"]["object"]["type"] for message in peers.messages} == {"peer"}
    wait_until(lambda: world.hooked(added["id"])["pending"] == 0, "all of it written down")
    state = world.hooked(added["id"])
    assert (state["status"], state["last_error"]) == ("ok", None) and state["last_delivery_at"]
    assert world.rest.get(f"/webhooks/{added['id']}").headers["ETag"] == before and world.changes() == last
    assert world.aifw("webhook", "test", "all").stdout == "Delivered\n"
    assert receiver.messages[-1]["type"] == "vpn.test" and is_signed(secret, *receiver.deliveries[-1][1:])
    assert " ok " in world.aifw("webhook", "list").stdout
    assert world.aifw("webhook", "remove", "all").stdout == "Webhook deleted\n"


def test_nothing_is_lost_while_a_receiver_is_away_or_the_daemon_is_killed(world):
    receiver = world.receiver()
    id, secret = world.hook(receiver)
    begun = world.changes()[-1]
    # The third is under way when the daemon is killed: whether it was taken, nobody knows.
    reached, released = threading.Event(), threading.Event()

    def hold(handler):
        if len(receiver.deliveries) >= 3:
            reached.set()
            released.wait(20)
        return 204

    receiver.answer = hold
    for number in range(4):
        world.rest.tunnel(name=f"site {number}", interface=f"wg{number}", listen_port=51820 + number,
                          address=f"10.0.{number}.1/24")
    assert reached.wait(10)
    world.api.kill()
    held = receiver.deliveries[2]
    receiver.answer = lambda handler: 204
    released.set()
    world.start_api()
    wait_until(lambda: receiver.revisions == world.changes(after=begun), "all of it after the restart", 20)
    again = [headers["webhook-id"] for _, headers, body in receiver.deliveries if body == held[2]]
    assert len(again) == 2 and len(set(again)) == 1, "what was under way comes again, under its id"
    # Nobody listens, and the daemon is killed meanwhile.
    receiver.close()
    world._closers.remove(receiver.close)
    world.rest.association(enabled=False)
    wait_until(lambda: world.hooked(id)["status"] == "retrying", "a failure to be told")
    assert "Connection refused" in world.hooked(id)["last_error"] and world.hooked(id)["pending"] == 1
    world.api.kill()
    world.start_api()
    world.rest.association(name="second", dst_addr="198.51.100.2", enabled=False)
    assert world.hooked(id)["status"] == "retrying"
    back = world.receiver(port=receiver.port)
    wait_until(lambda: receiver.revisions + back.revisions == world.changes(after=begun), "what was missed", 25)
    assert all(is_signed(secret, headers, body) for _, headers, body in receiver.deliveries + back.deliveries)
    wait_until(lambda: world.hooked(id)["status"] == "ok", "the end of the failure")


def test_no_receiver_holds_up_another_and_none_leads_elsewhere(world):
    good, elsewhere = world.receiver(), world.receiver()
    bad = {name: world.receiver() for name in ("hangs", "fails", "redirects", "endless", "gone")}
    stranger = world.receiver(certificate=make_certificate(world.folder / "clients", "stranger"))
    ends = threading.Event()
    world._closers.append(ends.set)
    sent = []

    def redirect(handler):
        handler.send_response(307)
        handler.send_header("Location", f"https://127.0.0.1:{elsewhere.port}/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        part = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        sent.append(0)
        place = len(sent) - 1
        while sent[place] < 1000:
            handler.wfile.write(part)
            sent[place] += 1

    bad["hangs"].answer = lambda handler: ends.wait(60) and None
    bad["fails"].answer = lambda handler: 500
    bad["redirects"].answer = redirect
    bad["endless"].answer = endless
    bad["gone"].answer = lambda handler: 410
    ids = {name: world.hook(receiver, name)[0] for name, receiver in bad.items()}
    ids["stranger"] = world.hook(stranger, "stranger")[0]
    id, _ = world.hook(good, "good")
    begun = world.changes()[-1]
    tunnel = world.rest.tunnel()
    for number in range(20):
        world.rest.peer(tunnel, f"desk {number}")
    wait_until(lambda: len(bad["hangs"].deliveries) == 1, "a receiver that says nothing")
    told = world.changes(after=begun)
    wait_until(lambda: set(told) <= set(good.revisions), "all changes, for the one who takes them", 15)
    assert good.revisions == sorted(good.revisions)

    def said(name, words):
        wait_until(lambda: words in (world.hooked(ids[name])["last_error"] or ""), f"{name}: {words}")
        return world.hooked(ids[name])

    assert said("fails", "answered 500")["status"] == "retrying"
    assert said("redirects", "answered 307, and redirects are not followed")["status"] == "retrying"
    assert said("stranger", "not trusted: CERTIFICATE_VERIFY_FAILED")["status"] == "retrying"
    gone = said("gone", "answered 410")
    assert (gone["status"], gone["enabled"], gone["next_attempt_at"]) == ("failed", False, None)
    (entry,) = [entry for entry in world.rest.get(f"/audit?object={ids['gone']}&action=update").must(200).data]
    assert entry["actor"]["kind"] == "system" and entry["changes"] == {"enabled": {"from": True, "to": False}}
    assert elsewhere.deliveries == [] and stranger.deliveries == []
    # What was answered has been answered, however long the body; of that, the sockets' buffers at most were taken.
    wait_until(lambda: world.hooked(ids["endless"])["last_delivery_at"], "an answer whose body has no end")
    assert max(sent) < 320, sent
    # What is deleted is told no more, not even what it was about to be told.
    world.rest.delete(f"/webhooks/{ids['hangs']}").must(200)
    had = len(bad["hangs"].deliveries)
    ends.set()
    world.rest.peer(tunnel, "last")
    wait_until(lambda: good.revisions[-1] == world.changes()[-1], "the last change, for the one who takes them")
    assert len(bad["hangs"].deliveries) == had
    # Who is back is told all that he has missed.
    bad["gone"].answer = lambda handler: 200
    world.rest.request("PATCH", f"/webhooks/{ids['gone']}", {"enabled": True}).must(200)
    wait_until(lambda: bad["gone"].revisions[-1] == world.changes()[-1], "what was missed")


def test_without_the_setting_this_host_is_never_called(binaries):
    world = World(binaries)
    try:
        receiver = Receiver()
        try:
            for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254"):
                body = {"name": "x", "url": f"http://{host}:{receiver.port}/"}
                assert "url" in world.rest.post("/webhooks", body).must(422).fields
            for number in ("2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0"):
                body = {"name": "x", "url": f"http://{number}:{receiver.port}/"}
                assert "url" in world.rest.post("/webhooks", body).must(422).fields
            made = world.rest.post("/webhooks", {"name": "x", "url": f"http://localhost:{receiver.port}/"}).must(201)
            learn(world, made.data["secret"])
            assert "by http" in made.json["warnings"][0]
            trial = world.rest.post(f"/webhooks/{made.data['id']}/test").must(200).data
            assert trial["delivered"] is False and "loopback" in trial["error"]
            world.rest.tunnel()
            wait_until(
                lambda: "loopback" in (world.rest.get(f"/webhooks/{made.data['id']}").data["last_error"] or ""),
                "the refusal of a delivery")
            assert receiver.deliveries == []
        finally:
            receiver.close()
    finally:
        world.close()


def test_this_host_is_not_called_by_an_address_of_its_links_unless_that_is_listed(binaries):
    world = NamedWorld(binaries)
    try:
        listener = world.gateway.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("0.0.0.0", 8080))
        receiver = Receiver(sock=listener)
        try:
            world.names.addresses[NAME] = "192.0.2.1"
            learn(world, world.aifw("webhook", "add", "--name", "x", "--url", f"http://{NAME}:8080/").stdout.strip())
            refusal = "192.0.2.1 is an address of this host, and not in the setting webhook-networks by itself"
            add = ("webhook", "add", "--name", "y", "--url", "http://192.0.2.1:8080/")
            for networks in ("", "webhook-networks: 192.0.2.0/24\n"):
                world.api.stop()
                world.configuration.write_text(networks)
                world.api.start()
                tried = world.aifw("webhook", "test", "x", check=False)
                assert tried.returncode == 1 and refusal in tried.stderr
                refused = world.aifw(*add, check=False)
                assert refused.returncode != 0 and refusal in refused.stderr
            assert receiver.deliveries == []
            world.api.stop()
            world.configuration.write_text("webhook-networks: 192.0.2.1\n")
            world.api.start()
            assert world.aifw("webhook", "test", "x").stdout == "Delivered\n"
            learn(world, world.aifw(*add).stdout.strip())
        finally:
            receiver.close()
    finally:
        world.close()


class NamedWorld(InnerWorld):
    """With `names` for the gateway's DNS."""

    def _furnish(self):
        super()._furnish()
        self.names = Names(self.gateway, self.folder / "api")
        self._closers.append(self.names.close)


def test_a_name_is_called_where_it_leads_as_long_as_that_is_allowed(binaries):
    world = NamedWorld(binaries)
    try:
        listener = world.client().namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("0.0.0.0", 8080))
        receiver = Receiver(sock=listener)
        try:
            world.names.addresses[NAME] = "192.0.2.2"
            learn(world, world.aifw("webhook", "add", "--name", "x", "--url", f"http://{NAME}:8080/").stdout.strip())
            assert world.aifw("webhook", "test", "x").stdout == "Delivered\n"
            assert receiver.deliveries[0][1]["host"] == f"{NAME}:8080"
            taken = len(receiver.deliveries)
            # The same name, another answer: what was checked before is checked again.
            world.names.addresses[NAME] = "127.0.0.1"

            def refusal():
                done = world.aifw("webhook", "test", "x", check=False)
                assert (done.returncode, done.stdout) in ((0, "Delivered\n"), (1, ""))
                return done.stderr

            # What a name stands for holds for some seconds: until then, it is the former address that is called.
            assert "127.0.0.1 is loopback" in wait_until(refusal, "the new answer to be seen", 15)
            assert all(client != "127.0.0.1" for client in receiver.clients[taken:])
            refused = world.aifw("webhook", "test", "x", "--json", check=False)
            assert refused.returncode == 1 and json.loads(refused.stdout)["data"]["delivered"] is False
            listed = json.loads(world.aifw("webhook", "list", "--json").stdout)["data"]
            assert listed[0]["status"] == "ok"
        finally:
            receiver.close()
    finally:
        world.close()
