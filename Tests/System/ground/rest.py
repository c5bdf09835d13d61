"""The REST API, over HTTPS, with the daemon's own certificate as the only one that is trusted."""

import json
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPResponse

HOST = "aifw.local"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def fields(self):
        """The fields that a problem names."""
        return {fault["field"] for fault in self.json.get("errors", [])}

    @property
    def intent(self):
        """The JSON without what goes on by itself: the traffic of tunnels."""
        return _without_traffic(self.json)

    def must(self, status):
        """Itself, if it has this status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body.decode(errors='replace')}"
        return self


def _without_traffic(value):
    if isinstance(value, list):
        return [_without_traffic(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_traffic(one) for name, one in value.items() if not name.startswith("transfer_")}
    return value


class REST:
    """A client of the API at 127.0.0.1; one connection a request. The token is in this process's memory only. What is
    secret of what it says and hears is added to `secrets`."""

    def __init__(self, port, certificate, token, secrets):
        self.port = port
        self.certificate = certificate
        self.token = token
        # What holds every answer against the served description; None where there is no validator.
        self.contract = None
        self._secrets = secrets
        secrets.read_text(token or "")

    def by(self, token=None, secrets=None):
        """The same API for another caller: the holder of a token, or nobody. What is said goes to other `secrets`, if
        they are given."""
        other = REST(self.port, self.certificate, token, self._secrets if secrets is None else secrets)
        other.contract = self.contract
        return other

    def request(self, method, path, body=None, **headers):
        """Sends `body` (bytes as they are, anything else as JSON) to `path` below /api/v1; a path with a leading
        double slash is taken from the root."""
        path = path[1:] if path.startswith("//") else f"/api/v1{path}"
        lines = {"Host": HOST, "Connection": "close"}
        if self.token:
            lines["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            self._secrets.read_request(body)
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with self.connection() as secured:
            secured.sendall(head.encode() + b"\r\n" + (body or b""))
            response = HTTPResponse(secured, method=method)
            response.begin()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
            self._secrets.read_answer(method, path, answer.status, response.getheaders(), answer.body)
        if self.contract:
            self.contract.check(method, path, answer)
        return answer

    def connection(self, *protocols, source="127.0.0.1"):
        """TLS, the certificate checked; `protocols` are offered by ALPN."""
        context = ssl.create_default_context(cafile=self.certificate)
        if protocols:
            context.set_alpn_protocols(protocols)
        return context.wrap_socket(self.plain_connection(source), server_hostname=HOST)

    def plain_connection(self, source="127.0.0.1"):
        """TCP, and nothing said yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0))

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.request("POST", path, body, **headers)

    def delete(self, path, **headers):
        return self.request("DELETE", path, **headers)

    # What most tests begin with.

    def tunnel(self, **fields):
        """A new tunnel: wg0, 10.0.0.1/24, port 51820, unless `fields` say otherwise."""
        tunnel = {"name": "office-vpn", "interface": "wg0", "listen_port": 51820, "address": "10.0.0.1/24"}
        return self.post("/vpn/wg", tunnel | fields).must(201).data

    def peer(self, tunnel, name, **fields):
        """A new peer of `tunnel`, with a keypair made by the server."""
        return self.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": name} | fields).must(201).data

    def start(self, tunnel):
        self.post(f"/vpn/wg/{tunnel['id']}/start").must(200)

    def config(self, tunnel, peer, split=False):
        """A peer's configuration, as text."""
        path = f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/config?split_tunnel={str(split).lower()}"
        return self.get(path).must(200).body.decode()

    def status(self, tunnel):
        return self.get(f"/vpn/wg/{tunnel['id']}/status").must(200).json

    def association(self, **fields):
        """A new association, as the manual has it unless `fields` say otherwise."""
        association = {"name": "office-to-dc", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1"}
        return self.post("/vpn/ipsec", association | fields).must(201).data

    def far_end(self, association, format="xfrm"):
        """What the other gateway is to be given."""
        return self.get(f"/vpn/ipsec/{association['id']}/config?format={format}").must(200).body.decode()
