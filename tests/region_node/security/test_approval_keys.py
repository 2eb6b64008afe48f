import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from region_node.security.approval_keys import (
    ApprovalKeyError,
    PassphraseNeeded,
    create_approval_key,
    read_approval_key,
    read_public_approval_key,
)
from region_node.security.private_files import create_private


def test_the_public_file_verifies_what_the_private_one_signs(tmp_path):
    private, public = create_approval_key(tmp_path, "anna", passphrase=None)
    signature = read_approval_key(private).sign(b"act")
    read_public_approval_key(public).verify(signature, b"act")
    assert b"PRIVATE" not in public.read_bytes()


def test_a_passphrase_is_needed_and_has_to_be_the_right_one(tmp_path):
    private, public = create_approval_key(tmp_path, "anna", passphrase=b"right")
    with pytest.raises(PassphraseNeeded):
        read_approval_key(private)
    with pytest.raises(ApprovalKeyError, match="wrong"):
        read_approval_key(private, passphrase=b"wrong")
    opened = read_approval_key(private, passphrase=b"right")
    assert opened.public_key() == read_public_approval_key(public)


def test_a_key_is_never_overwritten(tmp_path):
    create_approval_key(tmp_path, "anna", passphrase=None)
    with pytest.raises(FileExistsError):
        create_approval_key(tmp_path, "anna", passphrase=None)


def test_keys_of_another_kind_are_refused(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "x.key", tmp_path / "x.pub"
    create_private(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ApprovalKeyError, match="Ed25519"):
        read_approval_key(private)
    with pytest.raises(ApprovalKeyError, match="Ed25519"):
        read_public_approval_key(public)
    with pytest.raises(ApprovalKeyError, match="no public key"):
        read_public_approval_key(private)
    with pytest.raises(ApprovalKeyError, match="no private key"):
        read_approval_key(_private_copy(public, tmp_path))


def _private_copy(path, folder):
    create_private(folder / "copy", path.read_bytes())
    return folder / "copy"
