"""Each certificate of a region is one login."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from policies.vocabulary import Region
from region_node.security.certificates import AUTHORITY_LIFETIME, ensure_authority, renew_authority
from region_node.security.region_certificates import (
    ensure_bundle,
    ensure_region_certificates,
    retire_authorities,
)

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
EU = Region("eu-central")


@pytest.fixture
def directory(tmp_path):
    made = tmp_path / "pki"
    ensure_authority(made, now=NOON)
    ensure_bundle(made, now=NOON)
    return made


def names_in(files):
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return [name.value for name in names], list(usage)


def accepted(path):
    return len(x509.load_pem_x509_certificates(path.read_bytes()))


def test_each_has_exactly_one_name_and_one_use(directory):
    made = ensure_region_certificates(directory, EU, "example.internal", now=NOON)
    server, client = [ExtendedKeyUsageOID.SERVER_AUTH], [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert (["nats.eu-central.example.internal"], server) == names_in(made.nats)
    for role in ("node", "operator", "system", "peer"):
        assert ([f"{role}.eu-central.example.internal"], client) == names_in(getattr(made, role))


def test_another_domain_makes_them_anew_and_a_second_call_does_not(directory):
    ensure_region_certificates(directory, EU, "example.internal", now=NOON)
    assert not ensure_region_certificates(directory, EU, "example.internal", now=NOON).peer.created
    assert ensure_region_certificates(directory, EU, "other.internal", now=NOON).peer.created


def test_authorities_overlap_until_the_old_one_is_retired_or_has_expired(directory):
    renew_authority(directory, now=NOON)
    assert 2 == accepted(ensure_bundle(directory, now=NOON))
    assert 1 == accepted(ensure_bundle(directory, now=NOON + AUTHORITY_LIFETIME + timedelta(days=1)))
    renew_authority(directory, now=NOON)
    assert 2 == accepted(ensure_bundle(directory, now=NOON))
    assert 1 == accepted(retire_authorities(directory))
