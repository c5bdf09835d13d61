"""A receiver of webhooks, as one writes them: Python's own HTTP server, and a check of every signature."""

import base64
import hashlib
import hmac
import json
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def make_certificate(folder, name):
    """A self-signed certificate for 127.0.0.1, as two files."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", certificate,
         "-keyout", key], check=True, stderr=subprocess.PIPE)
    certificate.chmod(0o644)
    return certificate, key


def is_signed(secret, headers, body):
    """Whether the Standard Webhooks specification would have it so, by Python's own HMAC."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return (headers["webhook-signature"] == f"v1,{expected}"
            and abs(time.time() - int(headers["webhook-timestamp"])) < 60)


class Receiver:
    """Keeps what is sent to it, in `deliveries`: path, header fields, body. What it answers is `answer(handler)`'s to
    say, a status, or None if it has answered by itself."""

    def __init__(self, certificate=None, port=0, sock=None):
        """By TLS with a `certificate` and its key; on a port, or a socket that is bound."""
        self.deliveries = []
        # Who has called, an address a delivery.
        self.clients = []
        self.answer = lambda handler: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.clients.append(self.client_address[0])
                receiver.deliveries.append((self.path, dict(self.headers.items()), body))
                status = receiver.answer(self)
                if status is not None:
                    self.send_response(status)
                    if status != 204:
                        self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler, bind_and_activate=sock is None)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *arguments: None
        if sock is not None:
            self._server.socket.close()
            self._server.socket = sock
            self._server.server_activate()
        self.port = self._server.socket.getsockname()[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # The handshake is the handler's thread's: one that never comes holds up nobody.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def messages(self):
        """The bodies, each once, in the order in which they came first."""
        seen = {}
        for _, headers, body in self.deliveries:
            seen.setdefault(headers["webhook-id"], json.loads(body))
        return list(seen.values())

    @property
    def revisions(self):
        return [message["data"]["revision"] for message in self.messages if message["type"] == "vpn.change"]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
