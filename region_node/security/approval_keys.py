"""Approval keys: Ed25519 pairs in PEM files that stay on the machine of the operator who signs with them."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from region_node.security.private_files import create_private, read_private


class ApprovalKeyError(ValueError):
    """The file holds no key of this kind, or the passphrase is not its own. Names the path only."""


class PassphraseNeeded(ApprovalKeyError):
    """The key is encrypted: ask for the passphrase and read again."""


def create_approval_key(directory: Path, name: str, *, passphrase: bytes | None) -> tuple[Path, Path]:
    """Make `name.key` (mode 0600, PKCS#8) and `name.pub`; returns both paths.

    Raises:
        FileExistsError: There is a key of that name; none is ever overwritten.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    private, public = directory / f"{name}.key", directory / f"{name}.pub"
    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    pem = serialization.Encoding.PEM
    create_private(private, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, encryption))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def read_approval_key(path: Path, *, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """The private key in *path*.

    Raises:
        PassphraseNeeded: It is encrypted and none was given.
        ApprovalKeyError: It is no Ed25519 key, or the passphrase is wrong.
        PrivateFileError: Others can read the file.
    """
    try:
        key = serialization.load_pem_private_key(read_private(path), passphrase)
    except TypeError:
        raise PassphraseNeeded(f"{path} needs its passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ApprovalKeyError(f"{path} is no private key, or the passphrase is wrong") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ApprovalKeyError(f"{path} is no Ed25519 key: make one with meridian operator keygen")
    return key


def read_public_approval_key(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        raise ApprovalKeyError(f"{path} is no public key: it is the file that ends in .pub") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ApprovalKeyError(f"{path} is no Ed25519 key: make one with meridian operator keygen")
    return key
