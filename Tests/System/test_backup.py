"""Everything that is configured in one file and back: on the same machine after wild changes, and on an empty one."""

import base64
import json
import os
import secrets
import sqlite3
import subprocess
import threading
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import pytest
from ground.bystander import Bystander
from ground.one_time import one_time_password
from ground.receiver import is_signed
from ground.waiting import wait_until
from test_accounts import PASSWORD, Browser, set_up
from test_recovery import run as key_command
from test_vault import restart_helper
from test_webhooks import HookedWorld, learn

PASSPHRASE = secrets.token_urlsafe(18)
FILE = "application/octet-stream"
KINDS = ("tunnels", "peers", "associations", "tokens", "users", "webhooks")
HEAD = 73
LINKLESS = Path(__file__).parent / "linkless" / "link.c"
# What an operator has said. Sealed secrets are compared by what they are, revisions count on one machine only.
INTENT = {
    "tunnel": "id, name, name_key, interface, public_key, listen_port, address, dns, mtu, listen_interface,"
              " split_routes, endpoint, fwmark, masquerade, routes, allow_overlap, enabled, created_at, updated_at,"
              " peer_count",
    "tunnel_network": "family, first, last, tunnel_id, length",
    "peer": "id, tunnel_id, name, name_key, public_key, private_key IS NULL, key_generated, preshared_key IS NULL,"
            " endpoint, allowed_ips, client_routes, keepalive, enabled, expires_at, allow_overlap, created_at,"
            " updated_at",
    "allowed_ip": "tunnel_id, family, first, last, peer_id, length",
    "association": "id, number, name, name_key, local, remote, protocol, mode, encryption, authentication,"
                   " local_networks, remote_networks, spi_in, spi_out, encryption_key_in IS NULL,"
                   " encryption_key_out IS NULL, authentication_key_in IS NULL, authentication_key_out IS NULL,"
                   " replay_window, enabled, created_at, updated_at",
    "association_selector": "local, remote, association_id",
    "token": "id, name, scopes, hash, created_at, expires_at",
    "user": "id, name, name_key, password_hash, scopes, totp_seed IS NULL, totp_confirmed, created_at, updated_at",
    "webhook": "id, name, name_key, url, objects, enabled, created_at, updated_at",
}


@pytest.fixture
def world(binaries):
    """Whose webhooks may call the tests' receivers."""
    world = HookedWorld(binaries)
    yield world
    world.close()


def backup(world, passphrase=PASSPHRASE):
    world.secrets.add("a backup's passphrase", passphrase)
    answer = world.rest.get("/backup", Backup_Passphrase=passphrase).must(200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="aifw-vpn-20')
    return answer.body


def restore(world, file, query="", passphrase=PASSPHRASE, rest=None, **headers):
    return (rest or world.rest).request(
        "POST", f"/restore{query}", file, Content_Type=FILE, Backup_Passphrase=passphrase, **headers)


def rows(world):
    """Every row of every table of intent."""
    with closing(sqlite3.connect(f"file:{world.database}?mode=ro", uri=True, timeout=10)) as database:
        return {table: sorted(database.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
                for table, columns in INTENT.items()}


def revealed(world, rest=None):
    """Every secret, by what the API gives out."""
    rest, found = rest or world.rest, {}
    for tunnel in rest.get("/vpn/wg?limit=1000").must(200).data:
        for peer in rest.get(f"/vpn/wg/{tunnel['id']}/peers?limit=1000").must(200).data:
            if peer["has_private_key"]:
                found[peer["id"]] = rest.config(tunnel, peer)
    for association in rest.get("/vpn/ipsec?limit=1000").must(200).data:
        found[association["id"]] = rest.far_end(association)
    return found


def tags(world):
    rest, found = world.rest, {}
    for tunnel in rest.get("/vpn/wg?limit=1000").must(200).data:
        paths = [f"/vpn/wg/{tunnel['id']}"]
        paths += [f"{paths[0]}/peers/{peer['id']}" for peer in rest.get(f"{paths[0]}/peers?limit=1000").must(200).data]
        found |= {path: rest.get(path).must(200).headers["ETag"] for path in paths}
    return found


def furnish(world):
    """Something of every kind, with every column set somewhere."""
    rest = world.rest
    world.office = rest.tunnel(dns="9.9.9.9", split_routes="10.0.0.0/16", endpoint="192.0.2.1", fwmark=77)
    world.phone = rest.peer(world.office, "phone", preshared_key="auto")
    world.peers = [world.phone, *(rest.peer(world.office, name, **fields) for name, fields in {
        "laptop": {"client_routes": ["10.0.0.0/24"], "persistent_keepalive": 25},
        "off": {"enabled": False, "preshared_key": "auto"},
        "short": {"expires_at": "2099-01-01T00:00:00.123Z"},
        "forgotten": {"keep_private_key": False},
        "site": {"public_key": base64.b64encode(os.urandom(32)).decode(), "endpoint": "192.0.2.77:51820",
                 "allowed_ips": ["10.0.0.99/32", "172.20.0.0/16"], "preshared_key": "auto"},
        "twin": {"allowed_ips": ["10.0.0.99/32"], "allow_overlap": True},
    }.items())]
    world.branch = rest.tunnel(name="Zweigstelle \u00fc", interface="wg5", listen_port=51900, mtu=1380, masquerade=True,
                               address="10.5.0.1/24, fd00:5::1/64", routes=False, listen_interface="uplink")
    rest.peer(world.branch, "phone")
    for number, fields in enumerate(({}, {"protocol": "ah"}, {
            "protocol": "esp+ah", "enc_algo": "aes-256-cbc", "src_networks": ["10.0.0.0/24"],
            "dst_networks": ["10.9.0.0/24", "10.10.0.0/24"]}, {"mode": "transport", "replay_window": 32})):
        rest.association(name=f"dc {number}", dst_addr=f"198.51.100.{10 + number}", enabled=False, **fields)
    rest.delete(f"/vpn/ipsec/{rest.get('/vpn/ipsec').must(200).data[1]['id']}").must(200)
    set_up(world)
    root = rest.get("/users").must(200).data[0]
    world.seed = rest.post(f"/users/{root['id']}/totp").must(201).data["secret"]
    # The one before is taken too, but not the one before that: 30 s may be over on the way.
    confirm = f"/users/{root['id']}/totp"
    wait_until(lambda: rest.request("PUT", confirm, {"code": one_time_password(world.seed, -1)}).status == 200,
               "a code in time")
    rest.post("/users", {"username": "alice", "password": PASSWORD, "scopes": ["vpn:read", "vpn:secrets"]}).must(201)
    world.reader = rest.post("/tokens", {"name": "reader", "scopes": ["vpn:read"],
                                         "expires_at": "2099-01-01T00:00:00Z"}).must(201).data["token"]
    # Without TLS, so that any machine's daemon trusts it.
    world.told = world.receiver(certificate=None)
    world.hook = rest.post("/webhooks", {
        "name": "inventory", "url": f"http://127.0.0.1:{world.told.port}/vpn?site=1"}).must(201).data
    quiet = rest.post("/webhooks", {"name": "quiet", "url": "https://hooks.example.org/", "enabled": False,
                                    "objects": ["tunnel", "peer"]}).must(201).data
    learn(world, world.hook["secret"])
    learn(world, quiet["secret"])


def the_receiver_knows(world, machine):
    """Whether a delivery by `machine` has the signature of the secret that the webhook was made with on `world`."""
    sent = machine.rest.post(f"/webhooks/{world.hook['id']}/test").must(200).data
    (delivered,) = [delivered for delivered in world.told.deliveries
                    if delivered[1]["webhook-id"] == sent["message_id"]]
    return sent["delivered"] and is_signed(world.hook["secret"], *delivered[1:])


def everybody_gets_in(world):
    world.rest.by(world.reader).get("/vpn/wg").must(200)
    Browser(world).login("alice").must(200)
    # A code is taken once, so this waits for one that was not.
    wait_until(lambda: Browser(world).login(totp=one_time_password(world.seed, 1)).status == 200,
               "a log-in with a code", 70)


def test_a_restore_brings_all_of_it_back_and_disturbs_nothing_that_is_the_same(world):
    furnish(world)
    rest = world.rest
    rest.start(world.office)
    bystander = Bystander(world, world.office, world.phone)
    before, secret, versions = rows(world), revealed(world), tags(world)
    file = backup(world)
    assert PASSPHRASE.encode() not in file and b"tunnel" not in file
    session = Browser(world)
    session.login("alice").must(200)

    # Names and ports change places, things go and others come, running or not.
    office, branch = f"/vpn/wg/{world.office['id']}", f"/vpn/wg/{world.branch['id']}"
    moved = {"name": "x", "listen_port": 51999, "address": "10.6.0.1/24", "dns": "1.1.1.1"}
    rest.request("PATCH", branch, moved).must(200)
    rest.tunnel(name=world.branch["name"], interface="wg6", listen_port=51900, address="10.5.0.1/24", enabled=True)
    laptop, off, short = (f"{office}/peers/{peer['id']}" for peer in world.peers[1:4])
    rest.delete(laptop).must(200)
    rest.post(f"{off}/rotate").must(200)
    rest.request("PATCH", short, {"name": "laptop"}).must(200)
    rest.peer(world.office, "short")
    associations = rest.get("/vpn/ipsec").must(200).data
    rest.delete(f"/vpn/ipsec/{associations[0]['id']}").must(200)
    rest.association(name=associations[0]["name"], dst_addr="198.51.100.200", enabled=False)
    weaker = {"enc_algo": "aes-128-gcm", "protocol": "esp"}
    rest.request("PATCH", f"/vpn/ipsec/{associations[1]['id']}", weaker).must(200)
    root, alice = rest.get("/users").must(200).data
    rest.delete(f"/users/{root['id']}").must(200)
    rest.request("PATCH", f"/users/{alice['id']}", {"username": "root", "scopes": ["vpn:read"]}).must(200)
    reader = next(token for token in rest.get("/tokens").must(200).data if token["name"] == "reader")
    rest.delete(f"/tokens/{reader['id']}").must(200)
    hook, quiet = (f"/webhooks/{webhook['id']}" for webhook in rest.get("/webhooks").must(200).data)
    rest.delete(quiet).must(200)
    rest.request("PATCH", hook, {"name": "quiet", "objects": ["association"]}).must(200)
    learn(world, rest.post(f"{hook}/rotate").must(200).data["secret"])
    assert not the_receiver_knows(world, world)
    changed = rows(world)

    trial = restore(world, file, "?dry_run=true").must(200)
    assert rows(world) == changed and trial.data["revision"] is None
    done = restore(world, file).must(200)
    assert {kind: done.data[kind] for kind in KINDS} == {kind: trial.data[kind] for kind in KINDS}
    assert done.data["tunnels"] == {"created": 0, "updated": 1, "deleted": 1, "unchanged": 1}
    assert done.data["new_tunnel_keys"] == done.data["restarted_tunnels"] == []
    assert rows(world) == before
    after = tags(world)
    same = [office, *(f"{office}/peers/{world.peers[index]['id']}" for index in (0, 4, 5, 6))]
    assert [after[path] for path in same] == [versions[path] for path in same]
    assert {after[path] for path in (branch, laptop, off, short)} == {f'"r{done.data["revision"]}"'}
    # What is given out again is what was given out, though who fetched it now is in the log.
    assert revealed(world) == secret
    bystander.noticed_nothing()
    assert world.index("wg0") and "wg6" not in world.gateway.links()
    session.get("/auth/session").must(401)
    everybody_gets_in(world)
    assert done.data["webhooks"] == {"created": 1, "updated": 1, "deleted": 0, "unchanged": 0}
    assert the_receiver_knows(world, world)
    wait_until(lambda: done.data["revision"] in world.told.revisions, "the webhook to be told of the restore")
    # Once more: there is nothing left to do.
    again = restore(world, file).must(200)
    assert all(again.data[kind][word] == 0 for kind in KINDS for word in ("created", "updated", "deleted"))
    assert tags(world) == after
    actions = [record["action"] for record in rest.get("/audit?limit=1000").must(200).data]
    assert actions.count("restore") == 2 and actions.count("backup") == 1


def test_a_new_machine_becomes_the_old_one_with_the_recovery_code(world, binaries):
    without = backup(world)
    furnish(world)
    answer = world.rest.get("/backup", Backup_Passphrase=PASSPHRASE).must(200)
    warnings = answer.headers["Backup-Warnings"]
    assert "office-vpn" in warnings and "%22Zweigstelle%20%C3%BC%22" in warnings
    unboxed = answer.body
    recovery = key_command(world, "--recovery-init").stdout
    restart_helper(world)
    world.rest.start(world.office)
    before, secret, file = rows(world), revealed(world), backup(world)
    kernel = world.gateway.run("wg", "show", "wg0", "public-key").stdout
    new = HookedWorld(binaries)
    try:
        new.secrets.add_all(world.secrets)
        own = rows(new)
        # Another master key, and no recovery key.
        for lost, way in ((file, "--recovery-import"), (unboxed, "new_tunnel_keys")):
            refused = restore(new, lost).must(409)
            assert refused.json["type"] == "/problems/recovery-needed" and "office-vpn" in refused.json["detail"]
            assert way in refused.json["detail"] and rows(new) == own
        trial = restore(new, unboxed, "?dry_run=true&new_tunnel_keys=true").must(200)
        assert trial.data["new_tunnel_keys"] == ["office-vpn", world.branch["name"]] and rows(new) == own
        key_command(new, "--recovery-import", recovery)
        restart_helper(new)
        done = restore(new, file).must(200)
        assert any("token" in warning for warning in done.json["warnings"])
        assert done.data["peers"]["created"] == 8 and done.data["new_tunnel_keys"] == []
        new.rest.get("/vpn/wg").must(401)
        new.rest.token, new.reader, new.seed = world.rest.token, world.reader, world.seed
        assert rows(new) == before and revealed(new) == secret
        everybody_gets_in(new)
        # It is told of nothing that was before it came, the restore included, and signs as it did.
        hooked = new.hooked(world.hook["id"])
        assert (hooked["pending"], hooked["last_delivery_at"]) == (0, None) and the_receiver_knows(world, new)
        assert new.gateway.run("wg", "show", "wg0", "public-key").stdout == kernel
        assert new.wireguard() == world.wireguard()
        client = new.client()
        client.bring_up(secret[world.phone["id"]])
        assert client.reaches()
        # The numbers and addresses that come next are those that would have come there.
        next, following = (one.rest.peer(world.office, "next") for one in (world, new))
        assert next["allowed_ips"] == following["allowed_ips"]
        made = [one.rest.association(name="next", enabled=False)["id"] for one in (world, new)]
        numbers = [{bytes(row[0]).hex(): row[1] for row in rows(one)["association"]} for one in (world, new)]
        assert [number[id.replace("-", "")] for number, id in zip(numbers, made)] == [2, 2]
        # New keys where the old ones can't be had: said, and the rest is the same.
        for name in ("recovery.key", "recovery.pub"):
            (new.state / name).unlink()
        new.rest.delete(f"/vpn/wg/{world.branch['id']}").must(200)
        restart_helper(new)
        done = restore(new, unboxed, "?new_tunnel_keys=true").must(200)
        assert done.data["new_tunnel_keys"] == [world.branch["name"]] and done.json["warnings"]
        # One from before there was anything.
        empty = restore(new, without, "?dry_run=true").must(200)
        assert empty.data["tunnels"]["deleted"] == 2
    finally:
        new.close()


def test_a_backup_is_one_moment_while_others_write(world):
    tunnel = world.rest.tunnel(address="10.0.0.1/16")
    path, stop, made = f"/vpn/wg/{tunnel['id']}/peers/bulk", threading.Event(), []

    def write():
        while not stop.is_set():
            peers = [{"name": f"peer {len(made)} {number}"} for number in range(5)]
            made.append(world.rest.post(path, {"peers": peers}).must(201).status)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(made) > 2, "a writer")
        files = [backup(world) for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    counts = [restore(world, file).must(200) and len(rows(world)["peer"]) for file in files]
    assert counts == sorted(counts) and all(count and count % 5 == 0 for count in counts), counts


def test_a_kill_amid_a_restore_leaves_the_old_or_the_new(world):
    rest = world.rest
    tunnel = rest.tunnel(address="10.0.0.1/16", enabled=True)
    path = f"/vpn/wg/{tunnel['id']}"
    states = []
    for number in range(2):
        rest.post(f"{path}/peers/bulk", {"peers": [{"name": f"{number} {index}"} for index in range(400)]}).must(201)
        if number:
            rest.request("PATCH", path, {"listen_port": 51999, "mtu": 1380}).must(200)
        states.append((rows(world), backup(world), world.wireguard()))
    answered = []
    # As often as it takes for two kills to come in the middle.
    for _ in range(4):
        if answered.count(None) == 2:
            break
        former = rows(world) == states[1][0]
        target, kernel = states[0 if former else 1][1], world.wireguard()
        asked = threading.Thread(target=lambda: answered.append(_answer(lambda: restore(world, target))))
        asked.start()
        # The kernel is told inside the open transaction, and the commit comes last.
        while asked.is_alive() and world.wireguard() == kernel:
            pass
        world.api.kill()
        asked.join()
        world.start_api()
        found = rows(world)
        (index,) = [index for index, state in enumerate(states) if state[0] == found]
        assert answered[-1] is None or index != former, "it was answered, and is not there"
        wait_until(lambda: rest.get(f"{path}/status").status == 200, "the helper", 20)
        wait_until(lambda: world.wireguard() == states[index][2], "the kernel as the rows say", 20)
    assert None in answered, "no kill came in the middle"


def _answer(ask):
    """None where nobody answered."""
    try:
        return ask().status
    except (OSError, HTTPException):
        return None


def test_what_is_no_whole_backup_changes_nothing_and_is_told_apart(world):
    rest = world.rest
    rest.peer(rest.tunnel(), "laptop")
    file, other = backup(world), PASSPHRASE + "!"
    world.secrets.add("another passphrase", other)
    rest.peer({"id": rest.get("/vpn/wg").must(200).data[0]["id"]}, "phone")
    before = rows(world)
    flipped = lambda position: file[:position] + bytes([file[position] ^ 4]) + file[position + 1:]  # noqa: E731
    for word, bodies in {
        "not-a-backup": [b"", b"AIFW", b"PK\x03\x04" + os.urandom(500), os.urandom(4096), b"SQLite format 3\0" * 9,
                         b"{}", flipped(0)],
        "backup-version": [file[:8] + b"\0" + file[9:], file[:8] + b"\2" + file[9:], file[:8] + b"\xff" + file[9:]],
        # Every place and every cut is tried by BackupFileTests; here each costs the making of a key.
        "backup-damaged": [file[:9], file[:HEAD - 1], flipped(9), flipped(13), file[:-1], flipped(len(file) // 2)],
    }.items():
        for body in bodies:
            answer = restore(world, body)
            assert answer.status == 422 and answer.json["type"] == f"/problems/{word}", (len(body), answer.body)
    assert restore(world, file, passphrase=other).must(422).json["type"] == "/problems/wrong-passphrase"
    for path, method in (("/backup", "GET"), ("/restore", "POST")):
        body = file if method == "POST" else None
        more = {"Content_Type": FILE} if body else {}
        missing = rest.request(method, path, body, **more).must(422)
        assert missing.json["type"] == "/problems/passphrase-needed"
        for wrong in ("elevenchars", "x" * 1025, "passw\u00f6rter sind \u00fcberall"):
            answer = rest.request(method, path, body, Backup_Passphrase=wrong.encode().decode("latin-1"), **more) \
                if not wrong.isascii() else rest.request(method, path, body, Backup_Passphrase=wrong, **more)
            assert answer.must(422).json["type"] == "/problems/passphrase-unfit"
        reader = rest.post("/tokens", {"name": f"reader {method}", "scopes": ["vpn:secrets"]}).must(201).data["token"]
        rest.by(reader).request(method, path, body, Backup_Passphrase=PASSPHRASE, **more).must(403)
    rest.request("POST", "/restore", b"{}", Backup_Passphrase=PASSPHRASE).must(415)
    restore(world, file, "?dry_run=maybe").must(422)
    changed = rows(world)
    assert {table: changed[table] for table in changed if table != "token"} == {
        table: before[table] for table in before if table != "token"}


def test_what_the_kernel_refuses_undoes_the_whole_restore(world):
    rest = world.rest
    first = rest.tunnel(enabled=True)
    phone = rest.peer(first, "phone")
    second = rest.tunnel(name="second", interface="wg5", listen_port=51900, address="10.5.0.1/24", enabled=True)
    file = backup(world)
    rest.delete(f"/vpn/wg/{second['id']}").must(200)
    rest.delete(f"/vpn/wg/{first['id']}/peers/{phone['id']}").must(200)
    rest.peer(first, "tablet")
    # Somebody else has the name now.
    world.gateway.ip("link", "add", "wg5", "type", "bridge")
    before, kernel, index = rows(world), world.wireguard(), world.index("wg0")
    answer = restore(world, file)
    assert answer.status in (409, 502) and "wg5" in answer.json["detail"], answer.body
    assert rows(world) == before and world.wireguard() == kernel and world.index("wg0") == index
    world.gateway.ip("link", "delete", "wg5")
    assert restore(world, file).must(200).data["tunnels"]["created"] == 1
    assert set(world.wireguard()) == {phone["public_key"]} and "wg5" in world.gateway.links()
    # A network that is behind a peer of the one tunnel now, and was behind one of the other.
    site = rest.peer(first, "site", allowed_ips=["172.20.0.0/16"])
    earlier = backup(world)
    rest.delete(f"/vpn/wg/{first['id']}/peers/{site['id']}").must(200)
    rest.peer(second, "site", allowed_ips=["172.20.0.0/16"])
    restore(world, earlier).must(200)
    route = world.gateway.run("ip", "route", "show", "172.20.0.0/16").stdout
    assert "dev wg0" in route and "wg5" not in route
    restore(world, file).must(200)
    # Two running tunnels that change places.
    path, other = f"/vpn/wg/{first['id']}", f"/vpn/wg/{second['id']}"
    rest.request("PATCH", path, {"listen_port": 51999}).must(200)
    rest.request("PATCH", other, {"listen_port": 51820}).must(200)
    rest.request("PATCH", path, {"listen_port": 51900}).must(200)
    done = restore(world, file).must(200)
    assert done.data["restarted_tunnels"] and rest.status(first)["listen_port"] == 51820
    assert rest.status(second)["listen_port"] == 51900 and set(world.wireguard()) == {phone["public_key"]}


def test_a_secret_that_does_not_open_is_named_and_no_backup_is_made(world):
    rest = world.rest
    peer = rest.peer(rest.tunnel(), "laptop")
    world.api.stop()
    with closing(sqlite3.connect(world.database)) as database, database:
        database.execute("UPDATE peer SET private_key = CAST(substr(private_key, 1, 20) || zeroblob(60) AS BLOB)")
    os.chown(world.database, os.stat(world.database.parent).st_uid, os.stat(world.database.parent).st_gid)
    world.start_api()
    answer = rest.get("/backup", Backup_Passphrase=PASSPHRASE).must(409)
    assert answer.json["type"] == "/problems/secret-unreadable" and peer["id"] in answer.json["detail"]
    rest.delete(f"/vpn/wg/{peer['tunnel_id']}/peers/{peer['id']}").must(200)
    backup(world)


def test_the_same_attempt_to_restore_is_made_once(world):
    world.rest.tunnel()
    file = backup(world)
    world.rest.tunnel(name="second", interface="wg5", listen_port=51900, address="10.5.0.1/24")
    first = restore(world, file, Idempotency_Key="one").must(200)
    again = restore(world, file, Idempotency_Key="one").must(200)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json == first.json
    assert first.data["tunnels"]["deleted"] == 1
    restore(world, file + b"x", Idempotency_Key="one").must(409)


def test_the_command_line_writes_a_private_file_and_asks_before_it_restores(world):
    rest, folder = world.rest, world.folder / "clients"
    rest.peer(rest.tunnel(), "laptop")
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    world.secrets.add("a backup's passphrase", PASSPHRASE)
    open_to_all = world.aifw("backup", "a.backup", "--passphrase-file", "passphrase", check=False)
    assert open_to_all.returncode == 65 and "chmod" in open_to_all.stderr
    (folder / "passphrase").chmod(0o600)
    given = ("--passphrase-file", "passphrase")
    done = world.aifw("backup", "a.backup", *given)
    assert "a.backup" in done.stdout and "office-vpn" in done.stderr and "--recovery-init" in done.stderr
    assert (folder / "a.backup").stat().st_mode & 0o777 == 0o600
    taken = world.aifw("backup", "a.backup", *given, check=False)
    assert taken.returncode == 73 and "exists" in taken.stderr
    document = json.loads(world.aifw("backup", "a.backup", "--force", "--json", *given).stdout)
    assert document["data"]["bytes"] == (folder / "a.backup").stat().st_size and len(document["warnings"]) == 1
    assert sorted(path.name for path in folder.iterdir() if "backup" in path.name) == ["a.backup"]
    # In a pipe there is the backup and nothing else.
    for place in ("-", "/dev/stdout"):
        piped = world.shell(f"aifw backup {place} --passphrase-file passphrase | cat > piped")
        assert "Backup written" in piped.stderr and "office-vpn" in piped.stderr
        world.aifw("restore", "piped", "--dry-run", *given)
        both = world.shell(f"aifw backup {place} --json --passphrase-file passphrase | cat", check=False)
        assert both.returncode == 65 and both.stdout == "" and "--json" in both.stderr
    assert not (folder / "-").exists()
    # On a stick, whose file system has no links.
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", folder / "link.so", LINKLESS], check=True)
    world.shell("aifw backup stick --passphrase-file passphrase", LD_PRELOAD="./link.so")
    assert sorted(path.name for path in folder.iterdir() if "stick" in path.name) == ["stick"]
    world.aifw("restore", "stick", "--dry-run", *given)
    before = rows(world)
    rest.peer({"id": rest.get("/vpn/wg").must(200).data[0]["id"]}, "phone")
    changed = rows(world)
    unasked = world.aifw("restore", "a.backup", *given, check=False)
    assert unasked.returncode == 65 and "--yes" in unasked.stderr
    trial = world.aifw("restore", "a.backup", "--dry-run", *given)
    assert "Would become" in trial.stdout and "peers: 0 created, 0 updated, 1 deleted, 1 unchanged" in trial.stdout
    assert rows(world) == changed
    done = world.aifw("restore", "a.backup", "--yes", *given)
    assert "Restored" in done.stdout and rows(world) == before
    (folder / "passphrase").write_text("another passphrase\n")
    wrong = world.aifw("restore", "a.backup", "--yes", *given, check=False)
    assert wrong.returncode == 1 and "does not open" in wrong.stderr
    assert "another passphrase" not in wrong.stderr


def test_at_a_terminal_passphrases_are_not_shown_and_questions_can_be_given_up(world):
    rest, folder = world.rest, world.folder / "clients"
    tunnel = rest.tunnel()
    rest.peer(tunnel, "laptop")
    world.secrets.add("a backup's passphrase", PASSPHRASE)
    for first in ("half of it", PASSPHRASE + "\n"):
        with world.terminal("backup", "a.backup") as terminal:
            terminal.until("while you type: ")
            assert not terminal.echoes
            terminal.type(first)
            if first.endswith("\n"):
                terminal.until("Once more: ")
            # Ctrl-Z and Ctrl-\\ do nothing.
            terminal.type("\x1a\x1c\x03")
            assert terminal.end() == 130 and terminal.shown.endswith("\naifw: given up: nothing was done\n")
            assert terminal.echoes
        assert not any("backup" in path.name for path in folder.iterdir())
    with world.terminal("backup", "a.backup") as terminal:
        terminal.until("while you type: ").type(f"{PASSPHRASE}\n").until("Once more: ").type(f"{PASSPHRASE}!\n")
        assert terminal.end() == 65 and "two different passphrases" in terminal.shown
    with world.terminal("backup", "-") as terminal:
        assert terminal.end() == 65 and "is a terminal" in terminal.shown
    with world.terminal("backup", "a.backup") as terminal:
        terminal.until("while you type: ").type(f"{PASSPHRASE[:4]}\x1a{PASSPHRASE[4:]}\n")
        terminal.until("Once more: ").type(f"{PASSPHRASE}\n")
        assert terminal.end() == 0 and "Backup written: a.backup" in terminal.shown
        assert PASSPHRASE not in terminal.shown and terminal.echoes
    before = rows(world)
    rest.peer(tunnel, "phone")
    changed = rows(world)
    for answer, after in (("no", changed), ("", changed), ("yes", before)):
        with world.terminal("restore", "a.backup") as terminal:
            terminal.until("while you type: ").type(f"{PASSPHRASE}\n").until("Would become")
            terminal.until("Restore it? Type yes: ").type(f"{answer}\n")
            assert terminal.end() == 0
            assert ("Restored the backup" if after is before else "nothing was changed") in terminal.shown
        assert rows(world) == after
