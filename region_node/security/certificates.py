"""A local authority and certificates from it, for TLS without a public name.

Everything is a file of mode 0600 under one directory. Calling again changes nothing while what is there is
good; a leaf within the last third of its life, for other hosts or of another authority is made anew.
"""

import hashlib
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from region_node.security.private_files import read_private, replace_private

AUTHORITY_LIFETIME = timedelta(days=3650)
LEAF_LIFETIME = timedelta(days=90)
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_BACKDATED = timedelta(minutes=5)
"""So that a peer whose clock is a little behind accepts a new certificate."""


class Usage(Enum):
    """What a certificate proves: to those who connect, or to those who are connected to."""

    SERVER = ExtendedKeyUsageOID.SERVER_AUTH
    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A certificate that is wanted: file name, names or addresses that it proves, and its use."""

    name: str
    hosts: tuple[str, ...]
    usage: Usage = Usage.SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    certificate: Path
    key: Path
    expires_at: datetime
    created: bool
    """Whether this call made it, rather than found it good."""


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def ensure_authority(directory: Path, *, now: datetime) -> CertificateFiles:
    """The authority under *directory* (`ca.pem`, `ca.key`), made if there is none or it has expired."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = _load(directory, "ca")
    if found is not None and now < found.certificate.not_valid_after_utc:
        return _files(directory, "ca", found, created=False)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Meridian local authority")
    builder = (
        _builder(key, name, issuer=name)
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
    )
    made = _Pair(builder.sign(key, hashes.SHA256()), key)
    _store(directory, "ca", made)
    return _files(directory, "ca", made, created=True)


def ensure_server_certificate(
    directory: Path, name: str, hosts: Collection[str], *, now: datetime
) -> CertificateFiles:
    """`name.pem` and `name.key` for *hosts* (names or addresses), signed by the authority there.

    Raises:
        FileNotFoundError: `ensure_authority` was not called for *directory*.
    """
    return ensure_certificate(directory, Leaf(name=name, hosts=tuple(hosts)), now=now)


def ensure_certificate(directory: Path, leaf: Leaf, *, now: datetime) -> CertificateFiles:
    """As `ensure_server_certificate`, for either use.

    Raises:
        FileNotFoundError: `ensure_authority` was not called for *directory*.
    """
    name = leaf.name
    authority = _load(directory, "ca")
    if authority is None:
        raise FileNotFoundError(directory / "ca.pem")
    wanted = _alternative_names(leaf.hosts)
    found = _load(directory, name)
    usage = x509.ExtendedKeyUsage([leaf.usage.value])
    if found is not None and _is_good(found.certificate, authority.certificate, (wanted, usage), now):
        return _files(directory, name, found, created=False)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    builder = (
        _builder(key, _name(name), issuer=issuer.subject)
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(min(now + LEAF_LIFETIME, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(wanted, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    made = _Pair(builder.sign(authority.key, hashes.SHA256()), key)
    _store(directory, name, made)
    return _files(directory, name, made, created=True)


def key_sha256(certificate: Path) -> str:
    """SHA-256 of the public key in *certificate*, in hexadecimal, as a broker's pins name it.

    Raises:
        FileNotFoundError: There is no such file.
    """
    public = x509.load_pem_x509_certificate(read_private(certificate)).public_key()
    encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()


def renew_authority(directory: Path, *, now: datetime) -> CertificateFiles:
    """Put a new authority in the place of the one under *directory*; what that one issued is made anew later.

    Raises:
        FileNotFoundError: There is none to replace.
    """
    read_private(directory / "ca.pem")
    (directory / "ca.key").unlink()
    return ensure_authority(directory, now=now)


def _is_good(
    leaf: x509.Certificate,
    authority: x509.Certificate,
    wanted: tuple[x509.SubjectAlternativeName, x509.ExtendedKeyUsage],
    now: datetime,
) -> bool:
    life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    try:
        leaf.verify_directly_issued_by(authority)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return (names, usage) == wanted and leaf.not_valid_after_utc - now > life / 3


def _alternative_names(hosts: Collection[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general_name(host) for host in dict.fromkeys(hosts)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    key: ec.EllipticCurvePrivateKey, name: x509.Name, *, issuer: x509.Name
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _load(directory: Path, name: str) -> _Pair | None:
    try:
        certificate = x509.load_pem_x509_certificate(read_private(directory / f"{name}.pem"))
        key = serialization.load_pem_private_key(read_private(directory / f"{name}.key"), password=None)
    except FileNotFoundError:
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return _Pair(certificate, key)


def _store(directory: Path, name: str, pair: _Pair) -> None:
    """Key first: a crash in between leaves two files that do not fit, and the next call starts anew."""
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = pair.key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    replace_private(directory / f"{name}.key", key)
    replace_private(directory / f"{name}.pem", pair.certificate.public_bytes(pem))


def _files(directory: Path, name: str, pair: _Pair, *, created: bool) -> CertificateFiles:
    return CertificateFiles(
        certificate=directory / f"{name}.pem",
        key=directory / f"{name}.key",
        expires_at=pair.certificate.not_valid_after_utc,
        created=created,
    )
