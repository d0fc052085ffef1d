"""A receiver of webhooks on loopback that speaks https, with a certificate of its own making."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Message:
    """What came in one request: its headers by their names in lower case, and the bytes of its body."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What a receiver was sent.

    Attributes:
        url: Where it is.
        answers: Statuses it gives in turn, the last one for ever; None for no answer at all.
        connections: How many were made to it, whatever came of them.
        messages: What came, in order.
    """

    url: str
    answers: list[int | None]
    connections: int = 0
    messages: list[Message] = field(default_factory=list)


def certify(folder: Path, *names: x509.GeneralName) -> Path:
    """Return a new file in ``folder`` that holds a key and its certificate, signed by itself, for ``names``; for ``ADDRESS`` by default."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names or [x509.IPAddress(ipaddress.ip_address(ADDRESS))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = folder / "receiver.pem"
    made.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return made


@contextmanager
def receiving(certificate: Path, *answers: int | None) -> Iterator[Receiver]:
    """Receive on a free port for as long as the block runs; see ``Receiver`` for the ``answers``."""
    receiver, over = Receiver("", list(answers)), threading.Event()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            receiver.messages.append(Message({name.lower(): value for name, value in self.headers.items()}, body))
            if answer is None:
                over.wait()
                return
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, client_address) -> None:
            receiver.connections += 1
            with suppress(OSError), tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    server = Server((ADDRESS, 0), Handler)
    receiver.url = f"https://{ADDRESS}:{server.server_address[1]}/hook?desk=news"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield receiver
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
