"""A small web site on 127.0.0.1, of pages that a test writes."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """`pages`: path to what is served there, HTML as text, or (type, text). With `policy`, a
    Content-Security-Policy on each answer; by HTTPS with `tls`, the files of a certificate and of its key. Counts in
    `asked`."""

    def __init__(self, pages, policy=None, tls=None):
        self.asked = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                page = pages.get(self.path)
                type, text = page if isinstance(page, tuple) else ("text/html; charset=utf-8", page or "")
                body = text.encode()
                self.send_response(404 if page is None else 200)
                self.send_header("Content-Type", type)
                self.send_header("Content-Length", str(len(body)))
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
