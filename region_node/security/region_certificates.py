"""The certificates with which a region takes part in federation, from an authority that issues nothing else.

A certificate is a login: a server takes the first of its names that is a user's, so each has exactly one.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from federation.permissions import login_name
from policies.vocabulary import Region
from region_node.security.certificates import CertificateFiles, Leaf, Usage, ensure_certificate, key_sha256
from region_node.security.private_files import read_private, replace_private

BUNDLE = "authorities.pem"
PINS = "pins.conf"
CLIENT_ROLES = ("node", "operator", "system", "peer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionCertificates:
    """`nats` is its broker's; `node`, `operator` and `system` log in there, `peer` at all other regions."""

    nats: CertificateFiles
    node: CertificateFiles
    operator: CertificateFiles
    system: CertificateFiles
    peer: CertificateFiles


def ensure_region_certificates(
    directory: Path, region: Region, domain: str, *, now: datetime
) -> RegionCertificates:
    """Make or renew what *region* needs; names lie under *domain*, files are named for role and region.

    Raises:
        FileNotFoundError: `ensure_authority` was not called for *directory*.
    """

    def ensure(role: str, usage: Usage) -> CertificateFiles:
        leaf = Leaf(name=f"{role}.{region}", hosts=(login_name(role, region, domain),), usage=usage)
        return ensure_certificate(directory, leaf, now=now)

    return RegionCertificates(
        nats=ensure("nats", Usage.SERVER),
        node=ensure("node", Usage.CLIENT),
        operator=ensure("operator", Usage.CLIENT),
        system=ensure("system", Usage.CLIENT),
        peer=ensure("peer", Usage.CLIENT),
    )


def ensure_bundle(directory: Path, *, now: datetime) -> Path:
    """`authorities.pem`: the authority with those before it that are still good, for whoever checks.

    Between two authorities both are accepted, so that certificates can be exchanged one after the other.
    `retire_authorities` ends that.
    """
    path = directory / BUNDLE
    current = x509.load_pem_x509_certificate(read_private(directory / "ca.pem"))
    kept = [known for known in _bundled(path) if now < known.not_valid_after_utc and known != current]
    _write(path, [current, *kept])
    return path


def ensure_pins(directory: Path) -> Path:
    """`pins.conf`: the public keys of all certificates here that log in, for the `tls` part of a broker.

    A certificate that is not here, or was revoked, keeps nobody in: not even one that is still good.
    """
    path = directory / PINS
    pins = sorted(
        key_sha256(file)
        for role in CLIENT_ROLES
        for file in directory.glob(f"{role}.*.pem")
        if file.with_suffix(".key").exists()
    )
    content = f"pinned_certs: {json.dumps(pins)}\n".encode()
    if not path.exists() or read_private(path) != content:
        replace_private(path, content)
    return path


def revoke_certificate(directory: Path, role: str, region: Region) -> str:
    """Remove a certificate with its key, and its pin; returns the SHA-256 of its public key.

    Brokers have to read `pins.conf` anew, and connections that stand have to be ended.

    Raises:
        FileNotFoundError: There is none.
    """
    certificate = directory / f"{role}.{region}.pem"
    revoked = key_sha256(certificate)
    key = certificate.with_suffix(".key")
    if key.exists():
        replace_private(key, b"")
        key.unlink()
    certificate.unlink()
    ensure_pins(directory)
    return revoked


def retire_authorities(directory: Path) -> Path:
    """Accept the current authority alone; what others have issued is refused from the next reload on."""
    path = directory / BUNDLE
    _write(path, [x509.load_pem_x509_certificate(read_private(directory / "ca.pem"))])
    return path


def _bundled(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(read_private(path)) if path.exists() else []


def _write(path: Path, authorities: list[x509.Certificate]) -> None:
    content = b"".join(one.public_bytes(Encoding.PEM) for one in authorities)
    if not path.exists() or read_private(path) != content:
        replace_private(path, content)
