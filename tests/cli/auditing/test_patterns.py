"""People's ids are found in bytes of any kind, whole, with their jurisdiction, wherever a piece ends."""

from hypothesis import given
from hypothesis import strategies as st

from cli.auditing.model import Kind
from cli.auditing.patterns import Patterns, emails
from region_node.ids import new_person_id

KNOWN = ("br", "ca", "ca-qc", "eu", "gb", "us", "us-ca")
PATTERNS = Patterns(KNOWN)
noise = st.binary(max_size=300).filter(lambda raw: b"_" not in raw)


@given(noise, st.sampled_from(KNOWN), noise)
def test_an_id_is_found_among_any_bytes_before_and_after_it(before, jurisdiction, after):
    person_id = new_person_id(jurisdiction)
    seen = list(PATTERNS.ids(before + b"\x1d" + person_id.encode() + after))
    assert [(jurisdiction, person_id.encode(), len(before) + 1)] == [
        (one.jurisdiction, one.text, one.begin) for one in seen
    ]


@given(st.sampled_from(KNOWN), st.sampled_from(["default", "t1eu", "us-", "acme-ca", "zz"]))
def test_an_id_that_follows_other_text_without_a_break_keeps_its_jurisdiction(jurisdiction, before):
    raw = before.encode() + jurisdiction.encode() + new_person_id(jurisdiction).encode()
    assert [jurisdiction] == [one.jurisdiction for one in PATTERNS.ids(raw)]


@given(st.lists(st.integers(min_value=1, max_value=120), min_size=1, max_size=40))
def test_an_id_that_is_cut_by_the_border_of_pieces_is_found_once(sizes):
    ids = [new_person_id(KNOWN[n % len(KNOWN)]).encode() for n in range(12)]
    raw = b"--".join(ids)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(raw[at : at + size])
        at += size
    seen = list(PATTERNS.in_pieces([*pieces, raw[at:]]))
    assert ids == [one.text for one in seen]
    assert {Kind.BYTES} == {one.kind for one in seen}
    assert all(raw[one.begin :].startswith(one.text) for one in seen)


def test_an_id_of_a_jurisdiction_without_a_pack_is_seen_by_its_own_name():
    assert ["xx"] == [one.jurisdiction for one in PATTERNS.ids(b" xx_01h2xcejqtf2nbrexx3vqjhp41 ")]


def test_a_document_that_names_a_jurisdiction_is_seen():
    raw = b'{"jurisdiction": "us-ca", "tenant": "br"}'
    assert [(Kind.FIELD, "us-ca")] == [(one.kind, one.jurisdiction) for one in PATTERNS.in_value(raw)]


@given(noise)
def test_noise_holds_no_ids(raw):
    assert [] == list(PATTERNS.ids(raw))


def test_addresses_are_seen_and_names_of_objects_are_not():
    raw = b"to=ana.nunes+x@mail.example.org; org.apache.Pool@6d5380c2 root@localhost a@10.0.0.1"
    assert [b"ana.nunes+x@mail.example.org"] == [one.text for one in emails(raw)]
