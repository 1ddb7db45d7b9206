"""A local key server: signs identity tokens as Google does, and publishes the certificates to check them with."""

import base64
import datetime
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt

AUDIENCE = "client-of-the-tests.apps.googleusercontent.com"


class Key:
    """A private key with its certificate."""

    def __init__(self, key_id: str) -> None:
        self.id = key_id
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def pem(self) -> bytes:
        """Private key and certificate, as a server wants them."""
        return self._private_pem() + self.certificate.encode()

    def _private_pem(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, **claims: Any) -> str:
        """An identity token; claims given as None are left out."""
        now = int(time.time())
        usual = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "sub": "1234567890",
            "email": "ana@example.com",
            "email_verified": True,
            "hd": "example.com",
            "iat": now,
            "exp": now + 3600,
        }
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        signer = crypt.RSASigner.from_string(self._private_pem(), self.id)
        return jwt.encode(signer, payload).decode()

    def signature(self, text: str) -> str:
        """The signature of a text, as tokens carry it."""
        signed = self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


class KeyServer:
    """Publishes the certificates of its keys at `url`; use it as a context manager."""

    def __init__(self) -> None:
        self.keys = [Key("first")]
        self.fetched = 0
        self.answer_status = 200
        self.delay_s = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetched += 1
                time.sleep(outer.delay_s)
                body = json.dumps({key.id: key.certificate for key in outer.keys}).encode()
                self.send_response(outer.answer_status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where the certificates are."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/certs"

    def token(self, **claims: Any) -> str:
        """A token of the newest key."""
        return self.keys[-1].sign(**claims)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
