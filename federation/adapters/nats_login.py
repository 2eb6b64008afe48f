"""Where a broker is and who logs in there: by a certificate, or by a password where a region is alone."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsLogin:
    """The certificate is the login.

    `server_name` is the one name in the server's certificate. Files are read anew for each connection,
    so that renewed ones are taken up.
    """

    url: str
    server_name: str
    certificate: Path
    key: Path
    authorities: Path

    @property
    def place(self) -> str:
        """What the broker is called in messages."""
        return self.server_name

    def options(self) -> dict[str, Any]:
        """For the client's `connect`. Raises OSError or ssl.SSLError where files are missing or broken."""
        return {
            "tls": self.context(),
            # Without it the client goes on in plain text where a server offers no TLS.
            "tls_handshake_first": True,
            "tls_hostname": self.server_name,
        }

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsPassword:
    """In plain text: for a broker on the same machine. Without a name nobody logs in."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        return self.url

    def options(self) -> dict[str, Any]:
        return {"user": self.username or None, "password": self.password or None}


Login = NatsLogin | NatsPassword
