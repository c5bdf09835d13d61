"""Every call of the API that there is, read out of its URL table, and a good body for each that takes one."""

import base64
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

TABLE = Path(__file__).parents[3] / "Sources" / "aifw-apid" / "HTTP" / "Router.swift"
_ROUTE = re.compile(r'^\s*\.(get|post|put|patch|delete)\(\s*"([^"]+)",\s*\.(\w+)', re.MULTILINE)
# A path stands there between quotes, whatever the line around it looks like.
_PATH = re.compile(r'"(/[^"]*)"')


def table():
    """(method, path) to the access it needs, in the table's order."""
    source = TABLE.read_text()
    routes = {(method.upper(), path): access for method, path, access in _ROUTE.findall(source)}
    paths = _PATH.findall(source)
    assert len(routes) == len(paths) > 30, f"a line of {TABLE.name} was not understood"
    return routes


# Calls that change something and are told everything by their path.
WITHOUT_BODY = {
    ("POST", "/api/v1/vpn/wg/{id}/start"), ("POST", "/api/v1/vpn/wg/{id}/stop"),
    ("POST", "/api/v1/vpn/wg/{id}/peers/{peer}/rotate"),
    ("POST", "/api/v1/vpn/ipsec/{id}/start"), ("POST", "/api/v1/vpn/ipsec/{id}/stop"),
    ("POST", "/api/v1/auth/logout"), ("POST", "/api/v1/auth/setup-code"), ("POST", "/api/v1/users/{id}/totp"),
    ("POST", "/api/v1/webhooks/{id}/rotate"), ("POST", "/api/v1/webhooks/{id}/test"),
}


# Calls that take a file, which is no JSON: test_backup.py damages it.
WITH_FILE = {("POST", "/api/v1/restore")}


def takes_body(method, path):
    return method in ("POST", "PUT", "PATCH") and (method, path) not in WITHOUT_BODY | WITH_FILE


@dataclass(frozen=True)
class Call:
    """A good body, as members. `required` must be there and not null, `settable` must not be null. `answers` is what
    the body as it is may be answered. `instead`: what else a damaged member may be answered, where the server looks at
    something else first, or takes any text. `inside` names the array that the members are in."""

    body: dict
    required: frozenset = frozenset()
    settable: frozenset = frozenset()
    read_only: frozenset = frozenset()
    answers: frozenset = frozenset({200, 201})
    instead: frozenset = frozenset()
    inside: str | None = None
    limit: int = 1 << 20
    leaves_traces: bool = field(default=False)


def _key():
    return base64.b64encode(os.urandom(32)).decode()


TOKEN = {"name": "hostile token", "scopes": ["vpn:read"], "expires_at": "2099-01-01T00:00:00Z"}
TUNNEL = {
    "name": "hostile tunnel", "address": "10.77.0.1/24", "interface": "wg77", "listen_port": 51977,
    "dns": "10.77.0.1", "mtu": 1420, "private_key": _key(), "listen_interface": "uplink",
    "split_routes": "10.77.0.0/16", "endpoint": "vpn.example.org:51977", "fwmark": 77, "masquerade": False,
    "routes": True, "enabled": False, "allow_overlap": False}
PEER = {
    "name": "hostile peer", "allowed_ips": ["10.0.0.77/32"], "public_key": _key(), "preshared_key": _key(),
    "endpoint": "192.0.2.77:51820", "client_routes": ["10.77.0.0/16"], "persistent_keepalive": 25, "enabled": True,
    "expires_at": "2099-01-01T00:00:00Z", "allow_overlap": False}
ASSOCIATION = {
    "name": "hostile association", "src_addr": "203.0.113.77", "dst_addr": "198.51.100.77", "protocol": "esp+ah",
    "mode": "tunnel", "enc_algo": "aes-256-cbc", "auth_algo": "hmac-sha256", "src_networks": ["10.77.0.0/16"],
    "dst_networks": ["10.78.0.0/16"], "spi_in": 7777, "spi_out": 7778, "enc_key_in": os.urandom(32).hex(),
    "enc_key_out": os.urandom(32).hex(), "auth_key_in": os.urandom(32).hex(), "auth_key_out": os.urandom(32).hex(),
    "replay_window": 32, "enabled": False}
WEBHOOK = {
    "name": "hostile webhook", "url": "https://192.0.2.77:8443/hook?site=1", "events": ["change"],
    "objects": ["tunnel", "peer"], "enabled": False}
IMPORT = {
    "name": "hostile import", "interface": "wg78",
    "config": f"[Interface]\nPrivateKey = {_key()}\nAddress = 10.78.0.1/24\n"}
USER = {"username": "hostile.user", "password": _key(), "scopes": ["vpn:read"]}

_TUNNEL = dict(settable=frozenset({"enabled"}))
_SHOWN = frozenset({"id", "created_at", "updated_at"})
_CHANGED = frozenset({"interface", "listen_port", "private_key", "enabled"})
_PEER_SHOWN = _SHOWN | {"tunnel_id", "has_private_key", "has_preshared_key"}

# A peer's own key and one that is to be kept here exclude each other, so bulk has the other half.
MADE_PEER = {name: value for name, value in PEER.items() if name != "public_key"} | {"keep_private_key": True}

CALLS = {
    ("POST", "/api/v1/tokens"): Call(TOKEN, required=frozenset({"name", "scopes"})),
    ("POST", "/api/v1/vpn/wg"): Call(TUNNEL, required=frozenset({"name", "address"}), **_TUNNEL),
    # Sent as text/plain, whatever it is becomes a file that is none.
    ("POST", "/api/v1/vpn/wg/import"): Call(
        IMPORT, required=frozenset({"config"}), instead=frozenset({422}), limit=64 << 20),
    ("PUT", "/api/v1/vpn/wg/{id}"): Call(
        TUNNEL | {"interface": "wg0", "enabled": True}, required=frozenset({"name", "address"}), settable=_CHANGED,
        read_only=_SHOWN | {"public_key"}),
    ("PATCH", "/api/v1/vpn/wg/{id}"): Call(
        TUNNEL | {"interface": "wg0", "enabled": True}, settable=_CHANGED | {"name", "address"},
        read_only=_SHOWN | {"public_key"}),
    ("POST", "/api/v1/vpn/wg/{id}/peers"): Call(PEER, required=frozenset({"name"}), settable=frozenset({"enabled"})),
    ("POST", "/api/v1/vpn/wg/{id}/peers/bulk"): Call(
        MADE_PEER, required=frozenset({"name"}), settable=frozenset({"enabled"}), inside="peers", limit=64 << 20),
    ("PUT", "/api/v1/vpn/wg/{id}/peers/{peer}"): Call(
        PEER, required=frozenset({"name"}), settable=frozenset({"public_key", "allowed_ips", "enabled"}),
        read_only=_PEER_SHOWN),
    ("PATCH", "/api/v1/vpn/wg/{id}/peers/{peer}"): Call(
        PEER, settable=frozenset({"name", "public_key", "allowed_ips", "enabled"}), read_only=_PEER_SHOWN),
    ("POST", "/api/v1/vpn/ipsec"): Call(
        ASSOCIATION, required=frozenset({"name", "src_addr", "dst_addr"}), settable=frozenset({"enabled"})),
    ("PUT", "/api/v1/vpn/ipsec/{id}"): Call(
        ASSOCIATION, required=frozenset({"name", "src_addr", "dst_addr"}), settable=frozenset({"enabled"}),
        read_only=_SHOWN),
    ("PATCH", "/api/v1/vpn/ipsec/{id}"): Call(
        ASSOCIATION, settable=frozenset({"name", "src_addr", "dst_addr", "enabled"}), read_only=_SHOWN),
    # Those of the web page. Whoever logs in may call himself anything; he is not known here, that is all.
    ("POST", "/api/v1/users"): Call(USER, required=frozenset({"username", "password", "scopes"})),
    ("PATCH", "/api/v1/users/{id}"): Call(USER, settable=frozenset({"username", "password", "scopes"})),
    ("POST", "/api/v1/webhooks"): Call(
        WEBHOOK, required=frozenset({"name", "url"}), settable=frozenset({"events", "enabled"})),
    ("PATCH", "/api/v1/webhooks/{id}"): Call(
        WEBHOOK, settable=frozenset({"name", "url", "events", "enabled"}), read_only=_SHOWN),
    ("PUT", "/api/v1/users/{id}/totp"): Call(
        {"code": "123456"}, required=frozenset({"code"}), answers=frozenset({409, 422}), instead=frozenset({409})),
    ("POST", "/api/v1/auth/login"): Call(
        {"username": "nobody.here", "password": USER["password"], "totp": "123456"},
        required=frozenset({"username", "password"}), answers=frozenset({401, 429}),
        instead=frozenset({401, 413, 429}),
        leaves_traces=True),
    ("POST", "/api/v1/auth/setup"): Call(
        {"code": os.urandom(16).hex(), "username": "hostile.admin", "password": USER["password"]},
        required=frozenset({"code", "username", "password"}), answers=frozenset({403, 409, 429}),
        instead=frozenset({403, 409, 413, 429}), leaves_traces=True),
}
